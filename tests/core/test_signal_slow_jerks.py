"""Slow wide jerks of an arm, which a repeated gesture resembles: neither *no* nor a false side."""

from __future__ import annotations

import numpy as np
import pytest

from app.core.semiology import Laterality, Presence
from tests.core.patients_of_numbers import Course, Floats, Patient, answer, calm, during, jerk


def _arms(**beats: Course) -> Patient:
    return calm(bend=beats, away=dict.fromkeys(beats, lambda t: 20 + 20 * during(t, 7.5, 22.5)))


def _beat(rate: float, size: float) -> Course:
    return lambda t: 30 + size * jerk(t, rate) * during(t, 8, 22)


@pytest.mark.parametrize("rate", [0.85, 1.0, 1.2])
def test_an_arm_that_jerks_far_at_a_slow_rate_is_not_assessable(rate: float) -> None:
    found = answer(_arms(left=_beat(rate, 75)), "clonic")
    assert found.presence is Presence.NOT_ASSESSABLE
    assert f"left wrist at {rate:.1f} Hz" in found.explanation
    assert "cm" in found.explanation
    assert "slow clonic jerks or a repeated gesture" in found.explanation


@pytest.mark.parametrize(("rate", "size"), [(1.6, 75), (1.0, 38)])
def test_faster_or_smaller_jerks_are_clonic(rate: float, size: float) -> None:
    found = answer(_arms(left=_beat(rate, size)), "clonic")
    assert found.presence is Presence.YES
    assert found.laterality is Laterality.LEFT


@pytest.mark.parametrize("size", [45, 48, 50, 52, 55, 60, 75])
@pytest.mark.parametrize("large", ["left", "right"])
def test_both_arms_that_jerk_together_are_never_one_side(size: float, large: str) -> None:
    small = "right" if large == "left" else "left"
    found = answer(_arms(**{large: _beat(1.0, size), small: _beat(1.0, 0.85 * size)}), "clonic")
    assert found.presence is not Presence.NO
    assert found.laterality in (None, Laterality.BOTH)
    assert (found.presence is Presence.YES) == (found.laterality is Laterality.BOTH)


def _slowing(t: Floats) -> Floats:
    """Jerks from 6 to 24 s that slow down from 3 to 0.9 Hz."""
    turns = np.cumsum(np.clip(3 - 2.1 * (t - 6) / 14, 0.9, 3)) / 30
    return np.asarray(30 + 75 * jerk(turns, 1.0) * during(t, 6, 24))


def test_jerks_that_slow_down_are_clonic_to_their_end() -> None:
    both = answer(_arms(left=_slowing, right=_slowing), "clonic")
    assert both.presence is Presence.YES
    assert both.laterality is Laterality.BOTH
    assert both.evidence[-1].end > 23


def test_a_further_arm_that_may_have_jerked_leaves_the_side_open() -> None:
    """The right arm jerks first, then the left one far and slowly."""
    found = answer(
        calm(
            bend={
                "right": lambda t: 40 + 30 * jerk(t, 2.6) * during(t, 2, 8),
                "left": lambda t: 30 + 75 * jerk(t, 1.0) * during(t, 14, 26),
            },
            away={
                "right": lambda t: 20 + 10 * jerk(t, 2.6) * during(t, 2, 8),
                "left": lambda t: 20 + 20 * during(t, 13.5, 26.5),
            },
        ),
        "clonic",
    )
    assert found.presence is Presence.YES
    assert found.laterality is None
    assert "left wrist at 1.0 Hz" in found.explanation


@pytest.mark.parametrize(
    ("course", "why"),
    [
        (lambda t: 60 + 20 * np.sin(2 * np.pi * 1.5 * t) * during(t, 8, 22), "evenly, not abruptly"),
        (lambda t: 40 + 30 * jerk(t, 2.6) * during(t, 10, 12.6), "and 3.5 s and 5 cycles are needed"),
    ],
)
def test_a_no_names_the_criterion_that_was_missed(course: Course, why: str) -> None:
    found = answer(_arms(left=course), "clonic")
    assert found.presence is Presence.NO
    assert why in found.explanation
