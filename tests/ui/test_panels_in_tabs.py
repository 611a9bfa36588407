"""A panel that shares its place with another stays in tabs with it, whichever layout is restored."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.ui.commands.panel_focus import is_seen
from app.ui.session.session import Session
from app.ui.views.comparison import ComparisonView
from app.ui.window import Window
from tests.ui.session_cases import QuickReader, opened, quick, recording_path

__all__ = ["quick", "recording_path"]


@pytest.fixture
def session(qtbot: QtBot, quick: type[QuickReader], recording_path: Path) -> Iterator[Session]:
    with opened(qtbot, recording_path) as session:
        yield session


def shown(qtbot: QtBot, session: Session) -> Window:
    window = Window(session)
    qtbot.addWidget(window)
    window.resize(1280, 800)
    with qtbot.waitExposed(window):
        window.show()
    return window


def trigger(window: Window, name: str) -> None:
    window.actions_[f"show_{name}"].trigger()


def in_tabs(window: Window, name: str, neighbour: str) -> bool:
    return window._panels.docks[name] in window.tabifiedDockWidgets(window._docks[neighbour])


@pytest.mark.parametrize(("name", "neighbour"), [("comparison", "timeline"), ("consensus", "checklist")])
def test_the_layout_with_the_eeg_that_was_remembered_before(
    qtbot: QtBot, session: Session, name: str, neighbour: str
) -> None:
    window = shown(qtbot, session)
    trigger(window, "eeg")
    trigger(window, "eeg")
    trigger(window, name)
    assert in_tabs(window, name, neighbour)
    window.close()
    again = shown(qtbot, session)
    assert in_tabs(again, name, neighbour)
    trigger(again, "eeg")
    assert in_tabs(again, name, neighbour)


def test_the_layout_without_the_eeg_too(qtbot: QtBot, session: Session) -> None:
    window = shown(qtbot, session)
    trigger(window, "eeg")
    trigger(window, "comparison")
    trigger(window, "eeg")
    assert in_tabs(window, "comparison", "timeline")


def test_what_stood_beside_when_the_window_closed_is_put_back(qtbot: QtBot, session: Session) -> None:
    window = shown(qtbot, session)
    window._panels.docks["comparison"].show()
    assert not in_tabs(window, "comparison", "timeline")
    window.close()
    assert in_tabs(shown(qtbot, session), "comparison", "timeline")


def test_a_panel_that_is_hidden_stays_hidden(qtbot: QtBot, session: Session) -> None:
    window = shown(qtbot, session)
    trigger(window, "comparison")
    window._panels.docks["comparison"].hide()
    trigger(window, "eeg")
    assert window._panels.docks["comparison"].isHidden()
    assert not window._docks["timeline"].isHidden()


def heights(qtbot: QtBot, window: Window) -> dict[str, int]:
    """Those of the panels at the bottom once they are laid out, that of the tab as the timeline's."""
    qtbot.wait(50)
    return window._panels.room._heights()


def beside(qtbot: QtBot, window: Window, name: str) -> None:
    """Show a panel in the tab of the timeline, or hide it."""
    dock = window._panels.docks[name]
    comes = dock.isHidden()
    trigger(window, name)
    qtbot.waitUntil(lambda: is_seen(dock) is comes)
    qtbot.wait(50)


def drawn(window: Window, name: str, high: int) -> None:
    """Make a panel so high, as a person does."""
    window.resizeDocks([window._docks[name]], [high], Qt.Orientation.Vertical)


def test_a_comparison_has_rows_and_gives_their_room_back(qtbot: QtBot, session: Session) -> None:
    window = shown(qtbot, session)
    drawn(window, "waveform", 118)
    before = heights(qtbot, window)
    beside(qtbot, window, "comparison")
    view = window._panels.docks["comparison"].widget()
    assert isinstance(view, ComparisonView)
    assert heights(qtbot, window) != before
    beside(qtbot, window, "comparison")
    assert heights(qtbot, window) == before


@pytest.mark.parametrize("last", ["history", "comparison"])
def test_the_last_panel_in_the_tab_gives_the_room_back(qtbot: QtBot, session: Session, last: str) -> None:
    window = shown(qtbot, session)
    before = heights(qtbot, window)
    first = {"history": "comparison", "comparison": "history"}[last]
    beside(qtbot, window, first)
    beside(qtbot, window, last)
    given = heights(qtbot, window)
    window._panels.docks[first].raise_()
    beside(qtbot, window, first)
    assert heights(qtbot, window) == given, "there are rows to show yet"
    beside(qtbot, window, last)
    assert heights(qtbot, window) == before


def test_what_was_divided_anew_meanwhile_stays(qtbot: QtBot, session: Session) -> None:
    window = shown(qtbot, session)
    window.resize(1280, 960)  # where the picture has its share in any case
    before = heights(qtbot, window)
    beside(qtbot, window, "comparison")
    given = heights(qtbot, window)
    window.resizeDocks(
        [window._docks["waveform"], window._panels.docks["comparison"]],
        [given["waveform"] + 20, given["timeline"] - 20],
        Qt.Orientation.Vertical,
    )
    wanted = heights(qtbot, window)
    assert wanted != given
    beside(qtbot, window, "comparison")
    after = heights(qtbot, window)
    assert after["waveform"] == wanted["waveform"] != before["waveform"]
    assert after["timeline"] >= wanted["timeline"] > before["timeline"]


def test_the_room_is_given_back_after_another_start(qtbot: QtBot, session: Session) -> None:
    window = shown(qtbot, session)
    drawn(window, "waveform", 118)
    before = heights(qtbot, window)
    beside(qtbot, window, "comparison")
    window.close()
    again = shown(qtbot, session)
    assert heights(qtbot, again) != before
    beside(qtbot, again, "comparison")
    assert heights(qtbot, again) == before


def test_the_room_is_given_back_without_the_eeg_by_what_was_hidden_beside_it(
    qtbot: QtBot, session: Session
) -> None:
    window = shown(qtbot, session)
    before = heights(qtbot, window)
    beside(qtbot, window, "comparison")
    trigger(window, "eeg")
    window._panels.docks["comparison"].raise_()
    beside(qtbot, window, "comparison")
    trigger(window, "eeg")
    assert heights(qtbot, window) == before
