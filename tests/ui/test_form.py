"""What dialogs are made of: names of fields, keys of labels, Return, the line for what is wrong."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QDialog, QLabel, QLineEdit, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from app.ui.dialogs.form import CANCEL, OK, Problem, button, buttons, form, lay_out, side_by_side, stacked
from app.ui.dialogs.hiding_choices import choice_field
from app.ui.theme import DARK
from app.ui.views.combo_box import ComboBox


def test_a_field_is_called_as_its_label_is_and_reached_by_its_key(qtbot: QtBot) -> None:
    dialog, name, note, box = QDialog(), QLineEdit(), QLineEdit(), QCheckBox("with sound")
    qtbot.addWidget(dialog)
    beside = button("Find…")
    note.setAccessibleName("Note on it")
    rows = (("&Name", stacked(side_by_side(name, beside, growing=name))), ("N&ote", note), ("", box))
    lay_out(dialog, form(rows))
    assert name.accessibleName() == "Name"
    assert note.accessibleName() == "Note on it"
    assert box.accessibleName() == ""
    labels = {label.text(): label.buddy() for label in dialog.findChildren(QLabel)}
    assert labels == {"&Name": name, "N&ote": note}


def test_return_in_a_field_accepts_and_presses_no_other_button(qtbot: QtBot) -> None:
    dialog, field, pressed = QDialog(), QLineEdit(), []
    qtbot.addWidget(dialog)
    lay_out(dialog, field, button("Find…", lambda: pressed.append("find")), buttons(dialog, OK, CANCEL))
    dialog.show()
    qtbot.waitExposed(dialog)
    field.setFocus()
    with qtbot.waitSignal(dialog.accepted):
        QTest.keyClick(field, Qt.Key.Key_Return)
    assert pressed == []


def test_the_line_for_what_is_wrong_is_plain_and_takes_no_room_otherwise(qtbot: QtBot) -> None:
    problem = Problem(DARK)
    qtbot.addWidget(problem)
    assert problem.isHidden()
    problem.tell("<b>No</b> address.")
    assert not problem.isHidden()
    assert problem.text() == "<b>No</b> address."
    assert problem.textFormat() is Qt.TextFormat.PlainText
    problem.tell("")
    assert problem.isHidden()


def test_a_choice_that_is_longer_than_its_field_is_cut_with_an_ellipsis(qtbot: QtBot) -> None:
    box = choice_field(
        "Picture", (("Heads covered, body softened, skeleton drawn", "soften"), ("Figure", "figure")), {}
    )
    assert isinstance(box, ComboBox)
    qtbot.addWidget(box)
    box.resize(box.minimumSizeHint())
    assert box.width() < box.fontMetrics().horizontalAdvance(box.currentText())
    assert "…" in box.shown
    box.resize(600, 24)
    assert box.shown == box.currentText()


def first_ink(field: QWidget) -> int:
    """How many pixels after the left edge of a field its text begins."""
    picture = field.grab(QRect(3, 5, 60, field.height() - 10)).toImage()
    ground = picture.pixelColor(0, 0).lightness()
    inked = (
        column
        for column in range(picture.width())
        if any(abs(picture.pixelColor(column, y).lightness() - ground) > 60 for y in range(picture.height()))
    )
    return 3 + next(inked)


def test_a_number_begins_where_other_texts_do(qtbot: QtBot, themed: None) -> None:
    dialog, number, beside, text, choice = QDialog(), QSpinBox(), QSpinBox(), QLineEdit("88"), ComboBox()
    qtbot.addWidget(dialog)
    choice.addItem("88")
    rows = (("&Cards", number), ("&Length", side_by_side(beside)), ("&Name", text), ("&Of", choice))
    lay_out(dialog, form(rows))
    for spin in (number, beside):
        spin.setValue(88)
    dialog.show()
    qtbot.waitExposed(dialog)
    begins = {first_ink(field) for field in (number, beside, text, choice)}
    assert max(begins) - min(begins) <= 1
