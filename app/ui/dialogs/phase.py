"""The dialog for the name of a phase of the seizure: typed, or one of the usual names."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QListWidget, QWidget

from app.ui.dialogs.form import CANCEL, OK, buttons, lay_out, sentence, title

_LONGEST = 60


class PhaseDialog(QDialog):
    """The name in a field, with the usual ones below it that Up and Down go through."""

    named = Signal(str)
    """The name, once it is accepted."""

    def __init__(self, question: str, name: str, names: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title(self, "Phase")
        self.name = QLineEdit(name)
        self.name.setMaxLength(_LONGEST)
        self.name.setAccessibleName("Name of the phase")
        self.name.selectAll()
        self.name.installEventFilter(self)
        self.names = QListWidget()
        self.names.setAccessibleName("Usual names")
        self.names.addItems(list(names))
        self.names.setFixedHeight(min(len(names), 8) * self.names.sizeHintForRow(0) + 6)
        self.names.currentTextChanged.connect(self.name.setText)
        self.names.itemDoubleClicked.connect(lambda _item: self.accept())
        lay_out(self, sentence(question), self.name, self.names, buttons(self, OK, CANCEL))
        self.setMinimumWidth(300)
        self.name.setFocus()

    def accept(self) -> None:
        self.named.emit(" ".join(self.name.text().split()))
        super().accept()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt calls it so
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            step = steps.get(Qt.Key(event.key()))
            if step is not None:
                self._step(step)
                return True
        return super().eventFilter(watched, event)

    def _step(self, step: int) -> None:
        """To the next usual name; from one that was typed to the first."""
        found = self.names.findItems(self.name.text(), Qt.MatchFlag.MatchExactly)
        row = self.names.row(found[0]) + step if found else 0
        self.names.setCurrentRow(min(max(row, 0), self.names.count() - 1))
        self.name.selectAll()
