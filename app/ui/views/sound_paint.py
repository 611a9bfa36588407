"""Painting sound: columns of lowest and highest samples, single samples, the spectrogram."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from app.core.recording.spectrogram import BANDS, Spectrogram, band_edges
from app.core.semiology import Span
from app.core.timeline.time_axis import TimeScale
from app.ui.session.sound_detail import Detail
from app.ui.theme import Theme, small_font

Floats = npt.NDArray[np.float32]

_MARKS = ((250.0, "250 Hz"), (1000.0, "1 kHz"), (4000.0, "4 kHz"))
_FLOOR = 0.18
"""Share of the loudness scale that is painted as silence: the noise of every microphone."""


def sample_columns(detail: Detail, visible: Span, columns: int) -> tuple[Floats, Floats] | None:
    """Lowest and highest sample of each of `columns` equal parts; None when there are fewer samples than
    columns, which are better drawn as a line."""
    edges = np.linspace(visible.start, visible.end, columns + 1)
    places = np.rint((edges - detail.start) * detail.rate).astype(np.int64)
    if (places[-1] - places[0]) < columns:
        return None
    places = np.clip(places, 0, len(detail.samples))
    low, high = np.zeros(columns, np.float32), np.zeros(columns, np.float32)
    filled = np.flatnonzero(places[1:] > places[:-1])
    if len(filled):
        padded = np.append(detail.samples, np.float32(0.0))
        ranges = np.column_stack([places[filled], places[filled + 1]]).ravel()
        low[filled] = np.minimum.reduceat(padded, ranges)[::2]
        high[filled] = np.maximum.reduceat(padded, ranges)[::2]
    return low, high


def paint_columns(painter: QPainter, bounds: tuple[Floats, Floats], area: QRectF, colour: QColor) -> None:
    """One upright line for every column, at least one device pixel high; values in −1…1 fill the area."""
    low, high = bounds
    ratio = painter.device().devicePixelRatio()
    middle, reach = area.center().y(), area.height() / 2 - 3
    top = middle - np.clip(high, -1, 1) * reach
    bottom = np.maximum(middle - np.clip(low, -1, 1) * reach, top + 1 / ratio)
    xs = area.left() + (np.arange(len(low)) + 0.5) / ratio
    pen = QPen(colour, 0)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    lines = zip(xs.tolist(), top.tolist(), bottom.tolist(), strict=True)
    painter.drawLines([QLineF(x, a, x, b) for x, a, b in lines])


def paint_samples(
    painter: QPainter, detail: Detail, scale: TimeScale, area: QRectF, *, gain: float, colour: QColor
) -> None:
    """Single samples as a line, with a dot each where there is room."""
    first = max(0, int((scale.span.start - detail.start) * detail.rate) - 1)
    last = min(len(detail.samples), int((scale.span.end - detail.start) * detail.rate) + 3)
    values = np.clip(detail.samples[first:last].astype(np.float64) * gain, -1, 1)
    xs = scale.xs(detail.start + np.arange(first, last) / detail.rate)
    ys = area.center().y() - values * (area.height() / 2 - 3)
    points = [QPointF(x, y) for x, y in zip(xs.tolist(), ys.tolist(), strict=True)]
    painter.save()
    painter.setClipRect(area, Qt.ClipOperation.IntersectClip)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, 1))
    painter.drawPolyline(QPolygonF(points))
    if scale.pixels_per_second / detail.rate >= 6:
        painter.setPen(QPen(colour, 4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawPoints(QPolygonF(points))
    painter.restore()


def paint_spectrogram(
    painter: QPainter,
    spectrogram: Spectrogram,
    scale: TimeScale,
    area: QRectF,
    theme: Theme,
    *,
    begins: float,
) -> None:
    """The spectrogram, whose clock begins at `begins` seconds, in greys of the theme."""
    columns = max(1, round(area.width() * painter.device().devicePixelRatio()))
    cells = spectrogram.picture(scale.span.start - begins, scale.span.end - begins, columns)
    stride = -(-columns // 4) * 4
    padded = np.zeros((BANDS, stride), np.uint8)
    padded[:, :columns] = cells
    image = QImage(padded.data, columns, BANDS, stride, QImage.Format.Format_Indexed8)
    image.setColorTable(_ramp(theme))
    painter.drawImage(area, image)


def paint_pitches(painter: QPainter, scale: TimeScale, area: QRectF, theme: Theme) -> None:
    """A few pitches beside the spectrogram, as far as there is room."""
    painter.setFont(small_font())
    height = painter.fontMetrics().height()
    edges = band_edges()
    painter.setPen(QColor(theme.muted))
    free = area.bottom()
    for hertz, words in _MARKS:
        band = float(np.interp(hertz, edges, np.arange(BANDS + 1)))
        y = area.bottom() - band / BANDS * area.height()
        box = QRectF(12, y - height / 2, scale.left - 20, height)
        if box.bottom() <= free + 1 and box.top() >= area.top() - 2:
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)
            free = box.top()


def _ramp(theme: Theme) -> list[int]:
    """256 colours from the panel's ground to its text."""
    ground, ink = QColor(theme.panel), QColor(theme.text)
    shares = np.clip((np.arange(256) / 255 - _FLOOR) / (1 - _FLOOR), 0, 1) ** 1.4
    return [
        QColor.fromRgbF(
            ground.redF() + (ink.redF() - ground.redF()) * share,
            ground.greenF() + (ink.greenF() - ground.greenF()) * share,
            ground.blueF() + (ink.blueF() - ground.blueF()) * share,
        ).rgb()
        for share in shares.tolist()
    ]
