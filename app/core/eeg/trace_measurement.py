"""Measurements of a selected stretch of a trace: amplitude, duration, frequency."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.floating[Any]]

_FINER = 8
"""The factor by which a spectrum is interpolated (zero padding)."""

_DEAD_BAND = 0.1
"""The share of the range that a wave must exceed on both sides of the middle to be counted."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """The measurements of a stretch of one trace.

    `duration` is in seconds; `lowest` and `highest` in the trace's unit (µV); `amplitude` is peak to peak.
    `frequency` (Hz) is counted by crossings of the middle, `strongest` (Hz) is the peak of the spectrum; both
    None for less than one whole wave. `gap` is the duration without samples in seconds.
    """

    duration: float
    amplitude: float
    lowest: float
    highest: float
    frequency: float | None
    strongest: float | None
    gap: float


def measure(values: Values, rate: float) -> Measurement | None:
    """The measurements of values (n,) at `rate` Hz; None when all of them are NaN."""
    there = np.isfinite(values)
    if not there.any():
        return None
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    whole = _without_slope(_longest(values, there).astype(np.float64))
    return Measurement(
        duration=len(values) / rate,
        amplitude=high - low,
        lowest=low,
        highest=high,
        frequency=crossing_frequency(whole, rate),
        strongest=strongest_frequency(whole, rate),
        gap=float((~there).sum()) / rate,
    )


def crossing_frequency(values: Values, rate: float) -> float | None:
    """The frequency (Hz) of the waves in values (n,) without gaps, from the first to the last crossing of 0;
    None below one whole wave. A wave counts when it exceeds a tenth of the range on both sides."""
    if len(values) < 3:
        return None
    band = _DEAD_BAND * float(np.ptp(values)) / 2
    beyond = np.flatnonzero(np.abs(values) > band)
    if not len(beyond):
        return None
    below = values[beyond] < 0
    turns = np.flatnonzero(below[1:] != below[:-1])
    if len(turns) < 3:
        return None
    ends = [_crossing(values, int(beyond[turn]), int(beyond[turn + 1])) for turn in (turns[0], turns[-1])]
    return (len(turns) - 1) / 2 / ((ends[1] - ends[0]) / rate)


def strongest_frequency(values: Values, rate: float) -> float | None:
    """The frequency (Hz) of the highest peak of the spectrum of detrended values (n,) without gaps; None when
    no whole wave fits in."""
    if len(values) < 8 or not np.ptp(values):
        return None
    size = _FINER * (1 << (len(values) - 1).bit_length())
    power = np.abs(np.fft.rfft(values * np.hanning(len(values)), size)) ** 2
    peak = int(np.argmax(power))
    if not 0 < peak < len(power) - 1:
        return None
    before, top, after = power[peak - 1 : peak + 2]
    bend = before - 2 * top + after
    hertz = float(peak + (0.5 * (before - after) / bend if bend < 0 else 0.0)) * rate / size
    return hertz if hertz * len(values) >= rate else None


def _longest(values: Values, there: npt.NDArray[np.bool_]) -> Values:
    """The longest stretch without a gap."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], there, [False])))).reshape(-1, 2)
    start, stop = edges[int(np.argmax(edges[:, 1] - edges[:, 0]))]
    longest: Values = values[start:stop]
    return longest


def _without_slope(values: Values) -> Values:
    """The values minus their regression line."""
    if len(values) < 2:
        return np.zeros_like(values)
    places = np.arange(len(values)) - (len(values) - 1) / 2
    slope = float(places @ values) / float(places @ places)
    straight: Values = values - values.mean() - slope * places
    return straight


def _crossing(values: Values, before: int, after: int) -> float:
    """The position (in samples) at which the line between two samples of different sign crosses 0."""
    below = values[before : after + 1] < 0
    step = before + int(np.flatnonzero(below[1:] != below[:-1])[0])
    first, second = float(values[step]), float(values[step + 1])
    return step + first / (first - second)
