"""The part of a recording that a model is asked about, and the seizure's times as a person marked them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.core.bounded_json import read_json
from app.core.errors import UserError
from app.core.semiology import Span
from app.core.study.marks import Mark, MarkKind, first_moment
from app.core.timeline.clock_text import parse_clock

USUAL_MARGIN = 10.0
"""Seconds before the onset and after the end."""
MOST_MARGIN = 3600.0
_SPAN = re.compile("([^-–]+)[-–]([^-–]+)")
_EVENT = re.compile(r"event(?::(\d{1,4}(?:\.\d{1,3})?))?")


@dataclass(frozen=True, slots=True)
class EventTimes:
    """When the seizure begins and ends, in seconds on the recording's clock; None for what is not marked."""

    onset: float | None = None
    end: float | None = None

    @property
    def marked(self) -> bool:
        """Whether there is anything to say."""
        return self.onset is not None or self.end is not None


def event_times(marks: Iterable[Mark]) -> EventTimes:
    """Onset and end of a reader's marks. Nothing else of them is taken: a phase has a name, and a name of a
    phase would be an answer."""
    kept = tuple(marks)
    onset, end = first_moment(kept, MarkKind.ONSET), first_moment(kept, MarkKind.END)
    # An end before the onset is a slip, and would be nonsense in a prompt.
    return EventTimes(onset, None if end is not None and onset is not None and end < onset else end)


class RangeKind(StrEnum):
    """`WHOLE` recording, `EVENT` from onset to end with a margin, or a `SPAN` of it."""

    WHOLE = "whole"
    EVENT = "event"
    SPAN = "span"


@dataclass(frozen=True, slots=True)
class ReadingRange:
    """What part of a recording is read; `margin` in seconds, `span` in seconds on the recording's clock."""

    kind: RangeKind = RangeKind.WHOLE
    margin: float = USUAL_MARGIN
    span: Span | None = None

    @property
    def text(self) -> str:
        """It as text: `whole`, `event:10`, `60-120`."""
        if self.kind is RangeKind.SPAN and self.span is not None:
            return f"{self.span.start:g}-{self.span.end:g}"
        return f"event:{self.margin:g}" if self.kind is RangeKind.EVENT else RangeKind.WHOLE.value

    def of(self, duration: float, event: EventTimes) -> Span | None:
        """The span in a recording of `duration` seconds; None for all of it.

        Raises UserError when the onset is not marked, or nothing of the span lies in the recording.
        """
        if self.kind is RangeKind.WHOLE:
            return None
        wanted = self.span if self.kind is RangeKind.SPAN else self._around(event, duration)
        if wanted is None or wanted.start >= duration or wanted.end <= wanted.start:
            raise UserError("Nothing of the recording lies in the chosen span, so there is nothing to read.")
        cut = Span(wanted.start, min(wanted.end, duration))
        return None if cut == Span(0.0, duration) else cut

    def _around(self, event: EventTimes, duration: float) -> Span:
        if event.onset is None:
            raise UserError("The onset is not marked: mark it, or choose another part of the recording.")
        end = duration if event.end is None else min(event.end + self.margin, duration)
        return Span(max(event.onset - self.margin, 0.0), max(end, 0.0))


def parse_range(text: str) -> ReadingRange:
    """The inverse of `ReadingRange.text`; times in any form of `parse_clock`. Raises UserError."""
    words = text.strip()
    if words == RangeKind.WHOLE.value:
        return ReadingRange()
    if (found := _EVENT.fullmatch(words)) is not None:
        margin = USUAL_MARGIN if found[1] is None else float(found[1])
        if margin <= MOST_MARGIN:
            return ReadingRange(RangeKind.EVENT, margin)
    if (found := _SPAN.fullmatch(words)) is not None:
        start, end = map(parse_clock, found.groups())
        if start is not None and end is not None and start < end:
            return ReadingRange(RangeKind.SPAN, span=Span(start, end))
    raise UserError(
        "The part to be read is whole, event, event:SECONDS (a margin around onset and end) or a span such "
        "as 60-120 or 1:00-2:00."
    )


def event_to_text(event: EventTimes) -> str:
    """The times as text for the description of a run; "" when nothing is marked."""
    return json.dumps([event.onset, event.end]) if event.marked else ""


def event_from_text(text: str) -> EventTimes:
    """The inverse of `event_to_text`; nothing marked when the text is invalid."""
    try:
        found = read_json(text or "[]")
    except ValueError:
        return EventTimes()
    if not isinstance(found, list) or len(found) != 2:
        return EventTimes()
    # A damaged file must not stop its answers from being found.
    onset, end = (float(value) if isinstance(value, int | float) else None for value in found)
    return EventTimes(onset, end)
