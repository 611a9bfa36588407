"""The window: what it composes, remembers and says, and how it ends."""

from __future__ import annotations

import logging
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDropEvent
from PySide6.QtWidgets import QDockWidget, QLabel, QProgressBar, QToolButton
from pytestqt.qtbot import QtBot

from app.core.folders import log_folder, resource
from app.core.jobs import Progress
from app.core.semiology import Presence
from app.core.settings import load_settings
from app.core.timeline.clock_text import TimeForm
from app.core.times import remaining_words
from app.ui.crash import CRASHED, UNEXPECTED, FaultFile, UnexpectedErrors
from app.ui.dialogs.about import AboutDialog
from app.ui.dialogs.align_camera import AlignDialog
from app.ui.dialogs.keys import KeysDialog
from app.ui.session.chosen_model import LOCAL
from app.ui.session.picture import Overlay
from app.ui.theme import Mode
from app.ui.views.banner import Banner
from app.ui.views.checklist import ChecklistView
from app.ui.views.status_bar import DISCLAIMER, StatusBar
from app.ui.views.transport import TransportView
from app.ui.window import Window
from tests.media import write_recording
from tests.ui.found_widgets import centre, now
from tests.ui.session_cases import QuickReader, at_rest, opened, quick, recording_path

__all__ = ["quick", "recording_path"]


@pytest.fixture
def window(qtbot: QtBot, quick: type[QuickReader]) -> Any:
    with opened(qtbot) as session:
        window = Window(session)
        qtbot.addWidget(window)
        window.resize(1280, 800)
        window.show()
        yield window


def test_everything_is_there_without_a_recording(window: Window) -> None:
    docks = {dock.objectName() for dock in window.findChildren(QDockWidget) if dock.isVisible()}
    assert docks == {"checklist", "explanation", "timeline", "waveform"}
    words = " ".join(_visible_words(window))
    assert LOCAL in words
    assert DISCLAIMER in words
    assert "drop a file here" in words
    assert centre(window).width() > 640


def test_opening_names_the_window_and_remembers_the_recording(
    qtbot: QtBot, window: Window, recording_path: Path
) -> None:
    window.session.opening.open(recording_path)
    qtbot.waitUntil(lambda: window.session.opened.recording is not None)
    at_rest(qtbot, window.session)
    assert window.windowTitle().startswith("seizure.mp4")
    qtbot.waitUntil(lambda: load_settings().recent[:1] == (str(recording_path),))
    window._files._fill_recent()
    assert [action.text() for action in window._files._recent_menu.actions()] == ["seizure.mp4"]
    assert "0 of 20 answered" in " ".join(_visible_words(window))
    window.session.answers.answer("clonic", Presence.YES)
    assert "1 of 20 answered" in " ".join(_visible_words(window))


def test_a_dropped_file_is_opened(qtbot: QtBot, window: Window, recording_path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl("https://example.org/a.mp4"), QUrl.fromLocalFile(str(recording_path))])
    event = QDropEvent(
        QPointF(5, 5),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    window.dropEvent(event)
    qtbot.waitUntil(lambda: window.session.opened.recording is not None)
    at_rest(qtbot, window.session)


def test_a_file_dropped_with_shift_is_shown_beside(
    qtbot: QtBot, window: Window, recording_path: Path, tmp_path: Path
) -> None:
    other = write_recording(tmp_path / "ceiling.mp4", frames=20, first=500)
    window.session.opening.open(recording_path)
    qtbot.waitUntil(lambda: window.session.opened.recording is not None)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(other))])
    event = QDropEvent(
        QPointF(5, 5),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.ShiftModifier,
    )
    window.dropEvent(event)
    (camera,) = window.session.cameras.shown
    qtbot.waitUntil(lambda: camera.recording is not None)
    at_rest(qtbot, window.session)
    assert window.session.opened.recording is not None
    assert window.session.opened.recording.path == recording_path
    line = window.session.status.line
    assert "ceiling.mp4 is shown in sync" in line or "saved" in line
    window.actions_["align_camera"].trigger()
    dialog = window.findChild(AlignDialog)
    assert isinstance(dialog, AlignDialog)
    dialog.seconds.setValue(0.4)
    assert camera.offset == pytest.approx(0.4)
    assert not dialog.by_clock.isEnabled()
    window.actions_["turn_camera"].trigger()
    assert window.session.cameras.look_of(camera).orientation.quarters == 1
    window.actions_["close_camera"].trigger()
    assert now(window.session.cameras.shown) == ()
    assert not dialog.isVisible()
    window.session.undoing.undo()
    (again,) = window.session.cameras.shown
    qtbot.waitUntil(lambda: again.recording is not None)
    assert window.session.cameras.look_of(again).orientation.quarters == 1


def test_a_message_is_a_plain_banner_that_can_be_closed(window: Window) -> None:
    banner = window.findChild(Banner)
    assert isinstance(banner, Banner)
    assert not banner.isVisible()
    window.session.status.show_message("“<b>x</b>.mp4” cannot be read.")
    assert banner.isVisible()
    assert banner.words.text() == "“<b>x</b>.mp4” cannot be read."
    assert banner.words.textFormat() is Qt.TextFormat.PlainText
    (close,) = (one for one in banner.findChildren(QToolButton) if one.text() == "Close")
    close.click()
    assert not banner.isVisible()


def test_a_long_name_in_a_message_does_not_widen_the_window(window: Window) -> None:
    window.session.status.show_message(f"“{'w' * 200}.mp4” is empty (0 bytes).")
    banner = window.findChild(Banner)
    assert isinstance(banner, Banner)
    assert banner.minimumSizeHint().width() < 600
    assert banner.words.text().replace("\u200b", "") == window.session.status.message


def test_work_shows_what_how_far_how_long_and_cancel(window: Window) -> None:
    bar = window.statusBar()
    assert isinstance(bar, StatusBar)
    window.session.analysis.show_work(Progress("Finding pose and face", 0.42, 33.0))
    words = " ".join(_visible_words(window))
    assert "Finding pose and face" in words
    assert "about 30 s left" in words
    progress = bar.findChild(QProgressBar)
    assert isinstance(progress, QProgressBar)
    assert progress.isVisible()
    assert progress.value() == 420
    window.session.analysis.runner.ended.emit()
    assert not progress.isVisible()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, ""), (3, "a few seconds left"), (33, "about 30 s left"), (185, "about 3 min left")],
)
def test_remaining_time_in_words(seconds: float | None, words: str) -> None:
    assert remaining_words(seconds) == words


def test_theme_overlay_and_layout_are_remembered(
    qtbot: QtBot, window: Window, quick: type[QuickReader]
) -> None:
    window.session.appearance.set_mode(Mode.LIGHT)
    window.session.picture.set_overlay(Overlay(skeleton=False, face=True, trails=True))
    next(dock for dock in window.findChildren(QDockWidget) if dock.objectName() == "waveform").hide()
    _time_forms(window)[TimeForm.SECONDS].trigger()
    window.close()
    with opened(qtbot) as session:
        again = Window(session)
        qtbot.addWidget(again)
        again.show()
        assert not session.appearance.theme.dark
        assert session.picture.overlay == Overlay(skeleton=False, face=True, trails=True)
        assert _time_forms(again)[TimeForm.SECONDS].isChecked()
        hidden = {dock.objectName() for dock in again.findChildren(QDockWidget) if dock.isHidden()}
        late = {"worklist", "history", "comparison", "consensus", "rating", "eeg_annotations"}
        assert hidden == {"waveform", "eeg", "traces", "movement", "filmstrip", *late}
        assert [action.text() for action in again._files._recent_menu.actions()] == []


def _time_forms(window: Window) -> dict[TimeForm, QAction]:
    transport = window.findChild(TransportView)
    assert isinstance(transport, TransportView)
    return transport._forms


def test_both_themes_paint_the_panels(window: Window) -> None:
    window._docks["checklist"].make_panel()
    view = window.findChild(ChecklistView)
    assert isinstance(view, ChecklistView)
    for mode in (Mode.LIGHT, Mode.DARK):
        window.session.appearance.set_mode(mode)
        shown = view.viewport().grab().toImage().pixelColor(view.viewport().width() - 3, 3).name()
        assert shown == window.session.appearance.theme.panel


def test_full_screen_is_the_picture_alone_and_comes_back(window: Window) -> None:
    window.toggle_full_screen()
    assert window.isFullScreen()
    assert not [dock for dock in window.findChildren(QDockWidget) if dock.isVisible()]
    assert not window.menuBar().isVisible()
    window.toggle_full_screen()
    assert not window.isFullScreen()
    assert len([dock for dock in window.findChildren(QDockWidget) if dock.isVisible()]) == 4


def test_dialogs_do_not_block(qtbot: QtBot, window: Window) -> None:
    window.actions_["keys"].trigger()
    window.actions_["about"].trigger()
    for kind in (KeysDialog, AboutDialog):
        dialog = window.findChild(kind)
        assert dialog is not None
        assert dialog.isVisible()
        assert not dialog.isModal()
        dialog.close()
    assert "not a medical device" in AboutDialog().findChild(QLabel).text()  # type: ignore[union-attr]


def test_no_key_of_the_window_means_two_things(window: Window) -> None:
    keys = [key for row in window.actions_.commands for key in row.keys]
    assert len(keys) == len(set(keys))


def test_the_icon_is_there() -> None:
    assert resource("semioscope.svg").exists()


def test_what_nobody_caught_is_logged_and_told_once(
    qtbot: QtBot, expected_errors: pytest.LogCaptureFixture
) -> None:
    errors = UnexpectedErrors()
    told: list[str] = []
    errors.happened.connect(told.append)
    errors.install()
    try:
        for number in range(2):
            try:
                raise RuntimeError(f"bug {number}")
            except RuntimeError as error:
                sys.excepthook(type(error), error, error.__traceback__)
        thread = threading.Thread(target=_fail)
        thread.start()
        thread.join()
    finally:
        errors.uninstall()
    assert told == [UNEXPECTED]
    logged = [record for record in expected_errors.records if record.levelno >= logging.CRITICAL]
    assert len(logged) == 3


def _fail() -> None:
    raise RuntimeError("bug in a thread")


def test_a_crash_is_told_at_the_next_start_once() -> None:
    folder = log_folder()
    (folder / "fault-1.log").write_text("Fatal Python error: Segmentation fault\n", encoding="utf-8")
    (folder / "fault-2.log").write_text("", encoding="utf-8")
    first = FaultFile(folder)
    assert first.previous is not None
    assert (folder / first.previous).exists()
    assert first.previous in CRASHED.format(name=first.previous)
    first.close()
    second = FaultFile(folder)
    assert second.previous is None
    second.close()
    assert (folder / "fault-2.log").exists(), "another window may be writing it"


def test_changes_of_the_window_are_few(window: Window) -> None:
    """One change of the cursor must not lay anything out again."""
    moves: list[float] = []
    window.session.playback.moved.connect(moves.append)
    window.session.playback._move(0.0)
    assert moves == []


def _visible_words(window: Window) -> list[str]:
    return [label.text() for label in window.findChildren(QLabel) if label.isVisible()]
