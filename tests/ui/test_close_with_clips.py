"""Closing the program while a de-identified clip waits to be looked at asks, as closing its sheet does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from app.core.deidentify.prepared_clips import PreparedClip
from app.core.semiology import Span
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
    assert check.asked is not None
    return check.asked


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
