"""The pieces of a recording that a model sees at once (arXiv 2605.03352)."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.semiology import Span

LENGTH = 30.0
"""Seconds of a segment."""
OVERLAP = 5.0
"""Seconds that a segment shares with the one before it."""
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


def segments(duration: float, length: float = LENGTH, overlap: float = OVERLAP) -> tuple[Segment, ...]:
    """Segments that cover 0 to `duration` seconds; the last one ends with the recording.

    Raises ValueError unless 0 ≤ overlap < length; a recording of no duration has no segments.
    """
    if not 0 <= overlap < length:
        raise ValueError(f"overlap {overlap} does not fit into length {length}")
    result: list[Segment] = []
    start = 0.0
    while start < duration and (not result or result[-1].span.end < duration):
        result.append(Segment(len(result), Span(start, min(start + length, duration))))
        start = len(result) * (length - overlap)
    return tuple(result)


def windows(duration: float, length: float) -> tuple[Segment, ...]:
    """Shorter segments of `length` seconds, for what has to be seen at a higher rate; overlapping as much."""
    made = segments(duration, length, length * OVERLAP / LENGTH)
    return tuple(Segment(segment.number, segment.span, window=True) for segment in made)
