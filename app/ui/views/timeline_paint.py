"""Painting of the timeline: ruler, rows, names and the bars of each reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPen

from app.core.plain_text import plain
from app.core.semiology import FEATURE, Answer, Presence, Span
from app.core.timeline.time_axis import RULER_HEIGHT, Tick, TimeScale
from app.core.timeline.timeline_rows import GROUP_GAP, FloatArray, Row, bars
from app.ui.theme import Theme, draw_presence, small_font

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_NAME_LEFT = 12.0
_GLYPH = 11.0
_GLYPH_STEP = 16.0
_ALL_OUTLINE = 3
_FAINTEST, _STRONGEST = 0.10, 0.45
"""Opacity of a suggestion's filling at confidence 0 and 100; its outline is always full."""


@dataclass(frozen=True, slots=True)
class PaintedLane:
    """One reader's part of a row, in pixels of the panel."""

    top: float
    height: float
    colour: str
    answer: Answer
    evidence: FloatArray | None
    """(2, n) starts and ends in seconds."""
    mine: bool


@dataclass(frozen=True, slots=True)
class TimelineCanvas:
    """The axis, the whole recording and the colours that all painting of the timeline needs."""

    scale: TimeScale
    whole: tuple[float, float]
    """The left and right edge (pixels) of the part of the recording that is shown."""
    theme: Theme


def timeline_canvas(scale: TimeScale, duration: float, theme: Theme) -> TimelineCanvas:
    """The canvas of a recording of `duration` seconds."""
    left, right = max(scale.x(0.0), scale.left), min(scale.x(duration), scale.right)
    return TimelineCanvas(scale, (left, right), theme)


def paint_ruler(
    painter: QPainter, scale: TimeScale, ticks: Sequence[Tick], theme: Theme, loop: Span | None
) -> None:
    """Times, small ticks, the loop as a bar along the lower edge."""
    painter.setFont(small_font())
    metrics = QFontMetricsF(painter.font())
    bottom = RULER_HEIGHT - 1
    xs = [round(scale.x(tick.seconds)) for tick in ticks]
    highs = [6 if tick.text else 3 for tick in ticks]
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.edge))
    painter.drawRects([QRect(x, bottom - high, 1, high) for x, high in zip(xs, highs, strict=True)])
    painter.setPen(QColor(theme.muted))
    for x, tick in zip(xs, ticks, strict=True):
        if tick.text:
            width = metrics.horizontalAdvance(tick.text)
            left = min(x - width / 2, scale.right + 12 - width)
            painter.drawText(QPointF(left, bottom - 8), tick.text)
    painter.fillRect(QRectF(scale.left, bottom, scale.width, 1), QColor(theme.line))
    if loop is not None and loop.overlaps(scale.span):
        left, right = max(scale.x(loop.start), scale.left), min(scale.x(loop.end), scale.right)
        painter.fillRect(QRectF(left, bottom - 3, max(2.0, right - left), 4), QColor(theme.text))


def paint_row_ground(painter: QPainter, row: Row, width: float, theme: Theme, *, selected: bool) -> None:
    """The band of the selected row, the line under every row, the line between groups."""
    if selected:
        painter.fillRect(QRectF(0, row.top, width, row.height), QColor(theme.selection))
        painter.fillRect(QRectF(0, row.top, 3, row.height), QColor(theme.text))
    if row.opens_group:
        between = QColor(theme.edge)
        between.setAlphaF(0.6)
        painter.fillRect(QRectF(0, round(row.top - GROUP_GAP / 2), width, 1), between)


def paint_name(
    painter: QPainter, row: Row, lanes: Sequence[PaintedLane], canvas: TimelineCanvas, *, selected: bool
) -> None:
    """The feature's name in the painter's font, cut in the middle, and what the first two readers say."""
    theme, metrics = canvas.theme, QFontMetricsF(painter.font())
    named = lanes[:2]
    glyphs = canvas.scale.left - 6 - _GLYPH_STEP * len(named)
    width = glyphs - _NAME_LEFT
    name = metrics.elidedText(FEATURE[row.feature].name, Qt.TextElideMode.ElideMiddle, width - 4)
    stands_out = selected
    for number, lane in enumerate(named):
        box = QRectF(glyphs + number * _GLYPH_STEP, row.top, _GLYPH_STEP, row.height)
        presence = lane.answer.presence
        stands_out = stands_out or presence is Presence.YES
        colour = lane.colour if presence is not None else theme.muted
        draw_presence(painter, box, presence, colour, side=_GLYPH, suggestion=not lane.mine)
    painter.setPen(QColor(theme.text if stands_out else theme.muted))
    painter.drawText(QRectF(_NAME_LEFT, row.top, width, row.height), Qt.AlignmentFlag.AlignVCenter, name)


def paint_bars(painter: QPainter, lane: PaintedLane, canvas: TimelineCanvas) -> None:
    """One reader's evidence; mine is solid, a suggestion is hollow and the fainter the less sure.

    Yes without a span is a hatched line over the whole recording, not assessable a dotted one.
    """
    colour = QColor(lane.colour)
    if lane.evidence is not None:
        _paint_evidence(painter, lane, bars(lane.evidence, canvas.scale), colour)
    elif lane.answer.presence in (Presence.YES, Presence.NOT_ASSESSABLE):
        _paint_whole(painter, lane, canvas, colour)


def _paint_evidence(painter: QPainter, lane: PaintedLane, shown: FloatArray, colour: QColor) -> None:
    import numpy as np

    if lane.mine:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRects([QRectF(a, lane.top, b - a, lane.height) for a, b in shown.T.tolist()])
        return
    filling = QColor(colour)
    sure = (lane.answer.confidence if lane.answer.confidence is not None else 50) / 100
    filling.setAlphaF(_FAINTEST + (_STRONGEST - _FAINTEST) * sure)
    whole = np.rint(shown).astype(np.int64)
    lefts, widths = whole[0], np.maximum(whole[1] - whole[0] - 1, 2)
    # A bar of a few pixels is all outline, which is several times quicker to fill than to draw.
    narrow = widths <= _ALL_OUTLINE
    top, height = round(lane.top), round(lane.height)
    if narrow.any():
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRects(_rects(lefts[narrow], widths[narrow] + 1, top, height))
    painter.setPen(QPen(colour, 1))
    painter.setBrush(filling)
    painter.drawRects(_rects(lefts[~narrow], widths[~narrow], top, height - 1))


def _rects(lefts: npt.NDArray[np.int64], widths: npt.NDArray[np.int64], top: int, height: int) -> list[QRect]:
    return list(map(QRect, lefts.tolist(), repeat(top), widths.tolist(), repeat(height)))


def _paint_whole(painter: QPainter, lane: PaintedLane, canvas: TimelineCanvas, colour: QColor) -> None:
    left, right = canvas.whole
    middle = lane.top + lane.height / 2
    if lane.answer.presence is Presence.YES:
        painter.fillRect(
            QRectF(left, round(middle - 2), right - left, 4), QBrush(colour, Qt.BrushStyle.BDiagPattern)
        )
        return
    pen = QPen(colour, 1.5)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    pen.setDashPattern([1, 4])
    painter.setPen(pen)
    painter.drawLine(QPointF(left, middle), QPointF(right, middle))


def paint_chosen(painter: QPainter, lane: PaintedLane, span: Span | None, canvas: TimelineCanvas) -> None:
    """A frame round the span that Del removes."""
    if span is None or not span.overlaps(canvas.scale.span):
        return
    scale = canvas.scale
    left, right = max(scale.x(span.start), scale.left), min(scale.x(span.end), scale.right)
    painter.setPen(QPen(QColor(canvas.theme.text), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(
        QRectF(
            round(left) - 1, round(lane.top) - 2, max(3.0, round(right - left) + 1), round(lane.height) + 2
        )
    )


class MarkFlag(Protocol):
    """The flag of a mark of the seizure in the timeline."""

    @property
    def kind(self) -> str: ...
    @property
    def seconds(self) -> float: ...
    @property
    def label(self) -> str: ...


_MARKS = {"onset": "onset", "end": "end"}
_LONGEST_FLAG = 120


def flags(marks: Sequence[MarkFlag], scale: TimeScale) -> list[tuple[int, QRectF]]:
    """The flag of each mark that is seen, by its number, at the foot of the ruler."""
    metrics = QFontMetricsF(small_font())
    found = []
    for number, mark in enumerate(marks):
        if not scale.span.contains(mark.seconds):
            continue
        x = round(scale.x(mark.seconds)) + 0.5
        width = metrics.horizontalAdvance(flag_words(mark)) + 8
        left = x if x + width < scale.right + 14 else x - width
        found.append((number, QRectF(left, RULER_HEIGHT, width, metrics.height())))
    return found


def flag_words(mark: MarkFlag) -> str:
    """The text of a mark's flag."""
    words = plain(mark.label, 60) or _MARKS.get(mark.kind, mark.kind)
    return QFontMetricsF(small_font()).elidedText(words, Qt.TextElideMode.ElideRight, _LONGEST_FLAG)


def paint_marks(
    painter: QPainter,
    marks: Sequence[MarkFlag],
    canvas: TimelineCanvas,
    bottom: float,
    chosen: MarkFlag | None = None,
) -> None:
    """Onset, end and phases as dashed lines through all rows, with a flag; the chosen one is filled."""
    pen = QPen(QColor(canvas.theme.mine), 1)
    painter.setFont(small_font())
    ascent = QFontMetricsF(painter.font()).ascent()
    for number, flag in flags(marks, canvas.scale):
        mark = marks[number]
        x = round(canvas.scale.x(mark.seconds)) + 0.5
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.drawLine(QPointF(x, RULER_HEIGHT), QPointF(x, bottom))
        # Framed and not filled: a flag lies over evidence, which is filled with the same colour.
        painter.setPen(QPen(QColor(canvas.theme.mine), 1))
        painter.setBrush(QColor(canvas.theme.mine if mark == chosen else canvas.theme.panel))
        painter.drawRect(flag.adjusted(0, 0.5, 0, 0.5))
        painter.setPen(QColor(canvas.theme.panel if mark == chosen else canvas.theme.mine))
        painter.drawText(QPointF(flag.left() + 4, RULER_HEIGHT + ascent), flag_words(mark))
