"""The question before closing is loaded before it is needed: a disk that fails gives no modules either."""

from __future__ import annotations

import sys

import pytest
from pytestqt.qtbot import QtBot

from app.ui import window as windows
from tests.ui.session_cases import opened


def test_the_question_before_closing_is_at_hand_soon_after_the_start(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(windows, "_QUEUE_AFTER", 0)
    monkeypatch.delitem(sys.modules, "app.ui.dialogs.closing", raising=False)
    with opened(qtbot) as session:
        window = windows.Window(session)
        qtbot.addWidget(window)
        qtbot.waitUntil(lambda: "app.ui.dialogs.closing" in sys.modules)
        window.close()
