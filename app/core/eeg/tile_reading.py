"""Reading the tiles of an EEG's page: derived and filtered samples, or the envelope of a long page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import numpy as np

from app.core.eeg.envelope_tiles import envelope_blocks, is_envelope
from app.core.eeg.read_around import ReadAround
from app.core.eeg.trace_tiles import TilePlan, TraceBlock, TraceTile, Values, page_windows, tiles_between
from app.core.eeg.traces import Read, Trace, page_traces

_AT_ONCE = 1 << 21
"""Values that are computed at a time, to bound memory."""


def read_tile(plan: TilePlan, read: Read, number: int, check: Callable[[], None]) -> Iterator[TraceTile]:
    """The tile, as it fills: the last one is complete. `check` is called between parts and raises to cancel.

    What cannot be read is missing in the tile, which says so.
    """
    rates = sorted({row.rate for row in plan.rows})
    blocks: list[TraceBlock] = []
    tile = TraceTile(number, ())
    for count, rate in enumerate(rates, 1):
        around = ReadAround(read, rate, check)
        numbers = tuple(n for n, row in enumerate(plan.rows) if row.rate == rate)
        for block, done in _blocks(plan, around, number, numbers, check):
            unread = tuple(dict.fromkeys((*tile.unread, *around.unread)))
            share, reason = (count - 1 + done) / len(rates), around.reason or tile.reason
            yield TraceTile(number, (*blocks, block), share, unread, reason)
        blocks.append(block)
        tile = replace(tile, unread=unread, reason=reason)
    if not blocks:
        yield tile


def recut_tile(
    plan: TilePlan, number: int, former: TilePlan, tiles: Mapping[int, TraceTile]
) -> TraceTile | None:
    """The tile from those of a plan that differs in the length of its tiles only; None where they do not hold
    all samples of it."""
    if former.rows != plan.rows or former.filters != plan.filters or is_envelope(former) or is_envelope(plan):
        return None
    start, end = number * plan.seconds, (number + 1) * plan.seconds
    some = [tiles.get(one) for one in tiles_between(former.seconds, start, end)]
    whole = [one for one in some if one is not None and one.done >= 1.0 and not one.unread]
    if len(whole) < len(some):
        return None
    windows = page_windows(whole, start, end)
    blocks = (
        TraceBlock(one.numbers, one.rate, round(one.first * one.rate), one.values, one.unsettled)
        for one in windows
    )
    return TraceTile(number, tuple(blocks))


def _blocks(
    plan: TilePlan, read: Read, number: int, numbers: tuple[int, ...], check: Callable[[], None]
) -> Iterator[tuple[TraceBlock, float]]:
    if is_envelope(plan, plan.rows[numbers[0]].rate):
        yield from envelope_blocks(plan, read, number, numbers, check)
    else:
        yield _sampled(plan, read, number, numbers, check), 1.0


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
