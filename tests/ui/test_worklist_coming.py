"""The worklist comes by itself with the second recording of a study, and not while a picture is due."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.ui.session.open_recording import Opening
from app.ui.session.session import Session
from app.ui.views import side_panels
from app.ui.views.late_dock import LateDock
from app.ui.window import Window
from tests.media import tone, write_recording
from tests.ui.session_cases import QuickReader, add_recordings, at_rest, opened, quick, recording_path

__all__ = ["quick", "recording_path"]


@pytest.fixture
def window(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Window]:
    """With a study of one recording, which is open."""
    monkeypatch.setattr(side_panels, "_CALM", 20)
    with opened(qtbot) as session:
        made = Window(session)
        qtbot.addWidget(made)
        made.show()
        session.opening.open(recording_path)
        qtbot.waitUntil(lambda: session.opened.recording is not None)
        at_rest(qtbot, session)
        yield made
        made.close()


def worklist_of(window: Window) -> LateDock:
    return window._panels.docks["worklist"]


def counted(qtbot: QtBot, window: Window) -> None:
    """Wait until the recordings of the study have been counted anew."""
    panels = window._panels
    with qtbot.waitSignal(panels._counting.ended):
        window.session.study.recordings_changed.emit()


def add_another(qtbot: QtBot, session: Session, folder: Path) -> None:
    other = write_recording(folder / "second.mp4", frames=40, sound=tone(1.6))
    add_recordings(qtbot, session, other)


def test_one_recording_makes_no_worklist_until_it_is_asked_for(qtbot: QtBot, window: Window) -> None:
    counted(qtbot, window)
    assert worklist_of(window).widget() is None
    window.actions_["show_worklist"].trigger()
    assert worklist_of(window).isVisible()
    assert worklist_of(window).widget() is not None


def test_a_second_recording_brings_it(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    add_another(qtbot, window.session, tmp_path)
    qtbot.waitUntil(worklist_of(window).isVisible)


def test_one_that_was_closed_is_not_made(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    window._memory.change(worklist_closed=True)
    add_another(qtbot, window.session, tmp_path)
    counted(qtbot, window)
    assert worklist_of(window).widget() is None
    window.actions_["show_worklist"].trigger()
    assert worklist_of(window).isVisible()


def test_it_waits_until_nothing_opens_or_plays(
    qtbot: QtBot, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    panels, busy = window._panels, [True]
    monkeypatch.setattr(Opening, "is_busy", property(lambda _opening: busy[0]))
    add_another(qtbot, window.session, tmp_path)
    for _look in range(3):
        with qtbot.waitSignal(panels._calm.timeout):
            pass
    assert not panels._counting.running
    panels._on_counted(True)  # counted before, and meanwhile it plays
    assert worklist_of(window).widget() is None
    busy.clear()
    busy.append(False)
    qtbot.waitUntil(worklist_of(window).isVisible)


def test_opening_and_playing_are_what_is_waited_for(
    qtbot: QtBot, window: Window, recording_path: Path
) -> None:
    session = window.session

    def is_busy() -> bool:
        return session.opening.is_busy

    assert not is_busy()
    session.playback.play()
    assert is_busy()
    session.playback.pause()
    session.opening.open(recording_path)
    assert is_busy()
    qtbot.waitUntil(lambda: not is_busy())
    at_rest(qtbot, session)
