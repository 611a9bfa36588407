"""What cannot be done without an EEG is grey, and the dialog that attaches one says what it still needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.core.eeg.sync import Sync
from app.core.study.stored_eeg import AgreedSync
from app.ui.dialogs.attach_eeg import AttachEegDialog
from app.ui.session.session import Session
from app.ui.window import Window
from tests.ui.eeg_cases import TEN, attach, clip, session, write_eeg
from tests.ui.session_cases import at_rest, is_open, quick, saved
from tests.ui.stand_in_player import StandInPlayer

pytestmark = pytest.mark.usefixtures("quick")

__all__ = ["clip", "quick", "session"]


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[Window]:
    one = Window(Session(make_player=StandInPlayer))  # type: ignore[arg-type]
    qtbot.addWidget(one)
    one.show()
    yield one
    one.close()


def _dialog(qtbot: QtBot, session: Session) -> AttachEegDialog:
    dialog = AttachEegDialog(session, "")
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.examined is not None and dialog.examined.complete)
    return dialog


def _texts(dialog: AttachEegDialog) -> str:
    return " ".join(label.text() for label in dialog.findChildren(QLabel))


def test_what_needs_an_eeg_is_grey_without_one(qtbot: QtBot, window: Window, clip: Path) -> None:
    window.session.opening.open(clip)
    qtbot.waitUntil(lambda: is_open(window.session, clip))
    at_rest(qtbot, window.session)
    of_eeg = [window.actions_[name] for name in ("set_clocks", "eeg_page_forward", "find_eeg", "eeg_low_up")]
    without = [window.actions_[name] for name in ("attach_eeg", "eeg_videos", "show_eeg", "eeg_negative_up")]
    assert not any(one.isEnabled() for one in of_eeg)
    assert all(one.isEnabled() for one in without)
    eeg = attach(qtbot, window.session, write_eeg(clip.parent / "a.edf"), AgreedSync(Sync(-1.0)))
    qtbot.waitUntil(lambda: all(one.isEnabled() for one in (*of_eeg, *without)))
    window.session.attached_eeg.detach(eeg)
    qtbot.waitUntil(lambda: not any(one.isEnabled() for one in of_eeg))
    saved(qtbot, window.session)


def test_what_attaching_still_needs_is_said(qtbot: QtBot, session: Session, clip: Path) -> None:
    write_eeg(clip.parent / "night.edf", started=TEN)
    dialog = _dialog(qtbot, session)
    assert "choose By hand" not in _texts(dialog)
    examined = dialog.examined
    assert examined is not None
    dialog._on_examined(replace(examined, options=()))
    assert not dialog.attach_button.isEnabled()
    assert "choose By hand" in _texts(dialog)
    dialog.by_hand.click()
    assert dialog.sync is not None
    assert "choose By hand" not in _texts(dialog)
    dialog.reject()


def test_no_row_of_the_list_of_files_is_cut(qtbot: QtBot, session: Session, clip: Path) -> None:
    for number in range(6):
        write_eeg(clip.parent / f"night {number}.edf", started=TEN)
    dialog = _dialog(qtbot, session)
    assert dialog.files.count() == 6
    room = dialog.files.viewport().rect()
    rows = [dialog.files.visualItemRect(dialog.files.item(row)) for row in range(6)]
    assert all(row.bottom() <= room.bottom() or row.top() > room.bottom() for row in rows)
    assert rows[5].bottom() <= room.bottom()
    dialog.reject()
