"""Which keys count as held: repeats, text fields, dialogs, other alphabets."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QMainWindow, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.ui.commands.key_watch import KeyWatch
from tests.ui.found_widgets import centre

H, N = Qt.Key.Key_H, Qt.Key.Key_N
NO_MODIFIER = Qt.KeyboardModifier.NoModifier


@dataclass
class Heard:
    """What a watch has told, in order."""

    told: list[tuple[str, int]] = field(default_factory=list)

    def listen(self, watch: KeyWatch) -> None:
        watch.pressed.connect(lambda key: self.told.append(("pressed", key)))
        watch.released.connect(lambda key: self.told.append(("released", key)))


@pytest.fixture
def window(qtbot: QtBot) -> QMainWindow:
    window = QMainWindow()
    qtbot.addWidget(window)
    page = QWidget()
    page.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    QVBoxLayout(page).addWidget(QLineEdit())
    window.setCentralWidget(page)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
    page.setFocus()
    return window


@pytest.fixture
def watch(window: QMainWindow) -> KeyWatch:
    return KeyWatch(window)


@pytest.fixture
def heard(watch: KeyWatch) -> Heard:
    heard = Heard()
    heard.listen(watch)
    return heard


def repeat(window: QMainWindow) -> None:
    """A key that is down tells of itself again, as a release and a press."""
    for kind in (QEvent.Type.KeyRelease, QEvent.Type.KeyPress):
        event = QKeyEvent(kind, H, Qt.KeyboardModifier.NoModifier, "h", True)
        QApplication.sendEvent(centre(window), event)


def test_a_key_that_repeats_is_pressed_once(window: QMainWindow, watch: KeyWatch, heard: Heard) -> None:
    QTest.keyPress(centre(window), H)
    repeat(window)
    assert watch.latest == H
    QTest.keyRelease(centre(window), H)
    assert heard.told == [("pressed", H), ("released", H)]
    assert watch.latest is None


def test_of_two_keys_each_is_let_go_alone(window: QMainWindow, watch: KeyWatch) -> None:
    QTest.keyPress(centre(window), H)
    QTest.keyPress(centre(window), N)
    assert watch.latest == N
    QTest.keyRelease(centre(window), N)
    assert watch.latest == H


def test_typing_is_no_press(window: QMainWindow, watch: KeyWatch, heard: Heard) -> None:
    field = window.findChild(QLineEdit)
    assert isinstance(field, QLineEdit)
    watch.run_latin = lambda _keys: pytest.fail("typed as text")
    field.setFocus()
    QTest.keyClick(field, H)
    assert heard.told == []
    assert field.text() == "h"


def test_a_dialog_ends_what_is_held_and_takes_its_keys(
    qtbot: QtBot, window: QMainWindow, watch: KeyWatch, heard: Heard
) -> None:
    QTest.keyPress(centre(window), H)
    dialog = QDialog(window)
    with qtbot.waitSignal(watch.lost):
        dialog.open()
    QTest.keyClick(dialog, N)
    assert watch.latest is None
    assert heard.told == [("pressed", H)]
    dialog.close()


def test_a_window_that_loses_the_keyboard_holds_nothing(
    qtbot: QtBot, window: QMainWindow, watch: KeyWatch
) -> None:
    QTest.keyPress(centre(window), H)
    with qtbot.waitSignal(watch.lost):
        QApplication.sendEvent(window, QEvent(QEvent.Type.WindowDeactivate))
    assert watch.latest is None


def pressed(window: QMainWindow, letter: str, modifiers: Qt.KeyboardModifier = NO_MODIFIER) -> bool:
    """Press a key that writes this letter; whether somebody has used it."""
    event = QKeyEvent(QEvent.Type.KeyPress, ord(letter.upper()), modifiers, letter)
    return QApplication.sendEvent(centre(window), event) and event.isAccepted()


def test_a_key_of_another_alphabet_is_what_is_printed_beside(window: QMainWindow, watch: KeyWatch) -> None:
    ran: list[str] = []

    def run(keys: str) -> bool:
        ran.append(keys)
        return True

    watch.run_latin = run
    for letter in "нтзυφ":
        assert pressed(window, letter)
    pressed(window, "т", Qt.KeyboardModifier.ControlModifier)
    assert ran == ["Y", "N", "P", "Y", "F", "Ctrl+N"]
    pressed(window, "é")
    pressed(window, "y")
    assert len(ran) == 6, "a Latin key is Qt's to recognise"


def test_return_presses_a_button_because_space_plays(qtbot: QtBot, window: QMainWindow) -> None:
    KeyWatch(window)
    button = QPushButton("Do", window)
    button.show()
    clicks: list[bool] = []
    button.clicked.connect(lambda: clicks.append(True))
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Return)
    assert len(clicks) == 1
