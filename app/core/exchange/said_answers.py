"""The one rule by which sources that speak of the same feature become one answer.

Times are put together, what a source leaves open is taken from another, and explanations follow each other.
Sources that say different things of presence or confidence, of the side at the same time, or of how it
changes, contradict each other: each such answer is kept apart, with the place where it was said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from app.core.semiology import Answer, ConfidenceKind, Laterality, Presence, SideFrom, Span


@dataclass(frozen=True, slots=True)
class SaidAnswer:
    """An answer, and where it was said, for people (`row 3`, `the tier “clonic”`)."""

    answer: Answer
    place: str


@dataclass(slots=True)
class _Agreeing:
    """Sources that agree: what they say together."""

    feature: str
    place: str
    presence: Presence | None = None
    confidence: int | None = None
    kind: ConfidenceKind = ConfidenceKind.STATED
    changing: tuple[SideFrom, ...] = ()
    sides: dict[Laterality | None, list[Span]] = field(default_factory=dict)
    explanations: dict[str, None] = field(default_factory=dict)

    def fits(self, answer: Answer) -> bool:
        return (
            _agree(self.presence, answer.presence)
            and _agree(self.confidence, answer.confidence)
            and self._fits_sides(answer)
        )

    def _fits_sides(self, answer: Answer) -> bool:
        """Whether a side that changes begins as every other source says, and changes as they say."""
        changing = self.changing or answer.sides
        named = {*self.sides, answer.laterality} - {None}
        return not changing or (named == {changing[0].side} and answer.sides in ((), changing))

    def add(self, answer: Answer) -> None:
        self.presence = self.presence or answer.presence
        if self.confidence is None:
            self.confidence, self.kind = answer.confidence, answer.confidence_kind
        self.changing = self.changing or answer.sides
        self.sides.setdefault(answer.laterality, []).extend(answer.evidence)
        if answer.explanation:
            self.explanations.setdefault(answer.explanation)

    def answers(self) -> Iterator[Answer]:
        """One answer, or one for each side where several are said of the same time."""
        named = {side: spans for side, spans in self.sides.items() if side is not None}
        if len(named) < 2:
            yield self._answer(next(iter(named), None), [*self.sides.values()])
        elif _are_apart([*named.values()]):
            yield self._answer(Laterality.BOTH, [*self.sides.values()])
        else:
            without = self.sides.get(None, [])
            for side, spans in named.items():
                yield self._answer(side, [spans, without])

    def _answer(self, side: Laterality | None, spans: Sequence[list[Span]]) -> Answer:
        evidence = tuple(span for found in spans for span in found)
        text = "\n".join(self.explanations)
        return Answer(
            self.feature, self.presence, self.confidence, evidence, side, text, self.kind, self.changing
        )


def _agree(one: object, other: object) -> bool:
    return one is None or other is None or one == other


def _are_apart(sides: Sequence[list[Span]]) -> bool:
    """Whether each side has times, and no time of one is a time of another."""
    placed = sorted((span, number) for number, spans in enumerate(sides) for span in spans)
    # A span overlaps one of another side only if it overlaps the last that ends latest.
    ends: dict[int, float] = {}
    for span, number in placed:
        if any(span.start < end for other, end in ends.items() if other != number):
            return False
        ends[number] = max(ends.get(number, 0.0), span.end)
    return all(sides)


@dataclass(slots=True)
class SaidOfFeature:
    """Everything that is said of one feature, in the order in which it is added."""

    _agreeing: list[_Agreeing] = field(default_factory=list)

    def add(self, answer: Answer, place: str) -> None:
        found = next((one for one in self._agreeing if one.fits(answer)), None)
        if found is None:
            found = _Agreeing(answer.feature, place)
            self._agreeing.append(found)
        found.add(answer)

    def answers(self) -> tuple[SaidAnswer, ...]:
        """The one answer, or those that contradict each other."""
        return tuple(SaidAnswer(each, one.place) for one in self._agreeing for each in one.answers())


def join_answers(said: Sequence[SaidAnswer]) -> tuple[SaidAnswer, ...]:
    """The one answer that all of these are, or those that contradict each other."""
    together = SaidOfFeature()
    for one in said:
        together.add(one.answer, one.place)
    return together.answers()


def without_repeated_spans(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """Sorted spans, each once."""
    return (*spans[:1], *(span for before, span in pairwise(spans) if span != before))
