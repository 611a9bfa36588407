"""Patients made of numbers who show nothing, or what only resembles a sign: most answers are *no*."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tests.core.patients_of_numbers import Course, Floats, Patient, blinking, held, jerk, still

_BEND, _SIDES = 38.0, ("left", "right")


def random_patient(seed: int) -> Patient:
    """Somebody who does a few things that last too briefly, are too small, slow, rare, or out of order."""
    chance = np.random.default_rng(seed)
    seconds = 2.5 if seed % 4 == 3 else float(chance.uniform(15, 40))

    def maybe(make: Callable[[], Course], otherwise: Course) -> Course:
        return make() if chance.random() < 0.6 else otherwise

    def span(longest: float) -> tuple[float, float]:
        start = float(chance.uniform(0.5, max(seconds - longest, 1.0)))
        return start, start + float(chance.uniform(0.3, longest))

    def raised(low: float, high: float) -> Course:
        return held(_BEND, float(chance.uniform(low, high)), *span(4.0), way=float(chance.uniform(0.3, 2.0)))

    def rhythm(largest: float, fastest: float) -> Course:
        start, end = span(5.0)
        size, rate = float(chance.uniform(0.02, 1)) * largest, float(chance.uniform(0.5, fastest))
        shape = jerk if chance.random() < 0.5 else _swing
        return lambda t: np.asarray(size * shape(t, rate) * ((t >= start) & (t <= end)))

    def jerking() -> Course:
        course = rhythm(40, 4)
        return lambda t: np.asarray(_BEND + course(t))

    blinks = np.sort(chance.uniform(0, seconds, int(chance.integers(1, 20))))
    return Patient(
        seconds=seconds,
        bend={side: maybe(lambda: raised(0, 120), maybe(jerking, still(_BEND))) for side in _SIDES},
        away={side: maybe(lambda: raised(20, 100), still(17.0)) for side in _SIDES},
        yaw=maybe(lambda: held(0, float(chance.uniform(-45, 45)), *span(5.0)), still(0.0)),
        lid=lambda t: blinking(t, blinks),
        jaw=maybe(lambda: rhythm(0.8, 3), still(0.0)),
        pull_left=maybe(lambda: held(0, 1, *span(3.0)), maybe(lambda: rhythm(1, 5), still(0.0))),
        sway=maybe(lambda: rhythm(12, 3), still(0.0)),
        leg=maybe(lambda: rhythm(20, 4), still(0.0)),
    )


def _swing(t: Floats, rate: float) -> Floats:
    return np.asarray(np.sin(2 * np.pi * rate * t))
