"""The menu of the EEG fits a small screen and holds every command; the scale bar covers no trace."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QAction, QColor
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from app.ui.commands.command import Menu
from app.ui.session.session import Session
from app.ui.window import Window
from tests.ui.shown_eeg import (
    displayed,
    flat,
    panel_on_screen,
    picture_of,
    read_whole_page,
    write_made_eeg,
)
from tests.ui.shown_session import shown_session
from tests.ui.stand_in_player import StandInPlayer

HIGHEST = 560
"""Pixels of the menu on a screen of 800, with room for what the window has above and below."""


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[Window]:
    one = Window(Session(make_player=StandInPlayer))  # type: ignore[arg-type]
    qtbot.addWidget(one)
    one.show()
    yield one
    one.close()


def _rows(menu: QMenu) -> list[QAction]:
    """The commands of a menu and its submenus."""
    found: list[QAction] = []
    for action in menu.actions():
        inner = action.menu()
        found += _rows(inner) if isinstance(inner, QMenu) else [action] * (not action.isSeparator())
    return found


def test_the_menu_fits_a_small_screen_and_holds_every_command(window: Window) -> None:
    (menu,) = (action.menu() for action in window.menuBar().actions() if action.text() == Menu.EEG)
    assert isinstance(menu, QMenu)
    assert menu.sizeHint().height() < HIGHEST
    there = {action.text() for action in _rows(menu)}
    commands = [command for command in window.actions_.commands if command.menu is Menu.EEG]
    assert there == {command.name for command in commands}
    assert len(commands) == len(_rows(menu)) > 30


def test_the_scale_bar_covers_no_trace(qtbot: QtBot, tmp_path: Path) -> None:
    path = write_made_eeg(tmp_path / "flat.edf", [(0.0, flat(30))])
    with shown_session(tmp_path) as session, displayed(session, path):
        panel = panel_on_screen(qtbot, session)
        session.eeg.choose_montage("as_recorded")
        session.eeg.change(coloured=False)
        session.eeg.position.go_to(5.0)
        read_whole_page(qtbot, session)
        page, image = panel.page, picture_of(panel.page)
        right = round(page.canvas().plot.right())
        for number in range(len(session.eeg.rows)):
            middle = round(page.row_middle(number))
            for x in range(right - 120, right - 2, 7):
                shown = max(image.pixelColor(x, y).lightness() for y in range(middle - 2, middle + 3))
                assert shown > 2 * QColor(page.theme.panel).lightness(), (number, x)
