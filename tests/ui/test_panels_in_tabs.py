"""A panel that shares its place with another stays in tabs with it, whichever layout is restored."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

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


def test_a_comparison_has_rows_and_gives_their_room_back(qtbot: QtBot, session: Session) -> None:
    window = shown(qtbot, session)
    timeline, dock = window._docks["timeline"], window._panels.docks["comparison"]
    before = timeline.height()
    trigger(window, "comparison")
    view = dock.widget()
    assert isinstance(view, ComparisonView)
    qtbot.waitUntil(lambda: view.figures.height() >= 4 * 22)
    qtbot.waitUntil(lambda: dock in window._panels._room._given)
    trigger(window, "comparison")
    qtbot.waitUntil(lambda: abs(timeline.height() - before) <= 8)
