"""The panels that the start page covers are made after its first picture, and then are as ever."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from app.ui.views import late_dock
from app.ui.views.focus_chain import focus_chain
from app.ui.views.start_page import StartPage
from app.ui.window import Window
from tests.core.program_source import ROOT
from tests.ui.found_widgets import child
from tests.ui.session_cases import QuickReader, at_rest, opened, quick, recording_path

__all__ = ["quick", "recording_path"]

COVERED = ("checklist", "explanation", "timeline", "waveform")


@pytest.fixture
def window(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Window]:
    """With the start page, whose panels nothing but the page or a recording brings."""
    monkeypatch.setattr(late_dock, "_COVERED_FOR", 1_000_000)
    with opened(qtbot) as session:
        yield shown(qtbot, Window(session))


def shown(qtbot: QtBot, window: Window) -> Window:
    qtbot.addWidget(window)
    window.resize(1440, 900)
    window.show()
    qtbot.waitExposed(window)
    return window


def made(window: Window) -> list[str]:
    return [name for name in COVERED if window._docks[name].widget() is not None]


def tab_order(window: Window) -> list[str]:
    """What takes the keyboard, in the order in which Tab reaches it from the first one on."""
    return [
        one.accessibleName() or (one.text() if isinstance(one, QToolButton) else "")
        for one in focus_chain(window)
        if one.focusPolicy() is not Qt.FocusPolicy.NoFocus
    ]


def places(window: Window) -> list[QRect]:
    return [window._docks[name].geometry() for name in COVERED]


def test_the_start_page_is_shown_before_the_panels_under_it_are_made(window: Window) -> None:
    assert child(window, StartPage).isVisible()
    assert made(window) == []
    assert all(window._docks[name].isVisible() for name in COVERED)


def test_panels_are_made_by_themselves_soon_after(qtbot: QtBot) -> None:
    with opened(qtbot) as session:
        window = shown(qtbot, Window(session))
        qtbot.waitUntil(lambda: made(window) == list(COVERED))
        assert child(window, StartPage).isVisible()


def test_no_panel_is_made_before_the_page_is_painted(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(late_dock, "_COVERED_FOR", 1)
    with opened(qtbot) as session:
        window = Window(session)
        qtbot.addWidget(window)
        qtbot.wait(30)
        assert made(window) == []
        window.show()
        qtbot.waitUntil(lambda: made(window) == list(COVERED))


def test_a_panel_beside_that_was_remembered_is_not_made_before_the_page_is_painted(
    qtbot: QtBot, window: Window
) -> None:
    child(window, StartPage).hide()
    window.actions_["show_history"].trigger()
    window.close()
    with opened(qtbot) as session:
        again = shown(qtbot, Window(session))
        history = again._panels.docks["history"]
        assert not history.isHidden()
        qtbot.wait(20)
        assert history.widget() is None
        child(again, StartPage).hide()
        assert history.widget() is not None


@pytest.mark.parametrize("pause", [1, 1_000_000], ids=["while they are being made", "before"])
def test_no_panel_is_made_once_the_window_closes(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, pause: int
) -> None:
    monkeypatch.setattr(late_dock, "_COVERED_FOR", pause)
    with opened(qtbot) as session:
        window = Window(session)
        window.show()
        qtbot.addWidget(window)
        qtbot.waitExposed(window)
        before = made(window)
        window.close()
        qtbot.wait(50)
        assert made(window) == before != list(COVERED)


def test_panels_are_made_while_a_recording_is_read(
    qtbot: QtBot, quick: type[QuickReader], window: Window, recording_path: Path
) -> None:
    window.session.opening.open(recording_path)
    assert made(window) == list(COVERED)
    qtbot.waitUntil(lambda: child(window, StartPage).isHidden())


def test_panels_are_made_when_the_page_goes(window: Window) -> None:
    child(window, StartPage).hide()
    assert made(window) == list(COVERED)


def test_late_panels_lie_where_early_ones_do(
    qtbot: QtBot, quick: type[QuickReader], window: Window, recording_path: Path
) -> None:
    window.session.opening.open(recording_path)
    qtbot.waitUntil(lambda: window.session.opened.recording is not None)
    at_rest(qtbot, window.session)
    with opened(qtbot, recording_path) as session:
        early = Window(session)
        assert made(early) == list(COVERED)
        shown(qtbot, early)
        qtbot.waitUntil(lambda: places(window) == places(early))
        early.close()


def test_a_late_timeline_has_room_for_its_rows_on_a_large_screen(qtbot: QtBot, window: Window) -> None:
    window.resize(1920, 1050)
    qtbot.wait(20)
    dock = window._docks["timeline"]
    dock.make_panel()
    panel = dock.widget()
    assert panel is not None
    assert panel.minimumHeight() == panel.sizeHint().height() > dock.minimumHeight()


def test_tab_reaches_late_panels_between_the_picture_and_the_status_bar(window: Window) -> None:
    child(window, StartPage).hide()
    order = tab_order(window)
    names = ("Picture", "Play", "Checklist of the 20 semiology features", "The selected feature")
    found = [order.index(name) for name in (*names, "Timeline", "Waveform", "Cancel")]
    assert found == sorted(found)


_WITHOUT_STUDY = """
import sys
from PySide6.QtWidgets import QApplication
application = QApplication([])
from app.ui.session.session import Session
print(Session().study.access(), *{"numpy", "sqlite3"} & sys.modules.keys())
"""


def test_where_no_study_is_open_nothing_is_loaded_that_opens_one() -> None:
    """The window asks half a second after it was made, and would stand still for the libraries."""
    command = [sys.executable, "-c", _WITHOUT_STUDY]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout.split() == ["None"]
