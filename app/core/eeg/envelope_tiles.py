"""Tiles of long pages: the lowest and highest value of each of 8,192 stretches instead of the samples.

As alternating values they are drawn like samples. A page of so many samples that it would take longer than a
few seconds is computed from means over some milliseconds, and a still longer one from one second out of every
few; what is shown says so. The whole page is there at once, coarse, and becomes finer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from app.core.eeg.page import PageStretch, column_ranges
from app.core.eeg.trace_tiles import TilePlan, TraceBlock
from app.core.eeg.traces import Read, Trace, Values, page_traces

BINS = 8192
"""Stretches of a tile whose lowest and highest values are stored, with one more on each side."""

_MOST_SAMPLES = 32_768
"""Samples of a row that are stored in one tile; of more samples the bins are."""

_MOST_VALUES = 1 << 23
"""Values of a tile, with all its rows."""

_AT_ONCE = 1 << 22
"""Samples of all rows that are computed at a time, to bound memory."""

_MOST_EXACT = 50_000_000
"""Samples of all rows of a page up to which each of them is filtered: about three seconds' work."""

_MEAN_RATE = 256
"""Hz: means are taken as long as at least so many of them are left per second."""

_PIECES = 1024
"""Stretches of a page of which one piece each is read, when the page is too long for all of it."""

_PIECE = Fraction(1)
"""Seconds of a piece, and of the run-in of its filters."""

_FIRST_STEP = 64
"""Of so many pieces the first is read first, then half of the others and so on."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What an envelope is made of: means over `step` samples (1: the samples), of all of the page, or of a
    piece of each of its parts of `every` seconds."""

    step: int = 1
    every: Fraction | None = None


def is_envelope(plan: TilePlan, rate: Fraction | None = None) -> bool:
    """Whether rows of this rate, or any rows, are stored as an envelope."""
    most = min(_MOST_SAMPLES, max(2 * BINS, _MOST_VALUES // max(len(plan.rows), 1)))
    rates = [row.rate for row in plan.rows] if rate is None else [rate]
    return any(one * plan.seconds > most for one in rates)


def is_costly(plan: TilePlan) -> bool:
    """Whether a tile has more samples than are filtered one by one: only what is looked at is read then."""
    return sum(row.rate for row in plan.rows) * plan.seconds > _MOST_EXACT


def envelope_of(plan: TilePlan, rate: Fraction) -> Envelope:
    """What the envelope of rows of this rate is made of."""
    if not is_costly(plan):
        return Envelope()
    step, every = max(int(rate / _MEAN_RATE), 1), plan.seconds / _PIECES
    return Envelope(step, every if every > 2 * _PIECE else None)


def envelope_words(plan: TilePlan) -> str:
    """What a page shows of its samples; "" when it shows all of them."""
    if not plan.rows or not is_envelope(plan):
        return ""
    rate = max(row.rate for row in plan.rows)
    envelope = envelope_of(plan, rate)
    means = f" of means over {float(envelope.step / rate) * 1000:.2g} ms" if envelope.step > 1 else ""
    if envelope.every is None:
        return f"envelope{means or ' of all samples'}"
    piece = f"{float(_PIECE):g} s"
    return f"envelope{means}, {piece} out of every {float(envelope.every):.3g} s, each run in {piece}"


def is_in_pieces(plan: TilePlan) -> bool:
    """Whether a page shows pieces only, whose filters are run in for less than is otherwise done."""
    rates = {row.rate for row in plan.rows}
    return any(is_envelope(plan, rate) and envelope_of(plan, rate).every is not None for rate in rates)


def envelope_blocks(
    plan: TilePlan, read: Read, number: int, numbers: tuple[int, ...], check: Callable[[], None]
) -> Iterator[tuple[TraceBlock, float]]:
    """The lowest and highest value of every bin, as they are found; NaN where nothing has been computed yet.
    With each the share that is done."""
    rate = plan.rows[numbers[0]].rate
    envelope = envelope_of(plan, rate)
    rows = [replace(plan.rows[n], rate=rate / envelope.step) for n in numbers]
    block = _empty_block(plan, number, numbers)
    of_means, means = replace(plan, rows=tuple(rows)), _means(read, envelope.step)
    if envelope.every is not None:
        yield from _pieces(of_means, means, number, block, check)
    else:
        width = len(rows) * rate * plan.seconds / BINS
        at_once = max(int(_AT_ONCE / width), 1)
        yield from _all_bins(of_means, means, number, block, check, at_once=at_once)


def _empty_block(plan: TilePlan, number: int, numbers: tuple[int, ...]) -> TraceBlock:
    values = np.full((len(numbers), 2 * (BINS + 2)), np.nan, np.float32)
    unsettled = np.zeros(values.shape, np.bool_)
    return TraceBlock(numbers, 2 * BINS / plan.seconds, (number * BINS - 1) * 2, values, unsettled)


def _means(read: Read, step: int) -> Read:
    """A reader of means over `step` samples."""
    if step == 1:
        return read

    def read_means(numbers: Sequence[int], at: Fraction, count: int) -> list[Values]:
        return [one.reshape(count, step).mean(axis=1) for one in read(numbers, at, count * step)]

    return read_means


def _all_bins(
    plan: TilePlan, read: Read, number: int, block: TraceBlock, check: Callable[[], None], *, at_once: int
) -> Iterator[tuple[TraceBlock, float]]:
    """All of the page from left to right, so many bins at once."""
    rows, width, start = plan.rows, plan.seconds / BINS, number * plan.seconds
    for begin in range(-1, BINS + 1, at_once):
        check()
        bins = min(at_once, BINS + 1 - begin)
        stretch = PageStretch(start + begin * width, start + (begin + bins) * width, bins)
        traces = page_traces(rows, plan.filters, read, stretch.start, stretch.end - stretch.start)
        _store_bins(block, traces, stretch, begin + 1)
        yield block, (begin + 1 + bins) / (BINS + 2)


def _store_bins(block: TraceBlock, traces: Sequence[Trace], stretch: PageStretch, begin: int) -> None:
    part = slice(2 * begin, 2 * (begin + stretch.columns))
    rate, first = traces[0].row.rate, traces[0].first
    found = column_ranges(np.stack([trace.values for trace in traces]), rate, first, stretch)
    block.values[:, part] = np.stack([found.low, found.high], axis=2).reshape(len(traces), -1)
    if block.unsettled is not None:
        for place, trace in enumerate(traces):
            at = np.linspace(0, len(trace.unsettled) - 1, 2 * stretch.columns).astype(np.int64)
            block.unsettled[place, part] = trace.unsettled[at]


def _pieces(
    plan: TilePlan, read: Read, number: int, block: TraceBlock, check: Callable[[], None]
) -> Iterator[tuple[TraceBlock, float]]:
    """A piece in the middle of each part of the page; until that is read, the part looks as the one before
    it."""
    every, per_part = plan.seconds / _PIECES, BINS // _PIECES
    for count, (part, parts) in enumerate(_order(_PIECES), 1):
        check()
        start = number * plan.seconds + part * every + (every - _PIECE) / 2
        traces = page_traces(plan.rows, plan.filters, read, start, _PIECE, most_run_in=_PIECE)
        found = np.stack([trace.values for trace in traces])
        begin = 2 * (1 + part * per_part) if part else 0
        end = 2 * (1 + (part + parts) * per_part) if part + parts < _PIECES else block.values.shape[1]
        with np.errstate(all="ignore"):
            block.values[:, begin:end:2] = np.fmin.reduce(found, axis=1)[:, None]
            block.values[:, begin + 1 : end : 2] = np.fmax.reduce(found, axis=1)[:, None]
        yield block, count / _PIECES


def _order(count: int) -> Iterator[tuple[int, int]]:
    """The numbers of parts, evenly spread and then between these, each with how many look like it until the
    next round."""
    step = min(_FIRST_STEP, count)
    yield from ((part, step) for part in range(0, count, step))
    while step > 1:
        step //= 2
        yield from ((part, step) for part in range(step, count, 2 * step))
