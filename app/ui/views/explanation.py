"""The panel of the selected feature: criteria, answers, explanations, evidence."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.core.answer_words import answer_words
from app.core.plain_text import breakable, plain
from app.core.reading import ReaderIdentity, ReaderKind, Reading
from app.core.semiology import FEATURE, Answer, Feature, Presence, Span
from app.core.timeline.clock_text import span_text
from app.ui.commands.key_watch import OWN_RETURN
from app.ui.session.session import Session
from app.ui.theme import Theme, body_font, draw_presence, small_font
from app.ui.views.flow import FlowLayout
from app.ui.views.model_answer import ModelAnswer
from app.ui.views.my_answer import MyAnswer
from app.ui.views.rating import RatingRow
from app.ui.views.reader_chooser import reader_name
from app.ui.views.seal import SealRow
from app.ui.views.trace_link import TraceLink

MOST_SPANS = 24
"""Evidence buttons that are shown; a reader that names more has said nothing with them."""

SELF_DESCRIPTION: dict[ReaderKind, str] = {
    ReaderKind.SIGNAL: "Rule-based measurement of pose, face and sound; not validated on patients.",
    ReaderKind.MODEL: "A model's suggestion; not validated on patients.",
    ReaderKind.PHANTOM: "The script of the synthetic patient: what was meant to be seen.",
    ReaderKind.PERSON: "Another person's answer.",
}


class ExplanationView(QScrollArea):
    """Everything about the selected feature, as plain text."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._feature = FEATURE[session.selection.feature]
        self._named: ReaderIdentity | None = None
        """The reader that name, colour and caution are of."""
        self._name = self._colour = ""
        self._my_colour = session.appearance.theme.mine
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("The selected feature")
        self._title = _words(wrap=True, weight=QFont.Weight.DemiBold)
        self._mine = _AnswerLine(session)
        self._my_spans = _Spans(session)
        self._beside_mine = MyAnswer(session)
        self._seal = SealRow(session)
        self._rating = RatingRow(session)
        self._reader = _AnswerLine(session)
        self._why = _words(wrap=True, selectable=True)
        self._evidence = _Spans(session)
        self._traces = TraceLink(session)
        self._model = ModelAnswer(session)
        self._about_reader = _words(wrap=True, small=True)
        self._notes = [(_words(wrap=True, small=True), _words(wrap=True, small=True)) for _ in _NOTES]
        self._arrange()
        session.selection.selected.connect(self._on_selected)
        session.answers.mine_changed.connect(self._on_mine)
        session.answers.readings_changed.connect(self._refresh)
        session.answers.seal_changed.connect(self._refresh)
        session.opened.recording_changed.connect(self._refresh)
        session.analysis.work_changed.connect(self._on_work)
        session.loop.changed.connect(self._show_loop)
        session.appearance.theme_changed.connect(self._recolour)
        self._refresh()
        self._recolour()

    def sizeHint(self) -> QSize:
        return QSize(460, 280)

    def minimumSizeHint(self) -> QSize:
        return QSize(300, 90)

    def _arrange(self) -> None:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(10, 8, 10, 10)
        column.setSpacing(5)
        column.addWidget(self._title)
        # The fields stay where they are, whatever evidence there is.
        for widget in (self._mine, self._beside_mine, self._my_spans, self._seal, self._reader):
            column.addWidget(widget)
        column.addWidget(self._model.caution)
        column.addWidget(self._why)
        column.addWidget(self._evidence)
        column.addWidget(self._traces, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._rating)
        column.addWidget(self._model)
        column.addWidget(self._about_reader)
        column.addSpacing(4)
        for (heading, words), title in zip(self._notes, _NOTES, strict=True):
            heading.setText(title)
            row = QHBoxLayout()
            row.setSpacing(8)
            heading.setFixedWidth(84)
            row.addWidget(heading, 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(words, 1)
            column.addLayout(row)
        column.addStretch(1)
        self.setWidget(page)

    def _on_selected(self) -> None:
        self._refresh()
        self.verticalScrollBar().setValue(0)

    def _on_mine(self, features: frozenset[str]) -> None:
        if self._feature.id in features:
            self._show_mine(self._feature)

    def _on_work(self) -> None:
        if self._session.answers.shown is None:
            self._why.setText(self._waiting())

    def _show_loop(self) -> None:
        self._evidence.show_loop()
        self._my_spans.show_loop()

    def _refresh(self) -> None:
        feature = self._feature = FEATURE[self._session.selection.feature]
        self._title.setText(feature.name)
        self._show_reader(self._session.answers.shown, feature)
        self._show_mine(feature)
        for (_heading, words), text in zip(self._notes, _notes_on(feature), strict=True):
            words.setText(text)

    def _show_mine(self, feature: Feature) -> None:
        """Show the person's answer; the reader's is a suggestion until both are the same."""
        mine = self._session.answers.mine.answer(feature.id)
        self._mine.show_answer("Mine", mine, self._my_colour, suggestion=False)
        self._my_spans.show_spans(mine.evidence)
        self._reader.agree_with(mine.presence)

    def _show_reader(self, reading: Reading | None, feature: Feature) -> None:
        if reading is None:
            self._reader.hide()
            self._why.setText(self._waiting())
            self._evidence.show_spans(())
            self._about_reader.hide()
            return
        answer = reading.answer(feature.id)
        if reading.reader is not self._named:
            self._name_reader(reading.reader)
        self._reader.show()
        self._reader.show_answer(self._name, answer, self._colour, suggestion=True)
        self._why.setText(breakable(plain(answer.explanation)) or "No reason was given.")
        self._evidence.show_spans(answer.evidence)
        self._about_reader.show()

    def _name_reader(self, reader: ReaderIdentity) -> None:
        """Know what is the same for every feature."""
        self._named, self._name = reader, reader_name(reader)
        self._colour = self._session.appearance.theme.beside(reader.kind)
        caution = plain(reader.details.get("caution", ""), 300)
        self._about_reader.setText(caution or SELF_DESCRIPTION[reader.kind])

    def _waiting(self) -> str:
        if self._session.opened.recording is None:
            return "Open a recording; the reader's answer and its reason appear here."
        if self._session.answers.my_reading.sealed or self._session.study.candidates:
            return ""  # what readers say is not shown yet
        if self._session.analysis.work is not None:
            return "The reader is still working; its answer and its reason appear here."
        return "No reader has answered yet. Reader → Analyse again starts the signal reader."

    def _recolour(self) -> None:
        theme: Theme = self._session.appearance.theme
        self.setStyleSheet(
            f"QScrollArea, QScrollArea > QWidget > QWidget {{ background: {theme.panel}; }}"
            f"QScrollArea {{ border: 1px solid {theme.panel}; }}"
            f"QScrollArea:focus {{ border-color: {theme.text}; }}"
        )
        for label in (self._about_reader, *(label for note in self._notes for label in note)):
            label.setStyleSheet(f"color: {theme.muted};")
        for _heading, words in self._notes:
            words.setStyleSheet(f"color: {theme.text};")
        self._mine.muted = self._reader.muted = theme.muted
        self._my_colour, self._named = theme.mine, None
        self._refresh()


class _AnswerLine(QWidget):
    """One answer: the reader, its glyph, its text."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._who = self._words = ""
        self._answer: Answer | None = None
        self._colour = session.appearance.theme.mine
        self.muted = session.appearance.theme.muted
        self._suggestion = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_answer(self, who: str, answer: Answer, colour: str, *, suggestion: bool) -> None:
        self._who, self._answer, self._colour, self._suggestion = who, answer, colour, suggestion
        self._words = answer_words(answer)
        self.setAccessibleName(f"{who}: {self._words}")
        self.update()

    def agree_with(self, mine: Presence | None) -> None:
        """Paint a reader's answer as a suggestion until the person has answered the same."""
        agreed = self._answer is not None and mine is not None and mine is self._answer.presence
        if self._suggestion is agreed:
            self._suggestion = not agreed
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, self.fontMetrics().height() + 4)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._answer is None:
            return
        painter = QPainter(self)
        painter.setFont(small_font())
        painter.setPen(self.muted)
        middle = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        who = painter.fontMetrics().elidedText(self._who, Qt.TextElideMode.ElideRight, 86)
        painter.drawText(QRectF(0, 0, 88, self.height()), middle, who)
        colour = self._colour
        box = QRectF(92, (self.height() - 12) / 2, 12, 12)
        draw_presence(painter, box, self._answer.presence, colour, suggestion=self._suggestion)
        font = QFont(body_font())
        font.setItalic(self._suggestion)
        painter.setFont(font)
        painter.setPen(colour if self._answer.presence else self.muted)
        painter.drawText(QRectF(111, 0, self.width() - 111, self.height()), middle, self._words)
        painter.end()


class _Spans(QWidget):
    """The evidence as buttons; hidden without any."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._spans: tuple[Span, ...] = ()
        self._buttons: list[SpanButton] = []
        self._flow = FlowLayout(self)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.hide()

    def show_spans(self, spans: tuple[Span, ...]) -> None:
        spans = spans[:MOST_SPANS]
        if spans == self._spans:
            return
        self._spans = spans
        # A span that was dragged is a word that changes; new buttons would take longer than a frame.
        while len(self._buttons) > len(spans):
            self._flow.takeAt(len(self._buttons) - 1)
            self._buttons.pop().deleteLater()
        for button, span in zip(self._buttons, spans, strict=False):
            button.show_span(span)
        for span in spans[len(self._buttons) :]:
            self._buttons.append(SpanButton(self._session, span))
            self._flow.addWidget(self._buttons[-1])
        self._flow.invalidate()
        self.updateGeometry()
        self.setVisible(bool(spans))
        self.show_loop()

    def show_loop(self) -> None:
        for button in self._buttons:
            button.setChecked(button.span == self._session.loop.span)


class SpanButton(QToolButton):
    """One span: a click (or Enter) goes to its start, a double click (a second Enter) repeats it.

    A single click on a span that is repeated ends the repeating.
    """

    def __init__(self, session: Session, span: Span) -> None:
        super().__init__()
        self._session = session
        self._doubled = False
        self.show_span(span)
        self.setFont(small_font())
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip("Click to go there, double-click to repeat")
        self.setProperty(OWN_RETURN, True)
        # Also what a screen reader presses.
        self.clicked.connect(self._go_there)

    def show_span(self, span: Span) -> None:
        """Show this span."""
        self.span = span
        words = span_text(span)
        if self.text() != f"{words}  ▸":
            self.setText(f"{words}  ▸")
            self.setAccessibleName(f"Evidence {words}")

    def nextCheckState(self) -> None:  # noqa: N802 - Qt calls it so
        """Checked means repeated, which the session decides."""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._doubled = False
        super().mousePressEvent(event)

    def _go_there(self) -> None:
        if not self._doubled:
            self._session.loop.show_span(self.span)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._doubled = True
        self._session.loop.show_span(self.span, repeat=True)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            again = self._session.playback.cursor == self.span.start and self._session.loop.span != self.span
            self._session.loop.show_span(self.span, repeat=again)
        else:
            super().keyPressEvent(event)


def _words(
    *,
    wrap: bool = False,
    small: bool = False,
    selectable: bool = False,
    weight: QFont.Weight = QFont.Weight.Normal,
) -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(wrap)
    font = small_font() if small else body_font()
    font.setWeight(weight)
    label.setFont(font)
    if selectable:
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


_NOTES = ("Counts as", "At least", "Looks alike", "Lateralising")


@cache
def _notes_on(feature: Feature) -> list[str]:
    """What is known of a feature, a sentence for each of `_NOTES`."""
    texts = (feature.observable, feature.minimum, feature.confusers, feature.lateralising_note)
    return [text[:1].upper() + text[1:] if text else "–" for text in texts]
