"""A recording of another EEG system as it is converted: channels, stretches without a gap, annotations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from app.core.eeg.edf_writing import WrittenAnnotation

Block = npt.NDArray[np.float64]
"""(channels, n) values, each in its channel's unit."""


@dataclass(frozen=True, slots=True)
class OtherChannel:
    """A channel by its label; `unit` is that of the values, uV for voltages. Values of 16 bits are whole
    multiples of `step` apart; None for others."""

    label: str
    unit: str
    step: float | None = None


@dataclass(frozen=True, slots=True)
class OtherStretch:
    """Samples `first` to `first + count` without a gap, from `start` seconds after the first sample on."""

    first: int
    count: int
    start: Fraction


@dataclass(frozen=True, slots=True, eq=False)
class OtherRecording:
    """A recording with one sampling rate (Hz). `start` is the local time of its first sample, None when it is
    not stated; `read(first, count)` gives values within one stretch."""

    channels: tuple[OtherChannel, ...]
    rate: Fraction
    stretches: tuple[OtherStretch, ...]
    annotations: tuple[WrittenAnnotation, ...]
    start: datetime | None
    read: Callable[[int, int], Block]


@dataclass(frozen=True, slots=True)
class StatedTime:
    """The time (s, on a clock that all moments of a file share) of a sample."""

    sample: int
    seconds: Fraction


def stretches_of(
    moments: Sequence[StatedTime], total: int, rate: Fraction, tolerance: Fraction
) -> tuple[OtherStretch, ...]:
    """The stretches of `total` samples by the times that the file states for some of them.

    A moment begins a new stretch if it is more than `tolerance` seconds later than without a gap. An earlier
    one is ignored, because recorded time does not go back.
    """
    found = [OtherStretch(0, total, Fraction(0))]
    ordered = sorted((one for one in moments if 0 <= one.sample < total), key=lambda one: one.sample)
    if not ordered:
        return tuple(found)
    zero = ordered[0].seconds - ordered[0].sample / rate
    for moment in ordered:
        last, start = found[-1], moment.seconds - zero
        passed = moment.sample - last.first
        if passed and start - (last.start + passed / rate) > tolerance:
            found[-1] = OtherStretch(last.first, passed, last.start)
            found.append(OtherStretch(moment.sample, total - moment.sample, start))
    return tuple(found)


def second_of(stretches: Sequence[OtherStretch], sample: float, rate: Fraction) -> float:
    """The seconds from the first sample at a sample number, gaps included."""
    there = [one for one in stretches if one.first <= sample] or stretches[:1]
    return float(there[-1].start) + (sample - there[-1].first) / float(rate)
