"""The pieces of a recording that a model sees at once (arXiv 2605.03352)."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

from app.core.bounded_json import read_json
from app.core.errors import UserError
from app.core.semiology import Span

LENGTH = 30.0
"""Seconds of a segment."""
OVERLAP = 5.0
"""Seconds that a segment shares with the one before it."""
MOST = 20_000
"""Segments of a recording at most: six days."""
SAMPLING_RATE = 2.0
"""Frames a second that a model is shown, unless a feature needs more."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One piece of a recording; `span` in seconds on the recording's clock; `window` marks a shorter one."""

    number: int
    span: Span
    window: bool = False

    @property
    def milliseconds(self) -> int:
        """Its length as a model is told it."""
        return round(self.span.duration * 1000)


def segments(
    duration: float,
    length: float = LENGTH,
    overlap: float = OVERLAP,
    *,
    stretches: Sequence[Span] = (),
) -> tuple[Segment, ...]:
    """Segments that cover 0 to `duration` seconds; the last one ends with the recording. With `stretches`
    (rising, apart) only those that hold a part of one: where nothing is, nothing is asked.

    Raises ValueError unless 0 ≤ overlap < length; UserError for more segments than a person would ever let a
    model see. A recording of no duration has no segments.
    """
    if not 0 <= overlap < length:
        raise ValueError(f"overlap {overlap} does not fit into length {length}")
    step = length - overlap
    # The last one is that with which the end is reached.
    last = max(math.ceil((duration - length) / step - 1e-9), 0) if duration > 0 else -1
    numbers: list[int] = []
    for span in stretches or (Span(0.0, max(duration, 0.0)),):
        first = min(math.floor((span.start - length) / step) + 1, last)
        first = max(first, numbers[-1] + 1 if numbers else 0, 0)
        stop = min(math.floor(span.end / step), last)
        if len(numbers) + stop - first > MOST:
            raise UserError("The recording is too long for a model to be asked about all of it.")
        numbers += range(first, stop + 1)
    return tuple(
        Segment(number, Span(number * step, min(number * step + length, duration))) for number in numbers
    )


def windows(duration: float, length: float, stretches: Sequence[Span] = ()) -> tuple[Segment, ...]:
    """Shorter segments of `length` seconds, for what has to be seen at a higher rate; overlapping as much."""
    made = segments(duration, length, length * OVERLAP / LENGTH, stretches=stretches)
    return tuple(Segment(segment.number, segment.span, window=True) for segment in made)


STRETCHES = "stretches"
"""Under which name a reading keeps where its recording holds something."""


def stretches_text(stretches: Sequence[Span]) -> str:
    """Stretches as a reading keeps them."""
    return json.dumps([[span.start, span.end] for span in stretches])


def stretches_from(text: str) -> tuple[Span, ...]:
    """The inverse of `stretches_text`; none where the text is damaged."""
    try:
        found = read_json(text or "[]")
        return (
            tuple(Span(float(start), float(end)) for start, end in found) if isinstance(found, list) else ()
        )
    except (ValueError, TypeError):
        return ()
