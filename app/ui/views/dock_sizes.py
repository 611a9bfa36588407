"""How the window is divided among its panels where nobody has divided it yet."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, QTimer
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
_MOST = 0.4
"""The share of the window's height that a panel is given by itself."""
_LAID_OUT = 300
"""Milliseconds after which docks that were given other sizes have them."""


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


class RoomInTabs:
    """The height that panels with rows need, which lie in a tab of a lower panel, such as the timeline."""

    def __init__(self, window: QMainWindow) -> None:
        self._window = window
        self._alone: dict[QDockWidget, int] = {}
        """Heights in pixels that the lower panels had before others came into tabs with them."""
        self._given: dict[QDockWidget, int] = {}

    def note(self, dock: QDockWidget, lower: QDockWidget) -> None:
        """Remember how high the lower panel is before the dock comes into a tab with it."""
        if lower.isVisible() and not self._window.tabifiedDockWidgets(lower):
            self._alone[dock] = lower.height()

    def give(self, dock: QDockWidget) -> None:
        """Make the dock, which is in front, as high as its panel wants to be, but leave the rest most."""
        panel = dock.widget()
        wanted = 0 if panel is None else min(panel.sizeHint().height(), round(self._window.height() * _MOST))
        if dock.height() < wanted:
            self._resize(dock, wanted)
            # Qt lays the docks out afterwards.
            QTimer.singleShot(_LAID_OUT, dock, lambda: self._given.update({dock: dock.height()}))

    def take_back(self, dock: QDockWidget, lower: QDockWidget) -> None:
        """Hide the dock; the others get what it was given, unless somebody has divided the window anew."""
        before, given, high = self._alone.pop(dock, 0), self._given.pop(dock, 0), dock.height()
        dock.hide()
        if before and given == high:
            self._resize(lower, before)

    def _resize(self, dock: QDockWidget, high: int) -> None:
        self._window.resizeDocks([dock], [high], Qt.Orientation.Vertical)


def limit_checklist(docks: Mapping[str, QDockWidget]) -> None:
    """Give what a large window has left over to the explanation, where it is shown, not to empty rows."""
    checklist, beside = docks["checklist"].widget(), not docks["explanation"].isHidden()
    if checklist is not None:
        checklist.setMaximumHeight(height_of_rows(ROW_HEIGHT) if beside else QWIDGETSIZE_MAX)


def height_of_rows(row: int) -> int:
    """The height that shows all features with rows of this height."""
    return HEADING_HEIGHT * (1 + len(Group)) + row * len(FEATURES) + 2 + 2 * CHECKLIST_BORDER
