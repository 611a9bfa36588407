"""The dialog that lists all keys, from the same commands as the menus."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.ui.commands.command import Command, Menu, key_words
from app.ui.commands.keymap import Keymap, Keys
from app.ui.theme import body_font, small_font

_ORDER = (
    *(Menu.PLAY, Menu.CHECKLIST, Menu.SEIZURE, Menu.PICTURE, Menu.VIEW, Menu.CAMERAS, Menu.EEG),
    *(Menu.FILE, Menu.EDIT, Menu.READER, Menu.TEACHING, Menu.HELP),
)
_MOST_COLUMNS = 4
_EDGE = 40
"""Pixels of the screen's width that the dialog leaves free."""


class KeysDialog(QDialog):
    """All commands that have keys, by menu. Does not block the window."""

    def __init__(
        self, commands: Sequence[Command], keymap: Keymap | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        known = [(one, (keymap or Keymap()).keys_of(one)) for one in commands]
        menus = [[(one, keys) for one, keys in known if keys and one.menu is menu] for menu in _ORDER]
        self._menus = [menu for menu in menus if menu]
        page = self._fitting_page(self.screen().availableGeometry().width() - _EDGE)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setWidget(page)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # All of its width is seen, also beside a vertical scroll bar.
        area.setMinimumWidth(page.sizeHint().width() + area.verticalScrollBar().sizeHint().width() + 4)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)
        self._wanted = page.sizeHint()

    def sizeHint(self) -> QSize:
        return self._wanted + QSize(4, 4)

    def _fitting_page(self, room: int) -> QWidget:
        """As many columns as there is room for."""
        for count in range(_MOST_COLUMNS, 0, -1):
            page = QWidget()
            columns = QHBoxLayout(page)
            columns.setContentsMargins(20, 16, 20, 16)
            columns.setSpacing(36)
            for menus in even_columns(self._menus, count):
                columns.addLayout(_column([row for menu in menus for row in menu]))
            if count == 1 or page.sizeHint().width() <= room:
                break
        return page


Row = TypeVar("Row")


def even_columns(parts: Sequence[Sequence[Row]], count: int) -> list[list[Sequence[Row]]]:
    """The parts in their order in at most so many columns, the highest of which is as low as can be."""
    heights = [len(part) + 2 for part in parts]  # a heading and the space above it
    lowest = max(heights, default=0)
    while True:
        columns: list[list[Sequence[Row]]] = []
        height = lowest
        for part, own in zip(parts, heights, strict=True):
            if not columns or height + own > lowest:
                columns.append([])
                height = 0
            columns[-1].append(part)
            height += own
        if len(columns) <= count:
            return columns
        lowest += 1


def _column(commands: Sequence[tuple[Command, Keys]]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(5)
    menu: Menu | None = None
    for command, keys in commands:
        row = grid.rowCount()
        if command.menu is not menu:
            if menu is not None:
                grid.setRowMinimumHeight(row, 10)
                row += 1
            menu = command.menu
            grid.addWidget(_label(menu.value.replace("&", ""), bold=True), row, 0, 1, 2)
            row += 1
        grid.addWidget(_label(key_words(keys), bold=True), row, 0, Qt.AlignmentFlag.AlignRight)
        words = _label(command.plain_name)
        words.setToolTip(command.help)
        grid.addWidget(words, row, 1)
    grid.setRowStretch(grid.rowCount(), 1)
    return grid


def _label(words: str, *, bold: bool = False) -> QLabel:
    label = QLabel(words)
    label.setTextFormat(Qt.TextFormat.PlainText)
    font = small_font() if bold else body_font()
    font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    label.setFont(font)
    return label
