"""What a file says of one reading in several places, joined once; a contradiction is never guessed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import pairwise
from typing import TypeVar

from app.core.answer_words import confidence_words, side_words
from app.core.errors import UserError
from app.core.exchange.bundle import ExchangedRating, ReadingExtras, ReadRecording, answers_given
from app.core.exchange.file_readings import FileReading
from app.core.exchange.match_recordings import Unmatched
from app.core.exchange.phrases import shorten
from app.core.exchange.said_answers import SaidAnswer, join_answers
from app.core.presence_text import PRESENCE_NAMES
from app.core.semiology import FEATURE, Answer
from app.core.study.marks import Mark, MarkKind, sort_marks

_TWICE = "The file holds the reading of “{}” by {} twice; it was imported once."
_MOST_NAMED = 5
_MOST_SPANS = 3

_Value = Answer | str | Mark | ExchangedRating
_V = TypeVar("_V", bound=_Value)


class Prefer(StrEnum):
    """Which side of every contradiction is meant."""

    EARLIER = "earlier"
    LATER = "later"
    NEITHER = "neither"


ContradictionKey = tuple[str, str, str]
"""Recording, reader (`exact_key`), and what is said differently."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """One side of a contradiction: where it stands, and what it says."""

    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Something that a file says differently in several places, by one reader of one recording.

    `what` names it for people; `feature` is "" when it is of the whole recording.
    """

    key: ContradictionKey
    recording: str
    reader: str
    what: str
    feature: str
    alternatives: tuple[Alternative, ...]

    def describe(self) -> str:
        """What is said where, as a part of a sentence."""
        said = ", ".join(f"{one.text} ({one.place})" for one in self.alternatives)
        return f"“{shorten(self.recording)}” by {shorten(self.reader)}, {self.what}: {said}"


@dataclass(frozen=True, slots=True)
class Settlement:
    """What is meant where a file leaves a doubt.

    `chosen` holds the number of the side of a contradiction that was chosen, None for none of them;
    `otherwise` is for all others, None while nobody has said. `recordings` holds the number of the study's
    recording for a name that fits several.
    """

    chosen: Mapping[ContradictionKey, int | None] = field(default_factory=dict)
    otherwise: Prefer | None = None
    recordings: Mapping[str, int] = field(default_factory=dict)

    def settles(self, contradiction: Contradiction) -> bool:
        return contradiction.key in self.chosen or self.otherwise is not None

    def number(self, contradiction: Contradiction) -> int | None:
        """The number of the alternative that is meant; None for none of them."""
        if contradiction.key in self.chosen:
            return self.chosen[contradiction.key]
        if self.otherwise is Prefer.LATER:
            return len(contradiction.alternatives) - 1
        return 0 if self.otherwise is Prefer.EARLIER else None


class ContradictionError(UserError):
    """A file contradicts itself, and nobody has said what is meant."""

    def __init__(self, contradictions: Sequence[Contradiction]) -> None:
        self.contradictions = tuple(contradictions)
        named = "; ".join(one.describe() for one in contradictions[:_MOST_NAMED])
        more = len(contradictions) - _MOST_NAMED
        rest = f"; and {more} more" if more > 0 else ""
        super().__init__(f"Nothing was imported, because the file contradicts itself: {named}{rest}.")


@dataclass(frozen=True, slots=True)
class JoinedReadings:
    """Each reader's reading of a recording once, the contradictions in them, and sentences on both."""

    readings: tuple[FileReading, ...]
    contradictions: tuple[Contradiction, ...]
    sentences: tuple[str, ...]


def join_readings(
    readings: Sequence[FileReading],
    entries: Sequence[ReadRecording],
    numbers: Sequence[int | Unmatched],
    settlement: Settlement,
) -> JoinedReadings:
    """The readings of a file, each once; `numbers` are the study's recordings.

    Identical ones are one, and those that complete each other are joined (`said_answers.py`). Of a
    contradiction nothing is taken that the settlement does not choose.
    """
    groups: dict[tuple[object, str], list[FileReading]] = {}
    for one in readings:
        number = numbers[one.recording]
        place = (number, one.recording) if isinstance(number, Unmatched) else number
        groups.setdefault((place, one.reading.reader.exact_key), []).append(one)
    joined, contradictions, sentences = list[FileReading](), list[Contradiction](), list[str]()
    for group in groups.values():
        name = entries[group[0].recording].recording.name
        together = _SameReading(name, group, settlement)
        joined.append(together.joined())
        contradictions += together.contradictions
        if any(_is_repeated(one, other) for one, other in pairwise(group)):
            sentences.append(_TWICE.format(shorten(name), shorten(group[0].reading.reader.name)))
    sentences += (_settled(one, settlement) for one in contradictions if settlement.settles(one))
    return JoinedReadings(tuple(joined), tuple(contradictions), tuple(sentences))


def _is_repeated(one: FileReading, other: FileReading) -> bool:
    same = one.reading.answers == other.reading.answers and one.beside == other.beside
    return same and bool(one.reading.answers or one.beside != ReadingExtras())


def _settled(one: Contradiction, settlement: Settlement) -> str:
    number = settlement.number(one)
    meant = "neither was taken" if number is None else f"{one.alternatives[number].place} was taken"
    return f"The file contradicts itself: {one.describe()}; {meant}."


@dataclass(slots=True)
class _SameReading:
    """All that a file says of one reader's reading of one recording, while it is joined."""

    name: str
    group: Sequence[FileReading]
    settlement: Settlement
    contradictions: list[Contradiction] = field(default_factory=list)

    def joined(self) -> FileReading:
        first = self.group[0]
        answers = dict(self._answers())
        return replace(
            first,
            reading=replace(first.reading, answers=answers_given(answers)),
            beside=self._beside() if len(self.group) > 1 else first.beside,
            fields=frozenset().union(*(one.fields for one in self.group)),
        )

    def _answers(self) -> Iterator[tuple[str, Answer]]:
        said: dict[str, list[SaidAnswer]] = {}
        for number, one in enumerate(self.group, 1):
            for feature, answer in answers_given(one.reading.answers).items():
                said.setdefault(feature, []).append(SaidAnswer(answer, _place(one, feature, number)))
        for feature, answers in said.items():
            sides = answers if len(answers) == 1 else join_answers(answers)
            found = [(one.place, one.answer) for one in sides]
            for answer in self._meant(FEATURE[feature].name, feature, found):
                yield feature, answer

    def _beside(self) -> ReadingExtras:
        """The notes, marks and ratings of all of them."""
        notes, marks, ratings = dict[str, str](), set[Mark](), list[ExchangedRating]()
        for (what, feature), found in self._said_beside().items():
            for value in self._meant(what, feature, found):
                if isinstance(value, Mark):
                    marks.add(value)
                elif isinstance(value, ExchangedRating):
                    ratings.append(value)
                elif isinstance(value, str):
                    notes[feature] = value
        return ReadingExtras(notes, sort_marks(marks), tuple(ratings))

    def _said_beside(self) -> dict[tuple[str, str], list[tuple[str, _Value]]]:
        """Every different value of what can be said once, with its place."""
        said: dict[tuple[str, str], list[tuple[str, _Value]]] = {}
        for number, one in enumerate(self.group, 1):
            for part, value in _parts(one.beside):
                values = said.setdefault(part, [])
                if all(value != other for _, other in values):
                    values.append((_place(one, "", number), value))
        return said

    def _meant(self, what: str, feature: str, found: Sequence[tuple[str, _V]]) -> Iterator[_V]:
        """The one value, or of several the chosen one."""
        if len(found) == 1:
            yield found[0][1]
            return
        reader = self.group[0].reading.reader
        contradiction = Contradiction(
            (self.name, reader.exact_key, f"{what} {feature}"),
            self.name,
            reader.name,
            what,
            feature,
            tuple(Alternative(place, describe_value(value)) for place, value in found),
        )
        self.contradictions.append(contradiction)
        number = self.settlement.number(contradiction)
        if number is not None:
            yield found[number][1]


def _place(one: FileReading, feature: str, number: int) -> str:
    return one.places.get(feature) or one.places.get("") or f"reading {number} of the file"


def _parts(beside: ReadingExtras) -> Iterator[tuple[tuple[str, str], _Value]]:
    """What stands beside the answers of a reading, by what can be said once, and its feature."""
    for feature, note in beside.notes.items():
        yield (f"the note on {FEATURE[feature].name}", feature), note
    for mark in beside.marks:
        # Of phases there can be many.
        phase = f" at {mark.seconds} s: {mark.label}" if mark.kind is MarkKind.PHASE else ""
        yield (f"the {mark.kind.value}{phase}", ""), mark
    for rating in beside.ratings:
        what = f"the rating of {FEATURE[rating.feature].name} by {shorten(rating.rater.name)}"
        yield (what, rating.feature), rating


def describe_value(value: _Value) -> str:
    """What is said, in a few words."""
    if isinstance(value, Answer):
        return describe_answer(value)
    if isinstance(value, Mark):
        return f"{value.seconds:.3f} s"
    return f"score {value.rating.score}" if isinstance(value, ExchangedRating) else f"“{shorten(value)}”"


def describe_answer(answer: Answer) -> str:
    """An answer in a few words: `yes, 5.0–20.0 s, left, 90 %`."""
    spans = [f"{one.start:.1f}–{one.end:.1f}" for one in answer.evidence[:_MOST_SPANS]]
    more = len(answer.evidence) - _MOST_SPANS
    times = f"{', '.join(spans)} s" if spans else ""
    parts = (
        PRESENCE_NAMES[answer.presence],
        f"{times} and {more} more" if more > 0 else times,
        side_words(answer),
        confidence_words(answer),
    )
    return ", ".join(part for part in parts if part)
