"""The traces of a page, whatever was read before it: right, settled or marked, of several rates at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.eeg.channel_kind import ChannelKind
from app.core.eeg.derivation import InputChannel, derive, row_values
from app.core.eeg.filters import ERROR, Filters, apply_filters, run_in
from app.core.eeg.montages import parse_montage
from app.core.eeg.traces import Trace, page_traces

RATES = {"C3": Fraction(256), "C4": Fraction(256), "Cz": Fraction(256), "ECG": Fraction(1000)}
CHANNELS = [InputChannel(label, rate) for label, rate in RATES.items()]
SECONDS = 60
FILTERS = {ChannelKind.EEG: Filters(0.5, 70.0), ChannelKind.ECG: Filters(None, 35.0, 50.0)}


def signals() -> list[npt.NDArray[Any]]:
    chance = np.random.default_rng(1)
    made = []
    for rate in RATES.values():
        count = round(SECONDS * rate)
        knots = np.arange(0, count + 500, 500)
        slow = np.interp(np.arange(count), knots, chance.normal(0, 60, len(knots)))
        made.append(3000 + slow + chance.normal(0, 10, count))
    return made


VALUES = signals()


def read(numbers: Sequence[int], at: Fraction, count: int) -> list[npt.NDArray[Any]]:
    """As of a recording that begins at 0 and ends after SECONDS."""
    found = []
    for number in numbers:
        values, first = VALUES[number], at * CHANNELS[number].rate
        assert first.denominator == 1, "asked for at a time that no sample has"
        places = np.arange(count) + int(first)
        inside = (places >= 0) & (places < len(values))
        found.append(np.where(inside, values[np.clip(places, 0, len(values) - 1)], np.nan))
    return found


def page(
    text: str, start: Fraction, seconds: Fraction, filters: dict[ChannelKind, Filters] = FILTERS
) -> list[Trace]:
    rows = derive(parse_montage(text), CHANNELS).rows
    return list(page_traces(rows, filters, read, start, seconds))


@settings(max_examples=30, deadline=None)
@given(st.fractions(0, 45, max_denominator=997), st.booleans())
def test_a_page_is_the_whole_recording_filtered(start: Fraction, zero_phase: bool) -> None:
    chosen = {kind: replace(one, zero_phase=zero_phase) for kind, one in FILTERS.items()}
    text = "C3 - C4\neach ECG\nCz"
    for trace in page(text, start, Fraction(10), chosen):
        rate = float(trace.row.rate)
        (whole,) = row_values([trace.row], VALUES)
        right = apply_filters(whole, rate, chosen[trace.row.kind])
        first = int(trace.first * trace.row.rate)
        places = np.arange(len(trace.values)) + first
        inside = (places >= 0) & (places < len(right))
        assert np.isnan(trace.values[~inside]).all()
        settled = inside & ~trace.unsettled
        expected = right[places[settled]]
        assert np.abs(trace.values[settled] - expected).max() <= ERROR * np.abs(expected).max()
        assert trace.first <= start
        assert trace.first + (len(trace.values) - 1) / trace.row.rate >= start + 10


def test_the_beginning_of_the_recording_is_not_settled() -> None:
    (trace,) = page("C3 - C4", Fraction(0), Fraction(10))
    lead = run_in(FILTERS[ChannelKind.EEG], 256.0)
    assert int(trace.unsettled.sum()) == round(lead * 256)
    (later,) = page("C3 - C4", Fraction(10), Fraction(10))
    assert not later.unsettled.any()
    both = {ChannelKind.EEG: Filters(0.5, 70.0, zero_phase=True)}
    (middle,) = page("C3 - C4", Fraction(20), Fraction(10), both)
    assert not middle.unsettled.any(), "it is read behind the page, too"
    (end,) = page("C3 - C4", Fraction(50), Fraction(10), both)
    assert end.unsettled.any()


def test_each_kind_has_its_filters_and_rows_keep_their_order() -> None:
    found = page("each ECG\nC3 - C4\neach ECG\nC4", Fraction(20), Fraction(5))
    assert [trace.row.name for trace in found] == ["ECG", "C3-C4", "ECG", "C4"]
    assert found[0].values.mean() == pytest.approx(3000, abs=200), "no low cut"
    assert abs(found[3].values.mean()) < 50
    assert np.array_equal(found[0].values, found[2].values)


def test_without_filters_nothing_else_is_read() -> None:
    asked = []

    def counted(numbers: Sequence[int], at: Fraction, count: int) -> list[npt.NDArray[Any]]:
        asked.append((tuple(numbers), at, count))
        return read(numbers, at, count)

    rows = derive(parse_montage("C3"), CHANNELS).rows
    page_traces(rows, {}, counted, Fraction(5), Fraction(2))
    assert asked == [((0,), Fraction(5) - Fraction(1, 256), 512 + 3)]
    assert page_traces((), {}, counted, Fraction(0), Fraction(1)) == ()


def test_a_page_beside_the_recording_is_empty() -> None:
    (trace,) = page("C3", Fraction(500), Fraction(10))
    assert np.isnan(trace.values).all()
