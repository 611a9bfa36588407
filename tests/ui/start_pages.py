"""The window as it starts, with its start page."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from app.ui.session.session import Session
from app.ui.views.start_page import StartPage
from app.ui.window import Window


def shown(qtbot: QtBot, session: Session) -> tuple[Window, StartPage]:
    """The shown window and its page."""
    window = Window(session)
    qtbot.addWidget(window)
    window.show()
    page = window.findChild(StartPage)
    assert isinstance(page, StartPage)
    qtbot.waitUntil(page.isVisible)
    return window, page
