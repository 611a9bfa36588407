"""Tiles of traces: whatever page is put together from them has the values of the file, also when binned."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.eeg import trace_tiles
from app.core.eeg.channel_names import ChannelKind
from app.core.eeg.derivation import InputChannel, derive
from app.core.eeg.filters import Filters
from app.core.eeg.montages import parse_montage
from app.core.eeg.page import PageStretch, reduce_for_drawing
from app.core.eeg.trace_raster import LEVELS, column_runs, paint_runs
from app.core.eeg.trace_tiles import TilePlan, TraceTile, page_windows, read_tile, tiles_between
from app.core.errors import Cancelled

RATES = {"C3": Fraction(200), "C4": Fraction(200), "ECG": Fraction(1000, 3)}
CHANNELS = [InputChannel(label, rate) for label, rate in RATES.items()]
ROWS = derive(parse_montage("C3\nC4 - C3\neach ECG"), CHANNELS).rows
SECONDS = 90
VALUES = [
    np.random.default_rng(number).normal(0, 30, int(SECONDS * rate)).astype(np.float32).astype(np.float64)
    for number, rate in enumerate(RATES.values())
]


def read(numbers: Sequence[int], at: Fraction, count: int) -> list[npt.NDArray[Any]]:
    found = []
    for number in numbers:
        first = at * CHANNELS[number].rate
        assert first.denominator == 1, "asked for at a time that no sample has"
        places = np.arange(count) + int(first)
        values = VALUES[number]
        inside = (places >= 0) & (places < len(values))
        found.append(np.where(inside, values[np.clip(places, 0, len(values) - 1)], np.nan))
    return found


def never() -> None:
    """Nobody cancels."""


def whole_tile(plan: TilePlan, number: int) -> TraceTile:
    *_, last = read_tile(plan, read, number, never)
    assert last.done == 1.0
    return last


def a_plan(seconds: Fraction, filters: dict[ChannelKind, Filters] | None = None) -> TilePlan:
    return TilePlan(ROWS, filters or {}, seconds)


@settings(max_examples=40, deadline=None)
@given(st.fractions(1, 12, max_denominator=12), st.fractions(-2, 80, max_denominator=97))
def test_a_page_from_tiles_has_the_values_of_the_file(seconds: Fraction, start: Fraction) -> None:
    plan = a_plan(seconds)
    tiles = [whole_tile(plan, number) for number in tiles_between(seconds, start, start + seconds)]
    windows = page_windows(tiles, start, start + seconds)
    assert sorted(number for window in windows for number in window.numbers) == [0, 1, 2]
    for window in windows:
        for number, values in zip(window.numbers, window.values, strict=True):
            row = ROWS[number]
            count = len(values)
            right = sum(
                weight * read([one], window.first, count)[0]
                for one, weight in zip(row.inputs, row.weights, strict=True)
            )
            np.testing.assert_allclose(values, np.asarray(right), atol=1e-4)


def test_where_a_tile_is_missing_there_is_nothing() -> None:
    plan = a_plan(Fraction(5))
    (fast, *_) = page_windows([whole_tile(plan, 1)], Fraction(3), Fraction(8))
    times = float(fast.first) + np.arange(fast.values.shape[1]) / float(fast.rate)
    assert np.isnan(fast.values[:, times < 4.99]).all()
    assert not np.isnan(fast.values[:, (times > 5.01) & (times < 7.9)]).any()


def test_a_long_tile_keeps_the_extremes_of_every_column(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trace_tiles, "BINS", 300)
    monkeypatch.setattr(trace_tiles, "_MOST_SAMPLES", 1000)
    plan = a_plan(Fraction(60))
    tile = whole_tile(plan, 0)
    stretch = PageStretch(Fraction(0), Fraction(60), 100)
    for window in page_windows([tile], stretch.start, stretch.end):
        drawn = reduce_for_drawing(window.values, window.rate, window.first, stretch)
        runs = column_runs(drawn, stretch.columns)
        for place, number in enumerate(window.numbers):
            row = ROWS[number]
            count = int(60 * row.rate)
            values = sum(
                weight * read([one], Fraction(0), count)[0]
                for one, weight in zip(row.inputs, row.weights, strict=True)
            )
            parts = np.array_split(np.asarray(values), 100)
            assert (runs.low[place] <= np.array([part.min() for part in parts]) + 1e-3).all()
            assert (runs.high[place] >= np.array([part.max() for part in parts]) - 1e-3).all()
            assert runs.high[place].max() == pytest.approx(float(np.asarray(values).max()), abs=1e-3)


def test_a_long_tile_is_shown_while_it_fills_and_can_be_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trace_tiles, "BINS", 300)
    monkeypatch.setattr(trace_tiles, "_MOST_SAMPLES", 1000)
    monkeypatch.setattr(trace_tiles, "_AT_ONCE", 6000)
    shares = [tile.done for tile in read_tile(a_plan(Fraction(60)), read, 0, never)]
    assert len(shares) > 5
    assert shares == sorted(shares)
    calls = 0

    def soon() -> None:
        nonlocal calls
        calls += 1
        if calls > 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        list(read_tile(a_plan(Fraction(60)), read, 0, soon))


def test_the_beginning_of_a_recording_is_not_settled() -> None:
    filters = {ChannelKind.EEG: Filters(0.5, 70.0)}
    first, later = (whole_tile(a_plan(Fraction(10), filters), number) for number in (0, 3))
    (window,) = [one for one in page_windows([first], Fraction(0), Fraction(10)) if 0 in one.numbers]
    assert window.unsettled is not None
    settled = ~window.unsettled[0]
    assert not settled[1 : int(2 * RATES["C3"])].any()  # the first is before the recording
    assert settled[int(4 * RATES["C3"]) : -2].all()
    assert all(block.unsettled is None for block in later.blocks if 0 in block.numbers)


def paint(tops: Any, bottoms: Any, layers: Any, height: int = 40) -> npt.NDArray[np.uint8]:
    tops = np.atleast_2d(np.asarray(tops, np.float32))
    pixels = np.zeros((height, tops.shape[1]), np.uint8)
    paint_runs(pixels, tops, np.atleast_2d(np.asarray(bottoms, np.float32)), np.asarray(layers, np.int64))
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
