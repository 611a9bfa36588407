"""The traces of the page as a picture; scrolling paints only what has come into it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

from app.core.eeg.page import PageStretch, reduce_for_drawing
from app.core.eeg.trace_raster import column_runs, paint_runs
from app.core.eeg.trace_tiles import PageWindow, TraceTile, page_windows
from app.ui.views.eeg_colours import pale_layers

Floats = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class TraceScale:
    """How traces are drawn, in pixels of the screen: size of the picture, seconds of a column, and for each
    row its middle, pixels down for 1 unit, layer, and the half height within which it is kept (None: not
    clipped). `thickness` is that of a line."""

    columns: int
    height: int
    seconds_per_column: Fraction
    middles: tuple[float, ...]
    pixels_per_unit: tuple[float, ...]
    layers: tuple[int, ...]
    half_height: float | None
    thickness: float


class TracePicture:
    """The last picture of the traces, of which most is used again while scrolling."""

    def __init__(self) -> None:
        self._scale: TraceScale | None = None
        self._first = 0
        self._pixels = np.zeros((0, 0), np.uint8)

    def forget(self) -> None:
        """Paint everything the next time, because the values are others."""
        self._scale = None

    def image(
        self, tiles: tuple[TraceTile, ...], first: int, scale: TraceScale, colours: list[int]
    ) -> QImage:
        """The picture whose leftmost column is number `first`, counted from 0 s."""
        self._paint(tiles, first, scale)
        height, stride = self._pixels.shape
        image = QImage(self._pixels.data, scale.columns, height, stride, QImage.Format.Format_Indexed8)
        image.setColorTable(colours)
        # Qt draws a picture with a table of colours in several threads, which wait for a busy processor.
        return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)

    def _paint(self, tiles: tuple[TraceTile, ...], first: int, scale: TraceScale) -> None:
        columns, shift = scale.columns, first - self._first
        if scale != self._scale:
            # QImage wants rows of whole words.
            self._pixels = np.zeros((scale.height, -(-columns // 4) * 4), np.uint8)
            begin, stop = 0, columns
        elif 0 < shift < columns:
            self._pixels[:, : columns - shift] = self._pixels[:, shift:columns].copy()
            begin, stop = columns - shift, columns
        elif -columns < shift < 0:
            self._pixels[:, -shift:columns] = self._pixels[:, : columns + shift].copy()
            begin, stop = 0, -shift
        else:
            begin, stop = (0, 0) if shift == 0 else (0, columns)
        self._scale, self._first = scale, first
        if stop > begin:
            paint_columns(self._pixels[:, begin:stop], tiles, first + begin, scale)


def paint_columns(
    pixels: npt.NDArray[np.uint8], tiles: tuple[TraceTile, ...], first: int, scale: TraceScale
) -> None:
    """Paint columns of the traces from number `first` on."""
    width, columns = scale.seconds_per_column, pixels.shape[1]
    stretch = PageStretch(first * width, (first + columns) * width, columns)
    rows = len(scale.middles)
    tops, bottoms = (np.full((rows, columns), np.nan, np.float32) for _ in range(2))
    doubtful = np.zeros((rows, columns), np.bool_)
    for window in page_windows(tiles, stretch.start, stretch.end):
        numbers = [number for number in window.numbers if number < rows]
        drawn = reduce_for_drawing(window.values[: len(numbers)], window.rate, window.first, stretch)
        runs = column_runs(drawn, columns)
        tops[numbers], bottoms[numbers] = _on_screen(runs.low, runs.high, numbers, scale)
        if window.unsettled is not None and window.unsettled.any():
            doubtful[numbers] = _by_column(window, stretch)[: len(numbers)]
    _paint_with_doubt(pixels, (tops, bottoms), doubtful, scale)


def _on_screen(low: Floats, high: Floats, numbers: list[int], scale: TraceScale) -> tuple[Floats, Floats]:
    """The upper and lower ends of runs in pixels."""
    middles = np.array(scale.middles, np.float32)[numbers][:, None]
    sizes = np.array(scale.pixels_per_unit, np.float32)[numbers][:, None]
    first, second = middles + sizes * low, middles + sizes * high
    tops, bottoms = np.minimum(first, second), np.maximum(first, second)
    if scale.half_height is not None:
        upper, lower = middles - scale.half_height, middles + scale.half_height
        return np.clip(tops, upper, lower), np.clip(bottoms, upper, lower)
    return tops, bottoms


def _by_column(window: PageWindow, stretch: PageStretch) -> npt.NDArray[np.bool_]:
    """Whether each column of a window is not settled."""
    assert window.unsettled is not None
    width = float((stretch.end - stretch.start) / stretch.columns)
    times = float(stretch.start - window.first) + (np.arange(stretch.columns) + 0.5) * width
    at = np.clip(np.rint(times * float(window.rate)).astype(np.int64), 0, window.unsettled.shape[1] - 1)
    return np.asarray(window.unsettled[:, at])


def _paint_with_doubt(
    pixels: npt.NDArray[np.uint8],
    runs: tuple[Floats, Floats],
    doubtful: npt.NDArray[np.bool_],
    scale: TraceScale,
) -> None:
    """Paint the runs, pale where the filters have not settled; columns that are alike at once."""
    some = doubtful.any(axis=0)
    edges = [0, *(np.flatnonzero(np.diff(some)) + 1).tolist(), len(some)]
    for begin, stop in pairwise(edges):
        tops, bottoms, layers = _part(runs, doubtful, (begin, stop), scale)
        # A part of wider rows is not contiguous, which would cost more than the copy.
        part = np.empty((len(pixels), stop - begin), np.uint8)
        paint_runs(part, tops, bottoms, layers, scale.thickness)
        pixels[:, begin:stop] = part


def _part(
    runs: tuple[Floats, Floats],
    doubtful: npt.NDArray[np.bool_],
    columns: tuple[int, int],
    scale: TraceScale,
) -> tuple[Floats, Floats, npt.NDArray[np.int64]]:
    """Tops, bottoms and layers of some columns, rows twice where some of them are pale and some are not."""
    tops, bottoms = (one[:, columns[0] : columns[1]] for one in runs)
    doubt, layers = doubtful[:, columns[0] : columns[1]], np.array(scale.layers, np.int64)
    if not doubt.any():
        return tops, bottoms, layers
    if doubt.all():
        return tops, bottoms, pale_layers(layers)
    settled, unsettled = (np.where(one, np.nan, tops) for one in (doubt, ~doubt))
    both = np.concatenate([layers, pale_layers(layers)])
    return np.concatenate([settled, unsettled]), np.concatenate([bottoms, bottoms]), both
