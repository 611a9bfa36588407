"""The field of a note: a long note stays whole, and leaving the window does not end writing."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFocusEvent, QTextCursor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.ui.views.note_field import NoteField


@pytest.fixture
def field(qtbot: QtBot) -> NoteField:
    field = NoteField(40)
    qtbot.addWidget(field)
    return field


def put_cursor(field: NoteField, at: int) -> None:
    cursor = QTextCursor(field.document())
    cursor.setPosition(at)
    field.setTextCursor(cursor)


def test_typing_into_a_long_stored_note_takes_nothing_of_it(qtbot: QtBot, field: NoteField) -> None:
    stored = "0123456789" * 6
    field.set_text(stored)
    put_cursor(field, 30)
    qtbot.keyClicks(field, "xyz")
    assert field.text() == stored
    for _each in range(3):
        qtbot.keyClick(field, Qt.Key.Key_Backspace)
    qtbot.keyClicks(field, "abcd")
    assert field.text() == stored[:27] + "abc" + stored[30:]


def test_what_is_written_ends_at_the_limit(qtbot: QtBot, field: NoteField) -> None:
    field.set_text("0123456789" * 6)
    field.set_text("")
    qtbot.keyClicks(field, "a" * 45)
    assert field.text() == "a" * 40


@pytest.mark.parametrize(
    ("reason", "ends"),
    [
        (Qt.FocusReason.PopupFocusReason, False),
        (Qt.FocusReason.ActiveWindowFocusReason, False),
        (Qt.FocusReason.MouseFocusReason, True),
        (Qt.FocusReason.TabFocusReason, True),
    ],
)
def test_a_menu_or_another_window_does_not_end_writing(
    field: NoteField, reason: Qt.FocusReason, ends: bool
) -> None:
    ended: list[bool] = []
    field.editing_finished.connect(lambda: ended.append(True))
    QApplication.sendEvent(field, QFocusEvent(QEvent.Type.FocusOut, reason))
    assert bool(ended) is ends


def test_a_stored_note_that_is_shown_already_keeps_the_cursor(field: NoteField) -> None:
    field.set_text("about\u00a03 Hz")
    put_cursor(field, 5)
    field.set_text("about\u00a03 Hz")
    assert field.textCursor().position() == 5


def test_other_words_in_an_empty_field_are_painted_at_once(qtbot: QtBot, field: NoteField) -> None:
    field.show_placeholder("Note on clonic")
    with qtbot.waitExposed(field):
        field.show()
    QApplication.processEvents()
    painted = Painted(field)
    field.show_placeholder("Note on tonic")
    QApplication.processEvents()
    assert painted.times == 1


class Painted(QObject):
    """Counts how often a field is painted."""

    def __init__(self, field: NoteField) -> None:
        super().__init__(field)
        self.times = 0
        field.viewport().installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        self.times += event.type() is QEvent.Type.Paint
        return False
