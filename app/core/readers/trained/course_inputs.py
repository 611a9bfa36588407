"""Numbers that describe a course: its level and spread, its power by band, and random convolutions.

The convolutions follow ROCKET and MiniRocket (Dempster et al., DMKD 2020; KDD 2021): short kernels with two
kinds of weights that sum to 0, dilated, of which the share of positive values and the maximum are taken. They
are drawn from a fixed seed, so the same course always gives the same numbers and nothing of them is stored.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations

import numpy as np

from app.core.readers.signal.measures.series import Floats
from app.core.readers.trained.measure_courses import Courses, MeasureCourse

BANDS = ((0.1, 0.5), (0.5, 1.0), (1.0, 2.0), (2.0, 4.0), (4.0, 7.0))
"""Hz; those above half of a course's rate are unknown."""

KERNELS = 96
"""Random convolutions of a group of features."""

_WINDOW = 4.0
"""Seconds over which the power of a band is taken; the liveliest and the median window count."""
_SHORTEST = 16
"""Fewest values of a course whose power or convolutions are taken."""
_RATE = 15.0
"""Hz to which a course is brought before it is convolved, so that kernels last as long in all of them."""
_TAPS = 9
_SEED = 20261
_DILATIONS = (1, 2, 4, 8)


def level_inputs(courses: Courses) -> Iterator[tuple[str, float]]:
    """Level and spread of each course, the highest three seconds, and the share in which it was measured."""
    for name, course in courses.items():
        known = course.values[np.isfinite(course.values)]
        low, middle, high = np.percentile(known, [5, 50, 95]) if len(known) else (np.nan,) * 3
        yield f"{name}: lowest", float(low)
        yield f"{name}: median", float(middle)
        yield f"{name}: highest", float(high)
        yield f"{name}: spread", float(known.std()) if len(known) else np.nan
        yield f"{name}: highest 3 s", _highest(course)
        yield f"{name}: share measured", len(known) / max(len(course.values), 1)


def _highest(course: MeasureCourse) -> float:
    """The highest mean of three seconds."""
    rows = max(round(3 * course.rate), 1)
    values = np.nan_to_num(course.values, nan=_median(course.values))
    if len(values) < rows or not np.isfinite(values).all():
        return np.nan
    sums = np.cumsum(np.concatenate([[0.0], values]))
    return float(((sums[rows:] - sums[:-rows]) / rows).max())


def _median(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else np.nan


def band_inputs(courses: Courses) -> Iterator[tuple[str, float]]:
    """The power (log10) of each course by band: of its liveliest 4 s and of the median 4 s."""
    for name, course in courses.items():
        powers = _powers(course)
        for (low, high), power in zip(BANDS, powers.T, strict=True):
            yield f"{name}: {low:g}–{high:g} Hz, liveliest", float(power.max()) if len(power) else np.nan
            yield f"{name}: {low:g}–{high:g} Hz, median", float(np.median(power)) if len(power) else np.nan


def _powers(course: MeasureCourse) -> Floats:
    """(w, bands): log10 of the power in half-overlapping windows; no window where too little is known."""
    rows = round(_WINDOW * course.rate)
    known = np.isfinite(course.values)
    if rows < _SHORTEST or len(course.values) < rows or known.mean() < 0.25:
        return np.zeros((0, len(BANDS)))
    values = np.where(known, course.values, _median(course.values))
    windows = np.lib.stride_tricks.sliding_window_view(values, rows)[:: max(rows // 2, 1)]
    tapered = (windows - windows.mean(axis=1, keepdims=True)) * np.hanning(rows)
    power = np.abs(np.fft.rfft(tapered, axis=1)) ** 2 / rows
    frequency = np.fft.rfftfreq(rows, 1 / course.rate)
    inside = [(frequency >= low) & (frequency < high) for low, high in BANDS]
    sums = [power[:, band].sum(axis=1) if band.any() else np.full(len(power), np.nan) for band in inside]
    return np.asarray(np.log10(np.stack(sums, axis=1) + 1e-9))


@dataclass(frozen=True, slots=True)
class _Kernel:
    """A convolution of one of the courses (`place`, a share of their number)."""

    place: float
    high: tuple[int, ...]
    dilation: int
    bias: float


@cache
def _kernels() -> tuple[_Kernel, ...]:
    generator = np.random.default_rng(_SEED)
    triples = list(combinations(range(_TAPS), 3))
    return tuple(
        _Kernel(
            float(generator.random()),
            triples[int(generator.integers(len(triples)))],
            int(generator.choice(_DILATIONS)),
            float(generator.uniform(-2, 2)),
        )
        for _ in range(KERNELS)
    )


def convolution_inputs(courses: Courses) -> Iterator[tuple[str, float]]:
    """The share of positive values and the maximum of each convolution of a standardised course."""
    names = list(courses)
    standard = {name: _standardised(course) for name, course in courses.items()}
    for number, kernel in enumerate(_kernels()):
        name = names[int(kernel.place * len(names))]
        share, most = _convolved(standard[name], kernel)
        yield f"{name}: pattern {number + 1}, share", share
        yield f"{name}: pattern {number + 1}, strongest", most


def _standardised(course: MeasureCourse) -> Floats:
    """The course at 15 Hz with mean 0 and deviation 1; empty where too little is known."""
    known = np.isfinite(course.values)
    if known.sum() < _SHORTEST:
        return np.zeros(0)
    values = np.where(known, course.values, _median(course.values))
    count = int(len(values) / course.rate * _RATE)
    brought = np.interp(np.arange(count) / _RATE, np.arange(len(values)) / course.rate, values)
    spread = float(brought.std()) if len(brought) else 0.0
    return np.asarray((brought - brought.mean()) / spread) if spread > 1e-9 else np.zeros(len(brought))


def _convolved(values: Floats, kernel: _Kernel) -> tuple[float, float]:
    reach = (_TAPS - 1) * kernel.dilation
    if len(values) <= reach:
        return np.nan, np.nan
    count = len(values) - reach
    shifts = [values[tap * kernel.dilation : tap * kernel.dilation + count] for tap in range(_TAPS)]
    # Weights of 2 at three taps and of −1 at the six others.
    found = 3 * np.sum([shifts[tap] for tap in kernel.high], axis=0) - np.sum(shifts, axis=0)
    return float(np.mean(found > kernel.bias)), float(np.max(found))
