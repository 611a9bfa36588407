"""What a dim infrared picture does to joints and faces: they tremble, and are found unevenly."""

from __future__ import annotations

import numpy as np
import pytest

from app.core.readers.signal.measures.measures import measure
from app.core.readers.signal.rules.rhythmic import burst_of
from app.core.semiology import Presence
from tests.core.patients_of_numbers import (
    Floats,
    Patient,
    answer,
    blinking,
    calm,
    during,
    jerk,
    read,
    track,
)

TREMBLE = 0.5
"""Pixels by which a mesh of 90 px trembles, the share measured in infrared phantoms (0.5 %)."""


def _uneven(t: Floats) -> Floats:
    """The elbow of a hand that picks, no two times alike, drawn unevenly: quicker one way than the other."""
    phase = 2 * np.pi * 1.4 * t + 1.2 * np.sin(2.9 * t) + 0.8 * np.sin(4.7 * t + 1)
    return np.asarray(50 + 13 * (np.sin(phase) + 0.14 * np.sin(2 * phase)) * during(t, 8, 20))


def test_an_uneven_action_that_does_not_repeat_itself_is_an_automatism_and_no_jerk() -> None:
    reading = read(calm(bend={"right": _uneven}))
    assert reading.answer("limb_automatisms").presence is Presence.YES
    assert reading.answer("clonic").presence is Presence.NO


def test_an_uneven_action_beside_jerks_of_the_other_arm_is_not_out_of_step() -> None:
    patient = calm(
        bend={"right": _uneven, "left": lambda t: 30 + 34 * jerk(t, 2.3) * during(t, 10, 18)},
        away={"left": lambda t: 20 + 20 * during(t, 9.5, 18.5)},
    )
    reading = read(patient)
    assert reading.answer("clonic").presence is Presence.YES
    assert reading.answer("limb_automatisms").presence is Presence.YES
    assert reading.answer("asynchronous_movement").presence is Presence.NO


@pytest.mark.parametrize(("every", "found"), [(1, True), (2, True), (12, False)])
def test_windows_that_look_like_jerks_now_and_then_are_no_burst(every: int, found: bool) -> None:
    """Windows of 3 s begin every quarter of a second: each twelfth joins the one before it."""
    measures = measure(track(calm(bend={"right": _uneven})), None)
    arm = measures.arms[1]
    at = np.arange(len(measures.rhythms[arm.name.end_name].rate))
    windows = (at >= 32) & (at < 68) & (at % every == 32 % every)
    burst = burst_of(measures, arm, windows, cycles=5.0, seconds=3.5)
    assert (burst is not None) is found


def _looking(gaze: str) -> Patient:
    """Somebody who does not blink from 5 s to 21 s and looks so from 8 s to 20 s; else about."""

    def irises(t: Floats) -> Floats:
        about = 0.12 * np.sign(np.sin(2 * np.pi * t / 3.1))
        then = {"ahead": 0.0 * t, "to and fro": 0.12 * np.sign(np.sin(2 * np.pi * t / 1.2))}[gaze]
        return np.asarray(about + (then - about) * during(t, 8, 20))

    return calm(lid=lambda t: blinking(t, [1.5, 5.0, 21.0, 25.0]), gaze=irises, mesh_jitter=TREMBLE)


@pytest.mark.parametrize(("gaze", "presence"), [("ahead", Presence.YES), ("to and fro", Presence.NO)])
def test_a_fixed_gaze_is_seen_through_the_tremble_of_the_mesh(gaze: str, presence: Presence) -> None:
    assert answer(_looking(gaze), "blank_stare").presence is presence


def _waves(t: Floats, *waves: tuple[float, float]) -> Floats:
    """The sum of waves of a rate (Hz) and a size, from 10 s to 18 s."""
    return np.asarray(sum(size * np.sin(2 * np.pi * rate * t) for rate, size in waves) * during(t, 10, 18))


@pytest.mark.parametrize(
    ("right", "presence"),
    [(((2.6, 10.0),), Presence.YES), (((1.7, 11.0), (2.6, 9.0)), Presence.NO)],
    ids=["one rate", "two rates"],
)
def test_arms_that_shake_at_two_rates_do_not_shake_together(
    right: tuple[tuple[float, float], ...], presence: Presence
) -> None:
    """Legs and trunk shake with the left arm, which the right one meets now and then."""
    patient = calm(
        bend={
            "left": lambda t: 45 + _waves(t, (2.6, 12.0)),
            "right": lambda t: 45 + _waves(t, *right),
        },
        leg=lambda t: _waves(t, (2.6, 8.0)),
        sway=lambda t: _waves(t, (2.6, 5.0)),
    )
    assert answer(patient, "full_body_shaking").presence is presence
