"""The part of the panel for a model's answer: a caution, the answers of segments, what the model saw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.core.answer_words import confidence_words
from app.core.presence_text import PRESENCE_GLYPHS, PRESENCE_NAMES
from app.core.reading import ReaderIdentity, ReaderKind
from app.core.semiology import Span
from app.core.timeline.clock_text import clock
from app.ui.session.session import Session
from app.ui.theme import small_font
from app.ui.views.explained_sentences import ExplainedSentences
from app.ui.views.flow import FlowLayout

if TYPE_CHECKING:
    from app.core.readers.models.reading_state import SegmentLine

MOST_SEGMENTS = 60


class ModelAnswer(QWidget):
    """The additions to a model's answer; hidden with other readers."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._lines: tuple[SegmentLine, ...] = ()
        self.caution = _label()
        """To be put where it is seen before the explanation is read."""
        self.shown = _label()
        self._segments = QWidget()
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self._segments.setSizePolicy(policy)
        self._flow = FlowLayout(self._segments)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        column.addWidget(self.shown)
        column.addWidget(self._segments)
        self.sentences = ExplainedSentences(session)
        column.addWidget(self.sentences)
        session.selection.selected.connect(self._refresh)
        session.answers.readings_changed.connect(self._refresh)
        session.opened.recording_changed.connect(self._refresh)
        session.models.saw.found.connect(self._refresh)
        session.models.study_scores.found.connect(self._refresh)
        session.appearance.theme_changed.connect(self._recolour)
        self._refresh()
        self._recolour()

    def buttons(self) -> list[QToolButton]:
        """The buttons, one for each segment, in the order of time."""
        items = (self._flow.itemAt(number) for number in range(self._flow.count()))
        widgets = (item.widget() for item in items if item is not None)
        return [widget for widget in widgets if isinstance(widget, QToolButton)]

    def _refresh(self) -> None:
        shown = self._session.answers.shown
        by_model = shown is not None and shown.reader.kind is ReaderKind.MODEL
        self.setVisible(by_model)
        self.caution.setVisible(by_model)
        if not by_model:
            return
        self.caution.setText(self._caution(shown.reader) if shown is not None else "")
        lines = self._session.models.saw.segments_of(self._session.selection.feature)
        self._show_segments(lines)
        self.sentences.show_lines(lines)

    def _caution(self, reader: ReaderIdentity) -> str:
        """The study's own figures where there are enough, the control, then what was published."""
        from app.core.readers.models.model_caution import published_caution

        feature = self._session.selection.feature
        scores = self._session.models.study_scores
        own, blind = scores.sentence(reader, feature), scores.blind_sentence(reader, feature)
        return "\n".join(filter(None, (own, blind, published_caution(reader, feature))))

    def _show_segments(self, lines: tuple[SegmentLine, ...]) -> None:
        if lines != self._lines:
            self._lines = lines
            while (item := self._flow.takeAt(0)) is not None:
                if (button := item.widget()) is not None:
                    button.deleteLater()
            for line in lines[:MOST_SEGMENTS]:
                self._flow.addWidget(self._button(line))
            self._flow.invalidate()
            self._segments.updateGeometry()
        self._segments.setVisible(bool(lines))
        self.shown.setText(_shown_words(lines))
        self.shown.setVisible(bool(lines))

    def _button(self, line: SegmentLine) -> QToolButton:
        button = QToolButton()
        words = f"{segment_clock(line.span)}  {_said(line)}"
        button.setText(f"{words}  ▸" if line.clip else words)
        button.setFont(small_font())
        button.setEnabled(bool(line.clip))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setToolTip("What the model saw in this segment" if line.clip else "The clip is gone")
        button.setAccessibleName(f"Segment {words}; what the model saw")
        button.clicked.connect(lambda _checked=False: self._session.models.clip_wanted.emit(line.clip))
        return button

    def _recolour(self) -> None:
        theme = self._session.appearance.theme
        self.caution.setStyleSheet(f"color: {theme.caution};")
        for label in (self.shown, self.sentences.title):
            label.setStyleSheet(f"color: {theme.muted};")


def segment_clock(span: Span) -> str:
    """The times of a segment, as `00:25–00:55`."""
    return f"{clock(span.start, 0)}–{clock(span.end, 0)}"


def _said(line: SegmentLine) -> str:
    if line.answer is None or line.answer.presence is None:
        return "✕ no answer" if line.asked else "· not asked"
    parts = (PRESENCE_GLYPHS[line.answer.presence], PRESENCE_NAMES[line.answer.presence])
    return " ".join(filter(None, (*parts, confidence_words(line.answer))))


def _shown_words(lines: tuple[SegmentLine, ...]) -> str:
    if not lines:
        return ""
    from app.core.readers.models.reading_state import SHOWN_AS

    first = lines[0]
    parts = sorted({SHOWN_AS[line.enhancement, line.enhanced] for line in lines if line.clip})
    if not parts:
        return "What the model was shown is no longer stored."
    seen = [line.seen for line in lines if line.seen is not None]
    share = f", found in at least {min(seen):.0%} of it" if seen and first.enhancement != "sound" else ""
    return f"Shown to the model: {' or '.join(parts)}{share}. By segment:"


def _label() -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setFont(small_font())
    return label
