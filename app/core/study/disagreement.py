"""The features on which readings of a recording differ, with the evidence to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.core.reading import ReaderIdentity, Reading
from app.core.semiology import FEATURES, Answer, Presence, Span


class Differ(StrEnum):
    """The kind of a difference: the presence itself, or the side where all say yes."""

    PRESENCE = "presence"
    SIDE = "side"


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One feature on which readings differ: who said what, and the evidence to look at, in order of time.

    `said` holds those who answered, in the order in which the readings were given; `evidence` is
    that of all of them, empty when nobody gave any.
    """

    feature: str
    differ: Differ
    said: tuple[tuple[ReaderIdentity, Answer], ...]
    evidence: tuple[Span, ...]

    @property
    def jump(self) -> Span | None:
        """The first evidence of a reader who says yes, else the first of any reader, else None."""
        positive = [
            span
            for _reader, answer in self.said
            if answer.presence is Presence.YES
            for span in answer.evidence
        ]
        return min(positive, default=next(iter(self.evidence), None))


def disagreements(readings: Sequence[Reading]) -> tuple[Disagreement, ...]:
    """The features on which the readings differ, in the order of the checklist.

    Who has not answered a feature takes no part in it: silence is no contradiction. Not assessable
    against yes or no is one.
    """
    found = (_of(feature.id, readings) for feature in FEATURES)
    return tuple(one for one in found if one is not None)


def _of(feature: str, readings: Sequence[Reading]) -> Disagreement | None:
    said = tuple(
        (reading.reader, reading.answer(feature))
        for reading in readings
        if reading.answer(feature).presence is not None
    )
    answers = [answer for _reader, answer in said]
    if len({answer.presence for answer in answers}) > 1:
        differ = Differ.PRESENCE
    elif len({answer.laterality for answer in answers if answer.laterality is not None}) > 1:
        differ = Differ.SIDE
    else:
        return None
    evidence = tuple(sorted({span for answer in answers for span in answer.evidence}))
    return Disagreement(feature, differ, said, evidence)
