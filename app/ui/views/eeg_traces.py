"""The traces of the page as a picture; scrolling paints only what has come into it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

from app.core.eeg.tile_columns import columns_of
from app.core.eeg.trace_raster import RunPainter
from app.core.eeg.trace_tiles import TraceTile
from app.ui.views.eeg_colours import pale_layers
from app.ui.views.layered_picture import LayeredPicture

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
        self._picture = LayeredPicture()
        self._painter = RunPainter()

    def forget(self) -> None:
        """Paint everything the next time, because the values are others."""
        self._scale = None

    def image(
        self,
        tiles: tuple[TraceTile, ...],
        first: int,
        scale: TraceScale,
        colours: npt.NDArray[np.uint64],
    ) -> QImage:
        """The picture whose leftmost column is number `first`, counted from 0 s; good until the next one.
        `colours` are those of two pixels side by side (see `colour_pairs`), with alpha."""
        self._paint(tiles, first, scale)
        return self._picture.image(colours)

    def _paint(self, tiles: tuple[TraceTile, ...], first: int, scale: TraceScale) -> None:
        columns, shift = scale.columns, first - self._first
        pixels = self._picture.pixels
        if scale != self._scale:
            self._picture.resize(scale.height, columns)
            begin, stop = 0, columns
        elif 0 < shift < columns:
            pixels[:, : columns - shift] = pixels[:, shift:columns].copy()
            begin, stop = columns - shift, columns
        elif -columns < shift < 0:
            pixels[:, -shift:columns] = pixels[:, : columns + shift].copy()
            begin, stop = 0, -shift
        else:
            begin, stop = (0, 0) if shift == 0 else (0, columns)
        self._scale, self._first = scale, first
        if stop > begin:
            self._paint_columns(self._picture.pixels[:, begin:stop], tiles, first + begin, scale)

    def _paint_columns(
        self, pixels: npt.NDArray[np.uint8], tiles: tuple[TraceTile, ...], first: int, scale: TraceScale
    ) -> None:
        """Paint columns of the traces from number `first` on, pale where the filters have not settled;
        columns that are alike at once."""
        count, rows = pixels.shape[1], len(scale.middles)
        found = columns_of(tiles, scale.seconds_per_column, first, count, rows)
        runs = _on_screen(found.low, found.high, scale)
        doubtful = found.unsettled
        some = np.zeros(count, np.bool_) if doubtful is None else doubtful.any(axis=0)
        for begin, stop in pairwise([0, *(np.flatnonzero(np.diff(some)) + 1).tolist(), count]):
            tops, bottoms, layers = _part(runs, doubtful, (begin, stop), scale)
            self._painter.paint(pixels[:, begin:stop], tops, bottoms, layers, scale.thickness)


def _on_screen(low: Floats, high: Floats, scale: TraceScale) -> tuple[Floats, Floats]:
    """The upper and lower ends of runs in pixels."""
    middles = np.array(scale.middles, np.float32)[:, None]
    sizes = np.array(scale.pixels_per_unit, np.float32)[:, None]
    first, second = sizes * low, sizes * high
    first += middles
    second += middles
    tops = np.minimum(first, second)
    bottoms = np.maximum(first, second, out=second)
    if scale.half_height is not None:
        upper, lower = middles - scale.half_height, middles + scale.half_height
        for ends in (tops, bottoms):
            np.maximum(ends, upper, out=ends)
            np.minimum(ends, lower, out=ends)
    return tops, bottoms


def _part(
    runs: tuple[Floats, Floats],
    doubtful: npt.NDArray[np.bool_] | None,
    columns: tuple[int, int],
    scale: TraceScale,
) -> tuple[Floats, Floats, npt.NDArray[np.int64]]:
    """Tops, bottoms and layers of some columns, rows twice where some of them are pale and some are not."""
    tops, bottoms = (one[:, columns[0] : columns[1]] for one in runs)
    layers = np.array(scale.layers, np.int64)
    doubt = None if doubtful is None else doubtful[:, columns[0] : columns[1]]
    if doubt is None or not doubt.any():
        return tops, bottoms, layers
    if doubt.all():
        return tops, bottoms, pale_layers(layers)
    settled, unsettled = (np.where(one, np.nan, tops) for one in (doubt, ~doubt))
    both = np.concatenate([layers, pale_layers(layers)])
    return np.concatenate([settled, unsettled]), np.concatenate([bottoms, bottoms]), both
