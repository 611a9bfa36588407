"""The person's answer in full: side, confidence and a free note, under the answer itself."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSpinBox, QToolButton, QVBoxLayout, QWidget

from app.core.answer_words import answer_words, why_no_side
from app.core.semiology import FEATURE, Answer, Laterality
from app.ui.session.session import Session
from app.ui.theme import small_font
from app.ui.views.note_field import NoteField
from app.ui.views.table_style import chosen_button, underlined, without_arrows
from app.ui.views.tool_tip import tool_tip

_LONGEST_NOTE = 4000
_NOT_SAID = -1
_NOTHING = "Nothing can be written here"
_NUMBER_ONLY = "confidence is a number, 0–100; Escape leaves the field"
_KEYS = {Laterality.LEFT: "2", Laterality.RIGHT: "3", Laterality.BOTH: "4"}


class MyAnswer(QWidget):
    """The fields of my answer; hidden without a recording, read-only where nothing can be stored.

    Read-only fields keep the keyboard: if a click went through them, what is typed then would run commands.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._feature = session.selection.feature
        self.sides = {side: self._side_button(side) for side in Laterality}
        self.confidence = QSpinBox()
        self.note = NoteField(_LONGEST_NOTE)
        self.before = QLabel()
        self._arrange()
        session.selection.selected.connect(self._refresh)
        session.answers.mine_changed.connect(self._on_mine)
        session.answers.note_changed.connect(self._refresh)
        session.answers.seal_changed.connect(self._refresh)
        session.study.not_kept.connect(self._refresh)
        session.study.reread.connect(self._refresh)
        session.opened.recording_changed.connect(self._on_recording)
        session.appearance.theme_changed.connect(self._recolour)
        session.opening.leaving.connect(self._keep_written)
        session.closing.connect(self._keep_written)
        session.requests.field.connect(self._write)
        self._on_recording()
        self._recolour()

    def _side_button(self, side: Laterality) -> QToolButton:
        button = QToolButton()
        button.setText(side.value)
        button.setCheckable(True)
        button.setFont(small_font())
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName(f"Side: {side.value}")
        button.clicked.connect(lambda _on=False: self._session.labels.toggle_side(side))
        return button

    def _arrange(self) -> None:
        self.confidence.setRange(_NOT_SAID, 100)
        self.confidence.setSpecialValueText("Confidence –")
        self.confidence.setSuffix(" %")
        self.confidence.setSingleStep(5)
        self.confidence.setKeyboardTracking(False)
        self.confidence.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.confidence.setToolTip("Your confidence, 0–100; – leaves it open")
        self.confidence.setAccessibleName("Your confidence")
        self.confidence.valueChanged.connect(self._keep_confidence)
        self.confidence.editingFinished.connect(self.confidence.clearFocus)
        self.note.setAccessibleName("Note on this feature")
        self.note.editing_finished.connect(self._keep_note)
        self.note.refused.connect(lambda: self._session.status.say(self._closed()))
        for field in (self.note, self.confidence):
            field.installEventFilter(self)
        self.before.setTextFormat(Qt.TextFormat.PlainText)
        self.before.setWordWrap(True)
        for widget in (self.confidence, self.note, self.before):
            widget.setFont(small_font())
        row = QHBoxLayout()
        row.setSpacing(3)
        for button in self.sides.values():
            row.addWidget(button)
        row.addSpacing(8)
        row.addWidget(self.confidence)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self.note)
        column.addWidget(self.before)

    def _write(self, field: str) -> None:
        """Focus a field; Return and Escape give the focus back. Both keep a note, which Undo takes back; a
        number that was begun is kept by Return only."""
        fields: dict[str, NoteField | QSpinBox] = {"note": self.note, "confidence": self.confidence}
        widget = fields[field]
        if closed := self._closed():
            self._session.status.say(closed)
        elif self.isVisible():
            widget.setFocus(Qt.FocusReason.ShortcutFocusReason)
            widget.selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt calls it so
        if event.type() is QEvent.Type.Wheel and watched is self.confidence and not watched.hasFocus():
            event.ignore()  # the panel is scrolled; no number is written by that
            return True
        if not isinstance(event, QKeyEvent) or event.type() is not QEvent.Type.KeyPress:
            return super().eventFilter(watched, event)
        if event.key() == Qt.Key.Key_Escape and isinstance(watched, QWidget):
            with QSignalBlocker(self.confidence):
                watched.clearFocus()  # which keeps a note
            self._refresh()
            return True
        if watched is self.confidence and event.text().isalpha():
            # Passed on they would run commands: somebody who writes words here thinks of the note.
            self._session.status.say(self._closed() or _NUMBER_ONLY)
            return True
        if event.text().isdigit() and self.confidence.text() == self.confidence.specialValueText():
            self.confidence.selectAll()  # else the digits would be refused within those words
        return super().eventFilter(watched, event)

    def _closed(self) -> str:
        """Why nothing can be written, as a short sentence; "" where it can be."""
        study, mine = self._session.study, self._session.answers.my_reading
        if study.read_only:
            read_only = "Read-only: nothing can be written here"
            return read_only if study.recording_number else self._session.readers.why_nothing(_NOTHING)
        return "Locked: nothing can be written here" if mine.locked and not mine.revealed else ""

    def _on_recording(self) -> None:
        # What could not be kept before is of another patient.
        self.note.set_modified(False)
        self.setVisible(self._session.opened.recording is not None)
        self._refresh()

    def _on_mine(self, features: frozenset[str]) -> None:
        if self._feature in features:
            self._show_answer()

    def _keep_written(self) -> None:
        """Store the text with the answer for which it was begun."""
        self.confidence.interpretText()
        self._keep_note()

    def _refresh(self) -> None:
        session, mine = self._session, self._session.answers.my_reading
        feature = session.selection.feature
        if self._feature != feature and self.note.modified:
            self._keep_note()
        self._feature = feature
        closed = self._closed()
        self.confidence.setReadOnly(bool(closed))
        self.note.setReadOnly(bool(closed))
        self._show_answer()
        # Says whose it is: the selection may just have gone on.
        self.note.show_placeholder(closed or f"Note on {FEATURE[feature].name.lower()}")
        if not self.note.modified:  # what is being written stays, also while another window is in front
            self.note.set_text(mine.note(feature))

    def _show_answer(self) -> None:
        mine, feature = self._session.answers.my_reading, self._feature
        answer = self._session.answers.mine.answer(feature)
        self._show_sides(answer)
        with QSignalBlocker(self.confidence):
            self.confidence.setValue(_NOT_SAID if answer.confidence is None else answer.confidence)
        before = mine.before_reveal(feature)
        self.before.setHidden(before is None or before == answer)
        if before is not None and before != answer:
            self._show_before(before, answer)

    def _show_sides(self, answer: Answer) -> None:
        asked, closed = self._session.labels.asks_side(self._feature), bool(self._closed())
        for side, button in self.sides.items():
            button.setChecked(answer.laterality is side)
            button.setEnabled(asked and not closed)
            words = f"The patient's own side ({_KEYS[side]})" if asked else why_no_side(self._feature)
            button.setToolTip(tool_tip(words))

    def _show_before(self, before: Answer, now: Answer) -> None:
        """Show the answer at the lock, which was changed after the others' answers were revealed."""
        self.before.setText(
            f"Before the others' answers were shown: {answer_words(before)} → now: {answer_words(now)}"
        )

    def _keep_confidence(self, value: int) -> None:
        self._session.labels.set_confidence(None if value == _NOT_SAID else value)

    def _keep_note(self) -> None:
        if self.note.modified:
            self.note.set_modified(False)
            self._session.labels.set_note(self._feature, self.note.text())

    def _recolour(self) -> None:
        theme = self._session.appearance.theme
        self.before.setStyleSheet(f"color: {theme.caution};")
        self.setStyleSheet(
            f"{underlined('QPlainTextEdit, QSpinBox', 'QPlainTextEdit:focus, QSpinBox:focus', theme)}"
            f"QPlainTextEdit:read-only, QSpinBox:read-only {{ color: {theme.muted}; border: none; }}"
            f"{without_arrows('QSpinBox')}"
            f"QToolButton {{ background: transparent; color: {theme.muted}; padding: 2px 6px; }}"
            f"QToolButton:hover {{ background: {theme.hover}; }}"
            f"QToolButton:disabled {{ color: {theme.edge}; }}"
            f"{chosen_button(theme)}"
        )
