"""The segments of a recording that a model is shown in one request (arXiv 2605.03352)."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

from app.core.bounded_json import read_json
from app.core.errors import UserError
from app.core.semiology import Span

SEGMENT_SECONDS = 30.0
"""Seconds of a segment."""
OVERLAP_SECONDS = 5.0
"""Seconds that a segment shares with the previous one."""
MOST_SEGMENTS = 20_000
"""The most segments of a recording: six days."""
SAMPLING_RATE = 2.0
"""The default sampling rate in Hz."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment; `span` in seconds on the recording's clock; `window` marks a shorter one, `whole` one that
    is the whole event, shown in few pictures."""

    number: int
    span: Span
    window: bool = False
    whole: bool = False

    @property
    def milliseconds(self) -> int:
        """Its length in milliseconds, as stated in the prompt."""
        return round(self.span.duration * 1000)


def segments(
    duration: float,
    length: float = SEGMENT_SECONDS,
    overlap: float = OVERLAP_SECONDS,
    *,
    stretches: Sequence[Span] = (),
    within: Span | None = None,
) -> tuple[Segment, ...]:
    """The segments that cover 0 to `duration` seconds, or the span `within`; the last one ends with it. With
    `stretches` (sorted, disjoint spans with content) only segments that overlap one, so none in a gap.

    Raises ValueError unless 0 ≤ overlap < length, UserError for more than `MOST_SEGMENTS`. A recording
    without duration has no segments.
    """
    if not 0 <= overlap < length:
        raise ValueError(f"overlap {overlap} does not fit into length {length}")
    step = length - overlap
    origin, stop_at = 0.0, duration
    if within is not None:
        origin, stop_at, duration = within.start, within.end, within.duration
        inside = _moved(stretches, within)
        if stretches and not inside:
            return ()
        stretches = inside
    # The last segment is the first that reaches the end.
    last = max(math.ceil((duration - length) / step - 1e-9), 0) if duration > 0 else -1
    numbers: list[int] = []
    for span in stretches or (Span(0.0, max(duration, 0.0)),):
        first = min(math.floor((span.start - length) / step) + 1, last)
        first = max(first, numbers[-1] + 1 if numbers else 0, 0)
        stop = min(math.floor(span.end / step), last)
        if len(numbers) + stop - first > MOST_SEGMENTS:
            raise UserError("The recording is too long for a model to be asked about all of it.")
        numbers += range(first, stop + 1)
    return tuple(
        Segment(number, Span(origin + number * step, min(origin + number * step + length, stop_at)))
        for number in numbers
    )


def _moved(stretches: Sequence[Span], within: Span) -> tuple[Span, ...]:
    """What of the stretches lies in a span, from its start on."""
    inside = [one for one in stretches if one.overlaps(within)]
    return tuple(
        Span(max(one.start - within.start, 0.0), min(one.end, within.end) - within.start) for one in inside
    )


def windows(
    duration: float, length: float, stretches: Sequence[Span] = (), within: Span | None = None
) -> tuple[Segment, ...]:
    """Shorter segments of `length` seconds with the same overlap, for features that need a higher rate."""
    overlap = length * OVERLAP_SECONDS / SEGMENT_SECONDS
    made = segments(duration, length, overlap, stretches=stretches, within=within)
    return tuple(Segment(segment.number, segment.span, window=True) for segment in made)


def stretches_text(stretches: Sequence[Span]) -> str:
    """The spans as text for a reading's details."""
    return json.dumps([[span.start, span.end] for span in stretches])


def stretches_from(text: str) -> tuple[Span, ...]:
    """The inverse of `stretches_text`; () when the text is invalid."""
    try:
        found = read_json(text or "[]")
        return (
            tuple(Span(float(start), float(end)) for start, end in found) if isinstance(found, list) else ()
        )
    except (ValueError, TypeError):
        return ()
