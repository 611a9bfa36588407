"""Traces as pixels: each column is a vertical run, several layers of colour, smooth upper and lower ends.

Painting 128 traces line by line takes a multiple of a frame; here the time depends on the size of the
picture only.
"""

from __future__ import annotations

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

_SHADE = _UNITS // LEVELS
"""Parts of a pixel that make one level."""

_MARGIN = 2
"""Rows above and below the picture for runs that are outside of it."""


def load_painting() -> None:
    """Load what painting needs, which takes too long for a thread that paints."""
    import scipy.sparse  # noqa: F401 - only loaded here, so that it is there when a page is painted


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
    for number in np.flatnonzero((inside >= 0) & (inside < columns)).tolist():
        column = inside[number]
        low[:, column] = np.fmin(low[:, column], values[:, number])
        high[:, column] = np.fmax(high[:, column], values[:, number])
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


def paint_runs(
    pixels: Pixels, tops: Values, bottoms: Values, layers: npt.NDArray[np.int64], thickness: float = 1.0
) -> None:
    """Paint runs (rows, columns) from `tops` to `bottoms` into `pixels` (height, columns), each row in one of
    the `layers` (rows,); pixels count from the upper edge, NaN paints nothing.

    A run is at least `thickness` pixels high. Of two layers the higher one covers the other.
    """
    pixels.fill(0)
    if not tops.size:
        return
    missing = np.isnan(tops)
    extra = np.maximum(thickness - (bottoms - tops), 0) / 2
    upper, lower = tops - extra, bottoms + extra
    for layer in np.unique(layers).tolist():
        rows = np.flatnonzero(layers == layer)
        if not missing[rows].all():
            _paint_layer(pixels, upper[rows], lower[rows], missing[rows], layer)


def _paint_layer(
    pixels: Pixels, upper: Values, lower: Values, missing: npt.NDArray[np.bool_], layer: int
) -> None:
    height, columns = pixels.shape
    first = int(np.clip(np.floor(np.nanmin(upper)), 0, height - 1))
    last = int(np.clip(np.ceil(np.nanmax(lower)) + 1, first + 1, height))
    covered = _covered(upper - first, lower - first, missing, (last - first, columns))
    part = pixels[first:last]
    # A higher layer has larger numbers, so the larger one is what covers the other.
    covered += (covered > 0).view(np.uint8) * np.uint8(layer * LEVELS)
    np.maximum(part, covered, out=part)


def _covered(upper: Values, lower: Values, missing: npt.NDArray[np.bool_], size: tuple[int, int]) -> Pixels:
    """How far (0 to 15) each pixel of a picture of this size is covered by runs."""
    height = size[0]
    changes = _changes(upper, lower, missing, size)
    for above, here in pairwise(changes):
        np.add(above, here, out=here)  # faster row by row than as one cumulative sum
    inside = np.minimum(changes[_MARGIN : _MARGIN + height], (LEVELS - 1) * _SHADE).astype(np.uint8)
    inside += _SHADE - 1
    inside //= _SHADE
    return inside


def _changes(
    upper: Values, lower: Values, missing: npt.NDArray[np.bool_], size: tuple[int, int]
) -> npt.NDArray[np.int16]:
    """What each pixel of the picture with its margin is covered more than the one above it, in `_UNITS`."""
    from scipy.sparse import coo_array

    height, columns = size
    shape = (2, 2, *upper.shape)  # upper and lower ends; the pixel of an end and the one below it
    pixels, amounts = np.empty(shape, np.int32), np.empty(shape, np.int16)
    for end, ends in enumerate((upper, lower)):
        units = _units(ends, missing, height)
        np.right_shift(units, _BITS, out=pixels[end, 0])
        # The change is spread over two pixels by where in the pixel the run ends.
        amounts[end, 1] = units & (_UNITS - 1)
        np.subtract(_UNITS, amounts[end, 1], out=amounts[end, 0])
    np.add(pixels[:, 0], 1, out=pixels[:, 1])
    np.negative(amounts[1], out=amounts[1])
    places = np.broadcast_to(np.arange(columns, dtype=np.int32), shape)
    # Changes in one place are added up: three times as fast as row by row with an index of numpy.
    summed = coo_array(
        (amounts.ravel(), (pixels.ravel(), places.ravel())), shape=(height + 2 * _MARGIN + 2, columns)
    )
    return np.asarray(summed.toarray(), np.int16)


def _units(ends: Values, missing: npt.NDArray[np.bool_], height: int) -> npt.NDArray[np.int32]:
    """Where the ends of runs are, in units from the upper edge of the margin."""
    inside = np.clip(ends, -float(_MARGIN), height + 1.0)
    # What is missing begins and ends at the same place outside, which is no run.
    inside[missing] = -float(_MARGIN)
    inside += _MARGIN
    inside *= _UNITS
    return inside.astype(np.int32)
