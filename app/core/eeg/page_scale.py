"""Scales of an EEG page: sensitivity and paper speed in millimetres on the screen, in clinical steps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from app.core.eeg.channel_kind import ChannelKind

MILLIMETRES_PER_INCH = 25.4
PAPER_SPEED = 30.0
"""mm/s: the usual speed of EEG on paper."""

SENSITIVITIES = (
    *(0.5, 1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0, 15.0, 20.0, 30.0, 50.0, 70.0, 100.0, 150.0, 200.0, 300.0),
    *(500.0, 700.0, 1000.0, 2000.0, 5000.0),
)
"""µV/mm: the clinical steps. A larger number draws smaller waves."""

PAGE_SECONDS = (
    1.0,
    2.0,
    5.0,
    10.0,
    15.0,
    20.0,
    30.0,
    60.0,
    120.0,
    300.0,
    600.0,
    1800.0,
    3600.0,
    14400.0,
    86400.0,
)
"""Lengths of a page in seconds, from 1 s to a day."""

DEFAULT_SENSITIVITY = {
    ChannelKind.EEG: 7.0,
    ChannelKind.DEPTH: 30.0,
    ChannelKind.EOG: 10.0,
    ChannelKind.ECG: 70.0,
    ChannelKind.EMG: 10.0,
    ChannelKind.RESPIRATION: 30.0,
    ChannelKind.SOUND: 30.0,
    ChannelKind.OTHER: 30.0,
}
"""µV/mm of each kind of channel before any choice; 7 µV/mm for EEG by the ACNS guideline 1."""

UNKNOWN_UNIT = "units"
"""What values are counted in whose unit is not known (`DerivedRow.unit` "")."""
UNIT_UNKNOWN = "(unit unknown)"
_ROUND = (1.0, 2.0, 5.0)


@dataclass(frozen=True, slots=True)
class PageScale:
    """The scale of a page: `dots_per_inch` of the screen, `sensitivity` in µV/mm.

    With `negative_up`, as is usual in EEG, a negative value is drawn above its line.
    """

    dots_per_inch: float
    sensitivity: float
    negative_up: bool = True

    @property
    def pixels_per_microvolt(self) -> float:
        """Pixels down the screen for 1 µV; below 0 when a positive value is drawn above its line."""
        size = pixels_per_millimetre(self.dots_per_inch) / self.sensitivity
        return size if self.negative_up else -size


@dataclass(frozen=True, slots=True)
class ScaleBar:
    """A scale bar of `microvolts` and `seconds`, with its `height` and `width` in pixels."""

    microvolts: float
    seconds: float
    height: float
    width: float


def sensitivity_text(value: float, unit: str, *, short: bool = False) -> str:
    """`70 µV/mm`, `30 %/mm`, of an unknown unit `200 units/mm (unit unknown)`, `short` without the remark."""
    return f"{value:g} {unit or UNKNOWN_UNIT}/mm" + ("" if unit or short else f" {UNIT_UNKNOWN}")


def pixels_per_millimetre(dots_per_inch: float) -> float:
    return dots_per_inch / MILLIMETRES_PER_INCH


def seconds_across(width: float, dots_per_inch: float) -> float:
    """The seconds that `width` pixels show at the speed of paper."""
    return width / (pixels_per_millimetre(dots_per_inch) * PAPER_SPEED)


def speed_of(seconds: float, width: float, dots_per_inch: float) -> float:
    """mm/s at which `seconds` fill `width` pixels."""
    return width / pixels_per_millimetre(dots_per_inch) / seconds


def next_step(steps: Sequence[float], value: float, by: int) -> float:
    """The step `by` places after the value (before it when negative), limited to the last or first one; a
    value between two steps counts as both its neighbours."""
    if by > 0:
        larger = [step for step in steps if step > value * (1 + 1e-9)]
        return larger[min(by, len(larger)) - 1] if larger else steps[-1]
    smaller = [step for step in steps if step < value * (1 - 1e-9)]
    return smaller[-min(-by, len(smaller))] if smaller and by else (steps[0] if by else value)


def scale_bar(scale: PageScale, pixels_per_second: float, *, tallest: float, widest: float) -> ScaleBar:
    """The largest scale bar of round values (1, 2 or 5 times a power of ten) within `tallest` × `widest`
    pixels."""
    per_microvolt = abs(scale.pixels_per_microvolt)
    microvolts = _round_down(tallest / per_microvolt)
    seconds = _round_down(widest / pixels_per_second)
    return ScaleBar(microvolts, seconds, microvolts * per_microvolt, seconds * pixels_per_second)


def _round_down(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    # The margin keeps a value that is round already, whose logarithm may be slightly below.
    return max(
        step * scale for scale in (power, power * 10) for step in _ROUND if step * scale <= value * (1 + 1e-9)
    )
