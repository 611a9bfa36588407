"""What is measured of a stretch of a trace that was dragged over: amplitude, duration, frequency."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.floating[Any]]

_FINER = 8
"""How much finer than its own resolution a spectrum is looked at."""

_DEAD_BAND = 0.1
"""Share of the range that a wave must cross on both sides of its middle to be counted."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """A stretch of one trace.

    `duration` is in seconds; `lowest` and `highest` in the trace's unit (µV), at `lowest_at` and `highest_at`
    seconds from the stretch's beginning; `amplitude` is peak to peak. `frequency` is that of its waves in Hz
    by their crossings of the middle, `strongest` that of the strongest part of the spectrum; both None when
    there is less than one whole wave. `gap` is the seconds within it that hold nothing.
    """

    duration: float
    amplitude: float
    lowest: float
    highest: float
    lowest_at: float
    highest_at: float
    frequency: float | None
    strongest: float | None
    gap: float


def measure(values: Values, rate: float) -> Measurement | None:
    """What is measured of values (n,) at `rate` Hz; None when there is no value among them."""
    there = np.isfinite(values)
    if not there.any():
        return None
    low, high = int(np.nanargmin(values)), int(np.nanargmax(values))
    whole = _without_slope(_longest(values, there).astype(np.float64))
    return Measurement(
        duration=len(values) / rate,
        amplitude=float(values[high]) - float(values[low]),
        lowest=float(values[low]),
        highest=float(values[high]),
        lowest_at=low / rate,
        highest_at=high / rate,
        frequency=crossing_frequency(whole, rate),
        strongest=strongest_frequency(whole, rate),
        gap=float((~there).sum()) / rate,
    )


def crossing_frequency(values: Values, rate: float) -> float | None:
    """Hz of the waves in values (n,) without gaps, from the first crossing of 0 to the last; None below one
    whole wave. A wave counts when it passes a tenth of the range on both sides."""
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
    """Hz of the highest peak of the spectrum of values (n,) without gaps and without slope; None when no
    whole wave of it fits in."""
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
    """The values less the straight line through them."""
    if len(values) < 2:
        return np.zeros_like(values)
    places = np.arange(len(values)) - (len(values) - 1) / 2
    slope = float(places @ values) / float(places @ places)
    straight: Values = values - values.mean() - slope * places
    return straight


def _crossing(values: Values, before: int, after: int) -> float:
    """Where the line between two samples of different sign around 0 crosses it, in samples."""
    below = values[before : after + 1] < 0
    step = before + int(np.flatnonzero(below[1:] != below[:-1])[0])
    first, second = float(values[step]), float(values[step + 1])
    return step + first / (first - second)
