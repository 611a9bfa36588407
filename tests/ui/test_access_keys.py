"""Every entry of a menu is reached by a letter that no other entry of the menu has."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from app.ui.commands.access_keys import access_keys, without_key
from app.ui.commands.command import Menu
from app.ui.window import Window
from tests.ui.session_cases import opened


def test_the_beginnings_of_words_come_first() -> None:
    assert access_keys(["Open", "Open recent", "De-identified clip…"]) == ("o", "r", "d")


def test_another_entry_moves_where_only_its_letter_is_left() -> None:
    assert access_keys(["Ab", "A"]) == ("b", "a")
    assert access_keys(["A", "A"]) == ("a", "")


def test_a_sign_in_a_name_stays_a_sign() -> None:
    assert without_key("R&&D of the &Ward") == "R&D of the Ward"


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[Window]:
    with opened(qtbot) as session:
        window = Window(session)
        qtbot.addWidget(window)
        yield window


def key_of(text: str) -> str:
    rest = text.replace("&&", "")
    at = rest.find("&")
    return rest[at + 1].lower() if at >= 0 else ""


def test_no_two_entries_of_a_menu_have_the_same_letter(window: Window) -> None:
    menus = [menu for menu in window.menuBar().findChildren(QMenu) if menu.actions()]
    assert len(menus) >= len(Menu)
    for menu in menus:
        menu.aboutToShow.emit()
        texts = [action.text() for action in menu.actions() if not action.isSeparator()]
        keys = [key_of(text) for text in texts]
        given = [key for key in keys if key]
        assert len(given) == len(set(given)), (menu.title(), texts)
        assert len(given) >= min(len(texts), 15), (menu.title(), texts)
        menu.aboutToShow.emit()
        assert [action.text() for action in menu.actions() if not action.isSeparator()] == texts, "stable"


def test_clips_are_reached_by_letters_and_lists_show_none(window: Window) -> None:
    file = next(one for one in window.menuBar().findChildren(QMenu) if one.title() == Menu.FILE.value)
    file.aboutToShow.emit()
    texts = {without_key(action.text()): action.text() for action in file.actions()}
    assert texts["De-identified clip…"] == "&De-identified clip…"
    bar = [key_of(action.text()) for action in window.menuBar().actions()]
    assert all(bar)
    assert len(bar) == len(set(bar))
    assert not [command.name for command in window.actions_.commands if "&" in command.name]


def test_the_longest_menus_fit_on_a_screen_at_twice_the_size(window: Window) -> None:
    window.show()
    for menu in window.menuBar().findChildren(QMenu):
        menu.aboutToShow.emit()
    file = next(one for one in window.menuBar().findChildren(QMenu) if one.title() == Menu.FILE.value)
    names = [without_key(action.text()) for action in file.actions()]
    assert names[-1] == "Quit"
    assert "Backups and copies" in names
    assert "Copy this study now" not in names
    assert file.sizeHint().height() <= 1080 / 2
