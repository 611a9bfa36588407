"""Tiles reduced to the pixel columns in which they are painted, once for every place of the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from app.core.eeg.page import PageStretch, reduce_for_drawing
from app.core.eeg.trace_raster import column_runs
from app.core.eeg.trace_tiles import PageWindow, TraceColumns, TraceTile, page_windows


def prepared(tile: TraceTile, seconds: Fraction, columns: int, rows: int) -> TraceTile:
    """The tile of so many seconds and rows with its columns, when a page has `columns` of them."""
    width = seconds / columns
    found = _of_samples([tile], width, tile.number * columns, columns, rows)
    return replace(tile, columns=found)


def columns_of(
    tiles: Sequence[TraceTile], width: Fraction, first: int, count: int, rows: int
) -> TraceColumns:
    """`count` columns of `width` seconds from number `first` on; NaN where no tile is."""
    ready = [tile.columns for tile in tiles if tile.columns is not None and tile.columns.width == width]
    if len(ready) == len(tiles) and all(len(one.low) == rows for one in ready):
        return _of_columns(ready, width, first, count, rows)
    return _of_samples(tiles, width, first, count, rows)


def _of_columns(
    ready: Sequence[TraceColumns], width: Fraction, first: int, count: int, rows: int
) -> TraceColumns:
    low, high = (np.full((rows, count), np.nan, np.float32) for _ in range(2))
    unsettled = np.zeros((rows, count), np.bool_)
    for one in ready:
        begin, stop = max(first, one.first), min(first + count, one.first + one.low.shape[1])
        if stop <= begin:
            continue
        here, there = slice(begin - first, stop - first), slice(begin - one.first, stop - one.first)
        low[:, here], high[:, here] = one.low[:, there], one.high[:, there]
        if one.unsettled is not None:
            unsettled[:, here] = one.unsettled[:, there]
    return TraceColumns(first, width, low, high, unsettled if unsettled.any() else None)


def _of_samples(
    tiles: Sequence[TraceTile], width: Fraction, first: int, count: int, rows: int
) -> TraceColumns:
    stretch = PageStretch(first * width, (first + count) * width, count)
    low, high = (np.full((rows, count), np.nan, np.float32) for _ in range(2))
    unsettled = np.zeros((rows, count), np.bool_)
    for window in page_windows(tiles, stretch.start, stretch.end):
        numbers = [number for number in window.numbers if number < rows]
        drawn = reduce_for_drawing(window.values[: len(numbers)], window.rate, window.first, stretch)
        runs = column_runs(drawn, count)
        low[numbers], high[numbers] = runs.low, runs.high
        if window.unsettled is not None and window.unsettled.any():
            unsettled[numbers] = _by_column(window, stretch)[: len(numbers)]
    return TraceColumns(first, width, low, high, unsettled if unsettled.any() else None)


def _by_column(window: PageWindow, stretch: PageStretch) -> npt.NDArray[np.bool_]:
    """Whether each column of a window is not settled."""
    assert window.unsettled is not None
    width = float((stretch.end - stretch.start) / stretch.columns)
    times = float(stretch.start - window.first) + (np.arange(stretch.columns) + 0.5) * width
    at = np.clip(np.rint(times * float(window.rate)).astype(np.int64), 0, window.unsettled.shape[1] - 1)
    return np.asarray(window.unsettled[:, at])
