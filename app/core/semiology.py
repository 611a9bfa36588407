"""The table of the 20 semiology features, and the parts of an answer to one of them."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from operator import attrgetter
from pathlib import Path

from app.core.errors import UserError

LATEST = 1e9
"""Seconds on a recording's clock, 31 years: no file names a later moment."""
MOST_SPANS = 100_000
MOST_SIDES = 1_000
LONGEST_EXPLANATION = 4 << 20
"""The spans of an answer, how often its side changes, and the characters that it is explained in, at most."""


class Presence(StrEnum):
    """A decided presence. *Unanswered* is the absence of one (None), never `NO`."""

    YES = "yes"
    NO = "no"
    NOT_ASSESSABLE = "not_assessable"


class Laterality(StrEnum):
    """A side, always the patient's."""

    LEFT = "left"
    RIGHT = "right"
    BOTH = "both"


class ConfidenceKind(StrEnum):
    """How the confidence of an answer came about.

    `STATED` is what the reader says of itself, `REPEATS` the share of repeated questions with this answer,
    `TOKENS` the probability that a model gave the word of its verdict, `SCALED` what became of one of these
    by Platt scaling on patients of the own study.
    """

    STATED = "stated"
    REPEATS = "repeats"
    TOKENS = "tokens"
    SCALED = "scaled"


class Group(StrEnum):
    """A group of features in the checklist. `BODY` includes the context feature."""

    BODY = "body"
    FACE = "face"
    SOUND = "sound"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A time span on the recording's clock, in seconds; a point has `start == end`.

    Raises ValueError unless both are finite and 0 ≤ start ≤ end.
    """

    start: float
    end: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.start) and math.isfinite(self.end) and 0 <= self.start <= self.end):
            raise ValueError(f"not a span: {self.start}–{self.end}")

    @property
    def duration(self) -> float:
        return self.end - self.start

    def contains(self, seconds: float) -> bool:
        return self.start <= seconds <= self.end

    def overlaps(self, other: Span) -> bool:
        return self.start <= other.end and other.start <= self.end


_IN_TIME = attrgetter("start", "end")
"""The sort key of spans, several times faster than comparing them."""


def joined(spans: tuple[Span, ...], gap: float = 0.0) -> tuple[Span, ...]:
    """The union of spans as the fewest spans, sorted; gaps of up to `gap` seconds are closed."""
    result: list[Span] = []
    for span in sorted(spans):
        if result and span.start - result[-1].end <= gap:
            result[-1] = Span(result[-1].start, max(result[-1].end, span.end))
        else:
            result.append(span)
    return tuple(result)


@dataclass(frozen=True, slots=True)
class SideFrom:
    """A side that holds from `seconds` on the recording's clock on. Raises ValueError for no moment."""

    seconds: float
    side: Laterality

    def __post_init__(self) -> None:
        if not (math.isfinite(self.seconds) and self.seconds >= 0):
            raise ValueError(f"not a moment: {self.seconds}")


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of one reader for one feature.

    `presence` None is *unanswered*; `confidence` is 0–100 or None, `confidence_kind` how it came about;
    `evidence` holds spans on the recording's clock, sorted; `explanation` is plain text. `sides` holds the
    sides in order of time where they change (`laterality` is then the first of them), else nothing. Raises
    ValueError for an unknown feature, a confidence out of range, sides that do not change, and an explanation
    with lone surrogates, which no file can store; UserError for more than an answer can hold (`MOST_SPANS`,
    `MOST_SIDES`, `LONGEST_EXPLANATION`).
    """

    feature: str
    presence: Presence | None = None
    confidence: int | None = None
    evidence: tuple[Span, ...] = ()
    laterality: Laterality | None = None
    explanation: str = ""
    confidence_kind: ConfidenceKind = ConfidenceKind.STATED
    sides: tuple[SideFrom, ...] = ()

    def __post_init__(self) -> None:
        if self.feature not in FEATURE:
            raise ValueError(f"unknown feature: {self.feature}")
        if self.confidence is not None and not 0 <= self.confidence <= 100:
            raise ValueError(f"confidence out of range: {self.confidence}")
        self.explanation.encode("utf-8")  # UnicodeEncodeError is a ValueError
        if self.confidence is None:
            object.__setattr__(self, "confidence_kind", ConfidenceKind.STATED)
        check_amount(self.feature, len(self.evidence), len(self.sides))
        if len(self.explanation) > LONGEST_EXPLANATION:
            raise UserError(f"{_name(self.feature)}: an explanation has at most 4 million characters.")
        if self.sides:
            _check_sides(self.sides, self.laterality)
        object.__setattr__(self, "evidence", tuple(sorted(self.evidence, key=_IN_TIME)))

    def with_side(self, side: Laterality | None) -> Answer:
        """The answer with this one side."""
        return replace(self, laterality=side, sides=())

    def side_during(self, span: Span) -> Laterality | None:
        """The side in a stretch of the recording: *both* where it changes within it."""
        before = self.laterality
        for one in self.sides:
            if one.seconds <= span.start:
                before = one.side
        named = {before, *(one.side for one in self.sides if span.start < one.seconds < span.end)}
        return named.pop() if len(named) == 1 else Laterality.BOTH

    def with_confidence(self, confidence: int | None) -> Answer:
        """The answer with a confidence that is stated. Raises ValueError when it is out of range."""
        return replace(self, confidence=confidence, confidence_kind=ConfidenceKind.STATED)


def check_amount(feature: str, spans: int, sides: int) -> None:
    """Raises UserError where an answer to the feature has more spans or sides than one can hold."""
    if spans > MOST_SPANS:
        raise UserError(f"{_name(feature)}: an answer has at most {MOST_SPANS:,} spans, not {spans:,}.")
    if sides > MOST_SIDES:
        raise UserError(f"{_name(feature)}: a side changes at most {MOST_SIDES:,} times, not {sides:,}.")


def _name(feature: str) -> str:
    return FEATURE[feature].name


def _check_sides(sides: tuple[SideFrom, ...], first: Laterality | None) -> None:
    pairs = list(pairwise(sides))
    if not pairs or any(one.seconds >= then.seconds or one.side is then.side for one, then in pairs):
        raise ValueError("sides are a sequence of changes in order of time")
    if sides[0].side is not first:
        raise ValueError("the side of an answer is the first of its sides")


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature.

    `observable` describes what can be seen or heard, `minimum` the least duration or repetition, `confusers`
    similar signs, `lateralising_note` the meaning of its side, `has_side` whether one side of the body can
    show it alone, `min_fps` the lowest frame rate (Hz) at which it is visible (None for sound).
    """

    id: str
    name: str
    group: Group
    observable: str
    minimum: str
    confusers: str
    lateralising_note: str
    has_side: bool
    min_fps: float | None


_GROUPS = {"context": Group.BODY, "limb": Group.BODY, "face": Group.FACE, "audio": Group.SOUND}


def _load() -> tuple[Feature, ...]:
    text = Path(__file__).with_name("semiology.csv").read_text(encoding="utf-8")
    return tuple(
        Feature(
            id=row["id"],
            name=row["name"],
            group=_GROUPS[row["group"]],
            observable=row["observable"],
            minimum=row["minimum"],
            confusers=row["confusers"],
            lateralising_note=row["lateralising_note"],
            has_side=row["has_side"] == "yes",
            min_fps=float(row["min_fps"]) if row["min_fps"] else None,
        )
        for row in csv.DictReader(text.splitlines())
    )


FEATURES: tuple[Feature, ...] = _load()
"""All 20 features, in the order of the checklist."""

FEATURE: dict[str, Feature] = {feature.id: feature for feature in FEATURES}
"""The features by id."""

GROUP_NAMES: dict[Group, str] = {Group.BODY: "Limb and body", Group.FACE: "Face", Group.SOUND: "Sound"}


def in_group(group: Group) -> tuple[Feature, ...]:
    """The features of one group, in the order of the checklist."""
    return tuple(feature for feature in FEATURES if feature.group is group)
