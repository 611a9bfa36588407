"""Times as people read them: 00:41.233, 41.233 s, frame 1237, and back."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from app.core.semiology import Span

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


class TimeForm(StrEnum):
    """How a time is written."""

    CLOCK = "clock"
    SECONDS = "seconds"
    FRAME = "frame"
    DAY = "day"


def clock(seconds: float, decimals: int = 3) -> str:
    """`00:41.233`, with hours only when there are some; rounded to the last decimal that is shown."""
    unit = 10**decimals
    whole, fraction = divmod(round(max(0.0, seconds) * unit), unit)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    text = f"{hours}:{minute:02d}:{second:02d}" if hours else f"{minute:02d}:{second:02d}"
    return f"{text}.{fraction:0{decimals}d}" if decimals else text


def span_text(span: Span) -> str:
    """`00:12.4–00:31.0`; a point is written once."""
    start, end = clock(span.start, 1), clock(span.end, 1)
    return start if start == end else f"{start}–{end}"


def frame_number(times: npt.NDArray[np.float64], seconds: float) -> int:
    """The number, from 0, of the frame on screen at `seconds`; 0 before the first.

    `times` (n,) are the presentation times of the frames in seconds, ascending.
    """
    import numpy as np

    return max(0, int(np.searchsorted(times, seconds + 1e-6, side="right")) - 1)


def written(seconds: float, form: TimeForm, times: npt.NDArray[np.float64] | None) -> str:
    """The time in one of its forms; without a picture a frame number is a dash."""
    if form in (TimeForm.CLOCK, TimeForm.DAY):
        return clock(seconds)
    if form is TimeForm.SECONDS:
        return f"{max(0.0, seconds):.3f} s"
    return "–" if times is None or len(times) == 0 else f"frame {frame_number(times, seconds)}"


def time_of_day(began: datetime, seconds: float) -> str:
    """`14:03:22.120`, the time of day on the camera's clock so many seconds after it began."""
    moment = began + timedelta(milliseconds=round(max(0.0, seconds) * 1000))
    return f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03d}"


_CLOCK = re.compile(
    r"(?:(?:(\d{1,3}):(?=[0-5]?\d:))?(\d{1,5}):(?=[0-5]?\d(?!\d)))?(\d{1,7}(?:[.,]\d{1,9})?)\s*s?", re.ASCII
)
"""After a colon there are less than 60 minutes or seconds: `1:75` is a slip."""
_THOUSANDS = re.compile(r"[1-9]\d{0,2},\d{3}\s*s?", re.ASCII)
"""A thousand and more to some, a second and more to others."""

TIME_FORMS = "seconds, M:SS or H:MM:SS, with fractions (12.4 or 0:12.4)"
"""What `parse_clock` understands, in words for people."""


def parse_clock(text: str) -> float | None:
    """Seconds from `1:02:03.5`, `02:03.5`, `123.5` or `123.5 s`; None when it is none of them, or can be two
    times (`1,000`)."""
    if _THOUSANDS.fullmatch(text.strip()):
        return None
    match = _CLOCK.fullmatch(text.strip())
    if match is None:
        return None
    hours, minutes, seconds = match.groups()
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + float(seconds.replace(",", "."))
