"""A sync in the making: marks become pairs, pairs a sync; what would be lost is known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.eeg.clock_draft import (
    ClockDraft,
    fit_of,
    is_changed,
    moved_by,
    origin_of,
    with_mark,
    with_pair,
    without_pair,
)
from app.core.eeg.sync import MarkPair, Sync
from app.core.errors import UserError

AGREED = Sync(-10.0, 5e-6)


def test_two_sides_become_a_pair_in_any_order() -> None:
    late = with_mark(with_mark(ClockDraft(), picture=90.0), trace=100.0)
    both = with_mark(with_mark(late, trace=50.0), picture=40.0)
    assert both == ClockDraft((MarkPair(50.0, 40.0), MarkPair(100.0, 90.0)))
    assert with_mark(with_mark(late, trace=1.0), trace=2.0).trace == 2.0, "marked anew"
    assert without_pair(both, 0) == late
    assert with_pair(both, 1, MarkPair(101.0, 90.0)).pairs[1].eeg == 101.0


@given(
    offset=st.floats(-80_000, 80_000),
    drift=st.floats(-100e-6, 100e-6),
    first=st.floats(0, 30_000),
    apart=st.floats(28_800, 50_000),
    at=st.floats(0, 86_400),
)
def test_two_pairs_give_the_clocks_anywhere_in_a_day(
    offset: float, drift: float, first: float, apart: float, at: float
) -> None:
    truth = Sync(offset, drift)
    draft = ClockDraft(tuple(MarkPair(one, truth.to_recording(one)) for one in (first, first + apart)))
    assert fit_of(draft, AGREED).sync.to_recording(at) == pytest.approx(truth.to_recording(at), abs=1e-4)


def test_all_of_the_eeg_is_moved_with_and_without_pairs() -> None:
    assert fit_of(moved_by(ClockDraft(), 0.5), AGREED).sync == Sync(-9.5, 5e-6)
    pairs = ClockDraft((MarkPair(50.0, 40.0),))
    assert fit_of(moved_by(pairs, 0.5), AGREED).sync == Sync(-9.5)


def test_marks_that_cannot_be_are_refused_in_a_sentence() -> None:
    with pytest.raises(UserError, match="order"):
        fit_of(ClockDraft((MarkPair(0.0, 50.0), MarkPair(100.0, 40.0))), AGREED)
    with pytest.raises(UserError, match="hundredth"):
        fit_of(ClockDraft((MarkPair(0.0, 0.0), MarkPair(1000.0, 1100.0))), AGREED)


def test_what_would_be_lost_is_known() -> None:
    agreed = (MarkPair(1.0, 2.0), MarkPair(3.0, 4.0))
    assert not is_changed(ClockDraft(agreed[::-1]), agreed)
    for draft in (ClockDraft(agreed, trace=1.0), ClockDraft(agreed[:1]), ClockDraft(agreed, shift=0.04)):
        assert is_changed(draft, agreed)


def test_the_origin_says_what_the_sync_rests_on() -> None:
    pair = MarkPair(1.0, 2.0)
    assert [origin_of(ClockDraft((pair,) * n), "sound") for n in (1, 2, 3)] == [
        "one pair of marks",
        "two pairs of marks",
        "3 pairs of marks",
    ]
    moved = origin_of(ClockDraft(shift=1.0), "start times")
    assert moved == "start times, moved by hand"
    assert origin_of(ClockDraft(shift=1.0), moved) == moved
