"""Painting traces: the curves of all rows as one picture, their thresholds, the spans that came of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from app.core.eeg.trace_raster import RunPainter
from app.core.semiology import Laterality, Span
from app.core.timeline.time_axis import TimeScale
from app.core.timeline.traces import MeasuredTrace, TraceCurve, curves_columns
from app.ui.theme import Theme, small_font
from app.ui.views.eeg_colours import COLOURS
from app.ui.views.layered_picture import LayeredPicture, trace_colours

_LAYERS = {Laterality.LEFT: 3, Laterality.RIGHT: 4}
_NEITHER = 2
"""Numbers in `eeg_colours.LAYERS`: left is blue and right is red, as in the EEG."""
_ROOM = 3.0
"""Pixels above and below the curves of a row."""


@dataclass(frozen=True, slots=True, eq=False)
class TraceRow:
    """One trace in the panel: `top` and `height` in pixels of it, values from `low` to `high`."""

    trace: MeasuredTrace
    top: float
    height: float
    low: float
    high: float

    def y(self, value: float) -> float:
        share = (value - self.low) / max(self.high - self.low, 1e-12)
        return self.top + self.height - _ROOM - share * (self.height - 2 * _ROOM)


def curve_colour(curve: TraceCurve, theme: Theme) -> QColor:
    """The colour of a curve: that of its side."""
    colours = COLOURS[theme.mode]
    named = {Laterality.LEFT: colours.left, Laterality.RIGHT: colours.right}
    return QColor(colours.middle if curve.side is None else named.get(curve.side, colours.middle))


class TracePainter:
    """Paints the curves of rows; keeps the memory for it."""

    def __init__(self) -> None:
        self._runs = RunPainter()
        self._picture = LayeredPicture()

    def paint(
        self, painter: QPainter, rows: Sequence[TraceRow], scale: TimeScale, height: int, theme: Theme
    ) -> None:
        """Paint all curves of these rows in a panel of this height."""
        layers = [_layer(curve) for row in rows for curve in row.trace.curves]
        if not layers:
            return
        ratio = painter.device().devicePixelRatio()
        columns, lines = max(1, round(scale.width * ratio)), max(1, round(height * ratio))
        tops, bottoms = _runs_of(rows, scale.span, columns, ratio)
        self._picture.resize(lines, columns)
        self._runs.paint(self._picture.pixels, tops, bottoms, np.array(layers), 1.2 * ratio)
        image = self._picture.image(trace_colours(theme.mode))
        painter.drawImage(QRectF(scale.left, 0, columns / ratio, lines / ratio), image)


def _layer(curve: TraceCurve) -> int:
    return _NEITHER if curve.side is None else _LAYERS.get(curve.side, _NEITHER)


def _runs_of(
    rows: Sequence[TraceRow], visible: Span, columns: int, ratio: float
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """The upper and lower ends of all curves in pixels of the screen, (curves, columns) each."""
    low, high = curves_columns([curve for row in rows for curve in row.trace.curves], visible, columns)
    places = [_place(row) for row in rows for _curve in row.trace.curves]
    start, slope, edge, end = (part[:, None] for part in np.array(places, np.float32).T * np.float32(ratio))
    tops, bottoms = (np.clip(start + slope * ends, edge, end) for ends in (high, low))
    return tops, bottoms


def _place(row: TraceRow) -> tuple[float, float, float, float]:
    """Where the value 0 lies and how far down 1 more is, and the uppermost and lowest place of a curve, all
    in pixels of the panel."""
    slope = row.y(row.low + 1.0) - row.y(row.low)
    return row.y(row.low) - slope * row.low, slope, row.top + 1, row.top + row.height - 1


def paint_limits(painter: QPainter, row: TraceRow, scale: TimeScale, theme: Theme) -> None:
    """The thresholds of a row as broken lines, named at their right end where there is room."""
    painter.setFont(small_font())
    metrics = QFontMetricsF(small_font())
    taken: list[float] = []
    for limit in row.trace.limits:
        y = row.y(limit.value)
        painter.setPen(QPen(QColor(theme.caution), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QLineF(scale.left, y, scale.right, y))
        words = f"{limit.words} {number(limit.value)}"
        top = y - metrics.height() if y - metrics.height() > row.top else y
        apart = all(abs(top - other) >= metrics.height() for other in taken)
        if apart and row.height >= 1.6 * metrics.height():
            taken.append(top)
            wide = metrics.horizontalAdvance(words) + 8
            box = QRectF(scale.right - wide, top, wide - 2, metrics.height())
            ground = QColor(theme.panel)
            ground.setAlpha(200)
            painter.fillRect(box, ground)
            painter.setPen(QColor(theme.caution))
            painter.drawText(box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), words)


def paint_spans(
    painter: QPainter, spans: Sequence[Span], scale: TimeScale, within: tuple[float, float], theme: Theme
) -> None:
    """The spans that came of the traces, as bands `within` the upper and lower edge of all rows."""
    top, bottom = within
    shade, edge = QColor(theme.signal), QColor(theme.signal)
    shade.setAlpha(34)
    for span in spans:
        if span.overlaps(scale.span):
            left, right = max(scale.x(span.start), scale.left), min(scale.x(span.end), scale.right)
            painter.fillRect(QRectF(left, top, max(right - left, 1.0), bottom - top), shade)
            painter.fillRect(QRectF(left, top, max(right - left, 2.0), 2), edge)


def number(value: float) -> str:
    """A value with as many decimals as tell it: 87, 2.4, 0.35, 0.007."""
    size = abs(value)
    decimals = 0 if size >= 20 else 1 if size >= 2 else 2 if size >= 0.05 or size == 0 else 3
    return f"{value:.{decimals}f}".replace("-", "−")
