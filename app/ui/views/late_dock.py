"""A dock whose panel is made when it is first seen."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from itertools import pairwise

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

from app.ui.session.session import Session
from app.ui.views.focus_chain import focus_chain

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
"""Milliseconds from the start page's first picture until the first panel that it covers is made, and from one
to the next: each takes one to four tenths of a second, in which the window takes no input."""


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
        """Make the panel, which is seen from now on or will soon be; a hidden one only once it is shown."""
        self.covered = False
        if not self.isHidden():
            self.make_panel()

    def _take_place_in_tab_order(self, panel: QWidget) -> None:
        """Let Tab reach the panel where the dock is: what is made later would come after all the rest."""
        taking = [one for one in focus_chain(self) if one.focusPolicy() is not Qt.FocusPolicy.NoFocus]
        of_panel = [one for one in taking if one is panel or panel.isAncestorOf(one)]
        for before, after in pairwise((*taking[-1:], *of_panel)):
            QWidget.setTabOrder(before, after)

    def showEvent(self, event: QShowEvent) -> None:
        if not self.covered:
            self.make_panel()
        super().showEvent(event)


class CoveredPanels(QObject):
    """Makes the panels that a page covers, one after the other once it was painted, or all when a recording
    is about to be opened; and when it goes, which the caller says with `uncover`."""

    def __init__(self, page: QWidget, docks: Iterable[LateDock], session: Session) -> None:
        super().__init__(page)
        self._docks = list(docks)
        for dock in self._docks:
            dock.covered = True
        self._next = QTimer(self, singleShot=True, interval=_COVERED_FOR)
        self._next.timeout.connect(self._make_next)
        session.closing.connect(self._next.stop)
        session.opening.leaving.connect(self.uncover)
        page.installEventFilter(self)

    def uncover(self) -> None:
        """Make all panels that are not hidden."""
        while self._docks:
            self._docks.pop(0).uncover()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt calls it so
        if event.type() is QEvent.Type.Paint:
            watched.removeEventFilter(self)
            self._next.start()
        return super().eventFilter(watched, event)

    def _make_next(self) -> None:
        # Those that are hidden or were made meanwhile take no turn.
        while self._docks:
            dock = self._docks.pop(0)
            missing = dock.widget() is None
            dock.uncover()
            if missing and dock.widget() is not None:
                self._next.start()
                return
