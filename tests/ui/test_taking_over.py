"""A study that was open in another window: what is said of it, and changing it once that window has gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.core.recording.probe import open_recording
from app.core.semiology import Presence
from app.core.study.store import Study
from app.core.study.writer_lock import WriterLock
from app.ui.session import taking_over
from app.ui.session.session import Session
from app.ui.session.taking_over import OPEN, READ_ONLY
from app.ui.views.status_bar import StatusBar
from tests.odd_recordings import two_cameras
from tests.ui.session_cases import QuickReader, at_rest, opened, quick, recording_path, saved

__all__ = ["quick", "recording_path"]


@pytest.fixture
def first(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Study]:
    """The study as a window holds it; to be closed."""
    with opened(qtbot, recording_path) as session:
        session.readers.read_blind(False)
        folder = session.study.folder
        saved(qtbot, session)
    assert folder is not None
    monkeypatch.setattr(taking_over, "LOOK_EVERY", 20)
    study = Study.open(folder, author="ada")
    assert not study.read_only
    yield study
    study.close()


@pytest.fixture
def department(tmp_path: Path, recording_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Study]:
    """A department's study with the recording, which is in another folder, as a colleague's window holds it;
    to be closed."""
    monkeypatch.setattr(taking_over, "LOOK_EVERY", 20)
    study = Study.open(tmp_path / "dept" / "Dept.semioscope", author="ada")
    study.recording(open_recording(recording_path))
    yield study
    study.close()


def _entered(qtbot: QtBot, session: Session, path: Path, folder: Path) -> None:
    """Open the recording at `path` as one of the study in `folder`."""
    session.worklist.take_in(path, folder)
    qtbot.waitUntil(lambda: session.opened.recording is not None)
    at_rest(qtbot, session)
    assert session.study.folder == folder


def _opened_anew(qtbot: QtBot, session: Session, again: Callable[[], None]) -> None:
    with qtbot.waitSignal(session.opened.recording_changed):
        again()
    qtbot.waitUntil(lambda: session.opened.recording is not None)
    at_rest(qtbot, session)


def _offered(session: Session) -> str:
    return "" if session.status.offer is None else session.status.offer.label


def test_a_second_window_takes_the_study_over_once_the_first_has_gone(
    qtbot: QtBot, first: Study, recording_path: Path
) -> None:
    with opened(qtbot, recording_path) as second:
        assert second.study.read_only
        assert second.status.line == READ_ONLY
        second.playback.seek(0.8)
        qtbot.wait(100)
        assert _offered(second) == ""
        first.close()
        qtbot.waitUntil(lambda: _offered(second) == OPEN)
        assert second.status.offer is not None
        second.status.offer.accept()
        qtbot.waitUntil(lambda: not second.study.read_only)
        at_rest(qtbot, second)
        assert second.playback.cursor == pytest.approx(0.8, abs=0.05)
        assert (second.status.message, _offered(second)) == ("", "")
        second.answers.answer("tonic", Presence.YES)
        saved(qtbot, second)
        assert second.status.line.startswith("saved")


def test_who_answers_in_a_study_that_has_become_free_is_offered_it_again(
    qtbot: QtBot, first: Study, recording_path: Path
) -> None:
    with opened(qtbot, recording_path) as second:
        second.answers.answer("tonic", Presence.YES)
        assert second.status.line == "not saved: read-only"
        assert "another window" in second.status.message
        first.close()
        qtbot.waitUntil(lambda: _offered(second) == OPEN)
        assert second.status.message == ""
        second.status.make_offer(None)
        second.answers.answer("tonic", Presence.YES)
        assert _offered(second) == OPEN


def test_the_status_bar_goes_on_saying_that_it_is_read_only(
    qtbot: QtBot, first: Study, recording_path: Path
) -> None:
    with opened(qtbot, recording_path) as second:
        bar = StatusBar(second)
        qtbot.addWidget(bar)
        assert bar._work.text() == "Read-only, 0 of 20 answered"


def test_the_same_study_is_opened_for_writing_wherever_it_is(
    qtbot: QtBot, quick: type[QuickReader], department: Study, recording_path: Path
) -> None:
    with opened(qtbot) as session:
        _entered(qtbot, session, recording_path, department.folder)
        assert session.status.line == READ_ONLY
        department.close()
        qtbot.waitUntil(lambda: _offered(session) == OPEN)
        assert session.status.offer is not None
        _opened_anew(qtbot, session, session.status.offer.accept)
        assert session.study.folder == department.folder
        qtbot.waitUntil(lambda: not session.study.read_only)
    assert not recording_path.with_suffix(".semioscope").exists(), "nor is another one made"


@pytest.mark.parametrize("held", [True, False], ids=["read-only", "to be written"])
def test_another_picture_track_is_one_of_the_same_study(
    qtbot: QtBot, quick: type[QuickReader], department: Study, tmp_path: Path, *, held: bool
) -> None:
    path = two_cameras(tmp_path / "two.mkv", (40, 60))
    department.recording(open_recording(path))
    if not held:
        department.close()
    with opened(qtbot) as session:
        _entered(qtbot, session, path, department.folder)
        _opened_anew(qtbot, session, lambda: session.opening.open_picture(1))
        assert session.study.folder == department.folder
        _opened_anew(qtbot, session, session.opening.open_again)
        assert session.study.folder == department.folder
        assert session.opened.recording is not None
        assert session.opened.recording.picture == 1, "the one that is shown"
        _opened_anew(qtbot, session, lambda: session.opening.open_picture(None))
        assert session.opened.recording.picture == 0
    assert not path.with_suffix(".semioscope").exists()


def test_nothing_is_offered_on_the_start_page(qtbot: QtBot, first: Study, recording_path: Path) -> None:
    with opened(qtbot, recording_path) as second:
        second.opening.close_recording()
        assert second.study.folder is not None, "its study stays open"
        assert second.status.line != READ_ONLY
        first.close()
        qtbot.wait(200)
        assert _offered(second) == ""
        second.opening.go_back_to_left()
        qtbot.waitUntil(lambda: second.opened.recording is not None)
        assert not second.study.read_only, "it was free"


def test_only_what_is_said_of_the_other_window_is_taken_back(
    qtbot: QtBot, first: Study, recording_path: Path
) -> None:
    with opened(qtbot, recording_path) as second:
        second.status.add_message("The disk is nearly full.")
        assert "another window" in second.status.message
        first.close()
        qtbot.waitUntil(lambda: _offered(second) == OPEN)
        assert second.status.message == "The disk is nearly full."
        second.status.take_back("")
        second.status.show_message("Something else.")
        second.study.not_kept.emit()
        assert second.status.message == "Something else."


def test_a_lock_that_cannot_be_asked_for_is_not_free(first: Study, tmp_path: Path) -> None:
    assert not WriterLock.is_free(first.folder)
    assert not WriterLock.is_free(tmp_path / "not there")
    first.close()
    assert WriterLock.is_free(first.folder)
