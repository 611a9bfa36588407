"""A study that was open in another window: what is said of it, and changing it once that window has gone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.core.semiology import Presence
from app.core.study.store import Study
from app.core.study.writer_lock import WriterLock
from app.ui.session import taking_over
from app.ui.session.session import Session
from app.ui.session.taking_over import OPEN, READ_ONLY
from app.ui.views.status_bar import StatusBar
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


def test_a_lock_that_cannot_be_asked_for_is_not_free(first: Study, tmp_path: Path) -> None:
    assert not WriterLock.is_free(first.folder)
    assert not WriterLock.is_free(tmp_path / "not there")
    first.close()
    assert WriterLock.is_free(first.folder)
