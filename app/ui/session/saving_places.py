"""Where files of each kind were saved last, and what is proposed for the next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.core.saving_places import SaveKind, SavingFrom, folder_beside, proposed_place
from app.ui.session.opened_recording import OpenedRecording
from app.ui.session.opened_study import OpenedStudy


class SavingPlaces(QObject):
    """Proposes a path for what is open, and keeps the folder that was chosen."""

    changed = Signal()
    """Another folder was chosen: `folders`."""

    def __init__(
        self,
        opened: OpenedRecording,
        study: OpenedStudy,
        study_name: Callable[[], str],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._opened, self._study, self._study_name = opened, study, study_name
        self._folders: dict[str, str] = {}

    @property
    def folders(self) -> Mapping[str, str]:
        """The folder of each kind that was used last."""
        return dict(self._folders)

    def recall(self, folders: Mapping[str, str]) -> None:
        """Take what was remembered."""
        self._folders = dict(folders)

    def proposal(self, kind: SaveKind, words: str, *, of_study: bool = False) -> Path:
        """The path that is proposed, see `proposed_place`."""
        return proposed_place(kind, words, self._folders.get(kind, ""), self._source, of_study=of_study)

    @property
    def beside(self) -> Path:
        """The folder beside what is open, in which a file is looked for first."""
        return folder_beside(self._source)

    @property
    def _source(self) -> SavingFrom:
        recording = self._opened.recording
        place = None if recording is None else recording.path
        return SavingFrom(place, self._study.folder, self._study_name())

    def take(self, kind: SaveKind, path: Path) -> None:
        """The person has chosen this path."""
        folder = str(path.absolute().parent)
        if self._folders.get(kind) != folder:
            self._folders[kind] = folder
            self.changed.emit()
