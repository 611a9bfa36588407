"""The pieces of a recording that a model sees at once, and what each is asked about (arXiv 2605.03352)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.core.semiology import FEATURES, Feature, Group, Span

LENGTH = 30.0
"""Seconds of a segment."""
OVERLAP = 5.0
"""Seconds that a segment shares with the one before it."""
SAMPLING_RATE = 2.0
"""Frames a second that a model is shown, unless a feature needs more."""


class Enhancement(StrEnum):
    """What a model is shown for a group of features."""

    POSE = "pose"
    FACE = "face"
    SOUND = "sound"


_GROUP_OF: dict[Enhancement, Group] = {
    Enhancement.POSE: Group.BODY,
    Enhancement.FACE: Group.FACE,
    Enhancement.SOUND: Group.SOUND,
}


def features_of(enhancement: Enhancement) -> tuple[Feature, ...]:
    """The features that are asked about with this enhancement: 11, 7 and 2."""
    return tuple(feature for feature in FEATURES if feature.group is _GROUP_OF[enhancement])


def enhancement_of(feature: Feature) -> Enhancement:
    """The enhancement with which `feature` is asked about."""
    return next(enhancement for enhancement, group in _GROUP_OF.items() if group is feature.group)


@dataclass(frozen=True, slots=True)
class Segment:
    """One piece of a recording; `span` in seconds on the recording's clock."""

    number: int
    span: Span

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
