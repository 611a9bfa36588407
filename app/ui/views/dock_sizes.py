"""How the window is divided among its panels where nobody has divided it yet."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow

from app.core.semiology import FEATURES, Group
from app.ui.commands.panel_focus import is_seen
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
_MARK = b"\0semioscope-tabs:"
"""Stands in a remembered layout before the heights that panels have without what came into their tab."""
_HEIGHTS = re.compile(rb"(\w{1,40}):(\d{1,5}):(\d{1,5})")
"""The name of a panel, its height before and that after."""


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
    """The height that panels with rows need, which lie in tabs with a lower panel, the timeline.

    It is taken from the panels around, which get it back once no such panel is left, except those that
    somebody has made higher or lower meanwhile. Heights are in device-independent pixels.
    """

    def __init__(self, window: QMainWindow, lower: QDockWidget) -> None:
        self._window, self._lower = window, lower
        self._before: dict[str, int] = {}
        """Of each panel by its name, before the first other one came into the tab."""
        self._given: dict[str, int] = {}
        """The same after the last one that came was given its height."""
        self.settled: Callable[[Mapping[str, int], Mapping[str, int]], None] = lambda _before, _given: None
        """Called with both once no such panel is left."""

    def note(self) -> None:
        """Remember how high the panels are before another one comes into the tab."""
        if self._lower.isVisible() and not self._is_shared():
            self._before, self._given = self._heights(), {}

    def give(self, dock: QDockWidget) -> None:
        """Make the dock, which is in front, as high as its panel wants to be, but leave the rest most."""
        panel = dock.widget()
        wanted = 0 if panel is None else min(panel.sizeHint().height(), round(self._window.height() * _MOST))
        if dock.height() < wanted:
            self._window.resizeDocks([dock], [wanted], Qt.Orientation.Vertical)
        self._given = self._heights()

    def take_back(self, dock: QDockWidget) -> None:
        """Hide the dock; the others get what it was given once none is left in the tab."""
        now = self._heights()
        dock.hide()
        self._settle(now)

    def settle(self) -> None:
        """Give the others their heights back in a layout of which the panels in the tab were hidden since."""
        self._settle(self._given)

    def state(self, layout: QByteArray) -> QByteArray:
        """The layout with what is remembered here."""
        if not self._before:
            return layout
        each = (f"{name}:{high}:{self._given.get(name, 0)}" for name, high in self._before.items())
        return QByteArray(bytes(layout.data()) + _MARK + ",".join(each).encode())

    def recall(self, remembered: bytes) -> None:
        """Take up what was remembered with a layout that is shown now."""
        heights = _HEIGHTS.findall(remembered)
        self._before = {name.decode(): int(before) for name, before, _given in heights}
        self._given = {name.decode(): int(given) for name, _before, given in heights}

    def _settle(self, now: Mapping[str, int]) -> None:
        if self._is_shared():
            return
        back = {
            name: high for name, high in self._before.items() if now.get(name, -1) == self._given.get(name)
        }
        docks = [dock for dock in self._window.findChildren(QDockWidget) if dock.objectName() in back]
        self._window.resizeDocks(docks, [back[one.objectName()] for one in docks], Qt.Orientation.Vertical)
        self.settled(self._before, self._given)
        self._before, self._given = {}, {}

    def _is_shared(self) -> bool:
        return any(not dock.isHidden() for dock in self._window.tabifiedDockWidgets(self._lower))

    def _heights(self) -> dict[str, int]:
        """Those of all panels in the area, that of the tab under the lower one's name."""
        if (layout := self._window.layout()) is not None:
            layout.activate()  # what was asked for is done now
        area, found = self._window.dockWidgetArea(self._lower), {}
        for dock in self._window.findChildren(QDockWidget):
            in_tab = dock in self._window.tabifiedDockWidgets(self._lower)
            if is_seen(dock) and self._window.dockWidgetArea(dock) == area:
                found[(self._lower if in_tab else dock).objectName()] = dock.height()
        return found


def parted(state: bytes) -> tuple[bytes, bytes]:
    """A remembered layout, and what `RoomInTabs.recall` takes up of it."""
    layout, _mark, remembered = state.partition(_MARK)
    return layout, remembered


def limit_checklist(docks: Mapping[str, QDockWidget]) -> None:
    """Give what a large window has left over to the explanation, where it is shown, not to empty rows."""
    checklist, beside = docks["checklist"].widget(), not docks["explanation"].isHidden()
    if checklist is not None:
        checklist.setMaximumHeight(height_of_rows(ROW_HEIGHT) if beside else QWIDGETSIZE_MAX)


def height_of_rows(row: int) -> int:
    """The height that shows all features with rows of this height."""
    return HEADING_HEIGHT * (1 + len(Group)) + row * len(FEATURES) + 2 + 2 * CHECKLIST_BORDER
