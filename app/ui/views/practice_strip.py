"""The clip over time: the learner's spans, and after the answer the key's with the onsets of all experts."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.core.presence_text import PRESENCE_NAMES
from app.core.semiology import Answer, Span
from app.core.timeline.clock_text import clock, span_text
from app.ui.session.appearance import WindowAppearance
from app.ui.session.practice import Practice, PracticeStage
from app.ui.theme import small_font

_LEFT, _RIGHT, _AXIS, _ROW = 56.0, 12.0, 20.0, 22.0
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)
"""Seconds between two times on the axis."""
_TICK_ROOM = 64
"""Pixels at least between two times on the axis."""
_DRAWN = 4
"""Pixels by which the mouse must move to mark a span."""


@dataclass(frozen=True, slots=True)
class StripRow:
    """Spans of one reader, in their colour; `word` stands where there is none, `points` are the onsets of all
    experts (s)."""

    name: str
    spans: tuple[Span, ...]
    colour: str
    word: str = ""
    points: tuple[float, ...] = ()


def _row(name: str, answer: Answer, colour: str) -> StripRow:
    return StripRow(
        name,
        answer.evidence,
        colour,
        "" if answer.evidence or not answer.presence else PRESENCE_NAMES[answer.presence],
    )


class PracticeStrip(QWidget):
    """A click goes there; dragging in the learner's row marks a span, elsewhere it moves the cursor."""

    def __init__(self, practice: Practice, appearance: WindowAppearance) -> None:
        super().__init__()
        self._practice = practice
        self._appearance = appearance
        self._pressed: QPointF | None = None
        self._marked: Span | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Timeline of the recording")
        practice.changed.connect(self._refresh)
        practice.draft.changed.connect(self._refresh)
        practice.clip.playback.moved.connect(self._on_moved)
        practice.clip.loop.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(400, round(_AXIS + 3 * _ROW + 6))

    @property
    def rows(self) -> tuple[StripRow, ...]:
        """What is drawn: nothing of a key or a model before the answer."""
        practice, theme = self._practice, self._appearance.theme
        feedback, foil = practice.feedback, practice.foil
        rows = [_row("You", feedback.own if feedback else practice.draft.answer, theme.mine)]
        if feedback is not None:
            key = feedback.opened.key
            rows.append(replace(_row("Key", key.answer, theme.reference), points=key.onsets))
        if foil is not None:
            rows.append(_row("Model", foil.answer, theme.signal))
        return tuple(rows)

    def _refresh(self) -> None:
        words = [
            f"{row.name}: {', '.join(map(span_text, row.spans)) or row.word or 'nothing'}"
            for row in self.rows
        ]
        self.setAccessibleDescription(". ".join(words))
        self.update()

    def _on_moved(self, _seconds: float) -> None:
        self.update()

    # places

    @property
    def _duration(self) -> float:
        return max(self._practice.clip.opened.duration, 0.001)

    def _x(self, seconds: float) -> float:
        return _LEFT + seconds / self._duration * (self.width() - _LEFT - _RIGHT)

    def _seconds(self, x: float) -> float:
        share = (x - _LEFT) / max(1.0, self.width() - _LEFT - _RIGHT)
        return min(max(share, 0.0), 1.0) * self._duration

    # painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._appearance.theme
        painter = QPainter(self)
        painter.setFont(small_font())
        painter.fillRect(self.rect(), QColor(theme.panel))
        if self._practice.clip.opened.recording is None:
            return
        self._paint_axis(painter)
        loop = self._practice.clip.loop.span
        if loop is not None:
            area = QRectF(self._x(loop.start), _AXIS, self._x(loop.end) - self._x(loop.start), 3 * _ROW)
            painter.fillRect(area, QColor(theme.selection))
        for number, row in enumerate(self.rows):
            self._paint_row(painter, row, _AXIS + number * _ROW)
        self._paint_draft(painter)
        x = self._x(self._practice.clip.playback.cursor)
        painter.fillRect(QRectF(x - 0.75, 0, 1.5, self.height()), QColor(theme.cursor))

    def _paint_axis(self, painter: QPainter) -> None:
        theme, room = self._appearance.theme, self.width() - _LEFT - _RIGHT
        most = max(1.0, room / _TICK_ROOM)
        step = next((step for step in _STEPS if self._duration / step <= most), _STEPS[-1])
        for number in range(int(self._duration // step) + 1):
            x = self._x(number * step)
            painter.setPen(QColor(theme.line))
            painter.drawLine(QPointF(x, _AXIS), QPointF(x, self.height()))
            if x + _TICK_ROOM / 2 < self.width():
                painter.setPen(QColor(theme.muted))
                painter.drawText(QPointF(x + 3, _AXIS - 6), clock(number * step, 0))

    def _paint_row(self, painter: QPainter, row: StripRow, top: float) -> None:
        painter.setPen(QColor(self._appearance.theme.text))
        middle = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(0, top, _LEFT - 8, _ROW), int(middle), row.name)
        for span in row.spans:
            self._paint_span(painter, span, row.colour, top)
        if row.word:
            beside = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            painter.setPen(QColor(row.colour))
            painter.drawText(QRectF(_LEFT + 4, top, self.width() - _LEFT, _ROW), int(beside), row.word)
        painter.setPen(QPen(QColor(self._appearance.theme.text), 1.5))
        for onset in row.points:
            x = self._x(onset)
            painter.drawLine(QPointF(x, top + 1), QPointF(x, top + _ROW - 3))

    def _paint_span(self, painter: QPainter, span: Span, colour: str, top: float) -> None:
        left, right = self._x(span.start), self._x(span.end)
        painter.fillRect(QRectF(left - 1, top + 5, max(3.0, right - left), _ROW - 11), QColor(colour))

    def _paint_draft(self, painter: QPainter) -> None:
        begun = self._practice.draft.begun
        span = self._marked
        if begun is not None:
            cursor = self._practice.clip.playback.cursor
            span = Span(min(begun, cursor), max(begun, cursor))
        if span is not None:
            self._paint_span(painter, span, self._appearance.theme.edge, _AXIS)

    # the mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position()
            if not self._marks:
                self._practice.clip.playback.seek(self._seconds(event.position().x()), exact=False)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            return
        x, start = event.position().x(), self._pressed.x()
        if not self._marks:
            self._practice.clip.playback.seek(self._seconds(x), exact=False)
        elif abs(x - start) >= _DRAWN:
            first, last = sorted((self._seconds(start), self._seconds(x)))
            self._marked = Span(first, last)
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None or event.button() != Qt.MouseButton.LeftButton:
            return
        marked, self._marked, self._pressed = self._marked, None, None
        if marked is not None:
            self._practice.draft.add_span(marked.start, marked.end)
        else:
            self._practice.clip.playback.seek(self._seconds(event.position().x()))
        self.update()

    @property
    def _marks(self) -> bool:
        """Whether the press was where spans are marked."""
        answering = self._practice.stage in (PracticeStage.QUESTION, PracticeStage.FOIL)
        in_row = self._pressed is not None and _AXIS <= self._pressed.y() < _AXIS + _ROW
        return answering and in_row and not self._practice.busy
