"""Walking the tab order leaves every widget usable, whatever is deleted afterwards."""

from __future__ import annotations

import gc

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from app.ui.views.focus_chain import focus_chain


def test_what_follows_a_deleted_widget_stays_usable(qtbot: QtBot) -> None:
    window, box = QMainWindow(), QWidget()
    qtbot.addWidget(window)
    window.setCentralWidget(box)
    buttons = [QPushButton(str(number)) for number in range(4)]
    layout = QVBoxLayout(box)
    for button in buttons:
        layout.addWidget(button)
    menu = window.menuBar().addMenu("File")
    chain = focus_chain(buttons[0])
    assert [one for one in chain if one in buttons] == buttons[1:]
    assert window in chain
    assert buttons[0] in focus_chain(window)
    buttons[1].deleteLater()
    QApplication.sendPostedEvents(buttons[1], QEvent.Type.DeferredDelete)
    gc.collect()
    assert not isValid(buttons[1])
    assert all(isValid(one) for one in (window, box, menu, buttons[0], *buttons[2:]))
    assert [one.parentWidget() for one in (window, box, buttons[2])] == [None, window, box]
