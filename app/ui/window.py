"""The main window: the views around one session, and its remembered layout."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QByteArray, QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QIcon
from PySide6.QtWidgets import QApplication, QMainWindow, QMenu, QVBoxLayout, QWidget

from app.core.folders import resource
from app.core.plain_text import plain
from app.core.settings import Settings
from app.core.timeline.clock_text import TimeForm
from app.ui import theme as themes
from app.ui.commands.access_keys import give_access_keys
from app.ui.commands.actions import Actions
from app.ui.commands.camera_commands import CameraDialogs
from app.ui.commands.closing_questions import ClosingQuestions
from app.ui.commands.eeg_attaching import EegAttaching
from app.ui.commands.eeg_clocks import EegClocks
from app.ui.commands.eeg_commands import EegCommands
from app.ui.commands.eeg_layout import LAYOUT, text_of
from app.ui.commands.escape import escape_command
from app.ui.commands.exchange_commands import ExchangeDialogs
from app.ui.commands.file_commands import PATTERNS, FileDialogs
from app.ui.commands.help_commands import HelpDialogs
from app.ui.commands.key_modes import rating_mode
from app.ui.commands.key_watch import KeyWatch
from app.ui.commands.left_places import LeftPlaces
from app.ui.commands.loading import load_later
from app.ui.commands.model_commands import ModelDialogs
from app.ui.commands.practice_commands import PracticeDialogs
from app.ui.commands.reader_commands import ReaderDialogs
from app.ui.commands.reading_commands import ReadingDialogs
from app.ui.commands.session_commands import Command, Menu, session_commands
from app.ui.commands.study_commands import StudyDialogs
from app.ui.commands.teacher_commands import TeacherDialogs
from app.ui.commands.tool_commands import Tools
from app.ui.memory import Memory
from app.ui.session.answering import Advance
from app.ui.session.background import close_all
from app.ui.session.picture import Overlay
from app.ui.session.session import Session
from app.ui.theme import Mode
from app.ui.views.answer_strip import AnswerStrip
from app.ui.views.banner import Banner
from app.ui.views.blind_question import BlindQuestion
from app.ui.views.cameras import CameraStage
from app.ui.views.dock_sizes import arrange_docks, limit_checklist, parted
from app.ui.views.late_dock import CoveredPanels, LateDock
from app.ui.views.picture_share import PictureShare
from app.ui.views.reader_question import ReaderQuestion
from app.ui.views.side_panels import SidePanels
from app.ui.views.silent_lane import SilentLane
from app.ui.views.start_page import StartPage
from app.ui.views.status_bar import StatusBar
from app.ui.views.transport import TransportView
from app.ui.views.video import VideoView

TITLE = "Semioscope"
_FRAME = QSize(16, 44)
"""What the widest frame and title bar of a desktop need round the window, in device-independent pixels."""
_QUEUE_AFTER = 1500
"""Milliseconds after the window was made until the queue of analyses is taken up, and what a start does
without is loaded."""
_SMALLEST = QSize(720, 440)
"""Half of a small screen, as at 200 %, in device-independent pixels."""


class Window(QMainWindow):
    """The main window on one session, which it closes with itself."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._memory = Memory(self)
        self._advance = Advance(self._memory.settings.go_on)
        self._before_full_screen: QByteArray | None = None
        self.setAcceptDrops(True)
        self.setWindowTitle(TITLE)
        self.setWindowIcon(QIcon(str(resource("semioscope.svg"))))
        self._restore_session(self._memory.settings)
        self._apply_theme()
        self._closing = ClosingQuestions(self, session)
        self._studies = StudyDialogs(self, session, self._memory, PATTERNS, self._closing)
        self._files = FileDialogs(self, session, self._memory, self.take)
        self._left = LeftPlaces(self, session, self._memory)
        self._stage, self._docks = self._compose()
        self._panels = SidePanels(self, session, self._docks, self._memory)
        for dock in (self._docks["checklist"], self._panels.docks["consensus"]):
            self._strip.hide_beside(dock)
        self.setStatusBar(StatusBar(session, self))
        self._tools = Tools(self, session, self._memory)
        self._cameras = CameraDialogs(self, session, self._memory, self._stage, PATTERNS)
        self._practice_dialogs = PracticeDialogs(self, session, self._memory)
        self._eeg = EegCommands(
            self, session, self._memory, self._docks, lambda: self._before_full_screen is not None
        )
        self._eeg_attaching = EegAttaching(self, session)
        self._eeg_clocks = EegClocks(self, session)
        session.eeg.attach_wanted.connect(self._eeg_attaching.attach)
        self._model_dialogs = ModelDialogs(self, session)
        self._exchange = ExchangeDialogs(self, session, self._memory)
        self._reader_dialogs = ReaderDialogs(self, session, self._memory)
        self._teacher_dialogs = TeacherDialogs(self, session, self._memory)
        self._reading_dialogs = ReadingDialogs(self, session)
        help_dialogs = HelpDialogs(self, session)
        keys = KeyWatch(self)
        commands = (
            *self._files.commands(),
            *self._studies.commands(),
            *session_commands(session, self._advance, keys),
            escape_command(self, session, self.leave_full_screen),
            *self._cameras.commands(),
            *self._practice_dialogs.commands(),
            *self._eeg_attaching.commands(),
            *self._eeg_clocks.commands(),
            *self._eeg.commands(),
            *self._model_dialogs.commands(),
            *self._reader_dialogs.commands(),
            *self._teacher_dialogs.commands(),
            *self._reading_dialogs.commands(),
            *self._view_commands(),
            *self._panels.commands(),
            *self._exchange.commands(),
            *help_dialogs.first_rows(),
            *self._tools.commands(),
            *help_dialogs.last_rows(),
            self._quit_command(),
        )
        modes = (rating_mode(session.rating_round), *self._panels.key_modes())
        self.actions_ = Actions(self, session, commands, keys, modes)
        self._tools.connect_actions(self.actions_)
        self._practice_dialogs.connect_actions(self.actions_)
        menus = self.actions_.fill(self.menuBar())
        self._files.add_recent(menus[Menu.FILE], self.actions_["demonstration"])
        self._eeg.fill_strip(menus[Menu.EEG])
        self._add_panels(menus[Menu.VIEW])
        give_access_keys(menus.values())
        session.opened.recording_changed.connect(self._show_title)
        session.worklist.naming.changed.connect(self._show_title)
        session.appearance.theme_changed.connect(self._apply_theme)
        self._docks["explanation"].visibilityChanged.connect(lambda: limit_checklist(self._docks))
        # Only now: each action that the window is given is an event for all that watch it.
        self._silent_lane = self._share_room()
        self._restore_layout(self._memory.settings)
        limit_checklist(self._docks)
        self._begin()

    def sizeHint(self) -> QSize:
        return QSize(1440, 900)

    # composing

    def _compose(self) -> tuple[CameraStage, dict[str, LateDock]]:
        session = self.session
        video = VideoView(session)
        video.full_screen_requested.connect(self.toggle_full_screen)
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(Banner(session))
        column.addWidget(BlindQuestion(session))
        column.addWidget(ReaderQuestion(session))
        stage = CameraStage(session, video)
        column.addWidget(stage, 1)
        self._strip = AnswerStrip(session)
        column.addWidget(self._strip)
        transport = TransportView(session)
        kept = self._memory.settings.time_form
        transport.set_time_form(next((form for form in TimeForm if form.value == kept), TimeForm.CLOCK))
        transport.time_form_chosen.connect(lambda form: self._memory.change(time_form=form))
        column.addWidget(transport)
        self.setCentralWidget(centre)
        for corner in (Qt.Corner.BottomRightCorner, Qt.Corner.TopRightCorner):
            self.setCorner(corner, Qt.DockWidgetArea.RightDockWidgetArea)
        right, bottom = Qt.DockWidgetArea.RightDockWidgetArea, Qt.DockWidgetArea.BottomDockWidgetArea
        return stage, {
            "checklist": self._dock("checklist", "Checklist", right),
            "explanation": self._dock("explanation", "Explanation", right),
            "eeg": self._dock("eeg", "EEG", bottom),
            "timeline": self._dock("timeline", "Timeline", bottom),
            "waveform": self._dock("waveform", "Waveform", bottom),
        }

    def _share_room(self) -> SilentLane:
        PictureShare(self, self._stage, self._docks, _SMALLEST)
        lane = SilentLane(self, self._docks["waveform"], self.session)
        self._eeg.arranged.connect(lane.fold_anew)
        self._panels.room.settled = lane.take_room_back
        for laid_out in (self._panels.keep_in_tabs, lane.fit):
            self._eeg.laid_out.connect(laid_out)
        return lane

    def _dock(self, name: str, title: str, area: Qt.DockWidgetArea) -> LateDock:
        dock = LateDock(name, title, self, self.session)
        dock.setFeatures(LateDock.DockWidgetFeature.DockWidgetClosable)
        # The panels say themselves what they are: a title would be a box in a box.
        dock.setTitleBarWidget(QWidget())
        self.addDockWidget(area, dock, Qt.Orientation.Vertical)
        return dock

    def _quit_command(self) -> Command:
        what = "Close the window; everything is saved."
        return Command("quit", Menu.FILE, "Quit", ("Ctrl+Q",), what, self.close_from_menu, parted=True)

    def _view_commands(self) -> tuple[Command, ...]:
        what, keys = "Show only the picture and the playback controls.", ("F", "F11")

        def on() -> bool:
            return self._before_full_screen is not None

        return (Command("full_screen", Menu.VIEW, "Full screen", keys, what, self.toggle_full_screen, on),)

    def _add_panels(self, menu: QMenu) -> None:
        menu.addSeparator()
        for name, dock in self._docks.items():
            if name != "eeg":  # has a command
                menu.addAction(dock.toggleViewAction())

    # what the window does by itself

    def _begin(self) -> None:
        """Show what there was, and take up the queue of analyses."""
        self._closing.add(self._exchange.asks, self._eeg_clocks.asks)
        page = StartPage(self.session, self)
        self._files.connect_page(page)
        self._studies.connect_page(page)
        page.begin_if_empty()
        self._docks["checklist"].made.connect(lambda: limit_checklist(self._docks))
        panels = [dock for name, dock in self._docks.items() if name != "eeg"]
        covered = CoveredPanels(page, (*panels, *self._panels.docks.values()), self.session)
        page.gone.connect(covered.uncover)
        if page.isHidden():
            covered.uncover()
        analysis = self.session.analysis
        analysis.hands_on = True
        # After the first picture of the window: its libraries take a moment.
        QTimer.singleShot(_QUEUE_AFTER, analysis, analysis.queue.begin_if_left)
        load_later(self, _QUEUE_AFTER, lambda: self.session.opening.is_busy)

    def leave_full_screen(self) -> bool:
        """Go back to the former layout; whether the picture had the whole screen."""
        full = self._before_full_screen is not None
        if full:
            self.toggle_full_screen()
        return full

    def toggle_full_screen(self) -> None:
        """Switch between picture and transport on the whole screen and the former layout."""
        if self._before_full_screen is not None:
            self.showNormal()
            self.restoreState(self._before_full_screen, LAYOUT)
            self._before_full_screen = None
            self._eeg.follow_file()
        else:
            self._before_full_screen = self.saveState(LAYOUT)
            for dock in (*self._docks.values(), *self._panels.docks.values()):
                dock.hide()
            self.showFullScreen()
        self.menuBar().setVisible(self._before_full_screen is None)
        self.statusBar().setVisible(self._before_full_screen is None)

    def close_from_menu(self) -> None:
        self.close()

    def _show_title(self) -> None:
        session, naming = self.session, self.session.worklist.naming
        shown = session.opened.recording or session.opened.preview
        names = [] if shown is None else [shown.path.name]
        if shown is not None and naming.is_worth_showing:
            names.append(plain(naming.name))
        # A name can look like a placeholder of Qt's, which would be filled in.
        self.setWindowTitle(" – ".join((*names, TITLE)).replace("[*]", "[ * ]"))

    def _apply_theme(self) -> None:
        application = QApplication.instance()
        if isinstance(application, QApplication):
            themes.apply(application, self.session.appearance.theme)

    # remembering

    def _restore_session(self, settings: Settings) -> None:
        places = self.session.worklist.naming.places
        places.recall(settings.folders)
        places.changed.connect(lambda: self._memory.change(folders=places.folders))
        self.session.appearance.set_mode(Mode.LIGHT if _wants_light(settings) else Mode.DARK)
        self.session.picture.set_overlay(
            Overlay(settings.overlay_skeleton, settings.overlay_face, settings.overlay_trails)
        )

    def _restore_layout(self, settings: Settings) -> None:
        self.resize(self.sizeHint().boundedTo(self.screen().availableSize() - _FRAME))
        geometry = QByteArray(base64.b64decode(settings.window_geometry))
        if not geometry.isEmpty():
            self.restoreGeometry(geometry)
        state = QByteArray(base64.b64decode(settings.window_state))
        if state.isEmpty() or not self.restoreState(state, LAYOUT):
            arrange_docks(self, self._docks)
        self._eeg.show_if_there()

    def saveState(self, version: int | None = None) -> QByteArray:  # noqa: N802 - overrides Qt's, so the name is Qt's
        return self._panels.room.state(self._silent_lane.state(version or 0))

    def restoreState(  # noqa: N802 - overrides Qt's, so the name is Qt's
        self, state: QByteArray | bytes | bytearray | memoryview[int], version: int | None = None
    ) -> bool:
        layout, room = parted(bytes(QByteArray(state).data()))
        known = self._silent_lane.restore(layout, version or 0)
        if known:
            self._panels.room.recall(room)
        return known

    def _remembered(self) -> Settings:
        overlay = self.session.picture.overlay
        without_eeg, with_eeg = self._eeg.remembered_layouts(
            self._before_full_screen or self.saveState(LAYOUT)
        )
        settings = self._memory.settings
        return replace(
            settings,
            theme=settings.theme if self._same_theme() else self.session.appearance.theme.mode.value,
            overlay_skeleton=overlay.skeleton,
            overlay_face=overlay.face,
            overlay_trails=overlay.trails,
            window_geometry=text_of(self.saveGeometry()),
            window_state=without_eeg,
            eeg_window_state=with_eeg,
        )

    def _same_theme(self) -> bool:
        return _wants_light(self._memory.settings) is not self.session.appearance.theme.dark

    # events

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _dropped(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = _dropped(event)
        if not paths:
            return
        event.acceptProposedAction()
        self.take(paths, beside=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))

    def take(self, paths: Sequence[Path], *, beside: bool = False) -> None:
        """Open what was dropped, chosen or given at the start: recordings, a study by its folder or its file,
        a course, the open recording's EEG; `beside` takes recordings as further cameras of the open one."""
        others = self._eeg_attaching.take_dropped(paths)
        if not others or self._practice_dialogs.take_dropped(others):
            return
        if beside and self.session.opened.recording is not None:
            self.session.cameras.add(others)
        else:
            self._studies.take(others)

    def close_unasked(self) -> None:
        """Close although something may not be saved; that is kept on this computer."""
        self._asks_before_closing = False
        self.close()

    _asks_before_closing = True

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._asks_before_closing and self._closing.asks_before_program(self.close_unasked):
            event.ignore()
            return
        self._left.keep()
        self._practice_dialogs.close()  # which remembers where its window was
        self._memory.change(go_on=self._advance.on)
        self._memory.remember(self._remembered())
        self._memory.close()
        close_all(self, self.session)
        self._tools.close()
        self._model_dialogs.close()
        self.session.close()
        super().closeEvent(event)


def _dropped(event: QDropEvent) -> list[Path]:
    """The local files of a drop."""
    return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]


def _wants_light(settings: Settings) -> bool:
    if settings.theme != "system":
        return settings.theme == "light"
    hints = QApplication.styleHints()
    return hints.colorScheme() is Qt.ColorScheme.Light
