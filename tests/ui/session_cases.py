"""Sessions on tiny recordings whose background work is quick: pose and reader stand in, the rest is real."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.core.errors import UserError
from app.core.jobs import Progress
from app.core.readers.signal.reader import of_picture
from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity
from app.core.semiology import FEATURES, Answer, Presence, Span
from app.core.study.history_listing import history_page
from app.core.study.history_search import HistoryFilter, HistoryRow
from app.core.study.store import Study
from app.ui.session.session import Session
from tests.media import tone, write_recording
from tests.ui.conftest import PATIENCE_MS
from tests.ui.made_poses import a_pose_track
from tests.ui.stand_in_player import StandInPlayer

SIGNAL = ReaderIdentity(ReaderKind.SIGNAL, "signal", "1", {"thresholds": "x"})


class QuickReader:
    """Answers everything at once; counts how often it was asked; can be made to fail or to hang."""

    identity = SIGNAL
    read_count = 0
    error: Exception | None = None
    wait: threading.Event | None = None
    patients: list[Any]

    def __init__(self, patient: Any = None) -> None:
        QuickReader.patients.append(patient)

    def read(self, recording: Any, *, report: Any, cancel: Any) -> Reading:
        QuickReader.read_count += 1
        report(Progress("Reading", 0.5))
        while QuickReader.wait is not None and not QuickReader.wait.is_set():
            cancel.check()
            cancel.wait(0.01)
        if QuickReader.error is not None:
            raise QuickReader.error
        answers = {
            feature.id: Answer(feature.id, Presence.NO, 60, (), None, "Nothing moved.")
            for feature in FEATURES
        }
        spans = (Span(0.2, 0.6), Span(1.0, 1.4))
        answers["clonic"] = Answer("clonic", Presence.YES, 87, spans, None, "left wrist moved at 3.1 Hz")
        identity = RecordingIdentity(recording.name, "0" * 64, recording.duration)
        return Reading(identity, of_picture(self.identity, recording), answers)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> type[QuickReader]:
    """Replace pose and the signal reader by quick ones."""
    QuickReader.read_count, QuickReader.error, QuickReader.wait = 0, None, None
    QuickReader.patients = []

    def pose(recording: Any, *, patient: Any, report: Any, cancel: Any) -> Any:
        report(Progress("Finding pose and face", 0.5))
        return a_pose_track(1.0)

    monkeypatch.setattr("app.core.enhance.pose.pose_track", pose)
    monkeypatch.setattr("app.core.readers.signal.reader.SignalReader", QuickReader)
    return QuickReader


@pytest.fixture
def recording_path(tmp_path: Path) -> Path:
    """Two seconds of numbered frames with a tone."""
    return write_recording(tmp_path / "seizure.mp4", frames=50, sound=tone(2.0))


@contextmanager
def opened(qtbot: QtBot, path: Path | None = None) -> Iterator[Session]:
    """A session, with `path` open and its work done; closed afterwards."""
    session = Session(make_player=StandInPlayer)  # type: ignore[arg-type]
    try:
        if path is not None:
            session.opening.open(path)
            qtbot.waitUntil(lambda: session.opened.recording is not None)
            at_rest(qtbot, session)
        yield session
    finally:
        session.close()


def opened_path(session: Session) -> Path | None:
    """The path of the open recording."""
    return None if session.opened.recording is None else session.opened.recording.path


def is_open(session: Session, path: Path) -> bool:
    return opened_path(session) == path


def opened_name(session: Session) -> str:
    """The name of the open recording, "" without one."""
    return "" if session.opened.recording is None else session.opened.recording.name


def history(session: Session) -> tuple[HistoryRow, ...]:
    """The changes of the open recording that the person may see and that are on disk, the latest first."""
    access = session.study.access()
    assert access is not None
    with stored(session) as study:
        return history_page(study, access.viewer, HistoryFilter(recording_id=access.number)).rows


def stored(session: Session) -> Study:
    """The open study as its disk has it; to be closed."""
    folder = session.study.folder
    assert folder is not None
    return Study.open_for_viewing(folder)


def saved(qtbot: QtBot, session: Session, until: float | None = None) -> None:
    """Wait until everything that was asked of the study is on disk, and what follows from it is shown; no
    longer than `until` (s on the monotonic clock)."""
    until = until or _end_of_patience()
    for _again in range(2):  # what was saved may have to be read again
        answers: list[object] = []
        session.study.ask(lambda _study: None, answers.append, answers.append)
        qtbot.waitUntil(lambda: bool(answers), timeout=_milliseconds(until))  # noqa: B023 - waited for here


def _end_of_patience() -> float:
    """When waiting ends that begins now, however many waits it is made of: before the limit of a test."""
    return time.monotonic() + PATIENCE_MS / 1000


def _milliseconds(until: float) -> int:
    return max(1, round((until - time.monotonic()) * 1000))


def add_recordings(qtbot: QtBot, session: Session, *paths: Path) -> None:
    """Add recordings to the study and wait until it has them."""
    added: list[object] = []
    session.worklist._adding.done.connect(added.append)
    session.worklist.add_recordings(paths)
    qtbot.waitUntil(lambda: bool(added))
    session.worklist._adding.done.disconnect(added.append)


def at_rest(qtbot: QtBot, session: Session) -> None:
    """Wait until no background work runs."""
    until = _end_of_patience()
    qtbot.waitUntil(
        lambda: session.analysis.work is None and not session.analysis.runner.running,
        timeout=_milliseconds(until),
    )
    saved(qtbot, session, until)


def player_of(session: Session) -> StandInPlayer:
    player: Any = session.opening._player
    assert isinstance(player, StandInPlayer)
    return player


__all__ = [
    "SIGNAL",
    "QuickReader",
    "UserError",
    "add_recordings",
    "at_rest",
    "history",
    "opened",
    "opened_name",
    "opened_path",
    "player_of",
    "quick",
    "recording_path",
    "saved",
    "stored",
]
