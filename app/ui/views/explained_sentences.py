"""The sentences of a model's explanation that name a time: a click plays what the model saw then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.core.plain_text import plain
from app.core.timeline.clock_text import span_text
from app.ui.session.session import Session
from app.ui.theme import small_font
from app.ui.views.tool_tip import plain_tool_tip

if TYPE_CHECKING:
    from app.core.readers.models.explained_times import ExplainedSentence
    from app.core.readers.models.reading_state import SegmentLine

MOST_SHOWN = 12


class ExplainedSentences(QWidget):
    """A button for each such sentence, in the order of the segments; hidden without any."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._lines: tuple[SegmentLine, ...] = ()
        self.title = QLabel("Said with times; a click plays what the model saw then:")
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.title.setFont(small_font())
        self.title.setWordWrap(True)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self._column.addWidget(self.title)
        self.hide()

    def buttons(self) -> list[SentenceButton]:
        """The buttons from above."""
        items = (self._column.itemAt(number) for number in range(1, self._column.count()))
        widgets = (item.widget() for item in items if item is not None)
        return [widget for widget in widgets if isinstance(widget, SentenceButton)]

    def show_lines(self, lines: tuple[SegmentLine, ...]) -> None:
        """Show what the segments said of one feature."""
        if lines == self._lines:
            return
        self._lines = lines
        for button in self.buttons():
            self._column.removeWidget(button)
            button.deleteLater()
        found = [(line, one) for line in lines for one in _with_times(line)]
        for line, sentence in found[:MOST_SHOWN]:
            self._column.addWidget(self._button(line, sentence))
        self.setVisible(bool(found))

    def _button(self, line: SegmentLine, sentence: ExplainedSentence) -> SentenceButton:
        text = plain(sentence.text, 1000)
        times = ", ".join(span_text(span) for span in sentence.spans[:3])
        button = SentenceButton(f"{times}  {' '.join(text.split())}")
        button.setEnabled(bool(line.clip))
        button.setToolTip(plain_tool_tip(text if line.clip else f"{text}\nThe clip is gone"))
        button.setAccessibleName(f"{times}: {text}; play what the model saw")
        moment = sentence.spans[0].start
        button.clicked.connect(
            lambda _checked=False: self._session.models.moment_wanted.emit(line.clip, moment)
        )
        return button


class SentenceButton(QPushButton):
    """A sentence on one line, cut to the width that there is."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.words = words
        self.setFont(small_font())
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setStyleSheet("text-align: left; padding: 2px 6px;")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._cut()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._cut()

    def _cut(self) -> None:
        room = max(40, self.width() - 34)
        cut = self.fontMetrics().elidedText(self.words, Qt.TextElideMode.ElideRight, room)
        # An ampersand would be taken for a key.
        self.setText(f"{cut}  ▸".replace("&", "&&"))


def _with_times(line: SegmentLine) -> tuple[ExplainedSentence, ...]:
    if line.answer is None:
        return ()
    from app.core.readers.models.explained_times import explained_sentences

    found = explained_sentences(line.answer.explanation, line.span)
    return tuple(sentence for sentence in found if sentence.spans)
