"""The start page over the window while nothing is open: what was open last, and how to begin."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.core.plain_text import plain
from app.core.plural import plural
from app.ui.session.recent_looks import RecentLooks
from app.ui.session.session import Session
from app.ui.theme import body_font, small_font
from app.ui.views.banner import Banner
from app.ui.views.queue_bar import QueueBar
from app.ui.views.recent_list import HowFar, RecentList
from app.ui.views.tool_tip import tool_tip

if TYPE_CHECKING:
    from app.core.study.study_look import RecordingLook, StudyLook

_MOST = 6
_LOOK_AFTER = 250
"""Milliseconds after the page was painted: looking must not keep the window from its first picture."""
_BACK_WIDTH = 190
"""Pixels of the name on the button that goes back."""
_STEPS = (
    "Open a recording, or make a study of all recordings that belong together.",
    "Mark what you see and when; the signal reader's answers stand beside yours as suggestions.",
    "Lock your reading, settle what differs with the others, and export or print the result.",
)


class StartPage(QWidget):
    """Lists recent studies and recordings with progress; covers the panels, which have nothing to show."""

    recording_chosen = Signal(object)
    study_chosen = Signal(object)
    forgotten = Signal(object)
    """The path of a study or recording that is to be listed no more."""
    rename_wanted = Signal(object)
    """The folder of a study that is to be called otherwise."""
    study_named = Signal(object, str)
    """A study in this folder was looked at, and is called so."""
    shown = Signal()
    """The lists are about to be seen: `show_recent` is asked for."""
    gone = Signal()
    """The panels under it are seen again."""

    def __init__(self, session: Session, window: QMainWindow) -> None:
        super().__init__(window)
        self._session, self._window = session, window
        self.setObjectName("start")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Start page")
        self.back = QPushButton()
        self.back.setAccessibleDescription("Opens what was left, where it was left")
        self.back.hide()
        self.new_study = QPushButton("New study…")
        self.open_study = QPushButton("Open study…")
        self.open_recording = QPushButton("Open a recording…")
        self.demonstration = QPushButton("Open the demonstration")
        self.demonstration.setToolTip("A generated patient whose semiology is known exactly")
        self.studies = RecentList("Recent studies", of_studies=True)
        self.recordings = RecentList("Recent recordings")
        self._no_studies = _words("None yet. A study keeps recordings and all their readings together.")
        self._no_recordings = _words("None yet. Open one, or drop a file here.")
        self._heads = [_words(text) for text in ("Recent studies", "Recent recordings", "In three steps")]
        self._title = QLabel("Semioscope")
        self._looks = RecentLooks(self)
        self._looks.looked.connect(self._take)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_LOOK_AFTER)
        self._later.timeout.connect(self._look)
        session.closing.connect(self._later.stop)
        session.closing.connect(self._looks.close)
        self._arrange()
        for one in (self.studies, self.recordings):
            one.forgotten.connect(self.forgotten)
        self.studies.chosen.connect(self.study_chosen)
        self.studies.rename_wanted.connect(self.rename_wanted)
        self.back.clicked.connect(session.opening.go_back_to_left)
        self.recordings.chosen.connect(self.recording_chosen)
        self.hide()
        session.opened.recording_changed.connect(self.begin_if_empty)
        session.analysis.work_changed.connect(self.begin_if_empty)
        session.appearance.theme_changed.connect(self._recolour)
        window.installEventFilter(self)
        for bar in (window.menuBar(), window.statusBar()):
            bar.installEventFilter(self)
        self._recolour()

    def _arrange(self) -> None:
        heading = body_font()
        heading.setBold(True)
        self._title.setFont(heading)
        for head in self._heads:
            head.setFont(heading)
        both = QHBoxLayout()
        both.setContentsMargins(32, 32, 32, 24)
        both.setSpacing(48)
        both.addStretch(1)
        both.addWidget(self._ways_to_begin())
        both.addWidget(self._recent(), 100)
        both.addStretch(1)
        inside = QWidget()
        inside.setObjectName("start")
        inside.setLayout(both)
        area = QScrollArea()
        area.setObjectName("start")
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(inside)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(Banner(self._session))
        column.addWidget(area, 1)
        column.addWidget(QueueBar(self._session))

    def _ways_to_begin(self) -> QWidget:
        begin = QVBoxLayout()
        begin.setSpacing(8)
        begin.addWidget(self._title)
        begin.addWidget(_words("Seizure videos with their EEG, read side by side."))
        begin.addSpacing(8)
        for button in (self.back, self.new_study, self.open_study, self.open_recording, self.demonstration):
            begin.addWidget(button)
        begin.addSpacing(16)
        begin.addWidget(self._heads[2])
        steps = QGridLayout()
        steps.setHorizontalSpacing(10)
        steps.setColumnStretch(1, 1)
        for number, text in enumerate(_STEPS):
            steps.addWidget(_words(f"{number + 1}"), number, 0, Qt.AlignmentFlag.AlignTop)
            steps.addWidget(_words(text), number, 1)
        begin.addLayout(steps)
        begin.addStretch(1)
        left = QWidget()
        left.setLayout(begin)
        left.setFixedWidth(300)
        return left

    def _recent(self) -> QWidget:
        recent = QVBoxLayout()
        recent.setSpacing(6)
        for parts in (
            (self._heads[0], self._no_studies, self.studies),
            (self._heads[1], self._no_recordings, self.recordings),
        ):
            for part in parts:
                recent.addWidget(part)
            recent.addSpacing(18)
        recent.addStretch(1)
        right = QWidget()
        right.setLayout(recent)
        right.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        right.setMaximumWidth(860)
        return right

    # what is listed

    def show_recent(
        self, studies: tuple[Path, ...], recordings: tuple[Path, ...], names: Mapping[Path, str]
    ) -> None:
        """List these, the latest first; how far they are is said as soon as it is known.

        `names` are those of studies that are not called as their folder.
        """
        for table, empty, paths in (
            (self.studies, self._no_studies, studies[:_MOST]),
            (self.recordings, self._no_recordings, recordings[:_MOST]),
        ):
            table.show_paths(paths, names)
            table.setVisible(bool(paths))
            empty.setVisible(not paths)
        self._later.start()

    def _look(self) -> None:
        if self.isVisible():
            self._looks.look(self.studies.paths, self.recordings.paths, self._session.study.me)

    def _take(self, look: StudyLook | RecordingLook) -> None:
        from app.core.study.study_look import StudyLook

        if isinstance(look, StudyLook):
            self.studies.tell(look.folder, _of_study(look))
            if look.name:
                self.studies.name(look.folder, look.name)
                self.study_named.emit(look.folder, look.name)
        else:
            self.recordings.tell(look.path, _of_recording(look))

    # when and where it is seen

    def begin_if_empty(self) -> None:
        """Cover the window if nothing is open and nothing is being opened, and go away if something is."""
        opened = self._session.opened
        empty = opened.recording is None and opened.preview is None and self._session.analysis.work is None
        if empty and self.isHidden():
            self._begin()
        elif empty:
            self._show_back()
        elif not empty:
            self.hide()

    def _begin(self) -> None:
        self.shown.emit()
        self._place()
        self.show()
        self.raise_()
        first = next((one for one in (self.studies, self.recordings) if one.paths), None)
        if first is not None:
            first.setCurrentCell(0, 0)
            first.clearSelection()  # until it has the keys
        self._show_back()
        (self.back if self.back.isVisible() else first or self.new_study).setFocus()

    def _show_back(self) -> None:
        """Offer the recording that was left, as long as its study is open."""
        left = self._session.opening.left
        self.back.setVisible(left is not None)
        if left is not None:
            metrics, middle = self.back.fontMetrics(), Qt.TextElideMode.ElideMiddle
            name = metrics.elidedText(plain(left.path.name, 300), middle, _BACK_WIDTH)
            self.back.setText(f"Back to {name}".replace("&", "&&"))
            self.back.setToolTip(tool_tip(str(left.path)))

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self.isHidden():  # else it is its window that closes
            self.gone.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt calls it so
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide):
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        """Cover everything between the menus and the status bar."""
        menus, status = self._window.menuBar(), self._window.statusBar()
        top = 0 if menus.isHidden() else menus.height()
        bottom = 0 if status.isHidden() else status.height()
        self.setGeometry(0, top, self._window.width(), max(0, self._window.height() - top - bottom))

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: A002, N802 - Qt's name
        """Tab goes round in the page: the panels under it are not seen."""
        stops = [one for one in self.findChildren(QWidget) if _takes_tab(one)]
        here = QApplication.focusWidget()
        if not stops:
            return False
        place = stops.index(here) if here in stops else -1
        stops[(place + (1 if next else -1)) % len(stops)].setFocus(
            Qt.FocusReason.TabFocusReason if next else Qt.FocusReason.BacktabFocusReason
        )
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        button = QApplication.focusWidget()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(button, QPushButton):
            button.click()
        else:
            super().keyPressEvent(event)

    def _recolour(self) -> None:
        theme = self._session.appearance.theme
        self.setStyleSheet(
            f"#start {{ background: {theme.window}; }} #start QLabel {{ color: {theme.muted}; }}"
            f"#start QPushButton {{ padding: 7px 12px; text-align: left; }}"
        )
        for head in (self._title, *self._heads):
            head.setStyleSheet(f"color: {theme.text};")
        for table in (self.studies, self.recordings):
            table.recolour(theme)


def _takes_tab(widget: QWidget) -> bool:
    return bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus) and widget.isVisible() and widget.isEnabled()


def _words(text: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setFont(small_font())
    return label


def _of_study(look: StudyLook) -> HowFar:
    if look.why_not:
        return HowFar(look.why_not, reachable=False)
    closed = look.locked + look.done
    words = f"{look.locked} of {look.recordings} locked"
    if not look.locked:
        words = f"{closed} of {look.recordings} answered" if closed else plural(look.recordings, "recording")
        words = f"{look.started} of {look.recordings} begun" if look.started and not closed else words
    return HowFar(words, closed / look.recordings if look.recordings else None)


def _of_recording(look: RecordingLook) -> HowFar:
    if look.why_not:
        return HowFar(look.why_not, reachable=False)
    if look.locked:
        return HowFar("locked", 1.0)
    return HowFar("", None) if look.answered is None else HowFar(f"{look.answered} of 20", look.answered / 20)
