"""What a model answered, taken strictly: what is not right is rejected and counted, never guessed.

A rejected item leaves its feature without an answer for this segment; it never becomes *no*.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.plain_text import plain
from app.core.readers.models.schema import ITEM_KEYS, SIDES
from app.core.readers.models.segments import Segment
from app.core.semiology import Answer, Feature, Laterality, Presence, Span

MAX_CHARACTERS = 1_000_000
"""A longer answer is refused unread; 20 answers take some 10,000."""
MAX_DEPTH = 12
ROUNDING_MS = 100
"""A span may pass the segment's end by this much, which is rounding; it is cut there."""

_FENCE = re.compile(r"\A\s*```(?:json)?[ \t]*\n(.*)\n[ \t]*```\s*\Z", re.DOTALL | re.IGNORECASE)

_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
"""A text of JSON: brackets inside it nest nothing."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """One thing that was refused: `feature` if it names one of those asked about, and why."""

    feature: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class ParsedResponse:
    """The accepted answers by feature, with spans on the recording's clock, and what was refused."""

    answers: Mapping[str, Answer]
    rejections: tuple[Rejection, ...]


class _RefusedError(Exception):
    """Why an item, or all of it, is refused."""


def parse_response(text: str, features: Sequence[Feature], segment: Segment) -> ParsedResponse:
    """Read the answer to a request about `features` in `segment`.

    Never raises for anything a model can say. A text that is one fenced block is taken without its
    fence; apart from that it must be the JSON of `response_schema`, nothing more.
    """
    asked = {feature.id for feature in features}
    try:
        items = _items(text)
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
    for feature in sorted(twice):  # two answers to one question are none
        del answers[feature]
        rejections.append(Rejection(feature, "answered more than once"))
    return ParsedResponse(answers, tuple(rejections))


def _items(text: str) -> list[Any]:
    if len(text) > MAX_CHARACTERS:
        raise _RefusedError("the answer is too long")
    fenced = _FENCE.match(text)
    body = fenced.group(1) if fenced else text
    if not body.strip():
        raise _RefusedError("the answer is empty")
    if _depth(body) > MAX_DEPTH:
        raise _RefusedError("the answer is nested too deeply")
    try:
        root = json.loads(body, object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise _RefusedError(f"not valid JSON ({type(error).__name__})") from error
    if not isinstance(root, dict) or set(root) != {"answers"} or not isinstance(root["answers"], list):
        raise _RefusedError("not an object with a list of answers")
    return root["answers"]


def _depth(text: str) -> int:
    """The nesting, found without recursion; for what is not JSON at all an upper bound."""
    depth = deepest = 0
    for character in _TEXT.sub("", text):
        if character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    if len(set(keys)) != len(keys):
        raise ValueError("a key twice")
    return dict(pairs)


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number of JSON")


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
    if not isinstance(value, list):
        raise _RefusedError("the evidence is not a list")
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
