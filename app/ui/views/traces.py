"""What the signal reader measured for the selected feature, over time, with the thresholds of its rule."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QHideEvent, QPainter, QShowEvent
from PySide6.QtWidgets import QWidget

from app.core.semiology import FEATURE, Span
from app.core.timeline.clock_text import clock
from app.core.timeline.traces import MeasuredTrace, RecordingTraces, TraceCurve
from app.ui.session.session import Session
from app.ui.theme import body_font, small_font
from app.ui.views.rows_panel import RowsPanel
from app.ui.views.time_layers import Ground
from app.ui.views.trace_paint import (
    TracePainter,
    TraceRow,
    curve_colour,
    number,
    paint_limits,
    paint_spans,
)

HEAD = 22
"""Pixels of the line above the rows that says what is shown."""
_LOWEST_ROW, _HIGHEST_ROW = 40.0, 110.0

NO_RECORDING = "What the signal reader measured for the selected feature is shown here"
SEALED = "What was measured is sealed with the readers' answers until you lock yours"
NOT_READ = "The signal reader has not answered yet; Reader → Analyse again starts it"
NOT_SEEN = "Nothing that this feature rests on was seen or heard in this recording"
OUTDATED = (
    "These measures are today's; the answer was given from others (an earlier version, or another box around "
    "the patient)"
)


class TracesView(RowsPanel):
    """A row for each measure. The pointer tells values; a double click repeats the span under it."""

    head = HEAD

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._rows: tuple[TraceRow, ...] = ()
        self._bounds: dict[MeasuredTrace, tuple[float, float]] = {}
        self._painter = TracePainter()
        self._limits = Ground(self, self._paint_limits)
        self._limits.colour = QColor(Qt.GlobalColor.transparent)
        self._pointer: float | None = None
        """Seconds under the pointer."""
        self._scroll.valueChanged.connect(lambda _value: self._lay_out())
        self.setAccessibleName("Traces")
        self.setMinimumHeight(HEAD + 48)
        session.analysis.traces.changed.connect(self._show)
        session.selection.selected.connect(self._show)
        self._show()

    def sizeHint(self) -> QSize:
        return QSize(640, HEAD + 4 * round(_LOWEST_ROW))

    @property
    def rows(self) -> tuple[TraceRow, ...]:
        """The rows with their places, whether or not they are scrolled into sight."""
        return self._rows

    @property
    def spans(self) -> tuple[Span, ...]:
        """The spans that came of what is shown."""
        found = self.session.analysis.traces.found
        return () if found is None else found.evidence.get(self.session.selection.feature, ())

    # what is shown

    def _show(self) -> None:
        self.arrange()
        self.setAccessibleDescription(self.words() or self._described())
        self.refresh()

    def words(self) -> str:
        """The sentence in place of traces; "" where there are some."""
        traces = self.session.analysis.traces
        if self.session.opened.recording is None:
            return NO_RECORDING
        if self.session.answers.my_reading.sealed:
            return SEALED
        if traces.found is not None:
            return "" if traces.found.features.get(self.session.selection.feature) else NOT_SEEN
        if traces.progress is not None:
            return f"{traces.progress.what}… {traces.progress.done:.0%}"
        return traces.problem or NOT_READ

    def note(self) -> str:
        """The sentence above the rows."""
        found = self.session.analysis.traces.found
        if found is not None and self.session.selection.feature in found.outdated:
            return OUTDATED
        spans = "shaded: the spans that came of it" if self.spans else "no span came of it"
        return f"Measured by the signal reader; broken lines: thresholds; {spans}"

    def _described(self) -> str:
        names = ", ".join(row.trace.name for row in self._rows)
        return f"{FEATURE[self.session.selection.feature].name}: {names}. The pointer tells values."

    def arrange(self) -> None:
        """Give each trace its row, and a scroll bar where they do not fit."""
        found: RecordingTraces | None = self.session.analysis.traces.found
        traces = () if found is None else found.features.get(self.session.selection.feature, ())
        self._bounds = {one: self._bounds.get(one) or one.bounds() for one in traces}
        available = max(self.height() - HEAD, 1)
        count = max(len(traces), 1)
        height = min(max(available / count, _LOWEST_ROW), _HIGHEST_ROW)
        content = round(height * len(traces))
        self._fit_scroll_bar(HEAD, available, content, height)
        self._height = height
        self._lay_out()

    def _lay_out(self) -> None:
        top = HEAD - self._scroll.value()
        self._rows = tuple(
            TraceRow(trace, top + place * self._height, self._height, *bounds)
            for place, (trace, bounds) in enumerate(self._bounds.items())
        )
        self._limits.refresh()
        self.refresh()

    def _on_theme(self) -> None:
        super()._on_theme()
        self._limits.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.session.analysis.traces.want(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.session.analysis.traces.want(False)

    # the pointer

    def hover(self, position: QPointF | None) -> None:
        scale = self.scale_of_time
        inside = position is not None and scale.left <= position.x() <= scale.right
        self._pointer = scale.seconds(position.x()) if position is not None and inside else None
        self.update()

    def double_click(self, position: QPointF) -> None:
        seconds = self.scale_of_time.seconds(position.x())
        span = next((one for one in self.spans if one.contains(seconds)), None)
        if span is not None and position.x() >= self.scale_of_time.left:
            self.session.loop.show_span(span, repeat=True)

    def words_at(self, position: QPointF) -> str:
        """What is measured at a place, with units and thresholds; "" beside the rows."""
        row = next((one for one in self._rows if one.top <= position.y() < one.top + one.height), None)
        if row is None or position.y() < HEAD:
            return ""
        scale = self.scale_of_time
        unit = f" {row.trace.unit}" if row.trace.unit else ""
        limits = [f"{one.words} {number(one.value)}{unit}" for one in row.trace.limits]
        if position.x() < scale.left:
            return "; ".join((row.trace.name + unit.replace(" ", ", ", 1), *limits))
        seconds = scale.seconds(position.x())
        values = [f"{one.name} {_value(one, seconds)}{unit}" for one in row.trace.curves]
        return f"{clock(seconds, 1)}  " + "; ".join((*values, *limits))

    # painting

    def paint_ground(self, painter: QPainter, size: QSize) -> None:
        scale, theme, words = self.scale_of_time, self.theme, self.words()
        if words:
            whole = self.session.opened.recording is None
            area = QRectF(self.rect()) if whole else QRectF(scale.left, 0, scale.width, size.height())
            self._paint_empty(painter, area, words)
        else:
            part = self._painted_part(painter)
            if part.top() < HEAD:
                self._paint_head(painter, size)
            painter.save()
            below = QRectF(0, HEAD, size.width(), size.height() - HEAD)
            painter.setClipRect(below, Qt.ClipOperation.IntersectClip)
            seen, named = self._seen(), self._names_in(part)
            end = min(self._rows[-1].top + self._rows[-1].height, size.height())
            paint_spans(painter, self.spans, scale, (HEAD, end), theme)
            self.paint_grid(painter, HEAD, end, scale)
            for row in seen:
                painter.fillRect(QRectF(0, row.top, size.width(), 1), QColor(theme.line))
                if named:
                    self._paint_name(painter, row)
            self._painter.paint(painter, seen, scale, size.height(), theme)
            self._limits.paint(painter)
            painter.restore()
        self._paint_focus(painter)

    def _seen(self) -> list[TraceRow]:
        """The rows that are scrolled into sight."""
        return [row for row in self._rows if HEAD - row.height < row.top < self.height()]

    def _paint_limits(self, painter: QPainter, _size: QSize) -> None:
        """The thresholds, in a separate picture because they stay while the axis moves."""
        for row in self._seen():
            paint_limits(painter, row, self.scale_of_time, self.theme)

    def _paint_head(self, painter: QPainter, size: QSize) -> None:
        feature, left = self.session.selection.feature, self.scale_of_time.left
        font = QFont(body_font())
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(QColor(self.theme.text))
        middle = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        name = QFontMetricsF(font).elidedText(FEATURE[feature].name, Qt.TextElideMode.ElideMiddle, left - 20)
        painter.drawText(QRectF(12, 0, left - 16, HEAD), middle, name)
        words = self.note()
        painter.setFont(small_font())
        painter.setPen(QColor(self.theme.caution if words == OUTDATED else self.theme.muted))
        wide = size.width() - left - 12
        shown = QFontMetricsF(small_font()).elidedText(words, Qt.TextElideMode.ElideRight, wide)
        painter.drawText(QRectF(left + 2, 0, wide, HEAD), middle, shown)

    def _paint_name(self, painter: QPainter, row: TraceRow) -> None:
        """The name of a row with its unit, and what its colours stand for."""
        left, metrics = self.scale_of_time.left, QFontMetricsF(small_font())
        wide, line = left - 18, metrics.height()
        painter.setFont(small_font())
        painter.setPen(QColor(self.theme.text))
        top = row.top + max(2.0, (row.height - 2 * line) / 2)
        middle = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        name = metrics.elidedText(row.trace.name, Qt.TextElideMode.ElideRight, wide)
        painter.drawText(QRectF(12, top, wide, line), middle, name)
        painter.setPen(QColor(self.theme.muted))
        unit = metrics.elidedText(row.trace.unit, Qt.TextElideMode.ElideRight, wide)
        painter.drawText(QRectF(12, top + line, wide, line), middle, unit)

    def _paint_over(self, painter: QPainter) -> None:
        """A line under the pointer, and the values there in place of the units."""
        if self._pointer is None or self.words():
            return
        scale = self.scale_of_time
        x = round(scale.x(self._pointer))
        painter.fillRect(QRectF(x, HEAD, 1, self.height() - HEAD), QColor(self.theme.muted))
        painter.save()
        painter.setClipRect(QRectF(0, HEAD, self.width(), self.height() - HEAD))
        for row in self._seen():
            self._paint_values(painter, row, self._pointer)
        painter.restore()

    def _paint_values(self, painter: QPainter, row: TraceRow, seconds: float) -> None:
        left, metrics = self.scale_of_time.left, QFontMetricsF(small_font())
        line = metrics.height()
        top = row.top + max(2.0, (row.height - 2 * line) / 2) + line
        painter.fillRect(QRectF(11, top, left - 14, line), QColor(self.theme.panel))
        painter.setFont(small_font())
        x = 12.0
        for curve in row.trace.curves:
            sign = "" if curve.side is None else f"{curve.side.value[0].upper()} "
            words = sign + _value(curve, seconds)
            painter.setPen(curve_colour(curve, self.theme))
            painter.drawText(QRectF(x, top, left - x - 4, line), int(Qt.AlignmentFlag.AlignVCenter), words)
            x += metrics.horizontalAdvance(words) + 10


def _value(curve: TraceCurve, seconds: float) -> str:
    found = curve.value_at(seconds)
    return "–" if found is None else number(found)
