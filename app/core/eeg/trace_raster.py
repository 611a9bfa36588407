"""Traces as pixels: each column is a vertical run, several layers of colour, smooth upper and lower ends.

Painting 128 traces line by line takes a multiple of a frame; here all ends of runs are added to a picture
of changes at once, which is summed up from top to bottom.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from app.core.eeg.page import ColumnRanges, SamplePoints

Values = npt.NDArray[np.floating[Any]]
Pixels = npt.NDArray[np.uint8]

LEVELS = 16
"""Shades of a layer: level 0 is nothing, 15 the full colour; a pixel is layer × LEVELS + level."""

_BITS = 6
_UNITS = 1 << _BITS
"""Parts of a pixel in which the ends of a run are counted."""

_BITS_OF_SHADE = 2
_SHADE = 1 << _BITS_OF_SHADE
"""Parts of a pixel that make one level."""

_NARROW = 256
"""Columns below which one call for all rows is faster than one for each."""

_MARGIN = 2
"""Rows above and below the picture for runs that are outside of it."""


def column_runs(drawn: ColumnRanges | SamplePoints, columns: int) -> ColumnRanges:
    """The lowest and highest value of the line in each column; of single samples the straight line between
    them is taken. NaN where there is no line."""
    if isinstance(drawn, ColumnRanges):
        return drawn
    return _line_ranges(drawn, columns)


def _line_ranges(points: SamplePoints, columns: int) -> ColumnRanges:
    values = points.values
    if values.shape[1] < 2:
        nothing = np.full((len(values), columns), np.nan, values.dtype)
        return ColumnRanges(nothing, nothing)
    at_edges = _interpolated(points, np.arange(columns + 1, dtype=np.float64))
    low = np.fmin(at_edges[:, :-1], at_edges[:, 1:])
    high = np.fmax(at_edges[:, :-1], at_edges[:, 1:])
    inside = np.floor(points.columns).astype(np.int64)
    there = np.flatnonzero((inside >= 0) & (inside < columns))
    for some in (there[::2], there[1::2]):  # of these no two are in one column
        low[:, inside[some]] = np.fmin(low[:, inside[some]], values[:, some])
        high[:, inside[some]] = np.fmax(high[:, inside[some]], values[:, some])
    return ColumnRanges(low, high)


def _interpolated(points: SamplePoints, places: Values) -> Values:
    """The values of the line at places (n,) in columns; NaN beyond its ends and beside a gap."""
    after = np.clip(np.searchsorted(points.columns, places), 1, len(points.columns) - 1)
    before = after - 1
    share = (places - points.columns[before]) / (points.columns[after] - points.columns[before])
    found = points.values[:, before] * (1 - share) + points.values[:, after] * share
    # On a sample itself only that sample counts: the other one may lie in a gap.
    found = np.where(share == 0, points.values[:, before], found)
    found = np.where(share == 1, points.values[:, after], found)
    found[:, (share < 0) | (share > 1)] = np.nan
    return np.asarray(found)


def _sum_down(changes: npt.NDArray[np.int16]) -> None:
    """Replace each row by the sum of it and all above."""
    if changes.shape[1] < _NARROW:
        np.add.accumulate(changes, axis=0, out=changes)
        return
    for above, here in pairwise(changes):
        np.add(above, here, out=here)  # faster row by row than as one cumulative sum


class RunPainter:
    """Paints runs into pictures. The memory for it stays here: to ask for fresh memory takes as long as the
    work."""

    def __init__(self) -> None:
        self._rooms: dict[str, npt.NDArray[Any]] = {}

    def paint(
        self,
        pixels: Pixels,
        tops: Values,
        bottoms: Values,
        layers: npt.NDArray[np.int64],
        thickness: float = 1.0,
    ) -> None:
        """Paint runs (rows, columns) from `tops` to `bottoms` into `pixels` (height, columns), each row in
        one of the `layers` (rows,); pixels count from the upper edge, NaN paints nothing.

        A run is at least `thickness` pixels high. Of two layers the higher one covers the other.
        """
        pixels.fill(0)
        if not tops.size:
            return
        upper, lower = self._thick(tops, bottoms, thickness)
        for layer in np.unique(layers).tolist():
            rows = np.flatnonzero(layers == layer)
            part = slice(None) if len(rows) == len(layers) else rows
            self._paint_layer(pixels, upper[part], lower[part], layer)

    def _thick(self, tops: Values, bottoms: Values, thickness: float) -> tuple[Values, Values]:
        """Runs that are at least so many pixels high, NaN at both ends where one is missing."""
        extra, upper = (self._room(name, tops.shape, np.float32) for name in ("extra", "upper"))
        np.subtract(tops, bottoms, out=extra)
        extra += thickness
        np.maximum(extra, 0, out=extra)
        extra /= 2
        np.subtract(tops, extra, out=upper)
        return upper, np.add(bottoms, extra, out=extra)

    def _paint_layer(self, pixels: Pixels, upper: Values, lower: Values, layer: int) -> None:
        height, columns = pixels.shape
        highest, lowest = np.fmin.reduce(upper, axis=None), np.fmax.reduce(lower, axis=None)
        if np.isnan(highest):
            return
        first = int(np.clip(np.floor(highest), 0, height - 1))
        last = int(np.clip(np.ceil(lowest) + 1, first + 1, height))
        covered = self._covered(upper, lower, first, (last - first, columns))
        part = pixels[first:last]
        # A higher layer has larger numbers, so the larger one is what covers the other.
        some = np.greater(covered, 0, out=self._room("some", covered.shape, np.bool_)).view(np.uint8)
        some *= np.uint8(layer * LEVELS)
        covered += some
        np.maximum(part, covered, out=part)

    def _covered(self, upper: Values, lower: Values, first: int, size: tuple[int, int]) -> Pixels:
        """How far (0 to 15) each pixel of a picture of this size, from row `first` on, is covered."""
        height, columns = size
        changes = self._room("changes", (height + 2 * _MARGIN + 2, columns), np.int16)
        changes.fill(0)
        self._add(changes, upper, first, _UNITS)
        self._add(changes, lower, first, -_UNITS)
        _sum_down(changes[: _MARGIN + height])
        inside = changes[_MARGIN : _MARGIN + height]
        np.clip(inside, 0, (LEVELS - 1) * _SHADE, out=inside)  # minimum by a number takes ten times as long
        levels: Pixels = self._room("levels", size, np.uint8)
        np.add(inside, _SHADE - 1, out=levels, casting="unsafe")
        levels >>= _BITS_OF_SHADE
        return levels

    def _add(self, changes: npt.NDArray[np.int16], ends: Values, first: int, amount: int) -> None:
        """Add to each pixel how much more it is covered than the one above it because runs begin (a positive
        amount) or end there; spread over two pixels by where in the pixel the end is."""
        height, columns = changes.shape
        places, units = self._places(ends, first, height - 2 * _MARGIN - 2)
        parts = self._room("parts", ends.shape, np.int16)
        np.bitwise_and(units, _UNITS - 1, out=parts, casting="unsafe")
        if amount < 0:
            np.negative(parts, out=parts)
        pixels, index = changes.reshape(-1), places.reshape(-1)
        np.multiply(units >> _BITS, columns, out=places)
        places += np.arange(columns)
        np.add.at(pixels[columns:], index, parts.reshape(-1))
        np.subtract(amount, parts, out=parts)
        np.add.at(pixels, index, parts.reshape(-1))

    def _places(
        self, ends: Values, first: int, height: int
    ) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.int32]]:
        """Room for the places of ends, and where these are in units from the upper edge of the margin."""
        inside = self._room("inside", ends.shape, np.float32)
        # What is missing begins and ends at the same place outside, which is not a run.
        np.fmax(ends, float(first - _MARGIN), out=inside)
        np.minimum(inside, first + height + 1.0, out=inside)
        inside -= first - _MARGIN
        inside *= _UNITS
        units: npt.NDArray[np.int32] = self._room("units", ends.shape, np.int32)
        np.copyto(units, inside, casting="unsafe")
        return self._room("places", ends.shape, np.intp), units

    def _room(self, name: str, shape: tuple[int, ...], kind: type[np.generic]) -> npt.NDArray[Any]:
        """Memory of this shape with anything in it, the same as the last time if there was enough."""
        size = math.prod(shape)
        memory = self._rooms.get(name)
        if memory is None or len(memory) < size:
            memory = self._rooms[name] = np.empty(size, kind)
        return memory[:size].reshape(shape)
