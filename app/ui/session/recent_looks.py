"""How far recent studies and recordings are, looked at in the background."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.core.jobs import Task
from app.core.reading import ReaderIdentity
from app.ui.session.background import Background


class RecentLooks(QObject):
    """Looks at what is listed on the start page; nothing there is opened or changed."""

    looked = Signal(object)
    """A `StudyLook` or a `RecordingLook`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._looking = Background("look at recent studies", self, one_at_a_time=True)
        self._looking.posted.connect(self.looked)

    def look(self, studies: tuple[Path, ...], files: tuple[Path, ...], me: ReaderIdentity) -> None:
        """Look at these, each until a deadline; `looked` follows for each that answers."""
        self._looking.start(lambda task: _look(studies, files, me, task))

    def close(self) -> None:
        """Returns when the looking has ended."""
        self._looking.close()


def _look(studies: tuple[Path, ...], files: tuple[Path, ...], me: ReaderIdentity, task: Task) -> None:
    from app.core.study.study_look import look_at

    look_at(studies, files, me, task.post)
