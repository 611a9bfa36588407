"""Escape gets out one step at a time; a dialog that is open comes to the front and is not opened twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from app.core.semiology import Span
from app.ui.dialogs.about import AboutDialog
from app.ui.dialogs.brightness import LightDialog
from app.ui.dialogs.keys import KeysDialog
from app.ui.dialogs.sound import SoundDialog
from app.ui.views.answer_strip import AnswerStrip
from app.ui.window import Window
from tests.ui.found_widgets import child
from tests.ui.session_cases import QuickReader, opened, quick, recording_path

__all__ = ["quick", "recording_path"]


@pytest.fixture
def window(qtbot: QtBot, quick: type[QuickReader], recording_path: Path) -> Iterator[Window]:
    with opened(qtbot, recording_path) as session:
        session.readers.read_blind(False)
        window = Window(session)
        qtbot.addWidget(window)
        window.show()
        yield window


def shown_dialogs(window: Window, kind: type[QDialog] = QDialog) -> list[QDialog]:
    return [one for one in window.findChildren(kind) if one.isVisible()]


def test_escape_closes_leaves_full_screen_and_ends_the_loop(qtbot: QtBot, window: Window) -> None:
    session, escape = window.session, window.actions_["loop_end"]
    session.loop.show_span(Span(0.2, 0.6), repeat=True)
    session.status.show_message("The drive is full.")
    window.toggle_full_screen()
    window.actions_["about"].trigger()
    assert len(shown_dialogs(window)) == 1
    escape.trigger()
    qtbot.waitUntil(lambda: not shown_dialogs(window))
    assert session.status.message
    escape.trigger()
    assert not session.status.message
    assert window.isFullScreen()
    escape.trigger()
    qtbot.waitUntil(lambda: not window.isFullScreen())
    assert session.loop.span is not None
    escape.trigger()
    assert session.loop.span is None


def test_escape_gives_up_evidence_that_was_begun(window: Window) -> None:
    window.session.labels.begin_evidence()
    window.actions_["loop_end"].trigger()
    assert window.session.selection.evidence_start is None


@pytest.mark.parametrize(
    ("command", "kind"),
    [("about", AboutDialog), ("keys", KeysDialog), ("light", LightDialog), ("sound", SoundDialog)],
)
def test_a_dialog_is_open_once(window: Window, command: str, kind: type[QDialog]) -> None:
    for _ in range(2):
        window.actions_[command].trigger()
    assert len(shown_dialogs(window, kind)) == 1


def test_full_screen_shows_what_a_key_would_change(qtbot: QtBot, window: Window) -> None:
    strip = child(window, AnswerStrip)
    assert not strip.isVisible()
    window.toggle_full_screen()
    qtbot.waitUntil(strip.isVisible)
    window.session.selection.select("tonic")
    window.session.labels.add_span("tonic", Span(0.2, 0.4))
    assert strip.words.text() == "Tonic:  yes, 1 span · no side yet"
    assert strip.count.text().endswith("1 of 20 answered")
    window.toggle_full_screen()
    qtbot.waitUntil(lambda: not strip.isVisible())
