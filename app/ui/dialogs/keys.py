"""The dialog that lists all keys, from the same commands as the menus."""

from __future__ import annotations

from collections.abc import Sequence

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

_COLUMNS: tuple[tuple[Menu, ...], ...] = (
    (Menu.PLAY,),
    (Menu.CHECKLIST, Menu.SEIZURE),
    (Menu.PICTURE, Menu.VIEW),
    (Menu.CAMERAS, Menu.EEG, Menu.FILE, Menu.EDIT, Menu.READER, Menu.TEACHING, Menu.HELP),
)


class KeysDialog(QDialog):
    """All commands that have keys, by menu. Does not block the window."""

    def __init__(
        self, commands: Sequence[Command], keymap: Keymap | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        page = QWidget()
        columns = QHBoxLayout(page)
        columns.setContentsMargins(20, 16, 20, 16)
        columns.setSpacing(36)
        for menus in _COLUMNS:
            columns.addLayout(
                _column(
                    [
                        (command, (keymap or Keymap()).keys_of(command))
                        for menu in menus
                        for command in commands
                        if command.menu is menu
                    ]
                )
            )
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)
        self._wanted = page.sizeHint()

    def sizeHint(self) -> QSize:
        return self._wanted + QSize(4, 4)


def _column(commands: Sequence[tuple[Command, Keys]]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(5)
    menu: Menu | None = None
    for command, keys in commands:
        if not keys:
            continue
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
