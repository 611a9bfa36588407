"""What the tests of the study's writer share: a window that is woken, a disk that hangs or fails."""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest

from app.core.errors import UserError
from app.core.reading import Reading
from app.core.semiology import Answer, Presence
from app.core.study.change_requests import ApplyEdits, Request
from app.core.study.database import Database, user_errors
from app.core.study.edits import SetAnswer
from app.core.study.saving import Outcome, Saved
from app.core.study.store import Study
from app.core.study.study_writer import StudyWriter
from tests.core.study_cases import ANA, Clip

T = TypeVar("T")

_SECONDS = 60.0
"""No test depends on it: it only ends one that would hang for ever."""


class Disk:
    """The seam below every study of one test: lets writes through, fails them, or keeps them waiting."""

    def __init__(self, patch: Any) -> None:
        self.failures: list[int] = []
        """For each coming write whether it fails (1), fails after it was committed (2) or is let through (0);
        when there are none left, all are let through."""
        self.away = False
        self.code = sqlite3.SQLITE_IOERR
        """What the failures are."""
        self.reached = threading.Event()
        self._free = threading.Event()
        self._free.set()
        self._usual = Database.writing
        disk = self

        @contextmanager
        def writing(database: Database) -> Iterator[sqlite3.Connection]:
            with disk.write(database) as connection:
                yield connection

        patch.setattr(Database, "writing", writing)

    @contextmanager
    def write(self, database: Database) -> Iterator[sqlite3.Connection]:
        self.reached.set()
        assert self._free.wait(_SECONDS)
        how = self.failures.pop(0) if self.failures else 0
        with user_errors("The change was not kept", Path("study")):
            if self.away or how == 1:
                raise _failure(self.code)
            with self._usual(database) as connection:
                yield connection
            if how == 2:
                raise _failure(self.code)

    def hang(self) -> None:
        """Let every further write wait until `answer`."""
        self.reached.clear()
        self._free.clear()

    def answer(self) -> None:
        self._free.set()


def _failure(code: int = sqlite3.SQLITE_IOERR) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = code
    return error


class Window:
    """Who asks for changes: the test's thread, which is woken as the window's is."""

    def __init__(self, folder: Path, *, author: str = "Ana", pauses: Sequence[float] = ()) -> None:
        self.woken: queue.SimpleQueue[None] = queue.SimpleQueue()
        self.said: list[tuple[Request, Outcome]] = []
        self.writer = StudyWriter(
            lambda: Study.open(folder, author=author),
            lambda: self.woken.put(None),
            author=author,
            pauses=pauses,
        )
        self.recording = self.ask(lambda study: study.recording(Clip(folder.parent / "clip.mp4")))

    def submit(self, request: Request) -> None:
        self.writer.submit(request, lambda outcome: self.said.append((request, outcome)))

    def until(self, there: Callable[[], object]) -> None:
        """Go on handing over until something is there."""
        while not there():
            self.woken.get(timeout=_SECONDS)
            self.writer.deliver_outcomes()

    def settle(self) -> None:
        """Until nothing waits."""
        self.until(lambda: not self.writer.pending())

    def ask(self, question: Callable[[Study], T]) -> T:
        answers: list[T] = []
        errors: list[UserError] = []
        self.writer.ask(question, answers.append, errors.append)
        self.until(lambda: answers or errors)
        if errors:
            raise errors[0]
        return answers[0]

    def reading(self) -> Reading:
        """What the disk says of Ana's answers."""
        return self.ask(lambda study: study.reading(self.recording, ANA, viewer=None))

    def outcomes(self) -> list[str]:
        """What became of the changes, in the order in which it was reported."""
        return [type(outcome).__name__ for _request, outcome in self.said]

    def saved(self) -> list[Request]:
        return [request for request, outcome in self.said if isinstance(outcome, Saved)]

    def close(self) -> None:
        assert self.writer.close(_SECONDS).requests == ()


def tick(recording: int, feature: str, before: Presence | None, after: Presence | None) -> ApplyEdits:
    """An answer of Ana's becomes another one."""
    return ApplyEdits((SetAnswer(recording, ANA, Answer(feature, before), Answer(feature, after)),))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "clip.semioscope"


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    made = Disk(monkeypatch)
    yield made
    made.answer()


@pytest.fixture
def window(folder: Path, disk: Disk) -> Iterator[Window]:
    made = Window(folder)
    yield made
    disk.answer()
    disk.away = False
    made.writer.retry()
    made.writer.close(60)


def stored(folder: Path) -> Reading:
    """What a program that opens the study after this one finds."""
    with Study.open_for_viewing(folder) as study:
        return study.reading(study.recordings()[0].id, ANA, viewer=None)
