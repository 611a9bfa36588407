"""A session whose answers are open, and the dialog of its copies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.ui.dialogs.copies import CopiesDialog
from app.ui.session.session import Session
from tests.ui.session_cases import QuickReader, opened, quick, recording_path, saved

__all__ = ["quick", "recording_path", "session"]


@pytest.fixture
def session(qtbot: QtBot, quick: type[QuickReader], recording_path: Path) -> Any:
    with opened(qtbot, recording_path) as session:
        session.readers.read_blind(False)
        saved(qtbot, session)
        yield session


def folder_of(session: Session) -> Path:
    assert session.study.folder is not None
    return session.study.folder


def dialog_of(qtbot: QtBot, session: Session) -> CopiesDialog:
    dialog = CopiesDialog(session)
    qtbot.addWidget(dialog)
    qtbot.waitUntil(lambda: not dialog._checking.running)
    return dialog


def taken_up(qtbot: QtBot, session: Session) -> None:
    """Wait until the study is read again after it was restored."""
    qtbot.waitUntil(lambda: not session.safekeeping.resting)
    saved(qtbot, session)
