"""What killed programs left of a study's readings is removed when the study is opened."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from app.core.jobs import Task
from app.ui.session.background import Background
from app.ui.session.chosen_model import ChosenModel
from app.ui.session.opened_recording import OpenedRecording
from app.ui.session.opened_study import OpenedStudy


class ModelLeftovers(QObject):
    """Of each study once in a run of the program. Lives in the GUI thread."""

    def __init__(
        self, opened: OpenedRecording, study: OpenedStudy, chosen: ChosenModel, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._study, self._chosen = study, chosen
        self._cleaning = Background("cleaning up after models", self)
        self._cleaned: Path | None = None
        opened.recording_changed.connect(self._clean_up)

    def _clean_up(self) -> None:
        folder = self._study.folder
        if folder is None or self._study.read_only or folder == self._cleaned:
            return
        self._cleaned = folder
        # Here and not in the thread, where the choice would be read a second time, next to this one.
        choice = None if self._chosen.local_only else self._chosen.choice
        key_for = self._chosen.keys.key

        def work(task: Task) -> None:
            from app.core.readers.models.model_work import cleaned_up

            cleaned_up(choice, folder, key_for, task)

        self._cleaning.start(work)
