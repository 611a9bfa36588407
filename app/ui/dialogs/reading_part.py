"""The fields that say what part of the recording a model reads, and whether it learns of the event."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QDoubleSpinBox, QLineEdit, QVBoxLayout, QWidget

from app.core.readers.models.reading_range import MOST_MARGIN, RangeKind, ReadingRange, parse_range
from app.core.semiology import Span
from app.core.timeline.clock_text import clock, parse_clock
from app.ui.dialogs.check_box import CheckBox
from app.ui.dialogs.form import Problem, sentence, side_by_side
from app.ui.session.session import Session
from app.ui.views.combo_box import ComboBox

_KINDS = (
    (RangeKind.WHOLE, "Whole recording"),
    (RangeKind.EVENT, "Onset to end, as you marked them"),
    (RangeKind.SPAN, "A span"),
)

_LONGEST_TIME = "00:00:00.000"
_AROUND_TIME = 24
"""Pixels of the frame and the margins around a time."""


class PartFields(QWidget):
    """What is changed here is taken at once; an invalid span is refused in a sentence and changes nothing."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.kind = ComboBox()
        self.margin = QDoubleSpinBox()
        self.start = QLineEdit()
        self.end = QLineEdit()
        self.tell_event = CheckBox(session, "Tell the model when the event begins and ends")
        self.problem = Problem(session.appearance.theme)
        self._span = side_by_side(self.start, sentence("to"), self.end)
        self._arrange()
        self._show()

    def _arrange(self) -> None:
        for kind, words in _KINDS:
            self.kind.addItem(words, kind.value)
        self.kind.setAccessibleName("Part of the recording")
        self.margin.setRange(0.0, MOST_MARGIN)
        self.margin.setDecimals(0)
        self.margin.setPrefix("± ")
        self.margin.setSuffix(" s")
        self.margin.setKeyboardTracking(False)
        self.margin.setAccessibleName("Margin around onset and end in seconds")
        for field, name in ((self.start, "Start of the span"), (self.end, "End of the span")):
            field.setAccessibleName(name)
            field.ensurePolished()
            field.setFixedWidth(field.fontMetrics().horizontalAdvance(_LONGEST_TIME) + _AROUND_TIME)
            field.editingFinished.connect(self._on_span)
        self.tell_event.setToolTip(
            "Onset and end as you marked them, and nothing else of your reading. An answer that was given "
            "with them is another reading than one without."
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        # In a line below, so that neither takes the other's room.
        self._further = side_by_side(self.margin, self._span)
        column.addWidget(self.kind)
        column.addWidget(self._further)
        column.addWidget(self.tell_event)
        column.addWidget(self.problem)
        self.kind.activated.connect(self._on_kind)
        self.margin.valueChanged.connect(self._on_kind)
        self.tell_event.clicked.connect(self._on_kind)

    def _show(self) -> None:
        models = self._session.models
        chosen = parse_range(models.part.of(models.chosen.choice).range)
        with QSignalBlocker(self.kind), QSignalBlocker(self.margin), QSignalBlocker(self.tell_event):
            self.kind.setCurrentIndex(self.kind.findData(chosen.kind.value))
            self.margin.setValue(chosen.margin)
            self.tell_event.setChecked(models.chosen.choice.tell_event)
        span = chosen.span or self._offered()
        self.start.setText(clock(span.start))
        self.end.setText(clock(span.end))
        self._show_fields(chosen.kind)

    def _offered(self) -> Span:
        """The span that is repeated, else all of the recording."""
        recording = self._session.opened.recording
        return self._session.loop.span or Span(0.0, recording.duration if recording is not None else 0.0)

    def _show_fields(self, kind: RangeKind) -> None:
        self.margin.setVisible(kind is RangeKind.EVENT)
        self._span.setVisible(kind is RangeKind.SPAN)
        self._further.setVisible(kind is not RangeKind.WHOLE)
        marked = self._session.models.part.marked.marked
        self.tell_event.setEnabled(marked)
        if not marked:
            self.tell_event.setText("Tell the model when the event begins and ends (neither is marked)")

    def _on_kind(self) -> None:
        kind = RangeKind(self.kind.currentData())
        self._show_fields(kind)
        self.problem.tell("")
        if kind is RangeKind.SPAN:
            self._on_span()
            return
        models = self._session.models
        models.part.set_span(None)
        self._choose(ReadingRange(kind, self.margin.value()).text)

    def _on_span(self) -> None:
        start, end = parse_clock(self.start.text()), parse_clock(self.end.text())
        recording = self._session.opened.recording
        if recording is None or RangeKind(self.kind.currentData()) is not RangeKind.SPAN:
            return
        if start is None or end is None or not start < end or start >= recording.duration:
            self.problem.tell(
                f"Write two times of the recording, such as 0:10 and {clock(recording.duration)}."
            )
            return
        self.problem.tell("")
        self._session.models.part.set_span(Span(start, min(end, recording.duration)))
        self._choose(RangeKind.WHOLE.value)

    def _choose(self, part: str) -> None:
        models = self._session.models
        models.chosen.choose(
            replace(models.chosen.choice, range=part, tell_event=self.tell_event.isChecked())
        )
