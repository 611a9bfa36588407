"""Tiles of traces: whatever page is put together from them has the values of the file, and is painted so."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.eeg.channel_kind import ChannelKind
from app.core.eeg.filters import Filters
from app.core.eeg.page import PageStretch, reduce_for_drawing
from app.core.eeg.tile_columns import columns_of, prepared
from app.core.eeg.tile_reading import recut_tile
from app.core.eeg.trace_raster import LEVELS, RunPainter, column_runs
from app.core.eeg.trace_tiles import page_windows, tiles_between
from tests.core.tile_cases import RATES, ROWS, a_plan, derived, whole_tile


@settings(max_examples=40, deadline=None)
@given(st.fractions(1, 12, max_denominator=12), st.fractions(-2, 80, max_denominator=97))
def test_a_page_from_tiles_has_the_values_of_the_file(seconds: Fraction, start: Fraction) -> None:
    plan = a_plan(seconds)
    tiles = [whole_tile(plan, number) for number in tiles_between(seconds, start, start + seconds)]
    windows = page_windows(tiles, start, start + seconds)
    assert sorted(number for window in windows for number in window.numbers) == [0, 1, 2]
    for window in windows:
        for number, values in zip(window.numbers, window.values, strict=True):
            right = derived(number, window.first, len(values))
            np.testing.assert_allclose(values, right, atol=1e-4)


def test_where_a_tile_is_missing_there_is_nothing() -> None:
    plan = a_plan(Fraction(5))
    (fast, *_) = page_windows([whole_tile(plan, 1)], Fraction(3), Fraction(8))
    times = float(fast.first) + np.arange(fast.values.shape[1]) / float(fast.rate)
    assert np.isnan(fast.values[:, times < 4.99]).all()
    assert not np.isnan(fast.values[:, (times > 5.01) & (times < 7.9)]).any()


def test_the_beginning_of_a_recording_is_not_settled() -> None:
    filters = {ChannelKind.EEG: Filters(0.5, 70.0)}
    first, later = (whole_tile(a_plan(Fraction(10), filters), number) for number in (0, 3))
    (window,) = [one for one in page_windows([first], Fraction(0), Fraction(10)) if 0 in one.numbers]
    assert window.unsettled is not None
    settled = ~window.unsettled[0]
    assert not settled[1 : int(2 * RATES["C3"])].any()  # the first is before the recording
    assert settled[int(4 * RATES["C3"]) : -2].all()
    assert all(block.unsettled is None for block in later.blocks if 0 in block.numbers)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from((1, 2, 5, 10)), st.integers(7, 900), st.integers(-300, 3000))
def test_prepared_tiles_give_the_columns_that_their_samples_give(
    seconds: int, columns: int, first: int
) -> None:
    plan, width = a_plan(Fraction(seconds)), Fraction(seconds, columns)
    tiles = [
        whole_tile(plan, number)
        for number in tiles_between(plan.seconds, first * width, (first + columns) * width)
    ]
    ready = [prepared(tile, plan.seconds, columns, len(ROWS)) for tile in tiles]
    fast = columns_of(ready, width, first, columns, len(ROWS))
    slow = columns_of(tiles, width, first, columns, len(ROWS))
    np.testing.assert_allclose(fast.low, slow.low, rtol=1e-4, atol=1e-3)
    np.testing.assert_allclose(fast.high, slow.high, rtol=1e-4, atol=1e-3)
    assert (fast.unsettled is None) == (slow.unsettled is None)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from((1, 2, 5, 10, 15)), st.integers(0, 8))
def test_a_tile_of_another_length_is_the_same_with_and_without_reading(seconds: int, number: int) -> None:
    filters = {ChannelKind.EEG: Filters(1.0, 70.0)}
    former, plan = a_plan(Fraction(10), filters), a_plan(Fraction(seconds), filters)
    tiles = {number: whole_tile(former, number) for number in range(8)}
    cut = recut_tile(plan, number, former, tiles)
    if (number + 1) * seconds > 80:
        assert cut is None, "not all of it is known"
        return
    assert cut is not None
    for block in whole_tile(plan, number).blocks:
        (same,) = [one for one in cut.blocks if one.numbers == block.numbers]
        begin = block.first - same.first
        there = same.values[:, begin : begin + block.values.shape[1]]
        np.testing.assert_allclose(there, block.values[:, : there.shape[1]], atol=0.1)


def test_other_filters_or_what_could_not_be_read_are_read_anew() -> None:
    former = a_plan(Fraction(10))
    tile = whole_tile(former, 1)
    assert recut_tile(a_plan(Fraction(5)), 2, former, {1: tile}) is not None
    other = a_plan(Fraction(5), {ChannelKind.EEG: Filters(1.0, 70.0)})
    assert recut_tile(other, 2, former, {1: tile}) is None
    torn = replace(tile, unread=((Fraction(11), Fraction(12)),))
    assert recut_tile(a_plan(Fraction(5)), 2, former, {1: torn}) is None


def paint(tops: Any, bottoms: Any, layers: Any, height: int = 40) -> npt.NDArray[np.uint8]:
    tops = np.atleast_2d(np.asarray(tops, np.float32))
    pixels = np.zeros((height, tops.shape[1]), np.uint8)
    runs = tops, np.atleast_2d(np.asarray(bottoms, np.float32))
    RunPainter().paint(pixels, *runs, np.asarray(layers, np.int64))
    return pixels


def test_a_run_covers_its_pixels_and_no_others() -> None:
    pixels = paint([[10.0, 5.5, np.nan]], [[14.0, 8.25, np.nan]], [2])
    full = 2 * LEVELS + LEVELS - 1
    assert pixels[10:14, 0].tolist() == [full] * 4
    assert not pixels[:10, 0].any()
    assert not pixels[14:, 0].any()
    half, quarter = pixels[5, 1] - 2 * LEVELS, pixels[8, 1] - 2 * LEVELS
    assert half == pytest.approx(LEVELS / 2, abs=1)
    assert quarter == pytest.approx(LEVELS / 4, abs=1)
    assert not pixels[:, 2].any(), "what is missing is not painted"


def test_runs_outside_of_the_picture_leave_no_trace_in_it() -> None:
    pixels = paint([[-90.0], [70.0], [-5.0]], [[-50.0], [99.0], [3.0]], [1, 1, 1])
    assert np.flatnonzero(pixels[:, 0]).tolist() == [0, 1, 2]


def test_the_higher_layer_covers_the_lower_one() -> None:
    pixels = paint([[10.0], [12.0]], [[20.0], [14.0]], [3, 1])
    assert set(pixels[10:20, 0].tolist()) == {3 * LEVELS + LEVELS - 1}
    pixels = paint([[10.0], [12.0]], [[20.0], [14.0]], [1, 3])
    assert set(pixels[12:14, 0].tolist()) == {3 * LEVELS + LEVELS - 1}


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-60, 90), st.floats(0, 60)), min_size=1, max_size=60),
    st.integers(1, 40),
)
def test_painting_is_what_painting_run_by_run_gives(runs: list[tuple[float, float]], height: int) -> None:
    tops = np.array([top for top, _ in runs], np.float32)
    bottoms = tops + np.array([max(length, 1.0) for _, length in runs], np.float32)
    pixels = paint(tops[:, None], bottoms[:, None], [1] * len(runs), height)[:, 0]
    edges = np.arange(height)
    covered = np.clip(np.minimum(edges + 1, bottoms[:, None]) - np.maximum(edges, tops[:, None]), 0, 1).sum(
        axis=0
    )
    shades = np.where(pixels > 0, pixels.astype(int) - LEVELS, 0) / (LEVELS - 1)
    np.testing.assert_allclose(shades, np.minimum(covered, 1.0), atol=0.08 + 0.02 * len(runs))


def test_single_samples_are_joined_by_straight_lines() -> None:
    values = np.array([[0.0, 10.0, np.nan, 10.0, 0.0]])
    stretch = PageStretch(Fraction(0), Fraction(4), 16)
    runs = column_runs(reduce_for_drawing(values, Fraction(1), Fraction(0), stretch), 16)
    assert runs.low[0, 0] == pytest.approx(0.0)
    assert runs.high[0, 0] == pytest.approx(2.5)
    assert runs.high[0, 3] == pytest.approx(10.0)
    assert np.isnan(runs.low[0, 5:11]).all(), "no line across what is missing"
    assert runs.low[0, 15] == pytest.approx(0.0)


def test_tiles_of_a_short_page_take_no_room_on_a_long_one() -> None:
    tile = whole_tile(a_plan(Fraction(2)), 20)
    for window in page_windows([tile], Fraction(0), Fraction(86_400)):
        assert window.values.shape[1] <= 2 * window.rate + 4
    width = Fraction(86_400, 1000)
    found = columns_of([tile], width, 0, 1000, len(ROWS))
    assert np.isfinite(found.low[:, 0]).all()
    assert np.isnan(found.low[:, 1:]).all()
