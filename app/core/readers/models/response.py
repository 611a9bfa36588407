"""Strict parsing of a model's answer: invalid items are rejected and counted, never guessed.

A rejected item leaves its feature without an answer for this segment; it never becomes *no*.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.bounded_json import read_json
from app.core.plain_text import plain
from app.core.readers.models.answer_schema import ITEM_KEYS, SIDES
from app.core.readers.models.answer_text import json_candidates, replace_lone_surrogates
from app.core.readers.models.segments import Segment
from app.core.semiology import Answer, Feature, Laterality, Presence, Span

MAX_CHARACTERS = 250_000
"""The longest answer that is parsed; 20 answers take some 10,000, and thoughts before them some 60,000."""
MAX_DEPTH = 12
MOST_TIMES_ASKED = 4
"""The most answers per question; more are rejected as a whole instead of one by one."""
ROUNDING_MS = 100
"""Milliseconds by which a span may exceed the segment's end (rounding); it is cut there."""

MOST_SPANS = 500
"""The most spans in one answer; a segment has 30 s."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A rejected item: its `feature` if it is one of those asked about, and the reason."""

    feature: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class ParsedResponse:
    """The accepted answers by feature, with spans on the recording's clock, and the rejected items."""

    answers: Mapping[str, Answer]
    rejections: tuple[Rejection, ...]


class _RefusedError(Exception):
    """The reason why an item or the whole answer is rejected."""


def parse_response(text: str, features: Sequence[Feature], segment: Segment) -> ParsedResponse:
    """The parsed answer to a request about `features` in `segment`.

    Raises no error for any text. Apart from the wrapping that `answer_text` removes, the text must be JSON by
    `response_schema`. Runs in linear time.
    """
    asked = {feature.id for feature in features}
    try:
        items = _items(text, most=MOST_TIMES_ASKED * len(asked))
    except _RefusedError as refused:
        return ParsedResponse({}, (Rejection(None, str(refused)),))
    answers: dict[str, Answer] = {}
    rejections: list[Rejection] = []
    twice: set[str] = set()
    for item in items:
        named = _named(item, asked)
        try:
            answer = _answer(item, asked, segment)
            if answer.feature in answers:
                twice.add(answer.feature)
            answers[answer.feature] = answer
        except _RefusedError as refused:
            rejections.append(Rejection(named, str(refused)))
    for feature in sorted(twice):  # contradictory, so neither counts
        del answers[feature]
        rejections.append(Rejection(feature, "answered more than once"))
    return ParsedResponse(answers, tuple(rejections))


def _items(text: str, most: int) -> list[Any]:
    if len(text) > MAX_CHARACTERS:
        raise _RefusedError("the answer is too long")
    if not text.strip():
        raise _RefusedError("the answer is empty")
    root = _json(text)
    if not isinstance(root, dict) or set(root) != {"answers"} or not isinstance(root["answers"], list):
        raise _RefusedError("not an object with a list of answers")
    if len(root["answers"]) > most:
        raise _RefusedError("many more answers than questions")
    return root["answers"]


def _json(text: str) -> object:
    """The JSON value of a text that contains nothing else."""
    reason = "there is no JSON, or there is more than the JSON"
    for candidate in json_candidates(replace_lone_surrogates(text)):
        try:
            return read_json(candidate, largest=MAX_CHARACTERS, deepest=MAX_DEPTH)
        except ValueError as error:
            reason = f"not valid JSON ({type(error).__name__})"
    raise _RefusedError(reason)


def _named(item: object, asked: set[str]) -> str | None:
    feature = item.get("feature") if isinstance(item, dict) else None
    return feature if isinstance(feature, str) and feature in asked else None


def _answer(item: object, asked: set[str], segment: Segment) -> Answer:
    if not isinstance(item, dict):
        raise _RefusedError("an answer is not an object")
    feature = item.get("feature")
    if not isinstance(feature, str) or feature not in asked:
        raise _RefusedError("a feature that was not asked about")
    if set(item) != set(ITEM_KEYS):
        raise _RefusedError("keys are missing or not of the schema")
    explanation = item["explanation"]
    if not isinstance(explanation, str):
        raise _RefusedError("the explanation is not text")
    presence = Presence(_word(item["presence"], tuple(Presence), "presence"))
    side = _word(item["laterality"], SIDES, "laterality")
    return Answer(
        feature,
        presence,
        _whole(item["confidence"], 0, 100, "confidence"),
        _evidence(item["evidence"], segment),
        None if side == "none" else Laterality(side),
        plain(explanation).strip(),
    )


def _word(value: object, words: Sequence[str], what: str) -> str:
    if not isinstance(value, str) or value not in words:
        raise _RefusedError(f"{what} is not one of the words")
    return value


def _whole(value: object, low: int, high: int, what: str) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise _RefusedError(f"{what} is not a whole number from {low} to {high}")
    return value


def _evidence(value: object, segment: Segment) -> tuple[Span, ...]:
    if not isinstance(value, list) or len(value) > MOST_SPANS:
        raise _RefusedError("the evidence is not a list of some spans")
    return tuple(sorted(_span(row, segment) for row in value))


def _span(row: object, segment: Segment) -> Span:
    if not isinstance(row, dict) or set(row) != {"start_ms", "end_ms"}:
        raise _RefusedError("a span is not of the schema")
    last = segment.milliseconds
    start = _whole(row["start_ms"], 0, last + ROUNDING_MS, "the start of a span (ms)")
    end = _whole(row["end_ms"], 0, last + ROUNDING_MS, "the end of a span (ms)")
    if start > end:
        raise _RefusedError("a span ends before it starts")
    origin = segment.span.start
    return Span(
        min(origin + start / 1000, segment.span.end),
        min(origin + end / 1000, segment.span.end),
    )
