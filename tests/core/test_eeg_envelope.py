"""Long pages as an envelope: nothing of its extremes is lost while all samples are read, and a page that is
too long for that is coarse, says so, and takes no longer."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from app.core.eeg import envelope_tiles
from app.core.eeg.envelope_tiles import Envelope, envelope_of, envelope_words, is_envelope
from app.core.eeg.page import PageStretch, reduce_for_drawing
from app.core.eeg.tile_reading import read_tile
from app.core.eeg.trace_raster import column_runs
from app.core.eeg.trace_tiles import TraceTile, page_windows
from app.core.errors import Cancelled
from tests.core.tile_cases import RATES, ROWS, a_plan, derived, never, read, whole_tile


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tiles of a minute are long."""
    monkeypatch.setattr(envelope_tiles, "BINS", 320)
    monkeypatch.setattr(envelope_tiles, "_MOST_SAMPLES", 1000)


def values_of(tile: TraceTile, number: int) -> npt.NDArray[Any]:
    (block,) = [block for block in tile.blocks if number in block.numbers]
    return np.asarray(block.values[block.numbers.index(number)])


def test_a_long_tile_keeps_the_extremes_of_every_column(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(envelope_tiles, "BINS", 300)
    tile = whole_tile(a_plan(Fraction(60)), 0)
    stretch = PageStretch(Fraction(0), Fraction(60), 100)
    for window in page_windows([tile], stretch.start, stretch.end):
        drawn = reduce_for_drawing(window.values, window.rate, window.first, stretch)
        runs = column_runs(drawn, stretch.columns)
        for place, number in enumerate(window.numbers):
            values = derived(number, Fraction(0), int(60 * ROWS[number].rate))
            parts = np.array_split(values, 100)
            assert (runs.low[place] <= np.array([part.min() for part in parts]) + 1e-3).all()
            assert (runs.high[place] >= np.array([part.max() for part in parts]) - 1e-3).all()
            assert runs.high[place].max() == pytest.approx(float(values.max()), abs=1e-3)


def test_it_is_shown_while_it_fills_and_can_be_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(envelope_tiles, "_AT_ONCE", 6000)
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


def test_what_a_page_shows_of_its_samples_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = a_plan(Fraction(60))
    assert envelope_words(a_plan(Fraction(2))) == ""
    assert envelope_words(plan) == "envelope of all samples"
    monkeypatch.setattr(envelope_tiles, "_MOST_EXACT", 1000)
    monkeypatch.setattr(envelope_tiles, "_MEAN_RATE", 50)
    assert envelope_words(plan) == "envelope of means over 18 ms"
    monkeypatch.setattr(envelope_tiles, "_PIECES", 16)
    assert envelope_words(plan) == "envelope of means over 18 ms, 1 s out of every 3.75 s, each run in 1 s"
    assert is_envelope(plan, RATES["C3"])


def test_means_keep_slow_waves_and_their_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(envelope_tiles, "_MOST_EXACT", 1000)
    monkeypatch.setattr(envelope_tiles, "_MEAN_RATE", 50)

    def slow(numbers: Sequence[int], at: Fraction, count: int) -> list[npt.NDArray[Any]]:
        rate = float(ROWS[numbers[0]].rate)
        times = float(at) + np.arange(count) / rate
        return [100 * np.sin(2 * np.pi * times / 10) for _ in numbers]

    *_, tile = read_tile(a_plan(Fraction(60)), slow, 0, never)
    found = values_of(tile, 0)[2:-2]
    times = np.arange(len(found)) * 60 / len(found)
    assert np.abs(found - 100 * np.sin(2 * np.pi * times / 10)).max() < 20


def test_of_a_page_that_is_too_long_a_piece_of_each_part_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(envelope_tiles, "_MOST_EXACT", 1000)
    monkeypatch.setattr(envelope_tiles, "_PIECES", 16)
    monkeypatch.setattr(envelope_tiles, "_FIRST_STEP", 4)
    taken = 0

    def counting(numbers: Sequence[int], at: Fraction, count: int) -> list[npt.NDArray[Any]]:
        nonlocal taken
        taken += count * len(numbers)
        return read(numbers, at, count)

    plan = a_plan(Fraction(60))
    assert envelope_of(plan, RATES["C3"]) == Envelope(1, Fraction(15, 4))
    states = [
        (tile.done, values_of(tile, 0).copy(), values_of(tile, 2).copy() if len(tile.blocks) > 1 else None)
        for tile in read_tile(plan, counting, 0, never)
    ]
    assert taken < 0.6 * 60 * sum(float(rate) for rate in RATES.values())
    first_round = states[3][1]
    assert np.isfinite(first_round).all(), "the whole page is there after the first round"
    done, low, _ = states[15]
    assert done == pytest.approx(0.5), "half of the rates"
    pieces = low[2:-2].reshape(16, -1)
    for number in range(16):
        start = Fraction(number) * Fraction(15, 4) + Fraction(11, 8)
        values = derived(0, Fraction(int(start * 200), 200), 200)
        assert pieces[number].min() == pytest.approx(float(values.min()), abs=15)
        assert pieces[number].max() == pytest.approx(float(values.max()), abs=15)
    assert len(np.unique(pieces, axis=0)) == 16
