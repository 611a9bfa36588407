"""Boxes of choices with their labels in a row."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QWidget

from app.ui.theme import small_font
from app.ui.views.combo_box import ComboBox

_RULES = {
    "study": "as in the study",
    "exclude": "left out",
    "wrong": "counts as wrong",
    "class": "a third class",
}


def rule_box() -> ComboBox:
    """The rules for what was not assessable."""
    box = ComboBox()
    for value, words in _RULES.items():
        box.addItem(words, value)
    return box


def fill_box(box: QComboBox, rows: list[tuple[str, str]], chosen: str | None = None) -> None:
    """Fill a box anew, with the same choice as before if it is still there, or with `chosen`."""
    before = box.currentData() if chosen is None else chosen
    with QSignalBlocker(box):
        box.clear()
        for words, value in rows:
            box.addItem(words, value)
        box.setCurrentIndex(max(box.findData(before), 0))


def add_fields(row: QHBoxLayout, fields: tuple[tuple[str, QComboBox], ...]) -> dict[QWidget, QLabel]:
    """Add boxes with labels to a row; the label of each box. `&` makes a key that goes to the box."""
    labels: dict[QWidget, QLabel] = {}
    for name, box in fields:
        label = small_label(name)
        label.setTextFormat(Qt.TextFormat.AutoText)
        label.setBuddy(box)
        box.setAccessibleName(name.replace("&", ""))
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        box.setMaximumWidth(240)
        row.addWidget(label)
        row.addWidget(box)
        labels[box] = label
    return labels


def small_label(text: str) -> QLabel:
    """Plain text in the small font, on one line."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setFont(small_font())
    label.setWordWrap(False)
    return label
