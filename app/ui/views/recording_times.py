"""When the recordings of a study began, by their files, asked in the background."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.errors import UserError
from app.core.jobs import Task
from app.ui.session.background import Background
from app.ui.session.session import Session

if TYPE_CHECKING:
    from datetime import datetime

    from app.core.study.access import StudyAccess

_Whose = tuple[Path, str, bool]


class RecordingTimes(QObject):
    """Asks each file once, as long as the same study is open."""

    changed = Signal()

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._whose: _Whose | None = None
        self._asked: dict[int, datetime | None] = {}
        self._asking = Background("times of the recordings", self, one_at_a_time=True)
        self._asking.done.connect(self._take)
        session.closing.connect(self._asking.close)

    @property
    def known(self) -> dict[int, datetime]:
        """The moment by the recording's number, where its file states one."""
        return {number: at for number, at in self._asked.items() if at is not None}

    def ask(self, access: StudyAccess | None, numbers: frozenset[int]) -> None:
        """Ask the files of these recordings that were not asked yet; `changed` follows."""
        whose = None if access is None else access.whose
        if whose != self._whose:
            self._whose, self._asked = whose, {}
            self.changed.emit()
        unknown = numbers - self._asked.keys()
        if access is not None and unknown:
            self._asking.start(lambda task: (access.whose, _start_times(access, unknown, task)))

    def _take(self, found: tuple[_Whose, dict[int, datetime | None]]) -> None:
        whose, times = found
        if whose == self._whose:
            self._asked |= times
            self.changed.emit()


def _start_times(access: StudyAccess, numbers: frozenset[int], task: Task) -> dict[int, datetime | None]:
    from app.core.recording.file_times import file_times

    found: dict[int, datetime | None] = dict.fromkeys(numbers)
    for number, path in access.places(numbers).items():
        task.cancel.check()
        with suppress(UserError):
            found[number] = file_times(path).started_at
    return found
