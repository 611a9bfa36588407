"""Filters of an EEG page against the whole signal filtered from its start; offsets, gaps, zero phase."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.eeg.filters import (
    ERROR,
    HIGH_CUTS,
    LOW_CUTS,
    MAINS,
    NO_FILTERS,
    Filters,
    apply_filters,
    inapplicable_filters,
    run_in,
    sections,
    time_constant,
    unsettled_mask,
)

RATE = 256.0

filters = st.builds(
    Filters,
    low_cut=st.sampled_from([None, *(cut for cut in LOW_CUTS if cut >= 0.1)]),
    high_cut=st.sampled_from([None, *HIGH_CUTS]),
    notch=st.sampled_from([None, *MAINS]),
    harmonics=st.booleans(),
    zero_phase=st.booleans(),
)


def signal(seed: int, seconds: float, rate: float = RATE) -> npt.NDArray[Any]:
    """Something like an EEG: an offset of 20 mV, noise that falls with frequency, alpha, mains."""
    chance = np.random.default_rng(seed)
    count = round(seconds * rate)
    times = np.arange(count) / rate
    knots = np.arange(0, seconds + 3, 3)
    slow = np.interp(times, knots, 40 * chance.standard_normal(len(knots)))
    waves = 30 * np.sin(2 * np.pi * 10 * times) + 5 * np.sin(2 * np.pi * 50 * times)
    return np.asarray(20_000 + slow + waves + 8 * chance.standard_normal(count))


@settings(max_examples=40, deadline=None)
@given(filters, st.integers(0, 1000), st.sampled_from([128.0, 256.0, 499.5]), st.floats(0.0, 20.0))
def test_a_page_that_was_run_in_is_the_whole_signal_filtered(
    chosen: Filters, seed: int, rate: float, at: float
) -> None:
    whole = signal(seed, 60.0, rate)
    right = apply_filters(whole, rate, chosen)
    lead = math.ceil(run_in(chosen, rate) * rate)
    first = lead + round(at * rate)
    last = first + round(10.0 * rate)
    after = lead if chosen.zero_phase else 0
    page = apply_filters(whole[first - lead : last + after], rate, chosen)[lead : lead + last - first]
    amplitude = np.abs(right[first:last] - right[first:last].mean()).max()
    assert np.abs(page - right[first:last]).max() <= ERROR * amplitude


def test_a_page_without_run_in_is_wrong() -> None:
    """Otherwise the test above would say nothing."""
    chosen = Filters(0.1, 70.0)
    whole = signal(3, 60.0)
    right = apply_filters(whole, RATE, chosen)[5120:7680]
    page = apply_filters(whole[5120:7680], RATE, chosen)
    assert np.abs(page - right).max() > 20 * ERROR * np.abs(right).max()


@pytest.mark.parametrize(("low_cut", "seconds"), [(0.5, 2.0), (0.1, 10.0), (0.16, 6.0), (1.0, 1.0)])
def test_the_run_in_of_clinical_low_cuts(low_cut: float, seconds: float) -> None:
    assert seconds <= run_in(Filters(low_cut, 70.0), RATE) <= 1.5 * seconds
    assert run_in(Filters(low_cut, 70.0), RATE) == pytest.approx(
        run_in(Filters(low_cut, None), 2048.0), rel=0.02
    )


def test_without_filters_nothing_is_run_in_or_changed() -> None:
    assert run_in(NO_FILTERS, RATE) == 0.0
    values = signal(1, 2.0)
    assert apply_filters(values, RATE, NO_FILTERS) is values
    assert apply_filters(np.zeros((3, 0)), RATE, Filters()).shape == (3, 0)


@pytest.mark.parametrize("zero_phase", [False, True])
@pytest.mark.parametrize("offset", [0.0, 300_000.0, -5000.0])
def test_an_offset_does_not_swing(zero_phase: bool, offset: float) -> None:
    waves = 20 * np.sin(2 * np.pi * 8 * np.arange(2560) / RATE)
    chosen = Filters(0.5, 70.0, 50.0, zero_phase=zero_phase)
    without = apply_filters(waves, RATE, chosen)
    assert np.abs(apply_filters(waves + offset, RATE, chosen) - without).max() < 1e-4
    kept = apply_filters(waves + offset, RATE, Filters(None, 70.0, zero_phase=zero_phase))
    assert kept.mean() == pytest.approx(offset, abs=0.5), "without a low cut the offset stays"


@pytest.mark.parametrize(
    ("chosen", "hertz", "gain"),
    [
        (Filters(1.0, None), 1.0, 0.5**0.5),
        (Filters(1.0, None), 0.1, 0.0995),
        (Filters(None, 30.0), 30.0, 0.5**0.5),
        (Filters(None, 30.0), 3.0, 1.0),
        (Filters(None, None, 50.0), 50.0, 0.0),
        (Filters(None, None, 50.0), 100.0, 1.0),
        (Filters(None, None, 50.0, harmonics=True), 100.0, 0.0),
        (Filters(None, None, 50.0), 51.0, 0.5**0.5),
        (Filters(1.0, None, zero_phase=True), 1.0, 0.5),
    ],
)
def test_each_filter_is_as_deep_as_it_says(chosen: Filters, hertz: float, gain: float) -> None:
    times = np.arange(round(60 * RATE)) / RATE
    result = apply_filters(np.sin(2 * np.pi * hertz * times), RATE, chosen)[
        round(20 * RATE) : round(40 * RATE)
    ]
    assert np.sqrt(2 * np.mean(result**2)) == pytest.approx(gain, abs=0.01)


def test_zero_phase_shifts_nothing_and_causal_never_looks_ahead() -> None:
    values = np.zeros(2560)
    values[1280:] = 100.0
    causal = apply_filters(values, RATE, Filters(None, 15.0))
    assert not causal[:1280].any()
    both = apply_filters(values, RATE, Filters(None, 15.0, zero_phase=True))
    assert both[1279] + both[1280] == pytest.approx(100.0, abs=1e-6), "symmetrical around the step"


def test_gaps_restart_the_filters() -> None:
    values = np.vstack([signal(seed, 20.0) for seed in range(3)])
    values[:, 2000:2300] = np.nan
    chosen = Filters(0.5, 70.0, 50.0)
    result = apply_filters(values, RATE, chosen)
    assert (np.isnan(result) == np.isnan(values)).all()
    assert np.allclose(result[:, :2000], apply_filters(values[:, :2000], RATE, chosen))
    assert np.allclose(result[:, 2300:], apply_filters(values[:, 2300:], RATE, chosen))
    values[1, 100:110] = np.nan  # a gap of one channel alone
    again = apply_filters(values, RATE, chosen)
    assert np.allclose(again[[0, 2]], result[[0, 2]], equal_nan=True)
    assert np.allclose(again[1, 110:2000], apply_filters(values[1, 110:2000], RATE, chosen))


@pytest.mark.parametrize("zero_phase", [False, True])
def test_the_shortest_stretches(zero_phase: bool) -> None:
    chosen = Filters(0.5, 70.0, 50.0, zero_phase=zero_phase)
    for count in (1, 2, 3, 10):
        assert np.isfinite(apply_filters(np.full(count, 7.0), RATE, chosen)).all()
    values = np.full(9, np.nan)
    assert np.isnan(apply_filters(values, RATE, chosen)).all()
    values[4] = 5.0
    assert np.isfinite(apply_filters(values, RATE, chosen)).tolist() == np.isfinite(values).tolist()


def test_where_it_is_not_settled_is_known() -> None:
    values = np.zeros(5000)
    values[2000:2100] = np.nan
    lead = math.ceil(run_in(Filters(), RATE) * RATE)
    causal = unsettled_mask(values, RATE, Filters())
    assert np.flatnonzero(causal).tolist() == [*range(lead), *range(2100, 2100 + lead)]
    both = unsettled_mask(values, RATE, Filters(zero_phase=True))
    assert both[2000 - lead : 2000].all()
    assert both[-lead:].all()
    assert not unsettled_mask(values, RATE, NO_FILTERS).any()
    rows = np.stack([np.zeros(5000), values, np.roll(values, 1000)])
    for filters in (Filters(), Filters(zero_phase=True)):
        alone = [unsettled_mask(row, RATE, filters) for row in rows]
        assert np.array_equal(unsettled_mask(rows, RATE, filters), alone)


def test_filters_above_half_the_rate_are_left_out_and_said() -> None:
    chosen = Filters(0.5, 70.0, 50.0)
    assert inapplicable_filters(chosen, 100.0) == ("high cut 70 Hz", "notch 50 Hz")
    assert inapplicable_filters(chosen, 512.0) == ()
    assert len(sections(chosen, 100.0)) == 1
    assert inapplicable_filters(chosen, 0.5) == ("low cut 0.5 Hz", "high cut 70 Hz", "notch 50 Hz")


def test_time_constant() -> None:
    assert time_constant(0.53) == pytest.approx(0.3, abs=0.001)


def test_single_precision_stays_single() -> None:
    values = signal(5, 4.0).astype(np.float32)
    result = apply_filters(values, RATE, Filters())
    assert result.dtype == np.float32
    assert np.abs(result - apply_filters(values.astype(np.float64), RATE, Filters())).max() < 1e-2
