"""Return accepts nothing that cannot be taken back; Tab's way, the menu File, and the smallest window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from app.ui.commands.command import Menu
from app.ui.dialogs.copies import CopiesDialog
from app.ui.dialogs.export_labels import ExportDialog
from app.ui.dialogs.form import question
from app.ui.session.session import Session
from app.ui.window import Window
from tests.ui.session_cases import QuickReader, opened, quick, recording_path

__all__ = ["quick", "recording_path"]

KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)


@pytest.fixture
def session(qtbot: QtBot, quick: type[QuickReader], recording_path: Path) -> Iterator[Session]:
    with opened(qtbot, recording_path) as session:
        session.readers.read_blind(False)
        yield session


@pytest.fixture
def window(qtbot: QtBot, session: Session) -> Window:
    window = Window(session)
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.mark.parametrize("key", KEYS)
def test_return_does_not_lock(qtbot: QtBot, window: Window, session: Session, key: Qt.Key) -> None:
    window.actions_["lock"].trigger()
    (box,) = window.findChildren(QMessageBox)
    qtbot.waitUntil(box.isVisible)
    QTest.keyClick(box, key)
    assert not box.isVisible()
    assert not session.answers.my_reading.revealed


@pytest.mark.parametrize("key", KEYS)
def test_return_does_not_restore(qtbot: QtBot, window: Window, session: Session, key: Qt.Key) -> None:
    dialog = CopiesDialog(session, window)
    dialog.open()
    dialog.copying.click()
    qtbot.waitUntil(lambda: bool(dialog.copies) and not dialog.work.running)
    dialog.table.selectRow(0)
    dialog.choose()
    (box,) = dialog.findChildren(QMessageBox)
    qtbot.waitUntil(box.isVisible)
    QTest.keyClick(box, key)
    assert not box.isVisible()
    assert not dialog.work.running
    dialog.close()


def test_only_its_button_does_it(qtbot: QtBot, window: Window) -> None:
    done: list[str] = []
    box = question(window, "Remove", "Remove all?", "For good.", yes="Remove", do=lambda: done.append("gone"))
    assert box.textFormat() is Qt.TextFormat.PlainText
    buttons = {one.text(): one for one in box.buttons()}
    assert [one.icon().isNull() for one in buttons.values()] == [True, True]
    qtbot.mouseClick(buttons["Remove"], Qt.MouseButton.LeftButton)
    assert done == ["gone"]


def test_tab_goes_through_the_choices_before_the_buttons(qtbot: QtBot, session: Session) -> None:
    dialog = ExportDialog(session)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.format.setFocus()
    QTest.keyClick(dialog.format, Qt.Key.Key_Tab)
    assert dialog.focusWidget() is dialog.begin
    QTest.keyClick(dialog.begin, Qt.Key.Key_Tab)
    assert dialog.focusWidget() is dialog.leave
    assert dialog.begin.isDefault()
    assert all(one.icon().isNull() for one in dialog.findChildren(QPushButton))


def test_quit_is_the_last_row_of_the_menu(window: Window) -> None:
    (menu,) = [
        one.menu() for one in window.menuBar().actions() if one.text() == Menu.FILE.value and one.menu()
    ]
    assert isinstance(menu, QMenu)
    rows: list[QAction] = menu.actions()
    assert rows[-1] is window.actions_["quit"]
    assert rows[-2].isSeparator()
    assert [row.text() for row in rows[:2]] == ["Open a recording…", "Open &recent"]


def test_all_panels_fit_into_a_small_window(qtbot: QtBot, window: Window) -> None:
    """A window of 1180×700 holds every panel, so that a laptop's screen shows the status bar, too."""
    for name in ("worklist", "history", "comparison", "consensus", "rating"):
        window.actions_[f"show_{name}"].trigger()
        qtbot.waitUntil(window._panels.docks[name].isVisible)
    least = window.minimumSizeHint()
    assert least.width() <= 1180
    assert least.height() <= 700
