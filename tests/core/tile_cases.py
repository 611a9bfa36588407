"""Rows of three channels in memory, and a reader of them, for tests of tiles."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from app.core.eeg.channel_kind import ChannelKind
from app.core.eeg.derivation import InputChannel, derive
from app.core.eeg.filters import Filters
from app.core.eeg.montages import parse_montage
from app.core.eeg.tile_reading import read_tile
from app.core.eeg.trace_tiles import TilePlan, TraceTile

RATES = {"C3": Fraction(200), "C4": Fraction(200), "ECG": Fraction(1000, 3)}
CHANNELS = [InputChannel(label, rate) for label, rate in RATES.items()]
ROWS = derive(parse_montage("C3\nC4 - C3\neach ECG"), CHANNELS).rows
SECONDS = 90
VALUES = [
    np.random.default_rng(number).normal(0, 30, int(SECONDS * rate)).astype(np.float32).astype(np.float64)
    for number, rate in enumerate(RATES.values())
]


def read(numbers: Sequence[int], at: Fraction, count: int) -> list[npt.NDArray[Any]]:
    """A `traces.Read` of the channels."""
    found = []
    for number in numbers:
        first = at * CHANNELS[number].rate
        assert first.denominator == 1, "asked for at a time that no sample has"
        places = np.arange(count) + int(first)
        values = VALUES[number]
        inside = (places >= 0) & (places < len(values))
        found.append(np.where(inside, values[np.clip(places, 0, len(values) - 1)], np.nan))
    return found


def derived(number: int, first: Fraction, count: int) -> npt.NDArray[Any]:
    """The values of a row without filters."""
    row = ROWS[number]
    parts = zip(row.inputs, row.weights, strict=True)
    return np.asarray(sum(weight * read([one], first, count)[0] for one, weight in parts))


def never() -> None:
    """Nobody cancels."""


def whole_tile(plan: TilePlan, number: int) -> TraceTile:
    """A complete tile."""
    *_, last = read_tile(plan, read, number, never)
    assert last.done == 1.0
    return last


def a_plan(seconds: Fraction, filters: dict[ChannelKind, Filters] | None = None) -> TilePlan:
    """A plan of all rows."""
    return TilePlan(ROWS, filters or {}, seconds)
