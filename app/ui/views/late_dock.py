"""A dock whose panel is made when it is first seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from itertools import pairwise

from PySide6.QtCore import Qt, QTimer, Signal, SignalInstance
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

from app.ui.session.session import Session

PANELS = {
    "checklist": ("checklist", "ChecklistView"),
    "explanation": ("explanation", "ExplanationView"),
    "timeline": ("timeline", "TimelineView"),
    "waveform": ("waveform", "WaveformView"),
    "worklist": ("worklist", "WorklistView"),
    "eeg": ("eeg_panel", "EegPanel"),
    "history": ("history", "HistoryView"),
    "comparison": ("comparison", "ComparisonView"),
    "traces": ("traces", "TracesView"),
    "filmstrip": ("filmstrip", "FilmstripView"),
    "movement": ("movement", "MovementView"),
    "consensus": ("consensus", "ConsensusView"),
    "rating": ("rating_queue", "RatingQueueView"),
    "eeg_annotations": ("eeg_annotations", "EegAnnotationsView"),
}
"""Modules of this room and their panels, each of which is made of a session."""

_COVERED_FOR = 250
"""Milliseconds until the first panel that the start page covers is made, and from one to the next: each takes
some hundredths of a second."""


class LateDock(QDockWidget):
    """A start makes no panel that nobody sees, and does not load what it is made of."""

    made = Signal(object)
    """The panel, once it is there."""

    covered = False
    """Whether the start page lies over the dock: it can be shown, and nobody sees it."""

    def __init__(self, name: str, title: str, window: QMainWindow, session: Session) -> None:
        super().__init__(title, window)
        self.setObjectName(name)
        self._session = session

    def make_panel(self) -> None:
        """Make the panel unless it is there."""
        if self.widget() is None:
            module, name = PANELS[self.objectName()]
            panel: QWidget = getattr(import_module(f"app.ui.views.{module}"), name)(self._session)
            self.setWidget(panel)
            self._take_place_in_tab_order(panel)
            self.made.emit(panel)

    def uncover(self) -> None:
        """Make the panel, which is seen from now on or will soon be."""
        self.covered = False
        self.make_panel()

    def _take_place_in_tab_order(self, panel: QWidget) -> None:
        """Let Tab reach the panel where the dock is: what is made later would come after all the rest."""
        taking = [one for one in _after(self) if one.focusPolicy() is not Qt.FocusPolicy.NoFocus]
        of_panel = [one for one in taking if one is panel or panel.isAncestorOf(one)]
        for before, after in pairwise((*taking[-1:], *of_panel)):
            QWidget.setTabOrder(before, after)

    def showEvent(self, event: QShowEvent) -> None:
        if not self.covered:
            self.make_panel()
        super().showEvent(event)


def make_when_seen(docks: Iterable[LateDock], seen: Sequence[SignalInstance], *, now: bool) -> None:
    """Make the panels of these docks `now`; else, while the start page covers them, one after the other once
    the page is painted, and all of them with the first of the signals."""
    for number, dock in enumerate(docks, 1):
        if now:
            dock.make_panel()
            continue
        dock.covered = True
        for signal in seen:
            signal.connect(dock.uncover)
        QTimer.singleShot(_COVERED_FOR * number, dock, dock.uncover)


def _after(widget: QWidget) -> Iterator[QWidget]:
    """All others of the window in the tab order, that before the widget at last."""
    one = widget.nextInFocusChain()
    while one is not None and one is not widget:
        yield one
        one = one.nextInFocusChain()
