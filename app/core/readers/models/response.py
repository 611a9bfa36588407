"""Strict parsing of a model's answer: invalid items are rejected and counted, never guessed.

A rejected item leaves its feature without an answer for this segment; it never becomes *no*.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.core.bounded_json import read_json
from app.core.plain_text import plain
from app.core.readers.models.answer_schema import (
    ITEM_KEYS,
    SHORT_ANSWERS,
    SHORT_KEYS,
    SIDES,
    SPAN_KEYS,
    AnswerForm,
)
from app.core.readers.models.answer_text import (
    json_candidates,
    marked_objects,
    replace_lone_surrogates,
)
from app.core.readers.models.provider import Reply
from app.core.readers.models.segments import Segment
from app.core.readers.models.time_notation import TimeNotation
from app.core.semiology import Answer, ConfidenceKind, Feature, Laterality, Presence, Span

MAX_CHARACTERS = 250_000
"""The longest answer that is parsed; 20 answers take some 10,000, and thoughts before them some 60,000."""
MAX_DEPTH = 12
MOST_TIMES_ASKED = 4
"""The most answers per question; more are rejected as a whole instead of one by one."""
ROUNDING = 0.1
"""Seconds by which a span may exceed the segment's end (rounding); it is cut there."""

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


def parse_response(
    text: str,
    features: Sequence[Feature],
    segment: Segment,
    times: TimeNotation = TimeNotation.SECONDS,
    *,
    form: AnswerForm = AnswerForm.FULL,
) -> ParsedResponse:
    """The parsed answer to a request about `features` in `segment`, with `times` as they were asked for; in
    the short form about the one feature.

    Raises no error for any text. Apart from the wrapping that `answer_text` removes, the text must be JSON by
    `response_schema`, or hold it after the model's thoughts or in a fence. Runs in linear time.
    """
    asked = {feature.id for feature in features}
    if form is AnswerForm.SHORT:
        return _parse_short(text, features[0].id)
    try:
        items = _items(text, lambda root: _listed(root, MOST_TIMES_ASKED * len(asked)))
    except _RefusedError as refused:
        return ParsedResponse({}, (Rejection(None, str(refused)),))
    answers: dict[str, Answer] = {}
    rejections: list[Rejection] = []
    twice: set[str] = set()
    for item in items:
        named = _named(item, asked)
        try:
            answer = _answer(item, asked, _Clock(segment, times))
            if answer.feature in answers:
                twice.add(answer.feature)
            answers[answer.feature] = answer
        except _RefusedError as refused:
            rejections.append(Rejection(named, str(refused)))
    for feature in sorted(twice):  # contradictory, so neither counts
        del answers[feature]
        rejections.append(Rejection(feature, "answered more than once"))
    return ParsedResponse(answers, tuple(rejections))


def parse_reply(
    reply: Reply,
    features: Sequence[Feature],
    segment: Segment,
    times: TimeNotation = TimeNotation.SECONDS,
    *,
    form: AnswerForm = AnswerForm.FULL,
) -> ParsedResponse:
    """As `parse_response`; where the server gave the probability of a verdict's token, that is the confidence
    instead of the stated one."""
    parsed = parse_response(reply.text, features, segment, times, form=form)
    shares = {(share.feature, share.presence): share.share for share in reply.verdicts}
    answers = {}
    for name, answer in parsed.answers.items():
        share = None if answer.presence is None else shares.get((name, answer.presence))
        answers[name] = answer if share is None else _with_tokens(answer, share)
    return ParsedResponse(answers, parsed.rejections)


def _with_tokens(answer: Answer, share: float) -> Answer:
    return replace(answer, confidence=round(100 * share), confidence_kind=ConfidenceKind.TOKENS)


def _parse_short(text: str, feature: str) -> ParsedResponse:
    try:
        (item,) = _items(text, _short)
        presence = SHORT_ANSWERS[_word(_known_case(item["answer"]), tuple(SHORT_ANSWERS), "the answer")]
        if not isinstance(item["justification"], str):
            raise _RefusedError("the justification is not text")
    except _RefusedError as refused:
        return ParsedResponse({}, (Rejection(feature, str(refused)),))
    answer = Answer(feature, presence, explanation=plain(item["justification"]).strip())
    return ParsedResponse({feature: answer}, ())


def _known_case(word: object) -> object:
    """The word as the schema spells it; models write Yes, NO and N/A."""
    if not isinstance(word, str):
        return word
    return {"yes": "yes", "no": "no", "na": "NA", "n/a": "NA"}.get(word.strip().casefold(), word)


def _short(root: object) -> list[Any]:
    if not isinstance(root, dict) or set(root) != set(SHORT_KEYS):
        raise _RefusedError("not an object with an answer and a justification")
    return [root]


_Accept = Callable[[object], list[Any]]
"""The answers in a JSON value. Raises _RefusedError."""


def _items(text: str, accept: _Accept) -> list[Any]:
    if len(text) > MAX_CHARACTERS:
        raise _RefusedError("the answer is too long")
    if not text.strip():
        raise _RefusedError("the answer is empty")
    return _root(replace_lone_surrogates(text), accept)


def _root(text: str, accept: _Accept) -> list[Any]:
    """The answers of the JSON of a text: of the text itself, else of the first marked object that fits."""
    try:
        return accept(_json(text))
    except _RefusedError as refused:
        reason = refused
    for found in marked_objects(text):
        try:
            return accept(read_json(found, largest=MAX_CHARACTERS, deepest=MAX_DEPTH))
        except (ValueError, _RefusedError):
            continue
    raise reason


def _listed(root: object, most: int) -> list[Any]:
    if not isinstance(root, dict) or set(root) != {"answers"} or not isinstance(root["answers"], list):
        raise _RefusedError("not an object with a list of answers")
    if len(root["answers"]) > most:
        raise _RefusedError("many more answers than questions")
    return root["answers"]


def _json(text: str) -> object:
    """The JSON value of a text that contains nothing else."""
    reason = "there is no JSON, or there is more than the JSON"
    for candidate in json_candidates(text):
        try:
            return read_json(candidate, largest=MAX_CHARACTERS, deepest=MAX_DEPTH)
        except ValueError as error:
            reason = f"not valid JSON ({type(error).__name__})"
    raise _RefusedError(reason)


def _named(item: object, asked: set[str]) -> str | None:
    feature = item.get("feature") if isinstance(item, dict) else None
    return feature if isinstance(feature, str) and feature in asked else None


def _answer(item: object, asked: set[str], clock: _Clock) -> Answer:
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
        _evidence(item["evidence"], clock),
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


def _evidence(value: object, clock: _Clock) -> tuple[Span, ...]:
    if not isinstance(value, list) or len(value) > MOST_SPANS:
        raise _RefusedError("the evidence is not a list of some spans")
    return tuple(sorted(clock.span(row) for row in value))


_SPAN_KEYS_BEFORE = ("start_ms", "end_ms")
"""Of replies to versions that asked for milliseconds; the name says the unit, so they stay readable."""


@dataclass(frozen=True, slots=True)
class _Clock:
    """Times from the start of `segment`, written as `times`."""

    segment: Segment
    times: TimeNotation

    def span(self, row: object) -> Span:
        """A span of an answer on the recording's clock."""
        keys = set(row) if isinstance(row, dict) else set()
        if not isinstance(row, dict) or keys not in (set(SPAN_KEYS), set(_SPAN_KEYS_BEFORE)):
            raise _RefusedError("a span is not of the schema")
        in_ms = keys == set(_SPAN_KEYS_BEFORE)
        read = self._milliseconds if in_ms else self._time
        start, end = (read(row[key], key) for key in (_SPAN_KEYS_BEFORE if in_ms else SPAN_KEYS))
        if start > end:
            raise _RefusedError("a span ends before it starts")
        origin, last = self.segment.span.start, self.segment.span.end
        return Span(min(origin + start, last), min(origin + end, last))

    def _time(self, value: object, key: str) -> float:
        seconds = self.times.read(value)
        if seconds is None:
            raise _RefusedError(f"the {key} of a span is not written as {self.times.written(12_500)}")
        if seconds > self.segment.span.duration + ROUNDING:
            raise _RefusedError(f"the {key} of a span is after the end of the clip")
        return seconds

    def _milliseconds(self, value: object, key: str) -> float:
        most = self.segment.milliseconds + round(1000 * ROUNDING)
        return _whole(value, 0, most, f"the {key.removesuffix('_ms')} of a span (ms)") / 1000
