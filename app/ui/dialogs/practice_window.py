"""The window for practising: the clip at the left, the card at the right, then the end of the session."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QProgressBar,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.core.plain_text import plain
from app.ui.commands.command import key_words
from app.ui.commands.practice_keys import COMPARE, KEYS, KeysOf, PracticeKeys
from app.ui.dialogs.form import button, sentence, side_by_side
from app.ui.dialogs.practice_compare import PracticeCompare
from app.ui.dialogs.practice_end import PracticeEnd
from app.ui.dialogs.practice_feedback import PracticeFeedback
from app.ui.dialogs.practice_key_list import PracticeKeyList
from app.ui.dialogs.practice_question import PracticeQuestion
from app.ui.dialogs.single_dialog import show_once
from app.ui.session.appearance import WindowAppearance
from app.ui.session.course_drawing import CourseDrawing
from app.ui.session.practice import Practice, PracticeStage
from app.ui.views.practice_picture import PracticePicture
from app.ui.views.practice_strip import PracticeStrip
from app.ui.views.practice_transport import PracticeTransport
from app.ui.views.table_style import chosen_button, underlined, without_arrows
from app.ui.views.tool_tip import tool_tip

TITLE = "Practice"
_PANEL = 400
"""The width of the panel with the card."""
_TYPED_IN = "#panel QLineEdit:focus, #panel QSpinBox:focus"


class PracticeWindow(QWidget):
    """Another window than that of the open study. Closing it closes the course."""

    other_wanted = Signal()
    """Another course is to be chosen."""
    closed = Signal()

    def __init__(
        self,
        practice: Practice,
        drawing: CourseDrawing,
        appearance: WindowAppearance,
        keys_of: KeysOf,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.practice = practice
        self._drawing = drawing
        self._keys_of = keys_of
        self._seen: object = None
        self._appearance = appearance
        self.setWindowTitle(TITLE)
        self.compared = PracticeCompare(practice, appearance)
        self.keys = PracticeKeys(
            self,
            practice,
            keys_of,
            confirm=self.confirm,
            repeat=self.repeat,
            compare=self.compare,
            compared=lambda: self.compared.clips if self.comparing else None,
            list_keys=self.list_keys,
        )
        self.picture = PracticePicture(practice.clip, appearance)
        self.strip = PracticeStrip(practice, appearance)
        self.transport = PracticeTransport(practice, appearance, self.keys.play)
        self.question = PracticeQuestion(practice, lambda name: key_words(keys_of(name)[:1]))
        self.feedback = PracticeFeedback(
            practice, key_words(keys_of("loop_next")[-1:]), key_words((COMPARE,))
        )
        self.end = PracticeEnd(practice)
        self.waiting = sentence()
        self.progress, self.remarks, self.drawn = (
            sentence(small=True),
            sentence(small=True),
            sentence(small=True),
        )
        self.bar = QProgressBar()
        self.stop_drawing = button("Stop", drawing.stop, tip="What is drawn is kept")
        self.give_up = button("Cancel", self.close)
        self.other = button("Another course…", self.other_wanted.emit)
        self.key_list = button("Keys", self.list_keys)
        self.card, self.pages = QStackedWidget(), QStackedWidget()
        self._arrange()
        self._connect()
        self._recolour()
        self.refresh()

    def sizeHint(self) -> QSize:
        return QSize(1200, 760)

    def _arrange(self) -> None:
        self._whole = QSplitter()
        self._left = QStackedWidget()
        self._clip_page = self._clip_side()
        for one in (self._clip_page, self.compared):
            self._left.addWidget(one)
        self._whole.addWidget(self._left)
        self._whole.addWidget(self._card_side())
        self._whole.setStretchFactor(0, 1)
        self._whole.setChildrenCollapsible(False)
        self._waiting_page = self._make_waiting_page()
        for page in (self._waiting_page, self._whole, self.end):
            self.pages.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.pages, 1)
        column.addWidget(self._foot())
        self.resize(self.sizeHint().boundedTo(self.screen().availableSize() - QSize(16, 44)))

    def _clip_side(self) -> QWidget:
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.picture, 1)
        column.addWidget(self.transport)
        column.addWidget(self.strip)
        return side

    def _card_side(self) -> QWidget:
        side = QWidget()
        side.setObjectName("panel")
        side.setMinimumWidth(_PANEL - 40)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(4)
        self.bar.setAccessibleName("How much of the session is answered")
        self.remarks.setObjectName("remarks")
        self.card.addWidget(self.question)
        self.card.addWidget(self.feedback)
        column = QVBoxLayout(side)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(8)
        for part in (self.progress, self.bar, self.remarks):
            column.addWidget(part)
        column.addWidget(self.card, 1)
        return side

    def _make_waiting_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.addStretch(1)
        self.waiting.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.waiting)
        column.addSpacing(8)
        for one in (self.other, self.give_up):
            column.addWidget(one, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        return page

    def _foot(self) -> QWidget:
        foot = QWidget()
        self._drawn_row = side_by_side(self.stop_drawing, self.drawn, growing=self.drawn)
        row = QHBoxLayout(foot)
        row.setContentsMargins(8, 2, 8, 2)
        row.addWidget(self._drawn_row, 1)
        row.addStretch(0)
        self.key_list.setFlat(True)
        self.key_list.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.key_list.setToolTip(tool_tip(f"List the keys ({key_words(self._keys_of(KEYS)[:1])})"))
        row.addWidget(self.key_list)
        return foot

    def _connect(self) -> None:
        self.picture.clicked.connect(self.keys.play)
        self.feedback.repeat_wanted.connect(self.repeat)
        self.feedback.compare_wanted.connect(self.compare)
        self.compared.left.connect(self.show_clip)
        self.end.other_wanted.connect(self.other_wanted)
        self.end.leave_wanted.connect(self.close)
        self.practice.changed.connect(self.refresh)
        self._drawing.changed.connect(self._show_drawing)
        self._appearance.theme_changed.connect(self._recolour)

    # what is done

    def confirm(self) -> None:
        """What Return does: submit, the next card, the next session."""
        if self.practice.stage is PracticeStage.FEEDBACK:
            self.feedback.go_on()
        elif self.practice.stage is PracticeStage.OVER:
            if self.end.again.isVisible():
                self.end.go_on()
        else:
            self.practice.submit()

    def repeat(self) -> None:
        """Repeat the expert's next span once it is shown, before that the learner's own."""
        practice = self.practice
        spans = practice.expert_spans or practice.draft.answer.evidence
        if not spans:
            return
        self.show_clip()
        loop = practice.clip.loop
        following = [span for span in spans if loop.span is not None and span.start > loop.span.start]
        loop.show_span((following or list(spans))[0], repeat=True)

    def list_keys(self) -> None:
        """Show the keys of this window."""
        show_once(self, PracticeKeyList, lambda: PracticeKeyList(self._keys_of, self))

    @property
    def comparing(self) -> bool:
        """Whether the feature and what looks alike are shown in place of the clip."""
        return self._left.currentWidget() is self.compared

    def compare(self) -> None:
        """Show the feature beside what looks alike once the key is shown; again, the clip."""
        if self.comparing:
            self.show_clip()
        elif self.practice.feedback is not None:
            self.practice.clip.playback.pause()
            self._left.setCurrentWidget(self.compared)
            self.compared.show_pair()
            self.compared.setFocus()

    def show_clip(self) -> None:
        """Show the clip of the case again."""
        if self.comparing:
            self._left.setCurrentWidget(self._clip_page)
            self.compared.leave()
            self.picture.setFocus()

    # what is shown

    def refresh(self) -> None:
        """Show the stage that practice is in."""
        practice, stage = self.practice, self.practice.stage
        page: QWidget = self._whole
        if stage is PracticeStage.OVER:
            page = self.end
        elif stage is PracticeStage.WAITING and practice.asked is None:
            page = self._waiting_page
        self.pages.setCurrentWidget(page)
        waits = page is self._waiting_page
        seen = (stage, practice.asked, practice.feedback, waits)
        if seen != self._seen:
            # Nothing has the keyboard that Return would press.
            self._seen = seen
            self.show_clip()
            (page if waits else self.picture).setFocus()
        self.card.setCurrentWidget(self.feedback if practice.feedback else self.question)
        self.setWindowTitle(f"{plain(practice.title, 200)} – {TITLE}" if practice.title else TITLE)
        self._show_progress()
        remarks = plain(" ".join(practice.remarks), 1000)
        self.remarks.setText(remarks)
        self.remarks.setVisible(bool(remarks))
        self._show_drawing()

    def _show_progress(self) -> None:
        asked = self.practice.asked
        self.progress.setVisible(asked is not None)
        self.bar.setVisible(asked is not None)
        if asked is not None:
            self.progress.setText(asked.place)
            self.bar.setRange(0, max(1, asked.length))
            self.bar.setValue(asked.number - (self.practice.own is None))

    def _show_drawing(self) -> None:
        drawing = self._drawing
        waits = self.pages.currentWidget() is self._waiting_page
        self._drawn_row.setVisible(drawing.running and not waits)
        self.drawn.setText(drawing.words)
        remarks = plain(" ".join(self.practice.remarks), 1000)
        opening = drawing.words if drawing.running else "Opening the course …"
        self.waiting.setText(remarks or opening)
        works = drawing.running or self.practice.busy
        self.give_up.setText("Cancel" if works else "Close")
        self.other.setVisible(not works)

    def _recolour(self) -> None:
        theme = self._appearance.theme
        self.setStyleSheet(
            f"QWidget#panel {{ background: {theme.panel}; }}"
            f"QLabel#remarks {{ color: {theme.caution}; }}"
            f"QLabel#foil {{ color: {theme.signal}; }}"
            f"QPushButton#main {{ background: {theme.mine}; color: {theme.panel}; padding: 6px 12px; }}"
            f"QPushButton#main:disabled {{ background: {theme.raised}; color: {theme.muted}; }}"
            f"{chosen_button(theme, '#panel QToolButton')}"
            # Of the panel alone: the list of courses is a child of this window and has frames.
            f"{underlined('#panel QLineEdit, #panel QSpinBox', _TYPED_IN, theme)}"
            f"{without_arrows('#panel QSpinBox')}"
            f"QScrollArea, QScrollArea > QWidget > QWidget {{ background: {theme.panel}; }}"
            f"QProgressBar::chunk {{ background: {theme.mine}; }}"
        )
        self.end.recolour(theme)

    # events of Qt

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.comparing:
            self.show_clip()
        elif not self.keys.press(event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if not self.keys.release(event):
            super().keyReleaseEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.practice.keep_note(self.feedback.note.text())
        self.practice.leave()
        self.compared.close_work()
        super().closeEvent(event)
        self.closed.emit()
