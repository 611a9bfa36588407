"""Painting of the overview of an EEG: rhythm, amplitude and event score as rows over hours, and the lane of
annotations, marks and rhythmic stretches above them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QImage, QPainter, QPen

from app.core.eeg.rhythmic_events import THRESHOLD, RhythmicEvent
from app.core.eeg.trace_raster import RunPainter
from app.core.eeg.trend_columns import PictureColumns
from app.core.eeg.trends import Trends
from app.ui.theme import small_font
from app.ui.views.eeg_colours import COLOURS, shades
from app.ui.views.eeg_paint import PageCanvas

LANE = 14.0
"""Height of the lane of annotations and marks."""

_HERTZ = (2.0, 32.0)
_HERTZ_TICKS = (4.0, 8.0, 16.0)
_MICROVOLTS = (4.0, 600.0)
_MICROVOLT_TICKS = (10.0, 100.0)
_SHARES = (0.15, 0.25, 0.35, 0.5)
"""Shares of the spectrum from which the rhythm is painted more strongly."""

_NARROWEST = 3.0
"""Pixels of a rhythmic stretch that is shorter."""

Values = npt.NDArray[np.float32]
Places = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class ShownTrends:
    """The trends of which the channel or group `number` is painted in these columns."""

    trends: Trends
    number: int
    columns: PictureColumns


def rows_of(area: QRectF) -> tuple[QRectF, QRectF, QRectF]:
    """The places of rhythm, amplitude and event score."""
    high = area.height() / 3
    top = area.top()
    first, second, third = (
        QRectF(area.left(), top + number * high + 2, area.width(), high - 4) for number in range(3)
    )
    return first, second, third


def paint_rhythm(painter: QPainter, area: QRectF, canvas: PageCanvas, shown: ShownTrends) -> None:
    """The frequency of the most rhythmic column of each pixel, the stronger the more of the spectrum lies in
    it; octaves."""
    paint_ticks(
        painter, area, canvas, "rhythm", [(log_y(area, hz, _HERTZ), f"{hz:g} Hz") for hz in _HERTZ_TICKS]
    )
    peaks = shown.trends.peak[shown.number].astype(np.float32)
    share = np.where(np.isfinite(peaks), shown.trends.rhythm[shown.number] / np.float32(255.0), np.nan)
    places = shown.columns.place_of_highest(share)
    there = np.flatnonzero(places >= 0)
    shares, ys = share[places[there]], log_ys(area, peaks[places[there]], _HERTZ)
    middles = np.full((len(_SHARES), len(places)), np.nan)
    strength = np.searchsorted(_SHARES, shares, side="right") - 1
    middles[strength[strength >= 0], there[strength >= 0]] = ys[strength >= 0]
    alphas = [(step + 1) / len(_SHARES) for step in range(len(_SHARES))]
    _paint_runs(painter, area, (middles - 1.25, middles + 1.25), COLOURS[canvas.theme.mode].left, alphas)


def paint_amplitude(painter: QPainter, area: QRectF, canvas: PageCanvas, shown: ShownTrends) -> None:
    """The band between the smallest and the largest amplitude, peak to peak in µV; logarithmic."""
    ticks = [(log_y(area, one, _MICROVOLTS), f"{one:g} µV") for one in _MICROVOLT_TICKS]
    paint_ticks(painter, area, canvas, "amplitude", ticks)
    trends, number = shown.trends, shown.number
    low, high = shown.columns.mean(trends.low[number]), shown.columns.mean(trends.high[number])
    tops, bottoms = log_ys(area, high, _MICROVOLTS) - 0.5, log_ys(area, low, _MICROVOLTS) + 0.5
    _paint_runs(painter, area, (tops[None], bottoms[None]), COLOURS[canvas.theme.mode].middle, [150 / 255])


def paint_score(
    painter: QPainter, area: QRectF, canvas: PageCanvas, score: Values, columns: PictureColumns
) -> None:
    """The highest event score of each pixel, 0–1, and the least one of a rhythmic stretch."""
    line = area.bottom() - THRESHOLD * area.height()
    paint_ticks(painter, area, canvas, "score", [(line, f"{THRESHOLD:g}")])
    highest = columns.highest(score)
    tops = np.where(highest > 0.01, area.bottom() - highest * area.height(), np.nan)[None]
    _paint_runs(painter, area, (tops, np.full_like(tops, area.bottom())), canvas.theme.signal, [1.0])


def _paint_runs(
    painter: QPainter, area: QRectF, runs: tuple[Places, Places], colour: str, alphas: Sequence[float]
) -> None:
    """In each pixel column of an area a run from its top to its bottom (kinds, columns), NaN where there is
    none; each kind has its alpha. As lines of a painter they take several times as long."""
    ratio = painter.device().devicePixelRatio()
    tops, bottoms = runs
    count, high = tops.shape[1], max(round(area.height() * ratio), 1)
    pixels = np.zeros((high, -(-count // 4) * 4), np.uint8)  # QImage wants rows of whole words
    part = np.empty((high, count), np.uint8)
    layers = np.arange(len(alphas))
    RunPainter().paint(part, (tops - area.top()) * ratio, (bottoms - area.top()) * ratio, layers)
    pixels[:, :count] = part
    image = QImage(pixels.data, count, high, pixels.shape[1], QImage.Format.Format_Indexed8)
    image.setColorTable(shades(colour, alphas))
    painter.drawImage(area, image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied))


def paint_events(
    painter: QPainter, canvas: PageCanvas, events: Sequence[RhythmicEvent], lane: QRectF, *, shaded: bool
) -> None:
    """Rhythmic stretches with a bar in the lane, a full one where they evolve; `shaded` over the whole plot
    where this does not change what colours mean."""
    shade, strong = QColor(canvas.theme.signal), QColor(canvas.theme.signal)
    shade.setAlpha(34)
    for event in events:
        part = canvas.part(event.start, event.end)
        if part.width() <= 0:
            continue
        part.setWidth(max(part.width(), _NARROWEST))
        if shaded:
            painter.fillRect(part, shade)
        bar = QRectF(part.left(), lane.bottom() - 6, part.width(), 6)
        if event.evolves:
            painter.fillRect(bar, strong)
        else:
            painter.setPen(QPen(strong, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(bar.adjusted(0.5, 0.5, -0.5, -0.5))


def paint_moments(painter: QPainter, canvas: PageCanvas, lane: QRectF, moments: Iterable[float]) -> None:
    """Annotations of the file as ticks in the lane, one for each pixel at most."""
    xs = {round(canvas.x(one)) for one in moments if canvas.start <= one <= canvas.start + canvas.seconds}
    painter.setPen(QPen(QColor(canvas.theme.muted), 1))
    painter.drawLines([QLineF(x + 0.5, lane.top() + 1, x + 0.5, lane.top() + 7) for x in sorted(xs)])


def paint_seizure_marks(painter: QPainter, canvas: PageCanvas, moments: Iterable[float]) -> None:
    """The person's marks of the seizure as dashed lines."""
    pen = QPen(QColor(canvas.theme.mine), 1)
    pen.setDashPattern([4, 3])
    painter.setPen(pen)
    for one in moments:
        if canvas.start <= one <= canvas.start + canvas.seconds:
            x = round(canvas.x(one)) + 0.5
            painter.drawLine(QPointF(x, canvas.plot.top()), QPointF(x, canvas.plot.bottom()))


def paint_empty_columns(
    painter: QPainter, area: QRectF, canvas: PageCanvas, there: Values, lane: QRectF
) -> None:
    """Hatch the pixels without any EEG; those with a gap in them have a tick at the foot of the lane. `there`
    (pixels,) is the share of each that has EEG, NaN beyond the file."""
    nothing = np.concatenate(([False], ~(there > 0), [False]))
    edges = np.flatnonzero(np.diff(nothing.astype(np.int8))).reshape(-1, 2)
    wide = area.width() / max(len(there), 1)
    colour = QColor(canvas.theme.edge)
    colour.setAlpha(150)
    for first, stop in edges.tolist():
        part = QRectF(area.left() + first * wide, area.top(), (stop - first) * wide, area.height())
        painter.fillRect(part, QBrush(colour, Qt.BrushStyle.BDiagPattern))
    painter.setPen(QPen(QColor(canvas.theme.edge), 1))
    partly = np.flatnonzero((there > 0) & (there < 1)).tolist()
    ticks = [area.left() + (number + 0.5) * wide for number in partly]
    painter.drawLines([QLineF(x, lane.bottom() - 2, x, lane.bottom() + 1) for x in ticks])


def paint_ticks(
    painter: QPainter, area: QRectF, canvas: PageCanvas, name: str, ticks: Sequence[tuple[float, str]]
) -> None:
    """The name of a row at its left, lines at some values with their texts."""
    painter.setFont(small_font())
    metrics = QFontMetricsF(painter.font())
    faint = QColor(COLOURS[canvas.theme.mode].faint)
    painter.setPen(QColor(canvas.theme.text))
    painter.drawText(QPointF(8, area.center().y() + metrics.ascent() / 2 - 1), name)
    taken = area.bottom() + metrics.height()
    for y, text in ticks:
        painter.setPen(QPen(faint, 1))
        painter.drawLine(QLineF(area.left(), round(y) + 0.5, area.right(), round(y) + 0.5))
        left = area.left() - metrics.horizontalAdvance(text) - 5
        base = y + metrics.ascent() / 2 - 1
        fits = base <= taken - metrics.height() * 0.8 and left > 10 + metrics.horizontalAdvance(name)
        if fits and area.top() - 4 <= y <= area.bottom() + 4:
            painter.setPen(QColor(canvas.theme.muted))
            painter.drawText(QPointF(left, base), text)
            taken = base


def log_y(area: QRectF, value: float, limits: tuple[float, float]) -> float:
    """The height of a value between two limits on a logarithmic scale."""
    low, high = limits
    share = math.log(min(max(value, low), high) / low) / math.log(high / low)
    return area.bottom() - share * area.height()


def log_ys(area: QRectF, values: Values, limits: tuple[float, float]) -> npt.NDArray[np.float64]:
    """The heights of values between two limits on a logarithmic scale; NaN stays."""
    low, high = limits
    shares = np.log(np.clip(values.astype(np.float64), low, high) / low) / math.log(high / low)
    return np.asarray(area.bottom() - shares * area.height())


def column_xs(area: QRectF, count: int) -> list[float]:
    """The middle of each of `count` columns of an area."""
    wide = area.width() / max(count, 1)
    return [area.left() + (number + 0.5) * wide for number in range(count)]
