"""The question over the picture who reads a study of several persons.

At the start of such a study nothing is shown or answered before one has said so, nor of any study where the
settings could not be read; where others have joined since, the question stands there and the named one reads
meanwhile.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from app.core.plain_text import plain
from app.ui.session.session import Session
from app.ui.views.flow import FlowLayout
from app.ui.views.tool_tip import tool_tip

_MUST_SAY = "Nothing is shown or answered before one of you has said so (F9 lists everybody)."
_UNSURE = (
    "The settings could not be read, and with them the name under which your answers are kept. Nothing is "
    "shown or answered before you have said it (F9 lists everybody)."
)
_LIST = "F9 lists everybody."
_GAP, _LEAST_QUESTION = 6, 260
"""Pixels between names, and those that the question has beside them."""
_MOST = 4
"""Names that have a button; the others are in the list at the head of the column."""


class ReaderQuestion(QWidget):
    """A button for each of the study's persons, until one is pressed."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._answered: set[Path] = set()
        self._asked_in: Path | None = None
        self._about = ""
        self._me = session.readers.me
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setObjectName("who")
        self.words = QLabel()
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setWordWrap(True)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._lines = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._lines.setContentsMargins(12, 4, 8, 4)
        self._lines.addWidget(self.words, 1)
        self._holder = QWidget()
        self._names = FlowLayout(self._holder, gap=_GAP)
        self._lines.addWidget(self._holder)
        self.choices: list[QPushButton] = []
        session.answers.seal_changed.connect(self._refresh)
        session.study.reread.connect(self._refresh)
        session.opened.recording_changed.connect(self._refresh)
        session.requests.reader.connect(self._on_said)
        session.appearance.theme_changed.connect(self._recolour)
        self._refresh()
        self._recolour()

    def _refresh(self) -> None:
        folder, people = self._session.study.folder, self._session.answers.my_reading.people
        candidates = self._session.readers.candidates
        me, before = self._session.readers.me, self._me
        self._me = me
        if folder is not None and not candidates and (folder == self._asked_in or me != before):
            self._answered.add(folder)  # in another place, such as the list at the head of the column
        asks = folder is not None and folder not in self._answered and len(people) > 1
        self.setVisible(bool(candidates) or (asks and not self._session.readers.asking))
        if self.isHidden():
            return
        had_focus = any(button.hasFocus() for button in self.choices)
        self._offer(candidates or people)
        self._recolour()
        if candidates and (had_focus or self._asked_in != folder):
            self.choices[0].setFocus(Qt.FocusReason.OtherFocusReason)
        self._asked_in = folder if candidates else None

    def _offer(self, people: tuple[str, ...]) -> None:
        me = self._session.readers.me
        must_say, is_sure = bool(self._session.readers.candidates), self._session.readers.is_sure
        meanwhile = f"Answers are kept under the name of {plain(me, 40)}."
        self._about = (_MUST_SAY if is_sure else _UNSURE) if must_say else meanwhile
        for button in self.choices:
            button.deleteLater()
        others = [name for name in people if name != me]
        # The account's name is that of a new reader, mostly, where it only stands for one that was not read.
        names = ([me, *others] if is_sure else [*others, me])[:_MOST]
        self.choices = [self._button(plain(name, 24), name) for name in names]
        self.choices.append(self._button("New…", ""))
        for button in self.choices:
            self._names.addWidget(button)
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """The names stand beside the question where it keeps room for a few words in a line, else below."""
        names = sum(button.sizeHint().width() + _GAP for button in self.choices)
        beside = self.width() - names >= _LEAST_QUESTION
        ways = QBoxLayout.Direction
        self._lines.setDirection(ways.LeftToRight if beside else ways.TopToBottom)
        self.words.setText(f"Which reader are you? {self._about if beside else _LIST}")
        self.words.setToolTip(tool_tip(self._about))
        self._holder.setMinimumWidth(names if beside else 0)

    def _button(self, words: str, name: str) -> QPushButton:
        button = QPushButton(words.replace("&", "&&"))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: self._choose(name))
        return button

    def _choose(self, name: str) -> None:
        folder = self._session.study.folder
        if folder is not None and (name or not self._session.readers.candidates):
            self._answered.add(folder)
            self.hide()
            # The next keys are answers, not buttons that happen to come after these.
            self.window().setFocus(Qt.FocusReason.OtherFocusReason)
        if name != self._session.readers.me or (name and self._session.readers.candidates):
            self._session.requests.reader.emit(name)

    def _on_said(self, name: str) -> None:
        """Somebody has chosen who reads in another place, also the one who does already."""
        folder = self._session.study.folder
        if name and folder is not None and not self._session.readers.candidates:
            self._answered.add(folder)
            self._refresh()

    def _recolour(self) -> None:
        theme = self._session.appearance.theme
        ground = theme.caution_ground if self._session.readers.candidates else theme.raised
        self.setStyleSheet(
            f"#who {{ background: {ground}; }} #who QLabel {{ color: {theme.text}; }}"
            f"#who QPushButton {{ background: {theme.panel}; border-color: {theme.edge}; }}"
            f"#who QPushButton:focus {{ border: 2px solid {theme.text}; padding: 2px 9px; }}"
        )
