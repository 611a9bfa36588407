"""Closing the program while a de-identified clip waits to be looked at asks, as closing its sheet does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from app.core.deidentify.prepared_clips import PreparedClip
from app.core.errors import Cancelled
from app.core.semiology import Span
from app.ui.dialogs import deidentify
from app.ui.dialogs.deidentify import ClipsToCheck, DeidentifyDialog
from app.ui.window import Window
from tests.ui.session_cases import QuickReader, opened, quick, recording_path

__all__ = ["quick", "recording_path"]


@pytest.fixture
def window(qtbot: QtBot, quick: type[QuickReader], recording_path: Path) -> Iterator[Window]:
    with opened(qtbot, recording_path) as session:
        window = Window(session)
        qtbot.addWidget(window, before_close_func=Window.close_unasked)
        window.show()
        yield window


class WaitingClips(SimpleNamespace):
    """Clips that were made; whether they were thrown away."""

    thrown_away = False

    def close(self) -> None:
        self.thrown_away = True


@pytest.fixture
def clips(qtbot: QtBot, window: Window, tmp_path: Path) -> WaitingClips:
    """Clips of which the sheet is open."""
    image = QImage(600, 300, QImage.Format.Format_RGB32)
    image.fill(0x606060)
    sheet = tmp_path / "sheet.png"
    assert image.save(str(sheet))
    clip = PreparedClip(Span(0.0, 1.0), sheet, sheet, tmp_path / "clip.mp4", 15, 0, 0.0, 15, 0)
    waiting: Any = WaitingClips(clips=(clip,))
    window.actions_["deidentify"].trigger()
    dialog = dialog_of(window)
    dialog.show_done(ClipsToCheck(waiting))
    qtbot.waitUntil(lambda: dialog.check is not None and dialog.check.isVisible())
    assert isinstance(waiting, WaitingClips)
    return waiting


def dialog_of(window: Window) -> DeidentifyDialog:
    dialog = window.findChild(DeidentifyDialog)
    assert isinstance(dialog, DeidentifyDialog)
    return dialog


def asked(window: Window) -> QMessageBox:
    check = dialog_of(window).check
    assert check is not None
    assert check.asked.box is not None
    return check.asked.box


def press(box: QMessageBox, words: str) -> None:
    (button,) = [one for one in box.buttons() if one.text() == words]
    button.click()


def close_by_key(qtbot: QtBot, window: Window) -> None:
    check = dialog_of(window).check
    assert check is not None
    qtbot.keyClick(check, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)


WAYS: dict[str, Callable[[QtBot, Window], object]] = {
    "desktop": lambda _qtbot, window: window.close(),
    "menu": lambda _qtbot, window: window.actions_["quit"].trigger(),
    "key": close_by_key,
}


@pytest.mark.parametrize("way", WAYS)
def test_closing_the_program_asks_about_clips_and_keeps_them_open(
    qtbot: QtBot, window: Window, clips: WaitingClips, way: str
) -> None:
    WAYS[way](qtbot, window)
    box = asked(window)
    assert box.text() == "Discard the clip?"
    assert window.isVisible()
    press(box, "Go on looking")
    assert window.isVisible()
    assert not clips.thrown_away
    check = dialog_of(window).check
    assert check is not None
    assert check.isVisible()


@pytest.mark.parametrize("way", WAYS)
def test_the_program_closes_once_its_clips_may_be_discarded(
    qtbot: QtBot, window: Window, clips: WaitingClips, way: str
) -> None:
    WAYS[way](qtbot, window)
    press(asked(window), "Discard")
    qtbot.waitUntil(lambda: not window.isVisible())
    assert clips.thrown_away


def test_the_last_way_to_close_that_was_wanted_counts(
    qtbot: QtBot, window: Window, clips: WaitingClips
) -> None:
    """Closing the program while the sheet's own question is open asks once more, about both."""
    check = dialog_of(window).check
    assert check is not None
    check.reject()
    window.close()
    assert len([one for one in window.findChildren(QMessageBox) if one.isVisible()]) == 1
    press(asked(window), "Discard")
    qtbot.waitUntil(lambda: not window.isVisible())
    assert clips.thrown_away


def test_a_program_that_is_ended_is_not_held_up(window: Window, clips: WaitingClips) -> None:
    window.close_unasked()
    assert not window.isVisible()
    assert clips.thrown_away


class UnsavedChange(SimpleNamespace):
    """A change that is not on disk."""

    requests = (1,)

    def sentence(self) -> str:
        return "One change is not saved."


@pytest.fixture
def unsaved(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window.session.study, "settle", UnsavedChange)


def seen_boxes(window: Window) -> list[QMessageBox]:
    return [one for one in window.findChildren(QMessageBox) if one.isVisible()]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.usefixtures("unsaved")
def test_what_loses_nothing_is_asked_first(
    qtbot: QtBot, window: Window, clips: WaitingClips, way: str
) -> None:
    WAYS[way](qtbot, window)
    (box,) = seen_boxes(window)
    assert box.text() == "One change is not saved."
    press(box, "Keep open")
    assert not seen_boxes(window)
    assert window.isVisible()
    assert not clips.thrown_away
    WAYS[way](qtbot, window)
    press(seen_boxes(window)[0], "Close anyway")
    assert asked(window).text() == "Discard the clip?"
    press(asked(window), "Go on looking")
    assert window.isVisible()
    assert not clips.thrown_away


@pytest.mark.usefixtures("unsaved")
def test_all_questions_that_are_answered_with_yes_close_the_program(
    qtbot: QtBot, window: Window, clips: WaitingClips
) -> None:
    window.close()
    window.close()
    (box,) = seen_boxes(window)
    press(box, "Close anyway")
    press(asked(window), "Discard")
    qtbot.waitUntil(lambda: not window.isVisible())
    assert clips.thrown_away
    assert not [one for one in QApplication.topLevelWidgets() if one.isVisible()]


def test_a_clip_is_kept_until_marks_may_be_lost_too(window: Window, clips: WaitingClips) -> None:
    asked_of_marks: list[Callable[[], object]] = []

    def asks(then: Callable[[], object]) -> bool:
        asked_of_marks.append(then)
        return True

    window._closing.add(asks)
    window.close()
    press(asked(window), "Discard")
    before = clips.thrown_away
    (then,) = asked_of_marks
    then()
    assert (before, clips.thrown_away) == (False, True)
    assert not window.isVisible()


class LongWork:
    """Making a clip, until it is cancelled or may end."""

    def __init__(self) -> None:
        self.began, self.may_end = threading.Event(), threading.Event()
        self.cancelled = False

    def __call__(self, *order: Any) -> tuple[str, ...]:
        task = order[-1]
        self.began.set()
        while not self.may_end.wait(0.01):
            if task.cancel.cancelled:
                self.cancelled = True
                raise Cancelled
        return ("Written.",)


@pytest.fixture
def making(
    qtbot: QtBot, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[LongWork]:
    work = LongWork()
    monkeypatch.setattr(deidentify, "prepare_clips_of", work)
    window.actions_["deidentify"].trigger()
    dialog_of(window).write_to(tmp_path / "clip.mp4", Span(0.0, 1.0))
    qtbot.waitUntil(work.began.is_set)
    yield work
    work.may_end.set()


def close_dialog_by_key(qtbot: QtBot, window: Window) -> None:
    qtbot.keyClick(dialog_of(window), Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)


MAKING_WAYS = {**WAYS, "key": close_dialog_by_key}


@pytest.mark.parametrize("way", MAKING_WAYS)
def test_closing_the_program_asks_whether_to_stop_making_a_clip(
    qtbot: QtBot, window: Window, making: LongWork, way: str
) -> None:
    MAKING_WAYS[way](qtbot, window)
    (box,) = seen_boxes(window)
    assert box.text() == "Stop making the clip?"
    press(box, "Go on making")
    assert window.isVisible()
    assert dialog_of(window).work.running
    assert not making.cancelled
    MAKING_WAYS[way](qtbot, window)
    press(seen_boxes(window)[0], "Stop")
    qtbot.waitUntil(lambda: not window.isVisible())
    assert making.cancelled


@pytest.mark.parametrize("unsaved_first", [True, False])
def test_the_keys_that_close_the_program_answer_no_question(
    qtbot: QtBot, window: Window, making: LongWork, unsaved_first: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They bring it back to the front, with the keyboard on what changes nothing."""
    if unsaved_first:
        monkeypatch.setattr(window.session.study, "settle", UnsavedChange)
    window.close()
    (box,) = seen_boxes(window)
    qtbot.waitUntil(box.isActiveWindow)
    next(one for one in box.buttons() if one is not box.defaultButton()).setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(box.defaultButton().hasFocus)
    assert seen_boxes(window) == [box]
    assert window.isVisible()
    assert not making.cancelled
    box.reject()


def test_escape_asks_whether_to_stop_making_a_clip(qtbot: QtBot, window: Window, making: LongWork) -> None:
    dialog = dialog_of(window)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    press(seen_boxes(window)[0], "Go on making")
    assert dialog.isVisible()
    assert dialog.work.running
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    press(seen_boxes(window)[0], "Stop")
    assert not dialog.isVisible()
    qtbot.waitUntil(lambda: making.cancelled)
    assert window.isVisible()


def test_the_question_goes_once_the_clip_is_made(qtbot: QtBot, window: Window, making: LongWork) -> None:
    window.close()
    assert len(seen_boxes(window)) == 1
    making.may_end.set()
    qtbot.waitUntil(lambda: not seen_boxes(window))
    assert window.isVisible()
    assert dialog_of(window).outcome.text() == "Written."


def test_the_keys_that_close_the_program_do_so_before_a_clip_is_made(qtbot: QtBot, window: Window) -> None:
    window.actions_["deidentify"].trigger()
    dialog = dialog_of(window)
    qtbot.waitUntil(dialog.isActiveWindow)
    close_dialog_by_key(qtbot, window)
    qtbot.waitUntil(lambda: not window.isVisible())
    assert not [one for one in QApplication.topLevelWidgets() if one.isVisible()]


def test_a_program_that_is_ended_stops_making_a_clip(qtbot: QtBot, window: Window, making: LongWork) -> None:
    window.close_unasked()
    assert not window.isVisible()
    assert making.cancelled


def test_changes_that_are_not_saved_are_asked_about_before_a_study_is_closed(
    qtbot: QtBot, window: Window, unsaved: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.actions_["close_study"].trigger()
    (box,) = seen_boxes(window)
    press(box, "Keep open")
    assert window.session.study.folder is not None
    window.actions_["close_study"].trigger()
    monkeypatch.undo()
    press(seen_boxes(window)[0], "Close anyway")
    qtbot.waitUntil(lambda: window.session.study.folder is None)
