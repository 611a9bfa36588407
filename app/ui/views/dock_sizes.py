"""How the window is divided among its panels where nobody has divided it yet."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow

from app.core.semiology import FEATURES, Group
from app.ui.theme import ROW_HEIGHT

HEADING_HEIGHT = 26
LEAST_ROW_HEIGHT = 24
"""Rows shrink to this on a low screen before the list scrolls; heights are in device-independent pixels."""
CHECKLIST_BORDER = 1
"""Round the list, where it shows that the keyboard is in it."""
QWIDGETSIZE_MAX = (1 << 24) - 1
"""Qt's name for: no limit."""


def arrange_docks(window: QMainWindow, docks: Mapping[str, QDockWidget]) -> None:
    """Give each panel the size that it has before a person changes it."""
    wide, high = window.width(), window.height()
    right, bottom = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
    window.resizeDocks([docks["checklist"]], [520 if wide >= 1500 else 440], right)
    listed = height_of_rows(ROW_HEIGHT if high >= 1000 else LEAST_ROW_HEIGHT)
    rest = max(90, high - listed - 60)
    window.resizeDocks([docks["checklist"], docks["explanation"]], [listed, rest], bottom)
    window.resizeDocks(
        [docks["timeline"], docks["waveform"]], [round(high * 0.28), max(70, round(high * 0.1))], bottom
    )


def limit_checklist(docks: Mapping[str, QDockWidget]) -> None:
    """Give what a large window has left over to the explanation, where it is shown, not to empty rows."""
    checklist, beside = docks["checklist"].widget(), not docks["explanation"].isHidden()
    if checklist is not None:
        checklist.setMaximumHeight(height_of_rows(ROW_HEIGHT) if beside else QWIDGETSIZE_MAX)


def height_of_rows(row: int) -> int:
    """The height that shows all features with rows of this height."""
    return HEADING_HEIGHT * (1 + len(Group)) + row * len(FEATURES) + 2 + 2 * CHECKLIST_BORDER
