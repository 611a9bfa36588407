"""Where the rows of a page are on the screen, and the lines of its time grid."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

GAP = 0.5
"""Space above a group of rows, in rows."""

_STEPS = (
    *(0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0),
    *(1800.0, 3600.0, 7200.0, 14400.0),
)
_FINER = {
    **{1.0: 0.2, 2.0: 1.0, 5.0: 1.0, 10.0: 2.0, 15.0: 5.0, 30.0: 10.0, 60.0: 10.0, 120.0: 30.0, 300.0: 60.0},
    **{600.0: 120.0, 1800.0: 300.0, 3600.0: 600.0, 7200.0: 1800.0, 14400.0: 3600.0},
}
"""Of the strong lines' steps the faint ones': 1 s and 200 ms as on paper."""


@dataclass(frozen=True, slots=True)
class RowLayout:
    """The middle of each row in pixels from the top of the first one, the height of a row, and of all."""

    middles: tuple[float, ...]
    pitch: float
    height: float

    def nearest(self, y: float) -> int | None:
        """The number of the row nearest to a height; None without rows."""
        distances = [abs(y - middle) for middle in self.middles]
        return distances.index(min(distances)) if distances else None


def row_layout(gaps: Sequence[bool], height: float, least: float) -> RowLayout:
    """Rows that fill `height` pixels, each at least `least` high; `gaps` says of each whether there is space
    above it."""
    if not gaps:
        return RowLayout((), least, 0.0)
    units = len(gaps) + GAP * sum(gaps[1:])
    pitch = max(height / units, least)
    at, middles = 0.0, []
    for number, gap in enumerate(gaps):
        at += GAP * pitch if gap and number else 0.0
        middles.append(at + pitch / 2)
        at += pitch
    return RowLayout(tuple(middles), pitch, at)


@dataclass(frozen=True, slots=True)
class GridSteps:
    """Seconds between the strong and between the faint lines (0: none), and between labels."""

    strong: float
    faint: float
    labels: float


def grid_steps(pixels_per_second: float, label_width: float, millimetre: float) -> GridSteps:
    """The time grid: 1 s strong and 200 ms faint as on paper, while they are at least 4 and 2 millimetres
    apart; coarser on longer pages. `millimetre` is in pixels."""
    if pixels_per_second >= 4 * millimetre:
        strong = 1.0
    else:
        strong = next((step for step in _STEPS if step * pixels_per_second >= 10 * millimetre), _STEPS[-1])
    faint = _FINER.get(strong, 0.0)
    faint = faint if faint * pixels_per_second >= 2 * millimetre else 0.0
    labels = next((step for step in _STEPS if step * pixels_per_second >= label_width), _STEPS[-1])
    return GridSteps(strong, faint, labels)


def multiples(step: float, start: float, end: float) -> tuple[float, ...]:
    """The multiples of a step from `start` to `end`; none for a step of 0."""
    if step <= 0:
        return ()
    first, last = math.ceil(start / step - 1e-9), math.floor(end / step + 1e-9)
    return tuple(number * step for number in range(first, last + 1))


def day_text(began: datetime, seconds: float, *, decimals: int = 0) -> str:
    """`14:03:22`, the time of day so many seconds (also below 0) after `began`."""
    try:
        moment = began + timedelta(milliseconds=round(seconds * 1000))
    except OverflowError:
        return ""
    text = f"{moment:%H:%M:%S}"
    return f"{text}.{moment.microsecond // 10 ** (6 - decimals):0{decimals}d}" if decimals else text


def signed_clock(seconds: float, *, decimals: int = 0) -> str:
    """`0:41`, `1:02:03` or `−0:05` on a clock that may be before 0."""
    unit = 10**decimals
    whole, fraction = divmod(round(abs(seconds) * unit), unit)
    hours, rest = divmod(whole, 3600)
    text = f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60:02d}:{rest % 60:02d}"
    text += f".{fraction:0{decimals}d}" if decimals else ""
    return f"−{text}" if seconds < 0 and (whole or fraction) else text
