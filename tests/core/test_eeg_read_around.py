"""A damaged place or a lost drive costs the stretch that it hides, and the page says how much that is."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.eeg.read_around import ReadAround, unread_share, unread_words
from app.core.eeg.tile_reading import read_tile
from app.core.errors import Cancelled, UserError
from tests.core.tile_cases import a_plan, never, read, whole_tile

RATE = Fraction(200)
DAMAGED = (Fraction(31), Fraction(33))


def damaged(numbers: Sequence[int], at: Fraction, count: int) -> list[npt.NDArray[Any]]:
    """Nothing of two seconds can be read."""
    rate = RATE if set(numbers) <= {0, 1} else Fraction(1000, 3)
    if at < DAMAGED[1] and at + count / rate > DAMAGED[0]:
        raise UserError("“a.edf” can no longer be read.")
    return read(numbers, at, count)


def test_what_is_beside_a_damaged_place_is_there() -> None:
    around = ReadAround(damaged, RATE, never)
    (values,) = around([0], Fraction(25), 2400)
    right = read([0], Fraction(25), 2400)[0]
    missing = np.isnan(values)
    times = 25 + np.arange(2400) / 200
    assert missing[(times >= 31) & (times < 33)].all()
    assert missing.sum() <= 3 * 200
    np.testing.assert_array_equal(values[~missing], right[~missing])
    ((start, end),) = around.unread
    assert start <= DAMAGED[0] < DAMAGED[1] <= end
    assert around.reason == "“a.edf” can no longer be read."


def test_a_drive_that_lets_one_wait_is_not_asked_for_ever() -> None:
    asked = 0

    def gone(_numbers: Sequence[int], _at: Fraction, _count: int) -> list[npt.NDArray[Any]]:
        nonlocal asked
        asked += 1
        raise UserError("gone")

    around = ReadAround(gone, RATE, never, clock=iter(range(1000)).__next__)
    for second in range(0, 60, 10):
        (values,) = around([0], Fraction(second), 2000)
        assert np.isnan(values).all()
    assert around.unread == [(Fraction(0), Fraction(60))]
    assert asked == 4


def test_cancelling_is_no_damage() -> None:
    def cancelled() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        ReadAround(damaged, RATE, cancelled)([0], Fraction(0), 10)


def test_a_tile_says_what_it_lacks_and_has_the_rest() -> None:
    *_, tile = read_tile(a_plan(Fraction(10)), damaged, 3, never)
    assert tile.done == 1.0
    assert tile.reason
    assert 0.15 < unread_share(tile.unread, Fraction(30), Fraction(40)) < 0.4
    for block, whole in zip(tile.blocks, whole_tile(a_plan(Fraction(10)), 3).blocks, strict=True):
        there = ~np.isnan(block.values)
        assert 0.6 < there.mean() < 0.85
        np.testing.assert_array_equal(block.values[there], whole.values[there])
    assert not whole_tile(a_plan(Fraction(10)), 3).unread


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(-5, 30), st.integers(1, 9)), max_size=6))
def test_the_share_counts_every_second_once(parts: list[tuple[int, int]]) -> None:
    unread = [(Fraction(start), Fraction(start + length)) for start, length in parts]
    seconds = {second for start, end in unread for second in range(int(start), int(end)) if 0 <= second < 20}
    assert unread_share(unread, Fraction(0), Fraction(20)) == pytest.approx(len(seconds) / 20)


def test_the_share_is_said() -> None:
    why = "“a.edf” can no longer be read."
    assert unread_words(0.0, why) == ""
    assert unread_words(0.001, why) == "1 % of this page could not be read (“a.edf” can no longer be read)"
    assert unread_words(0.24, why).startswith("24 % of this page could not be read")
    assert unread_words(1.0, why).startswith("This page could not be read")
