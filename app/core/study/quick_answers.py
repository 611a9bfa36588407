"""Several answers at once, and what an answer still lacks: what a fast reader would otherwise type."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from app.core.reading import Reading
from app.core.semiology import FEATURES, Answer, Presence

SIDED = frozenset(
    {
        "arm_flexion",
        "arm_straightening",
        "figure4",
        "tonic",
        "clonic",
        "limb_automatisms",
        "eye_blinking",
        "face_pulling",
        "face_twitching",
        "head_turning",
    }
)
"""The features whose side says something about the seizure's, by the notes of the table of features."""

_STATES = frozenset({"occur_during_sleep"})
"""Features of the whole event, which have no span of evidence."""


def unanswered(reading: Reading) -> tuple[str, ...]:
    """The features without an answer, in the order of the checklist."""
    return tuple(feature.id for feature in FEATURES if reading.answer(feature.id).presence is None)


def lacking(answer: Answer) -> tuple[str, ...]:
    """What a *yes* still lacks: "side", "span", both or neither."""
    if answer.presence is not Presence.YES:
        return ()
    side = answer.feature in SIDED and answer.laterality is None
    span = answer.feature not in _STATES and not answer.evidence
    return (*(("side",) if side else ()), *(("span",) if span else ()))


def rest_no(reading: Reading) -> tuple[Answer, ...]:
    """*No* for every feature that is unanswered, unless it has spans or a side, which would contradict it."""
    answers = (replace(reading.answer(name), presence=Presence.NO) for name in unanswered(reading))
    return tuple(one for one in answers if contradiction(one) is None)


def rest_as(reading: Reading, other: Reading) -> tuple[Answer, ...]:
    """For every unanswered feature what another reader says of it, where they answer it."""
    given = ((name, other.answer(name)) for name in unanswered(reading))
    return tuple(accepted(reading.answer(name), one) for name, one in given if one.presence is not None)


def accepted(before: Answer, suggestion: Answer) -> Answer:
    """The person's answer once they accept a suggestion: presence, side and evidence are taken over.

    How sure the person is stays what they have said, and the reasons stay the other reader's.
    """
    return replace(
        before,
        presence=suggestion.presence,
        evidence=suggestion.evidence,
        laterality=suggestion.laterality,
        sides=suggestion.sides,
    )


def without_evidence(answers: Iterable[Answer]) -> dict[str, Answer]:
    """Presence and side alone, by feature: what one seizure suggests for the next."""
    return {
        one.feature: Answer(one.feature, one.presence, laterality=one.laterality)
        for one in answers
        if one.presence is not None
    }


@dataclass(frozen=True, slots=True)
class ContradictedNo:
    """*No* with a side or spans: either that is not meant, or they are not."""

    answer: Answer

    @property
    def as_no(self) -> Answer:
        """*No*, without side and spans."""
        return replace(self.answer.with_side(None), evidence=())

    @property
    def as_yes(self) -> Answer:
        """*Yes*, with them."""
        return replace(self.answer, presence=Presence.YES)

    @property
    def words(self) -> str:
        """What stands against the *no*."""
        count = len(self.answer.evidence)
        side = () if self.answer.laterality is None else (f"side {self.answer.laterality.value}",)
        spans = () if not count else ("a span" if count == 1 else f"{count} spans",)
        return " and ".join((*side, *spans))


def contradiction(answer: Answer) -> ContradictedNo | None:
    """The contradiction in an answer, None when there is none."""
    against = answer.evidence or answer.laterality is not None
    return ContradictedNo(answer) if answer.presence is Presence.NO and against else None
