"""Traces in tiles of one page's length, filtered once and stored, from which any page is put together.

A tile of a long page stores the lowest and highest value of 8,192 stretches instead of its samples; as
alternating values they are drawn like samples.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import groupby
from typing import Any

import numpy as np
import numpy.typing as npt

from app.core.eeg.channel_names import ChannelKind
from app.core.eeg.derivation import DerivedRow
from app.core.eeg.filters import Filters
from app.core.eeg.page import PageStretch, column_ranges
from app.core.eeg.traces import Read, Trace, page_traces

Values = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

BINS = 8192
"""Stretches of a tile whose lowest and highest values are stored."""

_MOST_SAMPLES = 32_768
"""Samples of a row that are stored in one tile; of more samples the bins are."""

_MOST_VALUES = 1 << 23
"""Values of a tile, with all its rows."""

_AT_ONCE = 1 << 21
"""Values that are computed at a time, to bound memory."""


@dataclass(frozen=True, slots=True)
class TilePlan:
    """What tiles are made of: rows, the filters of each kind of channel, and the length of a tile in
    seconds."""

    rows: tuple[DerivedRow, ...]
    filters: Mapping[ChannelKind, Filters]
    seconds: Fraction


@dataclass(frozen=True, slots=True, eq=False)
class TraceBlock:
    """The rows of a tile with one sampling rate: their `numbers`, and `values` (rows, n) at `rate` Hz, of
    which the first is number `first` counted from 0 s. `unsettled` (rows, n) is None when all are settled."""

    numbers: tuple[int, ...]
    rate: Fraction
    first: int
    values: Values
    unsettled: Flags | None


@dataclass(frozen=True, slots=True, eq=False)
class TraceTile:
    """Tile `number` of a plan, from `number` × seconds on; `done` is the share that has been computed."""

    number: int
    blocks: tuple[TraceBlock, ...]
    done: float = 1.0

    @property
    def size(self) -> int:
        """Bytes of its values."""
        return sum(block.values.nbytes for block in self.blocks)


def tiles_between(seconds: Fraction, start: Fraction, end: Fraction) -> range:
    """The numbers of the tiles of this length that a stretch needs."""
    return range(math.floor(start / seconds), math.ceil(end / seconds))


def read_tile(plan: TilePlan, read: Read, number: int, check: Callable[[], None]) -> Iterator[TraceTile]:
    """The tile, as it fills: the last one is complete. `check` is called between parts and raises to cancel.

    Raises the errors of `read`.
    """
    rates = {row.rate for row in plan.rows}
    blocks: list[TraceBlock] = []
    for count, rate in enumerate(sorted(rates), 1):
        numbers = tuple(n for n, row in enumerate(plan.rows) if row.rate == rate)
        for block, done in _blocks(plan, read, number, numbers, check):
            yield TraceTile(number, (*blocks, block), (count - 1 + done) / len(rates))
        blocks.append(block)
    if not blocks:
        yield TraceTile(number, ())


def _blocks(
    plan: TilePlan, read: Read, number: int, numbers: tuple[int, ...], check: Callable[[], None]
) -> Iterator[tuple[TraceBlock, float]]:
    rate = plan.rows[numbers[0]].rate
    most = min(_MOST_SAMPLES, max(2 * BINS, _MOST_VALUES // len(plan.rows)))
    if rate * plan.seconds <= most:
        yield _sampled(plan, read, number, numbers, check), 1.0
    else:
        yield from _binned(plan, read, number, numbers, check)


def _sampled(
    plan: TilePlan, read: Read, number: int, numbers: tuple[int, ...], check: Callable[[], None]
) -> TraceBlock:
    """All samples of the tile and one beyond it on each side, computed some rows at a time."""
    rate, start = plan.rows[numbers[0]].rate, number * plan.seconds
    at_once = max(int(_AT_ONCE / (rate * plan.seconds)), 1)
    traces: list[Trace] = []
    values: list[Values] = []
    for begin in range(0, len(numbers), at_once):
        check()
        some = [plan.rows[n] for n in numbers[begin : begin + at_once]]
        found = page_traces(some, plan.filters, read, start, plan.seconds)
        values.append(np.array([trace.values for trace in found], np.float32))
        traces += [replace(trace, values=values[-1][0]) for trace in found]  # what is exact is let go
    unsettled = np.array([trace.unsettled for trace in traces])
    first = round(traces[0].first * rate)
    doubt = unsettled if unsettled.any() else None
    return TraceBlock(numbers, rate, first, np.concatenate(values), doubt)


def _binned(
    plan: TilePlan, read: Read, number: int, numbers: tuple[int, ...], check: Callable[[], None]
) -> Iterator[tuple[TraceBlock, float]]:
    """The lowest and highest value of every bin, in turn; NaN where nothing has been computed yet."""
    rows = [plan.rows[n] for n in numbers]
    width, start = plan.seconds / BINS, number * plan.seconds
    values = np.full((len(numbers), 2 * BINS), np.nan, np.float32)
    unsettled = np.zeros(values.shape, np.bool_)
    block = TraceBlock(numbers, 1 / (width / 2), number * 2 * BINS, values, unsettled)
    at_once = max(int(_AT_ONCE / (len(rows) * rows[0].rate * width)), 1)
    for begin in range(0, BINS, at_once):
        check()
        bins = min(at_once, BINS - begin)
        stretch = PageStretch(start + begin * width, start + (begin + bins) * width, bins)
        traces = page_traces(rows, plan.filters, read, stretch.start, stretch.end - stretch.start)
        _store_bins(block, traces, stretch, begin)
        yield block, (begin + bins) / BINS


def _store_bins(block: TraceBlock, traces: Sequence[Trace], stretch: PageStretch, begin: int) -> None:
    part = slice(2 * begin, 2 * (begin + stretch.columns))
    rate, first = traces[0].row.rate, traces[0].first
    found = column_ranges(np.stack([trace.values for trace in traces]), rate, first, stretch)
    block.values[:, part] = np.stack([found.low, found.high], axis=2).reshape(len(traces), -1)
    if block.unsettled is not None:
        for place, trace in enumerate(traces):
            at = np.linspace(0, len(trace.unsettled) - 1, 2 * stretch.columns).astype(np.int64)
            block.unsettled[place, part] = trace.unsettled[at]


@dataclass(frozen=True, slots=True, eq=False)
class PageWindow:
    """The values of rows with one rate for a page: `values` (rows, n), the first at `first` seconds."""

    numbers: tuple[int, ...]
    rate: Fraction
    first: Fraction
    values: Values
    unsettled: Flags | None


def page_windows(tiles: Sequence[TraceTile], start: Fraction, end: Fraction) -> tuple[PageWindow, ...]:
    """What tiles of one plan hold of a page, with a sample beyond it on each side; NaN where a tile is
    missing."""
    blocks = sorted((block for tile in tiles for block in tile.blocks), key=_order)
    return tuple(_window(list(some), start, end) for _, some in groupby(blocks, key=lambda one: one.numbers))


def _order(block: TraceBlock) -> Any:
    return block.numbers, block.first


def _window(blocks: Sequence[TraceBlock], start: Fraction, end: Fraction) -> PageWindow:
    rate, numbers = blocks[0].rate, blocks[0].numbers
    begin, stop = math.floor(start * rate) - 1, math.ceil(end * rate) + 1
    values = np.full((len(numbers), stop - begin), np.nan, np.float32)
    doubt = any(block.unsettled is not None for block in blocks)
    unsettled = np.zeros(values.shape, np.bool_) if doubt else None
    for block in blocks:
        low = max(begin, block.first)
        high = min(stop, block.first + block.values.shape[1])
        if high > low:
            there, here = slice(low - block.first, high - block.first), slice(low - begin, high - begin)
            values[:, here] = block.values[:, there]
            if unsettled is not None and block.unsettled is not None:
                unsettled[:, here] = block.unsettled[:, there]
    return PageWindow(numbers, rate, Fraction(begin) / rate, values, unsettled)
