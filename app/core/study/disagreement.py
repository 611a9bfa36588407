"""The features on which readings of a recording differ, with the evidence to look at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.core.reading import ReaderIdentity, Reading
from app.core.semiology import FEATURES, Answer, Presence, Span


class Differ(StrEnum):
    """The kind of a difference: the presence itself, or the side where all say yes."""

    PRESENCE = "presence"
    SIDE = "side"


@dataclass(frozen=True, slots=True)
class FeatureAnswers:
    """What readings say of one feature, in what they differ if they do, and the evidence in order of time.

    `said` holds those who answered, in the order in which the readings were given; `evidence` is
    that of all of them, empty when nobody gave any.
    """

    feature: str
    differ: Differ | None
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


def disagreements(readings: Sequence[Reading]) -> tuple[FeatureAnswers, ...]:
    """The features on which the readings differ, in the order of the checklist.

    Who has not answered a feature takes no part in it: silence is no contradiction. Not assessable
    against yes or no is one.
    """
    found = (answers_to(feature.id, readings) for feature in FEATURES)
    return tuple(one for one in found if one.differ is not None)


ONSET_TOLERANCE = 2.0
"""Seconds; marked onsets of a seizure that lie nearer to each other do not differ."""


def differ(answers: Iterable[Answer]) -> Differ | None:
    """Whether answers to one feature differ, and in what: in presence, else in a side that is given.

    This is what *differs* means everywhere. Who has not answered takes no part in it.
    """
    presences, sides = set(), set()
    for answer in answers:
        if answer.presence is not None:
            presences.add(answer.presence)
            sides.add(answer.laterality)
    if len(presences) > 1:
        return Differ.PRESENCE
    return Differ.SIDE if len(sides - {None}) > 1 else None


def onsets_differ(onsets: Iterable[float | None]) -> bool:
    """Whether marked onsets (s, None for none) lie further apart than `ONSET_TOLERANCE`."""
    marked = [onset for onset in onsets if onset is not None]
    return bool(marked) and max(marked) - min(marked) > ONSET_TOLERANCE


def answers_to(feature: str, readings: Sequence[Reading]) -> FeatureAnswers:
    """What the readings say of a feature."""
    said = tuple(
        (reading.reader, reading.answer(feature))
        for reading in readings
        if reading.answer(feature).presence is not None
    )
    answers = [answer for _reader, answer in said]
    evidence = tuple(sorted({span for answer in answers for span in answer.evidence}))
    return FeatureAnswers(feature, differ(answers), said, evidence)
