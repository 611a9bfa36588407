"""A box to choose a local reader: the signal reader, or one that was trained, by its file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QFileDialog

from app.core.plain_text import plain
from app.core.readers.local_readers import TRAINED
from app.ui.memory import Memory

_SIGNAL = "signal"


class LocalReaderBox(QComboBox):
    """The signal reader, the trained reader that was made or chosen last, and the choice of another file."""

    def __init__(self, memory: Memory) -> None:
        super().__init__()
        self._memory = memory
        self._fill(_SIGNAL)
        self.activated.connect(self._activated)

    @property
    def reader(self) -> str:
        """The name of the reader as commands take it."""
        return str(self.currentData() or _SIGNAL)

    def take_file(self, path: Path) -> None:
        """Choose the trained reader in a file, and remember it."""
        self._memory.change(trained_reader=str(path.absolute()))
        self._fill(f"{TRAINED}{path.absolute()}")

    def _fill(self, chosen: str) -> None:
        with QSignalBlocker(self):
            self.clear()
            self.addItem("Signal reader", _SIGNAL)
            last = self._memory.settings.trained_reader
            if last:
                self.addItem(f"Trained: {plain(Path(last).stem, 60)}", f"{TRAINED}{last}")
            self.addItem("Trained reader in a file…", None)
            self.setCurrentIndex(max(self.findData(chosen), 0))

    def _activated(self, _index: int) -> None:
        if self.currentData() is not None:
            return
        start = str(Path(self._memory.settings.trained_reader or "").parent)
        name, _ = QFileDialog.getOpenFileName(self, "Trained reader", start, "JSON (*.json)")
        if name:
            self.take_file(Path(name))
        else:
            self.setCurrentIndex(0)
