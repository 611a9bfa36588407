"""Painting of a day's spectrogram and of the power in its bands, with their scales."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen, QPolygonF

from app.core.eeg.trend_columns import decibels, spectrum_picture
from app.core.eeg.trends import BANDS, LOUDEST, QUIETEST, SPECTRUM, Bytes, Trends
from app.core.timeline.even_colours import even_scale
from app.ui.theme import Mode, small_font
from app.ui.views.eeg_overview_paint import ShownTrends, column_xs, log_y, log_ys, paint_ticks
from app.ui.views.eeg_paint import PageCanvas

SCALE_WIDTH = 64.0
"""Pixels at the right for the scale of the colours."""

_LOWEST_ROW = 0.5
_LEAST_RANGE = 15.0
"""dB that the colours span at least: noise alone should not look like much."""

_ENOUGH = 5000
"""Columns of the trends that tell the limits of a scale."""

BAND_COLOURS: dict[Mode, dict[str, str]] = {
    Mode.DARK: {
        "delta": "#e5aa42",
        "theta": "#f08a80",
        "alpha": "#62b6f0",
        "beta": "#5cc79a",
        "gamma": "#c69be8",
    },
    Mode.LIGHT: {
        "delta": "#8a5300",
        "theta": "#b3261e",
        "alpha": "#005c9e",
        "beta": "#006b45",
        "gamma": "#7338a6",
    },
}


def level_range(spectrum: Bytes) -> tuple[float, float]:
    """The dB of the lowest and the highest colour: all but the quietest and loudest hundredth of the whole
    file, at steps of 5 dB, so that colours mean the same at every zoom."""
    # Of a day every tenth column is enough for the scale.
    some = spectrum[:: max(len(spectrum) // _ENOUGH, 1)]
    counts = np.bincount(some.ravel(), minlength=256)
    counts[0] = 0
    total = np.cumsum(counts)
    if not total[-1]:
        return QUIETEST, LOUDEST
    low, high = (decibels(float(np.searchsorted(total, share * total[-1]))) for share in (0.01, 0.995))
    bottom = 5.0 * math.floor(low / 5.0)
    return bottom, max(5.0 * math.ceil(high / 5.0), bottom + _LEAST_RANGE)


def paint_spectrogram_of_day(painter: QPainter, area: QRectF, canvas: PageCanvas, shown: ShownTrends) -> None:
    """The spectrogram from 0.5 to 32.5 Hz, the limits of the bands, and the scale of its colours."""
    spectrum = shown.trends.spectrum[shown.number]
    limits = level_range(spectrum)
    cells = _as_shares(spectrum_picture(spectrum, shown.columns), limits)
    stride = -(-cells.shape[1] // 4) * 4
    padded = np.zeros((SPECTRUM, stride), np.uint8)
    padded[:, : cells.shape[1]] = cells
    image = QImage(padded.data, cells.shape[1], SPECTRUM, stride, QImage.Format.Format_Indexed8)
    colours = even_scale(dark=canvas.theme.mode is Mode.DARK)
    image.setColorTable([QColor(canvas.theme.panel).rgb(), *colours[1:]])
    painter.drawImage(area, image)
    ticks = [(_hertz_y(area, low), f"{low:g} Hz") for _, low, _ in BANDS[1:]]
    paint_ticks(painter, area, canvas, "", ticks)
    _paint_scale(painter, area, canvas, limits)


def paint_band_power(painter: QPainter, area: QRectF, canvas: PageCanvas, shown: ShownTrends) -> None:
    """The mean power of each band as a line, µV² on a logarithmic scale, its name at the right."""
    means = shown.columns.mean(np.square(shown.trends.rms[shown.number].astype(np.float32)))
    powers = {name: means[:, number] for number, (name, _, _) in enumerate(BANDS)}
    limits = _power_limits(shown.trends, shown.number)
    decades = range(round(math.log10(limits[0])), round(math.log10(limits[1])) + 1)
    ticks = [(log_y(area, 10.0**one, limits), _power_text(one)) for one in decades]
    paint_ticks(painter, area, canvas, "", ticks)
    painter.save()
    for name, power in powers.items():
        painter.setPen(QPen(QColor(BAND_COLOURS[canvas.theme.mode][name]), 1))
        for line in _lines(area, power, limits):
            painter.drawPolyline(line)
    painter.restore()
    _paint_legend(painter, area, canvas)


def _as_shares(levels: Bytes, limits: tuple[float, float]) -> Bytes:
    """Levels as numbers of colours: 1–255 within the limits, 0 where there is nothing."""
    low, high = ((one - QUIETEST) * 255.0 / (LOUDEST - QUIETEST) for one in limits)
    scaled = 1.0 + np.clip((levels.astype(np.float32) - low) / (high - low), 0.0, 1.0) * 254.0
    return np.where(levels > 0, np.rint(scaled), 0).astype(np.uint8)


def _hertz_y(area: QRectF, hertz: float) -> float:
    return area.bottom() - (hertz - _LOWEST_ROW) / SPECTRUM * area.height()


def _paint_scale(painter: QPainter, area: QRectF, canvas: PageCanvas, limits: tuple[float, float]) -> None:
    """The bar of colours with its lowest and highest dB, at the right of the plot."""
    table = even_scale(dark=canvas.theme.mode is Mode.DARK)
    bar = QRectF(area.right() + 8, area.top() + 2, 8, area.height() - 4)
    image = QImage(1, 255, QImage.Format.Format_RGB32)
    for row in range(255):
        image.setPixel(0, row, table[255 - row])
    painter.drawImage(bar, image)
    painter.setFont(small_font())
    painter.setPen(QColor(canvas.theme.muted))
    metrics = QFontMetricsF(painter.font())
    painter.drawText(QPointF(bar.right() + 4, bar.top() + metrics.ascent() - 2), f"{limits[1]:g} dB")
    painter.drawText(QPointF(bar.right() + 4, bar.bottom()), f"{limits[0]:g}".replace("-", "−"))
    if bar.height() > 4 * metrics.height():
        middle = bar.center().y() + metrics.ascent() / 2
        painter.drawText(QPointF(bar.right() + 4, middle), "µV²/Hz")


def _power_limits(trends: Trends, number: int) -> tuple[float, float]:
    """Powers of ten around all but the extreme values of the whole file."""
    some = trends.rms[number, :: max(trends.columns // _ENOUGH, 1)]
    powers = np.square(some.astype(np.float32))
    there = powers[np.isfinite(powers) & (powers > 0)]
    if not len(there):
        return 1.0, 1000.0
    low, high = (float(one) for one in np.quantile(there, (0.01, 0.999)))
    bottom = math.floor(math.log10(low))
    return 10.0**bottom, 10.0 ** max(math.ceil(math.log10(high)), bottom + 2)


def _power_text(exponent: int) -> str:
    return f"{10.0**exponent:g} µV²" if -2 <= exponent <= 5 else f"1e{exponent} µV²"


def _lines(area: QRectF, values: npt.NDArray[np.float32], limits: tuple[float, float]) -> list[QPolygonF]:
    """The unbroken parts of a line; one column alone becomes a dot."""
    lines: list[list[QPointF]] = [[]]
    ys = log_ys(area, values, limits).tolist()
    for x, y in zip(column_xs(area, len(values)), ys, strict=True):
        if math.isfinite(y):
            lines[-1].append(QPointF(x, y))
        elif lines[-1]:
            lines.append([])
    return [
        QPolygonF(line if len(line) > 1 else [line[0], line[0] + QPointF(1, 0)]) for line in lines if line
    ]


def _paint_legend(painter: QPainter, area: QRectF, canvas: PageCanvas) -> None:
    """The names of the bands in their colours, from the top."""
    painter.setFont(small_font())
    metrics = QFontMetricsF(painter.font())
    step = min(metrics.height(), area.height() / len(BANDS))
    for number, (name, _, _) in enumerate(BANDS):
        painter.setPen(QColor(BAND_COLOURS[canvas.theme.mode][name]))
        painter.drawText(QPointF(area.right() + 8, area.top() + number * step + metrics.ascent()), name)
