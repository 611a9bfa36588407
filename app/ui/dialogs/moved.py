"""Find recordings of the study that were moved or renamed, and let the study know where they are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QListWidget, QWidget

from app.core.jobs import Task
from app.core.plain_text import plain
from app.ui.dialogs.exchange import WorkDialog
from app.ui.dialogs.form import button, sentence
from app.ui.session.session import Session

if TYPE_CHECKING:
    from app.core.study.access import StudyAccess
    from app.core.study.moved_recordings import FoundRecording

_ABOUT = (
    "Choose a folder; it and all folders in it are searched for recordings of this study that are no longer "
    "where they were. They are recognised by their content, whatever they are called now."
)


class MovedDialog(WorkDialog):
    """Asks for a folder, lists what was found there, and changes the study only on confirmation."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, "Find moved recordings", "Choose folder…", self.choose, parent)
        self.found: tuple[FoundRecording, ...] = ()
        self.list = QListWidget()
        self.list.setAccessibleName("Recordings that were found")
        self.apply = button("Use the files found", self.confirm)
        self.buttons.insertWidget(0, self.apply)
        self.choices.addWidget(sentence(_ABOUT))
        self.choices.addWidget(self.list)
        self.work.posted.connect(self._show_found)
        self._show_found(())

    def choose(self) -> None:
        beside = str(self.session.worklist.naming.places.beside)
        name = QFileDialog.getExistingDirectory(self, "Folder in which to search", beside)
        if name:
            self.search_in(Path(name))

    def search_in(self, folder: Path) -> None:
        """Begin to search there."""
        access = self._access()
        if access is not None:
            self._show_found(())
            self.start(lambda task: _search(access, folder, task))

    def confirm(self) -> None:
        """Let the study open its recordings where they were found."""
        access, found = self._access(), self.found
        if access is not None and found:
            self._show_found(())
            self.start(lambda _task: _keep(access, found))

    def _show_found(self, found: tuple[FoundRecording, ...]) -> None:
        self.found = found
        self.list.clear()
        self.list.addItems([plain(str(one.path), 300) for one in found])
        self.list.setVisible(bool(found))
        self.apply.setEnabled(bool(found) and not self.session.study.read_only)


def _search(access: StudyAccess, folder: Path, task: Task) -> tuple[str, ...]:
    found, missing = access.find_moved(folder, report=task.report, cancel=task.cancel)
    task.post(found)
    if not missing:
        return ("All recordings of this study are where they were.",)
    return (f"{len(found)} of {missing} missing recordings found.",)


def _keep(access: StudyAccess, found: tuple[FoundRecording, ...]) -> tuple[str, ...]:
    access.keep_places(found)
    return ("Saved: the study now looks for its recordings there.",)
