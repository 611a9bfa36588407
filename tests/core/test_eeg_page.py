"""A page of an EEG: samples on pixel columns, scales, what is measured of a stretch."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.eeg.page import (
    ColumnRanges,
    PageStretch,
    SamplePoints,
    column_edges,
    column_ranges,
    reduce_for_drawing,
    sample_points,
)
from app.core.eeg.page_scale import (
    DEFAULT_SENSITIVITY,
    PAGE_SECONDS,
    SENSITIVITIES,
    PageScale,
    next_step,
    scale_bar,
    seconds_across,
    speed_of,
)
from app.core.eeg.trace_measurement import measure

fractions = st.fractions(min_value=-20, max_value=20, max_denominator=1000)
rates = st.sampled_from([Fraction(1), Fraction(100), Fraction(256), Fraction(999, 2), Fraction(2048, 3)])
stretches = st.builds(
    lambda start, length, columns: PageStretch(start, start + length, columns),
    fractions,
    st.fractions(min_value=Fraction(1, 100), max_value=30, max_denominator=1000),
    st.integers(1, 60),
)
values = st.lists(st.one_of(st.floats(-1000, 1000), st.just(float("nan"))), max_size=120)


def expected(found: list[float], rate: Fraction, first: Fraction, stretch: PageStretch) -> list[list[float]]:
    """For each column the values whose times lie in it, worked out one by one."""
    width = (stretch.end - stretch.start) / stretch.columns
    columns: list[list[float]] = [[] for _ in range(stretch.columns)]
    for number, value in enumerate(found):
        column = (first + number / rate - stretch.start) // width
        if 0 <= column < stretch.columns and np.isfinite(value):
            columns[int(column)].append(value)
    return columns


@settings(max_examples=300, deadline=None)
@given(values, rates, fractions, stretches)
def test_every_sample_is_in_its_column(
    found: list[float], rate: Fraction, first: Fraction, stretch: PageStretch
) -> None:
    reduced = column_ranges(np.array([found], np.float64), rate, first, stretch)
    columns = expected(found, rate, first, stretch)
    low = [min(column, default=np.nan) for column in columns]
    high = [max(column, default=np.nan) for column in columns]
    assert np.array_equal(reduced.low[0], low, equal_nan=True)
    assert np.array_equal(reduced.high[0], high, equal_nan=True)


def test_long_columns_are_reduced_as_short_ones() -> None:
    chance = np.random.default_rng(1)
    found = chance.standard_normal((3, 10_001))
    found[1, 3000:7000] = np.nan
    stretch = PageStretch(Fraction(0), Fraction(10), 97)
    reduced = column_ranges(found, Fraction(1000), Fraction(0), stretch)
    for row in range(3):
        columns = expected(found[row].tolist(), Fraction(1000), Fraction(0), stretch)
        assert np.array_equal(reduced.low[row], [min(c, default=np.nan) for c in columns], equal_nan=True)
        assert np.array_equal(reduced.high[row], [max(c, default=np.nan) for c in columns], equal_nan=True)


def test_the_last_samples_are_not_lost() -> None:
    found = np.zeros((1, 1003))
    found[0, -1] = 5.0
    reduced = column_ranges(
        found, Fraction(100), Fraction(0), PageStretch(Fraction(0), Fraction(1003, 100), 100)
    )
    assert reduced.high[0, -1] == 5.0


def test_two_halves_of_a_page_are_the_page() -> None:
    """Scrolling by whole columns changes no column."""
    found = np.random.default_rng(2).standard_normal((2, 5120))
    rate, width = Fraction(512), Fraction(10, 1600)
    whole = column_ranges(found, rate, Fraction(0), PageStretch(Fraction(0), Fraction(10), 1600))
    later = column_ranges(found, rate, Fraction(0), PageStretch(37 * width, 37 * width + 5, 800))
    assert np.array_equal(whole.low[:, 37:837], later.low)
    assert np.array_equal(whole.high[:, 37:837], later.high)


def test_runs_reach_each_other_but_not_across_a_gap() -> None:
    found = np.repeat(np.arange(100.0), 10)[None]
    found[0, 500:520] = np.nan
    result = reduce_for_drawing(
        found, Fraction(100), Fraction(0), PageStretch(Fraction(0), Fraction(10), 100)
    )
    assert isinstance(result, ColumnRanges)
    assert np.isnan(result.low[0, 50:52]).all()
    assert result.low[0, 52] == 52.0, "after the gap it begins by itself"
    joined = [column for column in range(1, 100) if column not in (50, 51, 52)]
    assert (result.low[0, joined] == np.array(joined) - 1.0).all()
    assert (result.high[0, joined] == joined).all()


@settings(max_examples=100, deadline=None)
@given(values, rates, fractions, stretches)
def test_something_is_drawn_of_anything(
    found: list[float], rate: Fraction, first: Fraction, stretch: PageStretch
) -> None:
    result = reduce_for_drawing(np.array([found], np.float32), rate, first, stretch)
    if isinstance(result, ColumnRanges):
        assert result.low.shape == (1, stretch.columns)
        assert not (result.low > result.high).any()
    else:
        assert result.values.shape == (1, len(result.columns))


def test_few_samples_are_drawn_themselves() -> None:
    found = np.arange(10.0)[None]
    stretch = PageStretch(Fraction(2), Fraction(5), 300)
    result = reduce_for_drawing(found, Fraction(1), Fraction(0), stretch)
    assert isinstance(result, SamplePoints)
    assert result.values[0].tolist() == [1.0, 2.0, 3.0, 4.0, 5.0], "one more on each side"
    assert result.columns.tolist() == [-100.0, 0.0, 100.0, 200.0, 300.0]
    empty = sample_points(np.zeros((1, 0)), Fraction(1), Fraction(0), stretch)
    assert empty.values.shape == (1, 0)


def test_a_page_beside_the_samples_is_empty() -> None:
    result = reduce_for_drawing(
        np.ones((2, 1000)), Fraction(100), Fraction(0), PageStretch(Fraction(50), Fraction(60), 100)
    )
    assert isinstance(result, ColumnRanges)
    assert np.isnan(result.low).all()


def test_edges_of_long_recordings_are_exact() -> None:
    """A day after its beginning, as on its first page."""
    rate, day = Fraction(2048), Fraction(86_400)
    near = column_edges(rate, Fraction(0), PageStretch(Fraction(0), Fraction(10), 1600))
    far = column_edges(rate, Fraction(0), PageStretch(day, day + 10, 1600))
    assert (far - near == day * rate).all()


# Scales


def test_a_sensitivity_is_millimetres_on_the_screen() -> None:
    scale = PageScale(96.0, 7.0)
    assert scale.pixels_per_microvolt * 70.0 == pytest.approx(10 * 96 / 25.4), "70 µV are 10 mm"
    assert scale.pixels_per_microvolt > 0, "a positive value is drawn further down"
    assert PageScale(96.0, 7.0, negative_up=False).pixels_per_microvolt < 0
    assert seconds_across(speed := 30 * 96 / 25.4, 96.0) == pytest.approx(1.0)
    assert speed_of(1.0, speed, 96.0) == pytest.approx(30.0)


def test_steps_go_up_and_down() -> None:
    assert next_step(SENSITIVITIES, 7.0, 1) == 10.0
    assert next_step(SENSITIVITIES, 7.0, -1) == 5.0
    assert next_step(SENSITIVITIES, 7.0, 0) == 7.0
    assert next_step(SENSITIVITIES, 8.0, -1) == 7.0
    assert next_step(SENSITIVITIES, SENSITIVITIES[-1], 1) == SENSITIVITIES[-1]
    assert next_step(SENSITIVITIES, SENSITIVITIES[0], -1) == SENSITIVITIES[0]
    assert next_step(PAGE_SECONDS, 10.0, 100) == 86_400.0
    assert next_step(PAGE_SECONDS, 10.0, -100) == 1.0
    assert set(DEFAULT_SENSITIVITY.values()) <= set(SENSITIVITIES)


@given(st.floats(50, 400), st.sampled_from(SENSITIVITIES), st.floats(0.01, 2000), st.floats(5, 300))
def test_a_scale_bar_is_round_and_fits(
    dots: float, sensitivity: float, pixels_per_second: float, limit: float
) -> None:
    bar = scale_bar(PageScale(dots, sensitivity), pixels_per_second, tallest=limit, widest=limit)
    for value, size in ((bar.microvolts, bar.height), (bar.seconds, bar.width)):
        assert limit / 2.6 < size <= limit * (1 + 1e-6)
        assert f"{value:.0e}"[0] in "125"


# Measuring


@pytest.mark.parametrize("hertz", [2.0, 3.3, 9.7, 25.0, 60.0])
def test_a_rhythm_is_measured(hertz: float) -> None:
    times = np.arange(0, 2.0, 1 / 256)
    found = measure(50 * np.sin(2 * np.pi * hertz * times + 0.4) + 1000 + 15 * times, 256.0)
    assert found is not None
    assert found.duration == pytest.approx(2.0)
    assert found.amplitude == pytest.approx(115, rel=0.15)
    assert found.frequency == pytest.approx(hertz, rel=0.03)
    assert found.strongest == pytest.approx(hertz, rel=0.03)
    assert found.gap == 0.0


def test_less_than_a_wave_has_no_frequency() -> None:
    found = measure(np.linspace(0.0, 10.0, 40), 256.0)
    assert found is not None
    assert (found.frequency, found.amplitude) == (None, 10.0)
    flat = measure(np.zeros(300), 256.0)
    assert flat is not None
    assert (flat.frequency, flat.strongest, flat.amplitude) == (None, None, 0.0)


def test_small_noise_makes_no_waves() -> None:
    times = np.arange(0, 3.0, 1 / 512)
    noise = np.random.default_rng(3).normal(0, 0.5, len(times))
    found = measure(100 * np.sin(2 * np.pi * 2.0 * times) + noise, 512.0)
    assert found is not None
    assert found.frequency == pytest.approx(2.0, rel=0.03)


def test_gaps_are_no_values() -> None:
    times = np.arange(0, 4.0, 1 / 100)
    wave = np.sin(2 * np.pi * 5 * times)
    wave[50:150] = np.nan
    found = measure(wave, 100.0)
    assert found is not None
    assert found.gap == pytest.approx(1.0)
    assert found.frequency == pytest.approx(5.0, rel=0.05)
    assert measure(np.full(10, np.nan), 100.0) is None
    assert measure(np.zeros(0), 100.0) is None


@settings(deadline=None)
@given(st.lists(st.one_of(st.floats(-1e4, 1e4), st.just(float("nan"))), max_size=60))
def test_anything_is_measured(found: list[float]) -> None:
    result = measure(np.array(found, np.float32), 256.0)
    assert (result is None) == all(np.isnan(value) for value in found)
