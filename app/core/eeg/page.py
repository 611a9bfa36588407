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
        return joined_ranges(
            column_ranges(values, rate, first, stretch), values, column_edges(rate, first, stretch)
        )
    return sample_points(values, rate, first, stretch)


def column_ranges(values: Values, rate: Fraction, first: Fraction, stretch: PageStretch) -> ColumnRanges:
    """The lowest and highest value in each column; a sample belongs to the column that contains its time.

    NaN values are ignored; a column without any value is NaN.
    """
    edges = np.clip(column_edges(rate, first, stretch), 0, values.shape[1])
    filled = np.flatnonzero(edges[1:] > edges[:-1])
    shape = (len(values), stretch.columns)
    low = np.full(shape, np.nan, values.dtype)
    high = np.full(shape, np.nan, values.dtype)
    if len(filled):
        # The filled columns are contiguous, so each begins where the previous one ends.
        parts = np.append(edges[filled], edges[filled[-1] + 1])
        low[:, filled] = _extremes(np.fmin, values, parts)
        high[:, filled] = _extremes(np.fmax, values, parts)
    return ColumnRanges(low, high)


def joined_ranges(found: ColumnRanges, values: Values, edges: Numbers) -> ColumnRanges:
    """The ranges extended to the last sample of the previous column, so that the line breaks at gaps only."""
    if not values.shape[1]:
        return found
    before = values.take(edges[:-1] - 1, axis=1, mode="clip")
    low, high, gap = np.fmin(found.low, before), np.fmax(found.high, before), np.isnan(found.low)
    low[gap], high[gap] = np.nan, np.nan
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


def _extremes(extreme: np.ufunc, values: Values, edges: Numbers) -> Values:
    """The extreme of the values between each two edges, ignoring NaN; no part is empty."""
    widest = int(np.diff(edges).max())
    if widest > _SHORT:
        found: Values = extreme.reduceat(values[:, : edges[-1]], edges[:-1], axis=1)
        return found
    # Short parts: the k-th samples of all parts at once, several times faster than part by part.
    found = values.take(edges[:-1], axis=1, mode="clip")  # all inside; faster unchecked
    for further in range(1, widest):
        found = extreme(
            found, values.take(np.minimum(edges[:-1] + further, edges[1:] - 1), axis=1, mode="clip")
        )
    return found
