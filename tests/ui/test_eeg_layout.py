"""The panels while the EEG is shown: all rows of the timeline on a large screen, each layout remembered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget
from pytestqt.qtbot import QtBot

from app.core.semiology import FEATURES
from app.core.settings import load_settings
from app.core.timeline.time_axis import RULER_HEIGHT
from app.ui.session.session import Session
from app.ui.views.timeline import TimelineView
from app.ui.window import Window
from tests.ui.found_widgets import row_top
from tests.ui.session_cases import QuickReader, opened, quick, recording_path

__all__ = ["quick", "recording_path"]

EEG, CHECKLIST = 380, 640
"""Pixels that the panels do not have by themselves."""


@pytest.fixture
def session(qtbot: QtBot, quick: type[QuickReader], recording_path: Path) -> Iterator[Session]:
    with opened(qtbot, recording_path) as session:
        yield session


def shown(qtbot: QtBot, session: Session, width: int, height: int) -> Window:
    window = Window(session)
    qtbot.addWidget(window)
    window.resize(width, height)
    window.show()
    qtbot.waitUntil(lambda: timeline(window).height() > RULER_HEIGHT)
    return window


def timeline(window: Window) -> TimelineView:
    view = window._docks["timeline"].widget()
    assert isinstance(view, TimelineView)
    return view


def rows_seen(window: Window) -> int:
    """How many rows of the timeline are seen whole without scrolling."""
    view = timeline(window)
    tops = [row_top(view, feature.id) for feature in FEATURES]
    heights = [view.my_lane(feature.id)[1] for feature in FEATURES]
    return sum(
        top >= RULER_HEIGHT and top + high <= view.height() for top, high in zip(tops, heights, strict=True)
    )


def area(window: Window, dock: QDockWidget) -> Qt.DockWidgetArea:
    return window.dockWidgetArea(dock)


def toggle(window: Window) -> None:
    window.actions_["show_eeg"].trigger()


def low_window_with_eeg(qtbot: QtBot, session: Session) -> Window:
    """As on a screen of 1920×1080 at 200 %."""
    window = shown(qtbot, session, 944, 486)
    toggle(window)
    qtbot.waitUntil(window._docks["eeg"].isVisible)
    return window


def test_on_a_large_screen_all_rows_are_seen_with_the_eeg_and_without(qtbot: QtBot, session: Session) -> None:
    window = shown(qtbot, session, 1904, 1036)
    qtbot.waitUntil(lambda: rows_seen(window) == 20)
    toggle(window)
    eeg = window._docks["eeg"]
    qtbot.waitUntil(lambda: rows_seen(window) == 20)
    qtbot.waitUntil(lambda: eeg.height() >= 0.36 * 1036)
    centre, beside = window.centralWidget(), window._docks["timeline"].geometry()
    assert centre is not None
    assert beside.right() < centre.geometry().left()
    assert beside.bottom() <= eeg.geometry().top()
    toggle(window)
    qtbot.waitUntil(lambda: not eeg.isVisible())
    assert area(window, window._docks["timeline"]) is Qt.DockWidgetArea.BottomDockWidgetArea
    qtbot.waitUntil(lambda: rows_seen(window) == 20)


def test_on_a_small_screen_the_timeline_stays_below(qtbot: QtBot, session: Session) -> None:
    window = shown(qtbot, session, 1264, 756)
    toggle(window)
    assert area(window, window._docks["timeline"]) is Qt.DockWidgetArea.BottomDockWidgetArea


def test_in_a_low_window_eeg_timeline_and_waveform_are_tabs_and_overlap_nothing(
    qtbot: QtBot, session: Session
) -> None:
    window = low_window_with_eeg(qtbot, session)
    docks = window._docks
    assert set(window.tabifiedDockWidgets(docks["eeg"])) == {docks["timeline"], docks["waveform"]}
    centre = window.centralWidget()
    assert centre is not None
    qtbot.waitUntil(lambda: not docks["eeg"].geometry().intersects(docks["checklist"].geometry()))
    assert not docks["eeg"].geometry().intersects(centre.geometry())
    assert window.rect().contains(docks["eeg"].geometry())
    toggle(window)
    assert not window.tabifiedDockWidgets(docks["timeline"])


def test_the_tabs_go_when_the_window_becomes_high_enough_and_are_not_remembered(
    qtbot: QtBot, session: Session
) -> None:
    window = shown(qtbot, session, 944, 486)
    eeg = window._docks["eeg"]
    toggle(window)
    qtbot.waitUntil(lambda: len(window.tabifiedDockWidgets(eeg)) == 2)
    assert not window._remembered().eeg_window_state
    window.resize(1904, 1036)
    qtbot.waitUntil(lambda: not window.tabifiedDockWidgets(eeg))
    window.resizeDocks([eeg], [EEG], Qt.Orientation.Vertical)
    qtbot.waitUntil(lambda: abs(eeg.height() - EEG) < 8)
    toggle(window)
    toggle(window)
    window.resize(944, 486)
    qtbot.waitUntil(lambda: len(window.tabifiedDockWidgets(eeg)) == 2)
    window.resize(1904, 1036)
    qtbot.waitUntil(lambda: not window.tabifiedDockWidgets(eeg))
    qtbot.waitUntil(lambda: abs(eeg.height() - EEG) < 8)


def test_a_window_that_is_made_large_shows_all_rows_and_a_small_one_again_has_the_timeline_below(
    qtbot: QtBot, session: Session
) -> None:
    window = shown(qtbot, session, 1264, 756)
    timeline_dock = window._docks["timeline"]
    toggle(window)
    window.resize(1904, 1036)
    qtbot.waitUntil(lambda: area(window, timeline_dock) is Qt.DockWidgetArea.LeftDockWidgetArea)
    qtbot.waitUntil(lambda: rows_seen(window) == 20)
    window.resize(1264, 756)
    qtbot.waitUntil(lambda: area(window, timeline_dock) is Qt.DockWidgetArea.BottomDockWidgetArea)
    qtbot.waitUntil(lambda: rows_seen(window) >= 1)


def test_a_window_that_was_low_for_a_moment_keeps_the_layout_without_the_eeg(
    qtbot: QtBot, session: Session
) -> None:
    window = shown(qtbot, session, 1264, 900)
    docks = window._docks
    qtbot.waitUntil(lambda: docks["timeline"].height() > 150)
    toggle(window)
    for low, high in ((486, 900), (500, 900)):
        window.resize(1264, low)
        qtbot.waitUntil(lambda: len(window.tabifiedDockWidgets(docks["eeg"])) == 2)
        window.resize(1264, high)
        qtbot.waitUntil(lambda: not window.tabifiedDockWidgets(docks["eeg"]))
    toggle(window)
    qtbot.waitUntil(lambda: docks["timeline"].height() > 150)


def test_a_closed_eeg_stays_closed_while_the_window_changes(qtbot: QtBot, session: Session) -> None:
    window = shown(qtbot, session, 1264, 900)
    eeg = window._docks["eeg"]
    toggle(window)
    qtbot.waitUntil(eeg.isVisible)
    eeg.close()
    window.resize(1264, 500)
    qtbot.wait(50)
    assert eeg.isHidden()
    assert not window.tabifiedDockWidgets(eeg)


def test_panels_that_are_shown_while_there_are_tabs_become_tabs(qtbot: QtBot, session: Session) -> None:
    window = shown(qtbot, session, 944, 486)
    docks = window._docks
    for name in ("timeline", "waveform"):
        docks[name].hide()
    toggle(window)
    qtbot.waitUntil(docks["eeg"].isVisible)
    assert docks["timeline"].isHidden()
    docks["timeline"].show()
    assert docks["timeline"] in window.tabifiedDockWidgets(docks["eeg"])


def test_the_key_of_the_eeg_brings_a_tab_to_the_front_before_it_hides_it(
    qtbot: QtBot, session: Session
) -> None:
    window = low_window_with_eeg(qtbot, session)
    docks = window._docks
    docks["timeline"].raise_()
    qtbot.waitUntil(lambda: docks["eeg"].visibleRegion().isEmpty())
    toggle(window)
    qtbot.waitUntil(lambda: not docks["eeg"].visibleRegion().isEmpty())
    toggle(window)
    assert docks["eeg"].isHidden()


def test_each_layout_is_as_the_person_left_it_also_in_the_next_run(qtbot: QtBot, session: Session) -> None:
    window = shown(qtbot, session, 1904, 1036)
    docks = window._docks
    toggle(window)
    qtbot.waitUntil(docks["eeg"].isVisible)
    window.resizeDocks([docks["eeg"]], [EEG], Qt.Orientation.Vertical)
    qtbot.waitUntil(lambda: abs(docks["eeg"].height() - EEG) < 8)
    toggle(window)
    window.resizeDocks([docks["checklist"]], [CHECKLIST], Qt.Orientation.Horizontal)
    qtbot.waitUntil(lambda: abs(docks["checklist"].width() - CHECKLIST) < 8)
    toggle(window)
    qtbot.waitUntil(lambda: abs(docks["eeg"].height() - EEG) < 8)
    qtbot.waitUntil(lambda: docks["checklist"].width() < CHECKLIST - 50)
    toggle(window)
    qtbot.waitUntil(lambda: abs(docks["checklist"].width() - CHECKLIST) < 8)
    window._memory.replace(window._remembered())
    window._memory.close()
    kept = load_settings()
    assert kept.window_state
    assert kept.eeg_window_state
    assert kept.window_state != kept.eeg_window_state
    again = shown(qtbot, session, 1904, 1036)
    assert not again._docks["eeg"].isVisible()
    assert area(again, again._docks["timeline"]) is Qt.DockWidgetArea.BottomDockWidgetArea
    toggle(again)
    qtbot.waitUntil(lambda: abs(again._docks["eeg"].height() - EEG) < 8)


def test_a_layout_of_a_large_screen_is_kept_but_not_forced_on_a_small_one(
    qtbot: QtBot, session: Session
) -> None:
    large = shown(qtbot, session, 1904, 1036)
    toggle(large)
    qtbot.waitUntil(lambda: rows_seen(large) == 20)
    large._memory.replace(large._remembered())
    large._memory.change(window_geometry="")
    large._memory.close()
    kept = load_settings().eeg_window_state
    small = shown(qtbot, session, 1264, 756)
    toggle(small)
    assert area(small, small._docks["timeline"]) is Qt.DockWidgetArea.BottomDockWidgetArea
    assert small._remembered().eeg_window_state == kept
    toggle(small)
    assert small._remembered().eeg_window_state == kept


def test_which_panels_are_shown_does_not_change_with_the_layout(qtbot: QtBot, session: Session) -> None:
    window = shown(qtbot, session, 1904, 1036)
    toggle(window)
    window._docks["waveform"].hide()
    window._panels.docks["history"].show()
    toggle(window)
    assert window._docks["waveform"].isHidden(), "it was closed with the EEG, and stays closed"
    assert not window._panels.docks["history"].isHidden()
    toggle(window)
    assert window._docks["waveform"].isHidden()


def test_an_eeg_that_comes_in_full_screen_leaves_the_other_panels_as_they_were(
    qtbot: QtBot, session: Session
) -> None:
    window = shown(qtbot, session, 1500, 900)

    def hidden() -> set[str]:
        return {name for name, dock in window._docks.items() if dock.isHidden()}

    before = hidden()
    assert before == {"eeg"}
    window.toggle_full_screen()
    toggle(window)
    toggle(window)
    toggle(window)
    window.toggle_full_screen()
    assert hidden() == before
    window.close_unasked()
    again = shown(qtbot, session, 1500, 900)
    assert {name for name, dock in again._docks.items() if dock.isHidden()} == before


def test_the_panel_follows_the_eeg_once_full_screen_is_left(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = shown(qtbot, session, 1500, 900)
    window._docks["eeg"].make_panel()  # which could not be made of what stands for a file here
    window.toggle_full_screen()
    with monkeypatch.context() as with_eeg:
        with_eeg.setattr(type(session.eeg), "file", property(lambda _one: object()))
        window._eeg.follow_file()
        assert window._docks["eeg"].isHidden()
        window.toggle_full_screen()
        assert not window._docks["eeg"].isHidden()
        assert not window._docks["checklist"].isHidden()
    window._eeg.follow_file()
    assert window._docks["eeg"].isHidden()
