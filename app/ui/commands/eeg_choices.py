"""What is remembered of the display of EEGs: for all of them, and for each file."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.core.eeg.display_choices import display_choices_to_dict, file_choices_to_dict
from app.core.settings import with_look
from app.ui.memory import Memory
from app.ui.session.eeg_display import EegDisplay


def remember_eeg_choices(display: EegDisplay, memory: Memory, parent: QObject) -> None:
    """Restore what was chosen, and keep what is chosen from now on in the settings."""
    display.recall(memory.settings.eeg)
    memory.begin_with(eeg=display_choices_to_dict(display.choices))
    kept = _EegChoices(display, memory, parent)
    display.file_changed.connect(kept.recall)
    display.chosen_changed.connect(kept.remember)


class _EegChoices(QObject):
    """Keeps the choices of one display in the settings."""

    def __init__(self, display: EegDisplay, memory: Memory, parent: QObject) -> None:
        super().__init__(parent)
        self._display, self._memory = display, memory
        self._key = ""

    def recall(self) -> None:
        """Restore what was chosen for a file when it is shown first."""
        file = self._display.file
        key = "" if file is None else f"{file.key}-eeg"
        if key != self._key:
            self._key = key
            if key:
                self._display.recall_file(self._memory.settings.looks.get(key, {}))

    def remember(self) -> None:
        """Keep what is chosen, for the file too."""
        self._memory.change(eeg=display_choices_to_dict(self._display.choices))
        if self._key:
            of_file = file_choices_to_dict(self._display.of_file)
            self._memory.replace(with_look(self._memory.settings, self._key, of_file))
