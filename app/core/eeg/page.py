"""A stretch of an EEG reduced to pixel columns: a vertical line from the lowest to the highest sample in
each.

Columns are assigned in exact arithmetic, so no sample is lost or counted twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.floating[Any]]
Numbers = npt.NDArray[np.int64]

_SHORT = 16
"""Samples per column up to which all columns are reduced in one vector operation."""


@dataclass(frozen=True, slots=True)
class PageStretch:
    """`columns` pixel columns of the same width from `start` to `end` seconds; end > start, columns > 0."""

    start: Fraction
    end: Fraction
    columns: int


@dataclass(frozen=True, slots=True, eq=False)
class ColumnRanges:
    """The lowest and highest value of each column: `low` and `high` (channels, columns), NaN where nothing is
    drawn."""

    low: Values
    high: Values


@dataclass(frozen=True, slots=True, eq=False)
class SamplePoints:
    """Samples that are drawn as a polyline: `columns` (n,) their positions (0 is the left edge of the page, 1
    that of the second column) and `values` (channels, n), NaN in gaps."""

    columns: npt.NDArray[np.float64]
    values: Values


def reduce_for_drawing(
    values: Values, rate: Fraction, first: Fraction, stretch: PageStretch
) -> ColumnRanges | SamplePoints:
    """The drawing data of values (channels, n) at `rate` Hz whose first sample is at `first` seconds.

    `ColumnRanges` where there are more samples than columns, else the samples themselves, with one more on
    each side so that the line reaches the edges.
    """
    if rate * (stretch.end - stretch.start) > stretch.columns:
        return column_ranges(values, rate, first, stretch, joined=True)
    return sample_points(values, rate, first, stretch)


def column_ranges(
    values: Values, rate: Fraction, first: Fraction, stretch: PageStretch, *, joined: bool = False
) -> ColumnRanges:
    """The lowest and highest value in each column; a sample belongs to the column that contains its time.

    NaN values are ignored; a column without any value is NaN. With `joined` a range extends to the last
    sample of the previous column, so that the line breaks at gaps only.
    """
    edges = np.clip(column_edges(rate, first, stretch), 0, values.shape[1])
    filled = np.flatnonzero(edges[1:] > edges[:-1])
    if not len(filled):
        return ColumnRanges(*np.full((2, len(values), stretch.columns), np.nan, values.dtype))
    # A filled column ends where the next one that is filled begins.
    found = _extremes(values, np.append(edges[filled], edges[filled[-1] + 1]), joined=joined)
    if len(filled) == stretch.columns:
        return found
    low, high = np.full((2, len(values), stretch.columns), np.nan, values.dtype)
    low[:, filled], high[:, filled] = found.low, found.high
    return ColumnRanges(low, high)


def sample_points(values: Values, rate: Fraction, first: Fraction, stretch: PageStretch) -> SamplePoints:
    """The samples of a stretch and one on each side of it."""
    width = (stretch.end - stretch.start) / stretch.columns
    begin = _clipped((stretch.start - first) * rate, values.shape[1])
    stop = _clipped((stretch.end - first) * rate, values.shape[1])
    begin, stop = max(begin - 1, 0), min(stop + 1, values.shape[1])
    offset = float((first - stretch.start) / width)
    places = offset + np.arange(begin, stop) * float(1 / (rate * width))
    return SamplePoints(places, values[:, begin:stop])


@lru_cache(maxsize=64)
def column_edges(rate: Fraction, first: Fraction, stretch: PageStretch) -> Numbers:
    """(columns + 1,) the number of the first sample at or after each column's left edge, and after the page's
    end; counted from the sample at `first` seconds, negative before it."""
    at, step = (stretch.start - first) * rate, (stretch.end - stretch.start) * rate / stretch.columns
    unit = at.denominator * step.denominator
    begin, width = at.numerator * step.denominator, step.numerator * at.denominator
    # Rounded up exactly: with floats a sample on an edge would change its column.
    edges = [-(-(begin + number * width) // unit) for number in range(stretch.columns + 1)]
    return np.array(edges, np.int64)


def _clipped(place: Fraction, count: int) -> int:
    """The number of the first sample at or after a position, 0 to `count`."""
    return min(max(-(-place.numerator // place.denominator), 0), count)


def _extremes(values: Values, edges: Numbers, *, joined: bool) -> ColumnRanges:
    """The range of the values between each two edges, ignoring NaN; no part is empty."""
    whole = not np.isnan(values[:, max(int(edges[0]) - 1, 0) : edges[-1]]).any()
    # The two that ignore NaN take longer.
    lowest, highest = (np.minimum, np.maximum) if whole else (np.fmin, np.fmax)
    if int(np.diff(edges).max()) > _SHORT:
        low = lowest.reduceat(values[:, : edges[-1]], edges[:-1], axis=1)
        high = highest.reduceat(values[:, : edges[-1]], edges[:-1], axis=1)
    else:
        low, high = _short_extremes(values, edges, lowest, highest)
    if joined:
        gap = None if whole else np.isnan(low)
        before = _taken(values, edges[:-1] - 1)
        lowest(low, before, out=low)
        highest(high, before, out=high)
        if gap is not None:
            low[gap], high[gap] = np.nan, np.nan
    return ColumnRanges(low, high)


def _short_extremes(
    values: Values, edges: Numbers, lowest: np.ufunc, highest: np.ufunc
) -> tuple[Values, Values]:
    """The k-th samples of all parts at once, several times faster than part by part."""
    low = _taken(values, edges[:-1])
    high = low.copy()
    for further in range(1, int(np.diff(edges).max())):
        one = _taken(values, np.minimum(edges[:-1] + further, edges[1:] - 1))
        lowest(low, one, out=low)
        highest(high, one, out=high)
    return low, high


def _taken(values: Values, places: Numbers) -> Values:
    """The samples at places, which are all inside or one before the first: faster unchecked."""
    return np.asarray(values.take(places, axis=1, mode="clip"))
