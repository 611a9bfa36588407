"""A recording without sound: its empty panel is a line, and what the person arranged stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget
from pytestqt.qtbot import QtBot

from app.ui.commands.eeg_layout import LAYOUT
from app.ui.views.silent_lane import LINE
from app.ui.window import Window
from tests.media import write_recording
from tests.ui.found_widgets import centre, child
from tests.ui.session_cases import QuickReader, at_rest, opened, quick, recording_path

__all__ = ["quick", "recording_path"]


@pytest.fixture
def window(qtbot: QtBot, quick: type[QuickReader], recording_path: Path) -> Iterator[Window]:
    with opened(qtbot, recording_path) as session:
        window = Window(session)
        qtbot.addWidget(window)
        window.resize(780, 780)
        window.show()
        qtbot.waitExposed(window)
        yield window


@pytest.fixture
def silent(tmp_path: Path) -> Path:
    return write_recording(tmp_path / "silent.mp4", frames=50)


def lane(window: Window) -> QDockWidget:
    return child(window, QDockWidget, "waveform")


def timeline(window: Window) -> QDockWidget:
    return child(window, QDockWidget, "timeline")


def show(qtbot: QtBot, window: Window, path: Path) -> None:
    window.session.opening.open(path)
    qtbot.waitUntil(lambda: (one := window.session.opened.recording) is not None and one.path == path)
    at_rest(qtbot, window.session)
    qtbot.wait(20)


def heights(window: Window) -> tuple[int, int]:
    """Those of the timeline and of the picture with its controls."""
    return timeline(window).height(), centre(window).height()


def give_height(qtbot: QtBot, window: Window) -> int:
    """Make the panel larger, as a person does; its height then."""
    window.resizeDocks([lane(window), timeline(window)], [110, 130], Qt.Orientation.Vertical)
    qtbot.wait(50)
    assert lane(window).height() > 3 * LINE
    return lane(window).height()


def test_the_room_of_an_empty_panel_goes_to_the_others_and_comes_back(
    qtbot: QtBot, window: Window, silent: Path, recording_path: Path
) -> None:
    given = give_height(qtbot, window)
    before = heights(window)
    show(qtbot, window, silent)
    assert lane(window).height() <= LINE + 2
    assert sum(heights(window)) >= sum(before) + given - LINE - 2
    show(qtbot, window, recording_path)
    assert lane(window).height() == given
    assert heights(window) == before


def test_the_height_that_the_person_gave_is_what_is_remembered(
    qtbot: QtBot, window: Window, silent: Path, recording_path: Path
) -> None:
    given = give_height(qtbot, window)
    show(qtbot, window, silent)
    remembered = window.saveState(LAYOUT)
    qtbot.wait(20)
    assert lane(window).height() <= LINE + 2, "as before"
    show(qtbot, window, recording_path)
    window.resizeDocks([lane(window)], [60], Qt.Orientation.Vertical)
    qtbot.wait(20)
    assert window.restoreState(remembered, LAYOUT)
    qtbot.wait(20)
    assert lane(window).height() == given


def test_a_panel_that_is_hidden_stays_so_and_is_a_line_once_it_is_shown(
    qtbot: QtBot, window: Window, silent: Path
) -> None:
    lane(window).hide()
    show(qtbot, window, silent)
    assert lane(window).isHidden()
    lane(window).show()
    qtbot.waitUntil(lambda: lane(window).height() <= LINE + 2)


def test_a_panel_that_the_person_draws_larger_stays_so(
    qtbot: QtBot, window: Window, silent: Path, recording_path: Path
) -> None:
    show(qtbot, window, silent)
    given = give_height(qtbot, window)
    show(qtbot, window, recording_path)
    assert lane(window).height() == given


def to_full_screen_and_back(qtbot: QtBot, window: Window) -> None:
    for _there_and_back in range(2):
        window.toggle_full_screen()
        qtbot.wait(50)


def toggle_eeg(qtbot: QtBot, window: Window) -> None:
    window.actions_["show_eeg"].trigger()
    qtbot.wait(50)


@pytest.mark.parametrize("change", [to_full_screen_and_back, toggle_eeg])
def test_a_layout_that_comes_and_goes_leaves_a_line(
    qtbot: QtBot,
    window: Window,
    silent: Path,
    recording_path: Path,
    change: Callable[[QtBot, Window], None],
) -> None:
    window.resize(1400, 900)
    qtbot.wait(50)
    given = give_height(qtbot, window)
    show(qtbot, window, silent)
    for _time in range(4):
        change(qtbot, window)
        assert lane(window).height() <= LINE + 2
    show(qtbot, window, recording_path)
    assert lane(window).height() == given


def test_a_recording_of_the_other_kind_that_is_opened_in_full_screen(
    qtbot: QtBot, window: Window, silent: Path, recording_path: Path
) -> None:
    given = give_height(qtbot, window)
    window.toggle_full_screen()
    show(qtbot, window, silent)
    window.toggle_full_screen()
    qtbot.wait(50)
    assert lane(window).height() <= LINE + 2
    window.toggle_full_screen()
    show(qtbot, window, recording_path)
    window.toggle_full_screen()
    qtbot.wait(50)
    assert lane(window).height() == given


def test_what_the_person_drew_larger_outlives_saving_full_screen_and_the_eeg(
    qtbot: QtBot, window: Window, silent: Path
) -> None:
    window.resize(1400, 900)
    qtbot.wait(50)
    show(qtbot, window, silent)
    given = give_height(qtbot, window)
    window.saveState(LAYOUT)
    qtbot.wait(20)
    assert lane(window).height() == given
    to_full_screen_and_back(qtbot, window)
    assert lane(window).height() == given
    for _shown_and_hidden in range(2):
        toggle_eeg(qtbot, window)
    assert lane(window).height() == given
    lane(window).hide()
    lane(window).show()
    qtbot.wait(50)
    assert lane(window).height() == given


@pytest.mark.parametrize("remembered", [False, True], ids=["hidden", "hidden and remembered"])
def test_a_line_that_is_hidden_keeps_the_height_until_it_is_shown(
    qtbot: QtBot, window: Window, silent: Path, recording_path: Path, remembered: bool
) -> None:
    given = give_height(qtbot, window)
    show(qtbot, window, silent)
    lane(window).hide()
    qtbot.wait(20)
    state = window.saveState(LAYOUT)
    show(qtbot, window, recording_path)
    if remembered:
        assert window.restoreState(state, LAYOUT)
    lane(window).show()
    qtbot.wait(50)
    assert lane(window).height() == given


def test_what_other_panels_had_taken_of_it_is_not_its_height(
    qtbot: QtBot, window: Window, silent: Path, recording_path: Path
) -> None:
    """A comparison came into the timeline's tab and squeezed it, before the silent recording was opened."""
    given = give_height(qtbot, window)
    window.actions_["show_comparison"].trigger()
    qtbot.waitUntil(lambda: lane(window).height() < given)
    qtbot.wait(50)
    show(qtbot, window, silent)
    assert lane(window).height() <= LINE + 2
    window.actions_["show_comparison"].trigger()
    qtbot.wait(50)
    show(qtbot, window, recording_path)
    assert lane(window).height() == given


def test_the_next_start_gives_the_height_back(
    qtbot: QtBot, window: Window, silent: Path, recording_path: Path
) -> None:
    given = give_height(qtbot, window)
    show(qtbot, window, silent)
    window.close()
    with opened(qtbot, silent) as session:
        again = Window(session)
        qtbot.addWidget(again)
        again.show()
        qtbot.waitExposed(again)
        qtbot.waitUntil(lambda: lane(again).height() <= LINE + 2)
        show(qtbot, again, recording_path)
        assert lane(again).height() == given
