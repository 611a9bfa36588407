"""Traces in tiles of one page's length, filtered once and stored, from which any page is put together."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeAlias

from app.core.eeg.channel_kind import ChannelKind
from app.core.eeg.derivation import DerivedRow
from app.core.eeg.filters import Filters

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Values: TypeAlias = "npt.NDArray[np.float32]"
Flags: TypeAlias = "npt.NDArray[np.bool_]"


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
class TraceColumns:
    """All rows reduced to pixel columns of `width` seconds, from column number `first` on (counted from 0 s):
    the lowest and highest value of the line in each, `low` and `high` (rows, columns), NaN where there is
    none. `unsettled` (rows, columns) is None when all are settled."""

    first: int
    width: Fraction
    low: Values
    high: Values
    unsettled: Flags | None


@dataclass(frozen=True, slots=True, eq=False)
class TraceTile:
    """Tile `number` of a plan, from `number` × seconds on; `done` is the share that has been computed.

    `unread` are the stretches (start, end) in seconds of the EEG's clock that could not be read, and `reason`
    says why. `columns` is the tile as it is painted, when that has been prepared.
    """

    number: int
    blocks: tuple[TraceBlock, ...]
    done: float = 1.0
    unread: tuple[tuple[Fraction, Fraction], ...] = ()
    reason: str = ""
    columns: TraceColumns | None = None

    @property
    def size(self) -> int:
        """Bytes of its values."""
        return sum(block.values.nbytes for block in self.blocks)


def tiles_between(seconds: Fraction, start: Fraction, end: Fraction) -> range:
    """The numbers of the tiles of this length that a stretch needs."""
    return range(math.floor(start / seconds), math.ceil(end / seconds))


@dataclass(frozen=True, slots=True, eq=False)
class PageWindow:
    """The values of rows with one rate for a page: `values` (rows, n), the first at `first` seconds."""

    numbers: tuple[int, ...]
    rate: Fraction
    first: Fraction
    values: Values
    unsettled: Flags | None


def page_windows(tiles: Sequence[TraceTile], start: Fraction, end: Fraction) -> tuple[PageWindow, ...]:
    """What tiles of one plan hold of a page, with a sample beyond it on each side, from the first of them to
    the last; NaN where one between is missing."""
    blocks = sorted((block for tile in tiles for block in tile.blocks), key=_order)
    return tuple(_window(list(some), start, end) for _, some in groupby(blocks, key=lambda one: one.numbers))


def _order(block: TraceBlock) -> Any:
    return block.numbers, block.first


def _window(blocks: Sequence[TraceBlock], start: Fraction, end: Fraction) -> PageWindow:
    import numpy as np

    rate, numbers = blocks[0].rate, blocks[0].numbers
    # No more than the tiles hold: those of a short page may be shown on a long one.
    begin = max(math.floor(start * rate) - 1, blocks[0].first)
    last = max(block.first + block.values.shape[1] for block in blocks)
    stop = max(min(math.ceil(end * rate) + 1, last), begin)
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
