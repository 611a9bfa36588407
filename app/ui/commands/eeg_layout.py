"""How the panels lie while the EEG is shown and while it is not, each as the person has arranged it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from enum import Enum, auto

from PySide6.QtCore import QByteArray, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QDockWidget, QMainWindow

from app.ui.commands.panel_focus import is_seen
from app.ui.views.picture_share import SHARE_WITH_EEG, least_height

LAYOUT = 1
"""Raised when the panels change so much that a remembered layout no longer fits."""
_SHARES = {"eeg": 0.42, "timeline": 0.13, "waveform": 0.05}
"""The shares of the window's height when the panel is first shown: the picture keeps the rest."""
OVERVIEW_HEIGHT = 150
"""Pixels of the EEG's overview when it is first shown."""
_ROOM_FOR_BOTH = 1100
"""Device-independent pixels: where picture and timeline have so much width together, they stand side by side
over the EEG. Below one another neither would have the height for its rows."""
_HEIGHT_FOR_ALL = 600
"""Device-independent pixels: in a lower window, as on a screen of 1920×1080 at 200 %, EEG, timeline and
waveform are tabs. One below another they would need more than there is, and be drawn over one another."""
_TOLERANCE = 40
"""Pixels by which there may be less room before a timeline beside the picture is moved below it."""
_LEAST_TIMELINE = 480
"""Width of the timeline beside the picture, of which the names of features take about a third."""


class _TimelinePlace(Enum):
    """Where the timeline has room while the EEG is shown."""

    TABS = auto()
    BELOW = auto()
    BESIDE_PICTURE = auto()


class EegLayout(QObject):
    """Exchanges the two layouts as the EEG comes and goes; which panels are shown stays as it is."""

    laid_out = Signal()
    """The panels lie as they did when a layout was remembered, which may have been without some of them."""

    arranged = Signal()
    """The panels have heights that nobody chose: they were laid out for the first time."""

    def __init__(
        self,
        window: QMainWindow,
        docks: Mapping[str, QDockWidget],
        with_eeg: str,
        is_full_screen: Callable[[], bool],
    ) -> None:
        """`with_eeg` is the layout with the EEG as `text_of` gives it, "" for none yet. In full screen all
        panels are hidden, which is not a layout to be remembered."""
        super().__init__(window)
        self._is_full_screen = is_full_screen
        self._window, self._docks = window, docks
        self._with, self._without, self._tabs = _state(with_eeg), QByteArray(), QByteArray()
        self.on = False
        """Whether the panels lie as they do with the EEG."""
        self._is_makeshift = False
        """Whether the remembered layout had no room in this window, so that it is not to be replaced."""
        self._places = _TimelinePlace.BELOW
        self._overview = 0
        self._after_resize = QTimer(self, singleShot=True, interval=0)
        self._after_resize.timeout.connect(self._fit)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt calls it so
        if event.type() is QEvent.Type.Resize and self.on:
            self._after_resize.start()
        return super().eventFilter(watched, event)

    def show(self, overview: int) -> None:
        """Show the EEG in its layout, with `overview` more pixels where that is arranged first."""
        self._overview = overview
        if not self.on and not self._is_full_screen():
            self._without, self.on = self._window.saveState(LAYOUT), True
            self._window.installEventFilter(self)
            self._places = self._possible_places()
            self._take_places()
        self._docks["eeg"].show()

    def hide(self) -> None:
        """Hide the EEG, and let the panels lie as they did without it."""
        if self.on and not self._is_full_screen():
            self._keep_places()
            self.on = False
            self._window.removeEventFilter(self)
            self._restore(self._without)
        self._docks["eeg"].hide()
        self.laid_out.emit()

    def remembered(self, now: QByteArray) -> tuple[str, str]:
        """The layouts without and with the EEG as texts, where the panels lie as in `now`."""
        without, with_eeg = (self._without, self._with_eeg(now)) if self.on else (now, self._with)
        return text_of(without), text_of(with_eeg)

    def _with_eeg(self, now: QByteArray) -> QByteArray:
        return self._with if self._is_makeshift else now

    def _restore(self, state: QByteArray) -> bool:
        """Lay the panels out so, all but the EEG as visible as they are, the same tab in front at the right;
        whether that could be done."""
        docks = self._window.findChildren(QDockWidget)
        shown = {dock: not dock.isHidden() for dock in docks}
        in_front = [dock for dock in docks if is_seen(dock) and self._is_tab_at_the_right(dock)]
        if state.isEmpty() or not self._window.restoreState(state, LAYOUT):
            return False
        for dock, is_shown in shown.items():
            if dock is not self._docks["eeg"] and dock.isHidden() is is_shown:
                dock.setVisible(is_shown)
        for dock in in_front:
            dock.raise_()
        return True

    def _is_tab_at_the_right(self, dock: QDockWidget) -> bool:
        """Whether it shares the place of the checklist, in which no panel comes or goes with the EEG."""
        at_right = self._window.dockWidgetArea(dock) is Qt.DockWidgetArea.RightDockWidgetArea
        return at_right and bool(self._window.tabifiedDockWidgets(dock))

    def _fit(self) -> None:
        """Arrange the panels anew once the window has become too small for their places, or large enough for
        better ones. What was remembered before stays: the panels are as small as the window already."""
        possible = self._possible_places()
        shown = self.on and not self._is_full_screen() and not self._docks["eeg"].isHidden()
        if shown and possible is not self._places:
            self._places = possible
            self._take_places()

    def _take_places(self) -> None:
        in_tabs = self._places is _TimelinePlace.TABS
        known = self._restore(self._tabs if in_tabs else self._with)
        self._docks["eeg"].show()
        too_wide = self._is_timeline_beside() and self._places is not _TimelinePlace.BESIDE_PICTURE
        self._is_makeshift = in_tabs or too_wide
        if too_wide or not known:
            self._arrange(self._overview)
            self.arranged.emit()
        self.laid_out.emit()

    def _keep_places(self) -> None:
        now = self._window.saveState(LAYOUT)
        if self._places is _TimelinePlace.TABS:
            self._tabs = now
        else:
            self._with = self._with_eeg(now)

    def _possible_places(self) -> _TimelinePlace:
        if self._window.height() < _HEIGHT_FOR_ALL:
            return _TimelinePlace.TABS
        timeline = self._docks["timeline"]
        beside = timeline.width() if self._is_timeline_beside() and not timeline.isHidden() else 0
        # What is there already may stay a little longer: the edge between two panels takes some pixels.
        needed = _ROOM_FOR_BOTH - _TOLERANCE if beside else _ROOM_FOR_BOTH
        return _TimelinePlace.BESIDE_PICTURE if self._room() + beside >= needed else _TimelinePlace.BELOW

    def _arrange(self, overview: int) -> None:
        window, docks = self._window, self._docks
        shares = dict(_SHARES)
        if window.tabifiedDockWidgets(docks["eeg"]):
            self._restore(self._without)
            docks["eeg"].show()
        elif self._is_timeline_beside():
            self._put_timeline_below()
        if self._places is _TimelinePlace.TABS:
            self._put_into_tabs()
            return
        if self._places is _TimelinePlace.BESIDE_PICTURE and not docks["timeline"].isHidden():
            self._put_timeline_beside_picture(self._room())
            del shares["timeline"]
        heights = [round(window.height() * share) for share in shares.values()]
        heights[0] += overview
        window.resizeDocks([docks[name] for name in shares], heights, Qt.Orientation.Vertical)

    def _put_into_tabs(self) -> None:
        for name in ("timeline", "waveform"):
            dock, is_shown = self._docks[name], not self._docks[name].isHidden()
            self._window.tabifyDockWidget(self._docks["eeg"], dock)
            dock.setVisible(is_shown)
        self._docks["eeg"].raise_()

    def _room(self) -> int:
        """The width of the picture, under which the timeline stands as long as there is no EEG."""
        centre = self._window.centralWidget()
        return 0 if centre is None else centre.width()

    def _is_timeline_beside(self) -> bool:
        area = self._window.dockWidgetArea(self._docks["timeline"])
        return area is Qt.DockWidgetArea.LeftDockWidgetArea

    def _put_timeline_below(self) -> None:
        timeline, is_shown = self._docks["timeline"], not self._docks["timeline"].isHidden()
        self._window.splitDockWidget(self._docks["eeg"], timeline, Qt.Orientation.Vertical)
        timeline.setVisible(is_shown)

    def _put_timeline_beside_picture(self, room: int) -> None:
        window, timeline = self._window, self._docks["timeline"]
        # Left panels stand over those at the bottom; the worklist is there already, farther left.
        window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, timeline, Qt.Orientation.Horizontal)
        timeline.show()
        high = least_height(window.size(), room, window.height(), SHARE_WITH_EEG)
        width = max(_LEAST_TIMELINE, room - high * 16 // 9)
        window.resizeDocks([timeline], [width], Qt.Orientation.Horizontal)


def text_of(state: QByteArray) -> str:
    """A layout as text for the settings."""
    return base64.b64encode(state.data()).decode("ascii")


def _state(text: str) -> QByteArray:
    return QByteArray(base64.b64decode(text))
