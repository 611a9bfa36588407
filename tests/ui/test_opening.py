"""From one recording to the next: the first picture at once, nothing answered for the wrong one, the way
back."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from app.core.errors import UserError
from app.core.recording import probe
from app.core.semiology import Presence
from app.core.study import place, store
from app.ui.session.session import Session
from app.ui.views.comparison import ComparisonView
from app.ui.views.consensus import ConsensusView
from app.ui.views.history import HistoryView
from app.ui.views.picture_words import opening_words
from app.ui.views.video import VideoView
from app.ui.views.worklist import WorklistView
from app.ui.window import TITLE, Window
from tests.media import number_in, write_recording
from tests.ui.found_widgets import now
from tests.ui.session_cases import (
    QuickReader,
    at_rest,
    is_open,
    opened,
    opened_path,
    player_of,
    quick,
    recording_path,
    saved,
)

__all__ = ["quick", "recording_path"]


class Gate:
    """Holds every opening up until it is let through, or fails it."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.error: Exception | None = None
        self.only: str | None = None
        self._open_recording = probe.open_recording

    def __call__(self, path: Path, *, picture: int | None = None, report: Any, cancel: Any) -> Any:
        held = self.only is None or path.name == self.only
        while held and not self.open.is_set():
            cancel.check()
            cancel.wait(0.01)
        if held and self.error is not None:
            raise self.error
        return self._open_recording(path, picture=picture, report=report, cancel=cancel)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    gate = Gate()
    monkeypatch.setattr(probe, "open_recording", gate)
    return gate


@pytest.fixture
def other(tmp_path: Path) -> Path:
    return write_recording(tmp_path / "other.mp4", frames=25, first=77, size=(96, 128))


@pytest.fixture
def session(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path, gate: Gate, other: Path
) -> Iterator[Session]:
    """The first recording is open; the opening of the other one is held up."""
    gate.only = other.name
    with opened(qtbot, recording_path) as session:
        yield session
        gate.open.set()


def number(image: QImage | None) -> int:
    assert image is not None
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return number_in(rows[:, : image.width() * 4].reshape(image.height(), image.width(), 4))


def glimpsed(qtbot: QtBot, session: Session, path: Path) -> None:
    session.opening.open(path)
    qtbot.waitUntil(lambda: session.opened.preview is not None)


def test_first_picture_is_there_before_the_recording_is_open(
    qtbot: QtBot, quick: type[QuickReader], gate: Gate, recording_path: Path
) -> None:
    with opened(qtbot) as session:
        window = Window(session)
        qtbot.addWidget(window)
        window.show()
        (view,) = window.findChildren(VideoView)
        glimpsed(qtbot, session, recording_path)
        assert session.opened.recording is None
        assert number(session.playback.image) == 0
        qtbot.waitUntil(lambda: window.windowTitle() == f"seizure.mp4 – {TITLE}")
        assert not view.picture_area.isEmpty()
        assert "Opening" in opening_words(session)
        shown: list[bool] = []
        session.playback.frame_shown.connect(lambda: shown.append(session.playback.image is not None))
        gate.open.set()
        qtbot.waitUntil(lambda: session.opened.recording is not None)
        assert all(shown), "the picture never goes away"
        assert not view.picture_area.isEmpty()
        assert session.opened.preview is None
        assert opening_words(session) == ""
        at_rest(qtbot, session)


def test_nothing_can_be_answered_under_the_picture_of_another_recording(
    qtbot: QtBot, session: Session, gate: Gate, other: Path, recording_path: Path
) -> None:
    session.answers.answer("clonic", Presence.YES)
    folder = session.study.folder
    glimpsed(qtbot, session, other)
    assert number(session.playback.image) == 77
    assert session.opened.recording is None
    assert session.opened.duration == 0
    assert session.answers.others == ()
    assert session.answers.mine.answers == {}
    assert session.study.read_only
    assert session.study.folder == folder, "the study can be looked at as a whole"
    session.answers.answer("tonic", Presence.NO)
    assert session.status.message == "The recording is still being opened."
    for intent in (
        session.undoing.undo,
        session.labels.begin_evidence,
        session.labels.hold,
        session.playback.play,
        session.loop.begin_here,
    ):
        intent()
    session.readers.lock_and_reveal()
    session.readers.become("Somebody else")
    gate.open.set()
    qtbot.waitUntil(lambda: session.opened.recording is not None)
    assert session.answers.mine.answer("tonic").presence is None
    at_rest(qtbot, session)
    session.readers.become("me")
    session.opening.open(recording_path)
    qtbot.waitUntil(lambda: opened_path(session) == recording_path)
    assert session.answers.mine.answer("tonic").presence is None
    assert not session.answers.my_reading.locked
    at_rest(qtbot, session)


@pytest.mark.parametrize("how", ["fails", "cancelled"])
def test_recording_that_was_open_comes_back(
    qtbot: QtBot, session: Session, gate: Gate, other: Path, how: str
) -> None:
    before = session.opened.recording
    assert before is not None
    session.answers.answer("clonic", Presence.YES)
    session.playback.seek(1.0)
    glimpsed(qtbot, session, other)
    if how == "fails":
        gate.error = UserError("“other.mp4” cannot be decoded.")
        gate.open.set()
    else:
        session.analysis.cancel()
    qtbot.waitUntil(lambda: session.opened.recording is not None)
    assert session.opened.recording is not None
    assert session.opened.recording.path == before.path
    assert session.opened.preview is None
    assert session.playback.cursor == 1.0
    assert player_of(session).said("seek")[-1] == (1.0, True)
    assert session.answers.mine.answer("clonic").presence is Presence.YES
    assert session.status.message == ("“other.mp4” cannot be decoded." if how == "fails" else "")
    at_rest(qtbot, session)


def test_it_comes_back_also_when_the_next_one_fails_on_the_way(
    qtbot: QtBot, session: Session, gate: Gate, other: Path, tmp_path: Path
) -> None:
    before = session.opened.recording
    assert before is not None
    session.playback.seek(1.0)
    glimpsed(qtbot, session, other)
    gate.only = None
    asked: list[Path] = []
    open_recording = session.analysis.runner.open
    session.analysis.runner.open = lambda path, *how: asked.append(path) or open_recording(path, *how)  # type: ignore[method-assign,func-returns-value]
    session.analysis.cancel()
    qtbot.waitUntil(lambda: asked == [before.path])
    assert now(session.opened.recording) is None
    gate.only, gate.error = "broken.mp4", UserError("“broken.mp4” cannot be decoded.")
    session.opening.open(write_recording(tmp_path / "broken.mp4", frames=25))
    gate.open.set()
    qtbot.waitUntil(lambda: session.opened.recording is not None)
    assert session.opened.recording is not None
    assert session.opened.recording.path == before.path
    assert session.playback.cursor == 1.0
    assert session.status.message == "“broken.mp4” cannot be decoded."
    at_rest(qtbot, session)


def test_first_opening_that_is_cancelled_leaves_nothing(
    qtbot: QtBot, quick: type[QuickReader], gate: Gate, recording_path: Path
) -> None:
    with opened(qtbot) as session:
        window = Window(session)
        qtbot.addWidget(window)
        glimpsed(qtbot, session, recording_path)
        session.analysis.cancel()
        at_rest(qtbot, session)
        assert session.opened.recording is None
        assert session.playback.image is None
        assert session.opened.preview is None
        assert window.windowTitle() == TITLE


def test_another_file_opened_meanwhile_wins(
    qtbot: QtBot, session: Session, gate: Gate, other: Path, tmp_path: Path
) -> None:
    third = write_recording(tmp_path / "third.mp4", frames=25, first=33)
    glimpsed(qtbot, session, other)
    seen: list[str] = []
    session.opened.recording_changed.connect(
        lambda: seen.append(session.opened.recording.name if session.opened.recording else "")
    )
    session.opening.open(third)
    assert session.opened.preview is None
    assert session.playback.image is None, "the picture of the file that is no longer wanted is gone"
    gate.open.set()
    qtbot.waitUntil(lambda: session.opened.recording is not None)
    at_rest(qtbot, session)
    assert session.opened.recording is not None
    assert session.opened.recording.path == third
    assert "other.mp4" not in seen
    assert "seizure.mp4" not in seen


def test_known_recordings_open_without_a_glimpse(
    qtbot: QtBot, session: Session, gate: Gate, other: Path, recording_path: Path
) -> None:
    gate.open.set()
    for path in (other, recording_path, other):
        session.opening.open(path)
        qtbot.waitUntil(partial(is_open, session, path))
        at_rest(qtbot, session)
    seen: list[bool] = []
    opened_now = session.opened
    opened_now.recording_changed.connect(
        lambda: seen.append(opened_now.preview is not None or opened_now.recording is None)
    )
    session.opening.open(recording_path)
    qtbot.waitUntil(lambda: opened_path(session) == recording_path)
    at_rest(qtbot, session)
    assert not any(seen)


def test_what_is_no_recording_leaves_the_open_one_alone(
    qtbot: QtBot, session: Session, tmp_path: Path, recording_path: Path
) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"x" * 5000)
    session.answers.answer("clonic", Presence.YES)
    session.playback.seek(1.0)
    session.opening.open(broken)
    at_rest(qtbot, session)
    assert session.opened.recording is not None
    assert session.opened.recording.path == recording_path
    assert session.playback.cursor == 1.0
    assert "broken.mp4" in session.status.message
    assert session.answers.mine.answer("clonic").presence is Presence.YES


def test_panels_of_the_study_bear_it_that_no_recording_is_open(
    qtbot: QtBot, session: Session, gate: Gate, other: Path
) -> None:
    session.readers.read_blind(False)
    session.answers.answer("clonic", Presence.NO)
    panels = [kind(session) for kind in (ConsensusView, HistoryView, WorklistView, ComparisonView)]
    for panel in panels:
        qtbot.addWidget(panel)
        panel.show()
    consensus, history, *_ = panels
    assert isinstance(consensus, ConsensusView)
    assert isinstance(history, HistoryView)
    saved(qtbot, session)
    consensus.persons.click()
    assert consensus.table.rowCount() == 1
    assert history.table.rowCount() > 0
    with qtbot.waitSignal(session.opened.recording_changed):
        glimpsed(qtbot, session, other)
    assert consensus.table.rowCount() == 0
    assert history.table.rowCount() == 0
    assert not session.consensus.decide("clonic", Presence.YES, "")
    assert session.status.message == "The recording is still being opened."
    gate.open.set()
    qtbot.waitUntil(lambda: session.opened.recording is not None)
    at_rest(qtbot, session)


def test_other_studies_are_looked_into_outside_the_windows_thread(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[threading.Thread] = []
    real = place.study_folder_for

    def look(*args: Any, **how: Any) -> Path:
        asked.append(threading.current_thread())
        return real(*args, **how)

    for module in (place, store):
        monkeypatch.setattr(module, "study_folder_for", look)
    with opened(qtbot, recording_path):
        assert asked
        assert threading.main_thread() not in asked


def test_a_wrong_value_in_the_study_is_told_and_costs_its_row(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path
) -> None:
    with opened(qtbot, recording_path) as session:
        session.answers.answer("tonic", Presence.YES)
        session.answers.answer("clonic", Presence.YES)
        study = session.study.folder
    assert study is not None
    with closing(sqlite3.connect(study / "study.sqlite")) as connection:
        connection.execute("UPDATE answers SET presence = 'maybe' WHERE feature = 'tonic'")
        connection.commit()
    with opened(qtbot, recording_path) as session:
        assert "the answer to “tonic”" in session.status.message.casefold()
        assert session.answers.mine.answer("tonic").presence is None
        assert session.answers.mine.answer("clonic").presence is Presence.YES
        session.answers.answer("tonic", Presence.NO)
        assert session.answers.mine.answer("tonic").presence is Presence.NO


def test_a_study_that_is_not_ours_leaves_the_recording_open_and_is_told(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path
) -> None:
    with opened(qtbot, recording_path) as session:
        study = session.study.folder
    assert study is not None
    with closing(sqlite3.connect(study / "study.sqlite")) as connection:
        connection.execute("CREATE VIEW more AS SELECT 1")
    with opened(qtbot, recording_path) as session:
        assert "its tables were changed by another program" in session.status.message
        assert session.opened.recording is not None


def test_a_recording_that_is_open_by_then_is_not_told_a_second_time(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path
) -> None:
    """The rest of the window follows the preview a moment later, when the recording itself can be open."""
    with opened(qtbot, recording_path) as session, qtbot.assertNotEmitted(session.opened.recording_changed):
        session.opening._show_that_nothing_is_open()
