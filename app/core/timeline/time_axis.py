"""The time axis that every panel below the picture shares: where a second lies, its ruler, its cursor."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from app.core.semiology import Span
from app.core.timeline.clock_text import clock

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

RULER_HEIGHT = 22
RIGHT_MARGIN = 14
SHORTEST_SPAN = 0.02
"""Seconds; nearer than this the time axis does not zoom."""

_STEPS = (
    *(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0),
    *(60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 21600.0, 43200.0),
)


def gutter(panel_width: float) -> int:
    """Pixels left of the time axis, where names stand; the same in every panel of the same width."""
    return round(min(200.0, max(104.0, panel_width * 0.31)))


@dataclass(frozen=True, slots=True)
class TimeScale:
    """Where seconds lie in a panel: `span` fills `width` pixels from `left`."""

    span: Span
    left: float
    width: float
    right: float = field(init=False)
    pixels_per_second: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "right", self.left + self.width)
        object.__setattr__(self, "pixels_per_second", self.width / max(self.span.duration, 1e-9))

    def x(self, seconds: float) -> float:
        return self.left + (seconds - self.span.start) * self.pixels_per_second

    def xs(self, seconds: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Pixels of seconds, of any shape."""
        return self.left + (seconds - self.span.start) * self.pixels_per_second

    def seconds(self, x: float) -> float:
        return self.span.start + (x - self.left) / max(self.pixels_per_second, 1e-9)


@lru_cache(maxsize=16)
def panel_scale(visible: Span, panel_width: float) -> TimeScale:
    """The scale of a panel that is `panel_width` pixels wide."""
    left = gutter(panel_width)
    return TimeScale(visible, left, max(1.0, panel_width - left - RIGHT_MARGIN))


def zoomed(visible: Span, at: float, factor: float, duration: float) -> Span:
    """The visible span made `factor` times as long with the second `at` staying where it is."""
    length = min(max(visible.duration * factor, min(SHORTEST_SPAN, duration)), duration)
    share = (at - visible.start) / visible.duration if visible.duration > 0 else 0.5
    return _within(at - share * length, length, duration)


def panned(visible: Span, seconds: float, duration: float) -> Span:
    """The visible span moved by `seconds`, kept inside the recording."""
    return _within(visible.start + seconds, visible.duration, duration)


def followed(visible: Span, before: float, cursor: float, duration: float) -> Span | None:
    """The page to turn to when the cursor has just left the visible span, else None.

    A cursor that was outside already is left alone: the person looks somewhere else.
    """
    if not visible.contains(before) or visible.contains(cursor) or visible.duration >= duration:
        return None
    lead = 0.05 if cursor > visible.end else 0.95
    return _within(cursor - lead * visible.duration, visible.duration, duration)


def _within(start: float, length: float, duration: float) -> Span:
    start = min(max(0.0, start), max(0.0, duration - length))
    return Span(start, max(start, min(start + length, duration)))


@dataclass(frozen=True, slots=True)
class Tick:
    seconds: float
    text: str
    """Empty for the small ticks between."""


@lru_cache(maxsize=16)
def ticks(scale: TimeScale, label_width: float) -> tuple[Tick, ...]:
    """The ruler: labels at round times, at least `label_width` pixels apart, and small ticks between."""
    step = next(
        (s for s in _STEPS if s * scale.pixels_per_second >= label_width), _longest_step(scale, label_width)
    )
    small = _small_step(step, scale.pixels_per_second)
    decimals = 0 if step >= 1 else 1 if step >= 0.1 else 2 if step >= 0.01 else 3
    per_label = round(step / small)
    first = math.ceil(scale.span.start / small - 1e-9)
    last = math.floor(scale.span.end / small + 1e-9)
    return tuple(
        Tick(n * small, clock(n * small, decimals) if n % per_label == 0 else "")
        for n in range(first, min(last, first + 2000) + 1)
    )


def _longest_step(scale: TimeScale, label_width: float) -> float:
    """Days, doubled until their labels have room."""
    days = max(label_width / scale.pixels_per_second / 86_400, 1.0)
    return float(86_400 * 2 ** math.ceil(math.log2(days)))


def _small_step(step: float, pixels_per_second: float) -> float:
    for parts in (10, 5, 4, 3, 2):
        small = step / parts
        if small * pixels_per_second >= 7 and any(math.isclose(small, s) for s in _STEPS):
            return small
    return step
