"""The picture's share of the window: what stands over it takes its room from the panels below."""

from __future__ import annotations

import math
from collections.abc import Mapping

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

from app.ui.views.late_dock import LateDock

SHARE = 0.36
"""Of the window's area that a picture of 16:9 has at least, where there is room."""
SHARE_WITH_EEG = 0.15
"""The same while the EEG is shown, whose traces need the height."""
SHARE_WITH_ROWS = 0.25
"""The same while panels with rows are in tabs with the timeline."""
_HIGHEST = 460
"""More is left to the person; device-independent pixels."""
_LOWEST = 80
"""So high is the picture's view in any case, in device-independent pixels."""
_HIGH = 980
"""A window so high shows every row of the timeline, in device-independent pixels."""
_EDGES = 26
"""What lies between central widget and panels, in device-independent pixels."""
_TABS = 28
"""The height of the tabs of panels that share a place, in device-independent pixels."""


def least_height(window: QSize, wide: int, room: int, share: float) -> int:
    """The least height of a picture view so `wide`, of which `room` is all that the window can give."""
    wanted = math.sqrt(share * window.width() * window.height() * 9 / 16)
    # A view that is higher than its width asks for would only be blacker.
    return max(0, round(min(wanted, wide * 9 / 16 + 2, room, _HIGHEST)))


class PictureShare(QObject):
    """Keeps the least heights of the picture's view and of the timeline right while the window changes."""

    def __init__(
        self, window: QMainWindow, stage: QWidget, docks: Mapping[str, LateDock], smallest: QSize
    ) -> None:
        super().__init__(window)
        self._window, self._stage, self._eeg, self._timeline = window, stage, docks["eeg"], docks["timeline"]
        self._smallest = stage.minimumHeight()
        self._least_timeline: int | None = None
        """That of the panel as it was made; None until it is."""
        # Its own least size: that of what is in it now would keep a large window from becoming small.
        window.setMinimumSize(smallest)
        centre = stage.parentWidget()
        assert centre is not None
        self._centre = centre
        for watched in (window, centre):
            watched.installEventFilter(self)
        docks["timeline"].made.connect(self._fit)
        for dock in self._docks():
            dock.visibilityChanged.connect(self._fit)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt calls it so
        # Of the window itself, whose bars ask for a layout with every word they show, only its size counts.
        kind = event.type()
        if kind is QEvent.Type.Resize or (kind is QEvent.Type.LayoutRequest and watched is self._centre):
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        timeline = self._timeline.widget()
        if timeline is not None:
            self._fit_timeline(timeline)
        share = self._share()
        size, room = self._window.size(), self._window.height() - self._taken()
        # With many panels in a low window a small picture is better than controls under a panel.
        smallest = max(min(self._smallest, room), _LOWEST)
        height = max(smallest, least_height(size, self._centre.width(), room, share))
        if height != self._stage.minimumHeight():
            self._stage.setMinimumHeight(height)
        # A layout with text that wraps counts on less than the text needs at this width.
        bars = self._bars()
        if bars + height != self._centre.minimumHeight():
            self._centre.setMinimumHeight(bars + height)

    def _share(self) -> float:
        if not self._eeg.isHidden():
            return SHARE_WITH_EEG
        in_tabs = self._window.tabifiedDockWidgets(self._timeline)
        return SHARE_WITH_ROWS if any(not dock.isHidden() for dock in in_tabs) else SHARE

    def _fit_timeline(self, timeline: QWidget) -> None:
        if self._least_timeline is None:
            self._least_timeline = timeline.minimumHeight()
        high = self._window.height() >= _HIGH and self._eeg.isHidden()
        rows = timeline.sizeHint().height() if high else self._least_timeline
        if rows != timeline.minimumHeight():
            timeline.setMinimumHeight(rows)

    def _taken(self) -> int:
        """The least height of everything above and below the picture."""
        bars = (self._window.menuBar(), self._window.statusBar())
        beside = sum(bar.sizeHint().height() for bar in bars if not bar.isHidden())
        return beside + self._bars() + self._below() + _EDGES

    def _bars(self) -> int:
        return sum(self._least_of(part) for part in self._rows() if not part.isHidden())

    def _rows(self) -> list[QWidget]:
        """What stands over and under the picture in the central widget."""
        layout = self._centre.layout()
        items = [] if layout is None else [layout.itemAt(row) for row in range(layout.count())]
        widgets = (item.widget() for item in items if item is not None)
        return [widget for widget in widgets if widget is not None and widget is not self._stage]

    def _docks(self) -> list[QDockWidget]:
        return self._window.findChildren(QDockWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)

    def _below(self) -> int:
        """The least height of the panels at the bottom, of which those in tabs have one place."""
        bottom, high = Qt.DockWidgetArea.BottomDockWidgetArea, 0
        left = {
            dock
            for dock in self._docks()
            if self._window.dockWidgetArea(dock) is bottom and not dock.isHidden() and not dock.isFloating()
        }
        while left:
            dock = left.pop()
            behind = left.intersection(self._window.tabifiedDockWidgets(dock))
            left -= behind
            high += max(self._least_of(one) for one in (dock, *behind)) + (_TABS if behind else 0)
        return high

    def _least_of(self, part: QWidget) -> int:
        widget: QWidget | None = part.widget() if isinstance(part, QDockWidget) else part
        if widget is None:
            return 0
        if isinstance(part, QDockWidget):
            return widget.minimumHeight() or widget.minimumSizeHint().height()
        if widget.hasHeightForWidth():
            # The row itself is given its width only after the central widget.
            return widget.heightForWidth(self._centre.width())
        return widget.sizeHint().height()
