"""What a prompt tells of the recording: where its clip lies, the event, the view, what was found before.

Only onset and end come from a person, and only where the person said so: answers, notes, names of phases and
words of any reading are not even given to this module. What earlier segments found are the model's own
answers, told as words of the program.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from app.core.readers.models.merging import SegmentAnswer
from app.core.readers.models.reading_range import EventTimes
from app.core.readers.models.segments import Segment
from app.core.readers.models.time_notation import TimeNotation
from app.core.recording.presentation import UPRIGHT, Orientation
from app.core.semiology import Presence, Span, joined

_UP = {1: "at the left edge", 2: "at the lower edge", 3: "at the right edge"}
"""Where the upper edge of the room is in a picture that is to be turned clockwise by so many quarters."""
MOST_SPANS_TOLD = 6
"""Of one feature; a prompt must not grow with the recording."""

PLACE = "The recording lasts {0} seconds; this clip shows it from {1} to {2} seconds."
WHOLE = (
    "This clip shows all of the event in few pictures, one every {0} seconds, from {1} to {2} seconds of the "
    "recording. Judge the event as a whole, not a moment of it."
)
BEGINS = "The event begins {0}."
ENDS = "The event ends {0}."
IN_CLIP, BEFORE, AFTER = "at {0} of this clip", "{0} seconds before this clip", "{0} seconds after this clip"
MIRRORED = (
    "The picture is mirrored: what is on its right is on the left in the room. Name the patient's own sides "
    "as they really are."
)
TURNED = "The picture is turned: what is up in the room is {0}."
FOUND = "In earlier clips of this recording you found:"
FOUND_LINE = '- "{0}" at {1} seconds of the recording'
NOTHING_FOUND = "In earlier clips of this recording you found none of the features below."
JUDGE_ALONE = "Judge this clip by what it shows; what was found before only helps to follow what goes on."

TEXTS = (
    *(PLACE, WHOLE, BEGINS, ENDS, IN_CLIP, BEFORE, AFTER, MIRRORED, TURNED, *_UP.values()),
    *(FOUND, FOUND_LINE, NOTHING_FOUND, JUDGE_ALONE),
)
"""All text of which a context is made, for the hash of the prompts."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a prompt may tell of one recording: its `duration` (s), the `event` (only what a person released),
    and how the picture as it is stored has to be turned and mirrored to show the room as it is."""

    duration: float
    event: EventTimes = field(default_factory=EventTimes)
    orientation: Orientation = UPRIGHT


def context(
    told: Told,
    segment: Segment,
    *,
    times: TimeNotation = TimeNotation.SECONDS,
    fps: float | None = None,
    picture: bool = True,
    upright: bool = False,
    earlier: Iterable[SegmentAnswer] | None = None,
) -> str:
    """The lines about one clip, taken at `fps` (Hz); without a `picture` nothing is said of the view.

    `upright`: the picture was turned with the head up. `earlier`: what segments before this one could judge,
    as of `EarlierSegments.found`, so that without any *yes* nothing was found; None to tell nothing of them.
    """
    lines = [
        _place(told, segment, fps),
        *_event(told.event, segment.span, times),
        *(_view(told.orientation, upright=upright) if picture else ()),
        *(_found(earlier) if earlier is not None else ()),
    ]
    return "\n".join(lines)


def _place(told: Told, segment: Segment, fps: float | None) -> str:
    start, end = _seconds(segment.span.start), _seconds(segment.span.end)
    if segment.whole and fps:
        return WHOLE.format(_seconds(1 / fps), start, end)
    return PLACE.format(_seconds(told.duration), start, end)


def _event(event: EventTimes, span: Span, times: TimeNotation) -> Iterator[str]:
    if event.onset is not None:
        yield BEGINS.format(_moment(event.onset, span, times))
    if event.end is not None:
        yield ENDS.format(_moment(event.end, span, times))


def _moment(moment: float, span: Span, times: TimeNotation) -> str:
    if moment < span.start:
        return BEFORE.format(_seconds(span.start - moment))
    if moment > span.end:
        return AFTER.format(_seconds(moment - span.end))
    return IN_CLIP.format(times.written(round((moment - span.start) * 1000)))


def _view(orientation: Orientation, *, upright: bool) -> Iterator[str]:
    if orientation.quarters and not upright:
        yield TURNED.format(_UP[orientation.quarters])
    if orientation.mirrored:
        yield MIRRORED


def _found(earlier: Iterable[SegmentAnswer]) -> Iterator[str]:
    rows = tuple(earlier)
    if not rows:
        return
    lines = []
    for feature in dict.fromkeys(row.feature for row in rows):
        said = [row for row in rows if row.feature == feature and _is_yes(row)]
        spans = joined(tuple(span for row in said for span in _spans(row)))
        if spans:
            words = ", ".join(
                f"{_seconds(one.start)}–{_seconds(one.end)}" for one in spans[-MOST_SPANS_TOLD:]
            )
            lines.append(FOUND_LINE.format(feature, words))
    yield from ((FOUND, *lines) if lines else (NOTHING_FOUND,))
    yield JUDGE_ALONE


def _is_yes(row: SegmentAnswer) -> bool:
    return row.answer is not None and row.answer.presence is Presence.YES


def _spans(row: SegmentAnswer) -> tuple[Span, ...]:
    """Where a segment saw it; the segment itself where it gave no times."""
    return (row.answer.evidence if row.answer is not None else ()) or (row.segment.span,)


def _seconds(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
