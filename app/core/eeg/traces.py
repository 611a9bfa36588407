"""The traces of one page: samples are read with a run-in, derived, filtered, and cut to the page."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from app.core.eeg.channel_kind import ChannelKind
from app.core.eeg.derivation import DerivedRow, row_values
from app.core.eeg.filters import NO_FILTERS, Filters, apply_filters, run_in, unsettled_mask

Values = npt.NDArray[np.floating[Any]]

Read = Callable[[Sequence[int], Fraction, int], Sequence[Values]]
"""Returns `count` samples of each of the given channels (all of one rate) from a time in seconds on; NaN in
gaps, before the start and after the end of the recording."""


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """One row of a page: `values` (n,) in the row's unit, the first at `first` seconds, with one sample
    beyond the page on both sides. `unsettled` (n,) is True where the filters have not settled."""

    row: DerivedRow
    first: Fraction
    values: Values
    unsettled: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Cut:
    """A page in samples of one rate: `count` from number `begin` on, `lead` before and `after` after it."""

    begin: int
    count: int
    lead: int
    after: int


def page_traces(
    rows: Sequence[DerivedRow],
    filters: Mapping[ChannelKind, Filters],
    read: Read,
    start: Fraction,
    seconds: Fraction,
    *,
    most_run_in: Fraction | None = None,
) -> tuple[Trace, ...]:
    """The traces of a page of `seconds` from `start` on; kinds of channels without filters are not filtered.

    Each sampling rate is read once. With `most_run_in` the filters are run in for no more seconds, and may
    not have settled. Raises the errors of `read`.
    """
    found: dict[int, Trace] = {}
    for rate in dict.fromkeys(row.rate for row in rows):
        numbers = [number for number, row in enumerate(rows) if row.rate == rate]
        some = _traces([rows[number] for number in numbers], filters, read, (start, seconds), most_run_in)
        found.update(zip(numbers, some, strict=True))
    return tuple(found[number] for number in range(len(rows)))


def _traces(
    rows: Sequence[DerivedRow],
    filters: Mapping[ChannelKind, Filters],
    read: Read,
    stretch: tuple[Fraction, Fraction],
    most: Fraction | None,
) -> list[Trace]:
    """The traces of rows of one rate."""
    rate = rows[0].rate
    chosen = [filters.get(row.kind, NO_FILTERS) for row in rows]
    cut = _cut(set(chosen), rate, stretch, most)
    inputs = sorted({number for row in rows for number in row.inputs})
    values = read(inputs, (cut.begin - cut.lead) / rate, cut.lead + cut.count + cut.after)
    derived = np.stack(row_values(rows, by_number(inputs, values)))
    page = slice(cut.lead, cut.lead + cut.count)
    result: dict[int, Trace] = {}
    for one in set(chosen):
        numbers = [number for number, filter_ in enumerate(chosen) if filter_ == one]
        some = derived[numbers]
        filtered, doubtful = apply_filters(some, float(rate), one), unsettled_mask(some, float(rate), one)
        for number, row, doubt in zip(numbers, filtered, doubtful, strict=True):
            result[number] = Trace(rows[number], cut.begin / rate, row[page], doubt[page])
    return [result[number] for number in range(len(rows))]


def _cut(
    filters: set[Filters], rate: Fraction, stretch: tuple[Fraction, Fraction], most: Fraction | None
) -> _Cut:
    start, seconds = stretch
    begin = math.floor(start * rate) - 1
    count = math.ceil((start + seconds) * rate) + 2 - begin
    leads = {one: math.ceil(run_in(one, float(rate)) * rate) for one in filters}
    if most is not None:
        leads = {one: min(lead, math.ceil(most * rate)) for one, lead in leads.items()}
    after = max((lead for one, lead in leads.items() if one.zero_phase), default=0)
    return _Cut(begin, count, max(leads.values()), after)


def by_number(inputs: Sequence[int], values: Sequence[Values]) -> list[Values]:
    """A list in which the values of channel i are at index i."""
    places: list[Values] = [np.zeros(0)] * (max(inputs, default=-1) + 1)
    for number, one in zip(inputs, values, strict=True):
        places[number] = one
    return places
