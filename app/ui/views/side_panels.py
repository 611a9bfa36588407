"""The panels that are hidden at first: worklist, history, consensus, comparison, traces and others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QTabWidget, QWidget

from app.core.semiology import Laterality, Presence
from app.ui.commands.command import Command, Menu
from app.ui.commands.key_modes import KeyMode, deciding_mode
from app.ui.commands.panel_focus import PanelFocus, first_stop, is_seen
from app.ui.memory import Memory
from app.ui.session.background import Background
from app.ui.session.session import Session
from app.ui.views.dock_sizes import RoomInTabs
from app.ui.views.late_dock import LateDock

if TYPE_CHECKING:
    from app.ui.views.consensus import ConsensusView
    from app.ui.views.worklist import WorklistView

_ON_TIME_AXIS = ("traces", "filmstrip", "movement")
"""What has the timeline's axis and stands below it; the last one directly."""
_OF_ROWS = ("history", "comparison")
"""What has rows, of which the timeline's height shows none on a low screen."""

_CALM = 500
"""Milliseconds after a change of what is open, in which its picture is shown, until the recordings of its
study are counted; and to the next look while something opens or plays."""


class SidePanels(QObject):
    """Makes the docks of a window beside those that it has, and the commands that show them."""

    def __init__(
        self, window: QMainWindow, session: Session, docks: Mapping[str, QDockWidget], memory: Memory
    ) -> None:
        super().__init__(window)
        self._window, self._memory = window, memory
        left, right = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
        bottom = Qt.DockWidgetArea.BottomDockWidgetArea
        self._session = session
        self.docks = {
            "worklist": self._dock("worklist", "Worklist", left),
            "history": self._dock("history", "History", bottom),
            "comparison": self._dock("comparison", "Comparison", bottom),
            "traces": self._dock("traces", "Traces", bottom),
            "filmstrip": self._dock("filmstrip", "Filmstrip", bottom),
            "movement": self._dock("movement", "Movement", bottom),
            "consensus": self._dock("consensus", "Consensus", right),
            "rating": self._dock("rating", "Ratings", right),
            "eeg_annotations": self._dock("eeg_annotations", "EEG annotations", right),
        }
        self._focus, self.room = PanelFocus(window), RoomInTabs(window, docks["timeline"])
        self._checklist = docks["checklist"]
        self._beside = {
            "history": docks["timeline"],
            "comparison": docks["timeline"],
            # In place of the checklist: below it there is no room on a low screen, and what is said of
            # the feature stays in sight.
            "consensus": docks["checklist"],
            "rating": docks["checklist"],
            "eeg_annotations": docks["checklist"],
        }
        for area in (right, bottom):
            window.setTabPosition(area, QTabWidget.TabPosition.North)
        for name in _ON_TIME_AXIS:
            window.splitDockWidget(docks["timeline"], self.docks[name], Qt.Orientation.Vertical)
        for dock in self.docks.values():
            dock.hide()
        self._several = False
        self.docks["worklist"].made.connect(self._begin_worklist)
        self._counting = Background("count of the recordings", self, one_at_a_time=True)
        self._counting.done.connect(self._on_counted)
        self._calm = QTimer(self)
        self._calm.setSingleShot(True)
        self._calm.setInterval(_CALM)
        self._calm.timeout.connect(self._count)
        for changed in (session.study.recordings_changed, session.opened.recording_changed):
            changed.connect(self._calm.start)
        for end in (self._calm.stop, self._counting.close):
            session.closing.connect(end)
        self._calm.start()
        self._study = session.study.folder
        session.opened.recording_changed.connect(self._begin_study)
        session.requests.traces.connect(self._show_traces)

    def _dock(self, name: str, title: str, area: Qt.DockWidgetArea) -> LateDock:
        dock = LateDock(name, title, self._window, self._session)
        dock.setFeatures(QDockWidget.DockWidgetFeature.DockWidgetClosable)
        dock.setTitleBarWidget(QWidget())
        self._window.addDockWidget(area, dock)
        return dock

    def _count(self) -> None:
        """Look whether the study has a second recording, with which the worklist comes by itself. Once its
        panel is there it looks for that itself."""
        access = self._session.study.access()
        if access is None or self.docks["worklist"].widget() is not None:
            return
        if self._session.opening.is_busy:
            self._calm.start()
        else:
            self._counting.start(lambda _task: access.has_several())

    def _on_counted(self, several: bool) -> None:
        if not several or self._memory.settings.worklist_closed:
            return
        if self._session.opening.is_busy:
            self._calm.start()  # the picture would stand still while the panel is made
        else:
            self.docks["worklist"].make_panel()

    def _begin_worklist(self, worklist: WorklistView) -> None:
        worklist.set_sort(self._memory.settings.worklist_sort)
        worklist.sorted.connect(lambda sort: self._memory.change(worklist_sort=sort))
        worklist.several.connect(self._show_worklist)
        worklist.read()

    def _show_worklist(self, several: bool) -> None:
        """Show the worklist with the second recording of a study, unless it was closed; once."""
        if several != self._several:
            self._several = several
            self.docks["worklist"].setVisible(several and not self._memory.settings.worklist_closed)

    def _begin_study(self) -> None:
        """Begin another study at the checklist: what lies over it belongs to the work on the last one."""
        study = self._session.study.folder
        if self._session.opened.recording is not None and study != self._study:
            self._study = study
            if not self._checklist.isHidden():
                self._checklist.raise_()

    def commands(self) -> tuple[Command, ...]:
        """A switch for each panel, and the way from panel to panel."""
        rows = (
            ("worklist", "Worklist", "Ctrl+Shift+W", "The recordings of this study."),
            ("history", "History", "Ctrl+H", "Who changed what, when and why."),
            ("comparison", "Comparison of readers", "Ctrl+Shift+A", "How far readers agree, in this study."),
            ("consensus", "Consensus", "Ctrl+Shift+D", "Decide together where readers differ."),
            ("rating", "Rate explanations…", "Ctrl+Shift+F", "How faithful a reader's reasons are, 1–5."),
            ("eeg_annotations", "EEG annotations", "Ctrl+J", "The annotations in the file of the EEG."),
            ("movement", "Movement strip", "Ctrl+Shift+V", "How much moves, over the whole recording."),
            ("filmstrip", "Filmstrip", "Ctrl+Shift+I", "Pictures over the whole recording."),
            ("traces", "Traces", "Ctrl+Shift+J", "What the signal reader measured for the selected feature."),
        )
        switches = tuple(
            Command(
                f"show_{name}",
                Menu.VIEW,
                title,
                (key,),
                what,
                self._toggle(name),
                self._shown(name),
                parted=name == "worklist",
            )
            for name, title, key, what in rows
        )
        return (*switches, *self._focus.commands())

    def key_modes(self) -> tuple[KeyMode, ...]:
        """The keys that a panel has for itself."""
        return (deciding_mode(self._consensus_decides, self._decide, self._take),)

    def _consensus_decides(self) -> bool:
        """Whether the answering keys are the consensus's: in it, or where nothing else shows what they do."""
        dock, focus = self.docks["consensus"], QApplication.focusWidget()
        inside = focus is not None and dock.isAncestorOf(focus)
        return is_seen(dock) and (inside or not is_seen(self._checklist))

    def _decide(self, presence: Presence, side: Laterality | None) -> None:
        if (view := self._consensus()) is not None:
            view.decide(presence, side)

    def _take(self, place: int) -> None:
        if (view := self._consensus()) is not None:
            view.take(place)

    def _consensus(self) -> ConsensusView | None:
        from app.ui.views.consensus import ConsensusView

        view = self.docks["consensus"].widget()
        return view if isinstance(view, ConsensusView) else None

    def _show_traces(self) -> None:
        """Bring the traces into sight, where they are not yet."""
        if not is_seen(self.docks["traces"]):
            self._toggle("traces")()

    def _toggle(self, name: str) -> Callable[[], None]:
        def slot() -> None:
            dock = self.docks[name]
            # Behind another's tab it is called to the front.
            if name == "worklist":
                self._memory.change(worklist_closed=is_seen(dock))
            if is_seen(dock):
                self.room.take_back(dock)
                return
            dock.make_panel()
            if name in self._beside:
                self.room.note()
                # Only now: the tabs of panels that are hidden would be painted where nothing is.
                self._window.tabifyDockWidget(self._beside[name], dock)
            dock.show()
            if name in _ON_TIME_AXIS and (panel := dock.widget()) is not None:
                self._window.resizeDocks([dock], [panel.sizeHint().height()], Qt.Orientation.Vertical)
            QTimer.singleShot(0, dock, lambda: self._enter(dock))

        return slot

    def _enter(self, dock: QDockWidget) -> None:
        """Bring the panel to the front, give it room for its rows, and the keyboard."""
        dock.raise_()
        if dock.objectName() in _OF_ROWS:
            self.room.give(dock)
        view: QWidget | None = getattr(dock.widget(), "entry", None) or first_stop(dock)
        if view is not None:
            view.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def keep_in_tabs(self) -> None:
        """Put panels that are shown back behind the tabs of their neighbours: a layout that was remembered
        while they were hidden has them beside these, and nobody can move them from there."""
        for name, neighbour in self._beside.items():
            dock = self.docks[name]
            if not dock.isHidden() and dock not in self._window.tabifiedDockWidgets(neighbour):
                self._window.tabifyDockWidget(neighbour, dock)
        self.room.settle()

    def _shown(self, name: str) -> Callable[[], bool]:
        return lambda: not self.docks[name].isHidden()
