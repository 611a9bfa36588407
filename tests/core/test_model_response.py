"""A model's answer is taken strictly: the corpus of what models and servers really send."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.enhance.enhancement import Enhancement, features_of
from app.core.readers.models.answer_schema import response_schema
from app.core.readers.models.response import parse_response
from app.core.readers.models.segments import Segment
from app.core.semiology import Laterality, Presence, Span

FEATURES = features_of(Enhancement.FACE)
SEGMENT = Segment(1, Span(25.0, 55.0))


def item(**changes: Any) -> dict[str, Any]:
    return {
        "feature": "eye_blinking",
        "explanation": "The lids close twice a second.",
        "presence": "yes",
        "confidence": 80,
        "laterality": "both",
        "evidence": [{"start_ms": 1000, "end_ms": 4000}],
    } | changes


def answered(*items: object) -> str:
    return json.dumps({"answers": list(items)})


def test_a_right_answer_comes_on_the_recordings_clock() -> None:
    parsed = parse_response(answered(item()), FEATURES, SEGMENT)
    answer = parsed.answers["eye_blinking"]
    assert parsed.rejections == ()
    assert (answer.presence, answer.confidence, answer.laterality) == (Presence.YES, 80, Laterality.BOTH)
    assert answer.evidence == (Span(26.0, 29.0),)


def test_one_fence_around_everything_is_taken_off() -> None:
    text = "```json\n" + answered(item()) + "\n```\n"
    assert "eye_blinking" in parse_response(text, FEATURES, SEGMENT).answers


WHOLLY_REFUSED = {
    "empty": "",
    "blank": " \n",
    "prose": "The patient blinks.",
    "prose around": "Here you are: " + answered(item()),
    "trailing comma": answered(item())[:-2] + ",]}",
    "truncated": answered(item())[:-20],
    "not a number": answered(item()).replace("80", "NaN"),
    "infinite": answered(item()).replace("80", "Infinity"),
    "a key twice": answered(item()).replace('"confidence"', '"confidence": 1, "confidence"'),
    "an array": json.dumps([item()]),
    "extra key": json.dumps({"answers": [item()], "note": "x"}),
    "answers not a list": json.dumps({"answers": {"eye_blinking": "yes"}}),
    "HTML": "<html><body>502 Bad Gateway</body></html>",
    "deep": '{"answers":' + "[" * 100_000 + "]" * 100_000 + "}",
    "raw control character": answered(item()).replace("lids", "li\x01ds"),
    "huge": answered(item(explanation="x" * 2_000_000)),
    "huge number": answered(item()).replace("80", "9" * 10_000),
}


@pytest.mark.parametrize("text", WHOLLY_REFUSED.values(), ids=WHOLLY_REFUSED.keys())
def test_refused_as_a_whole(text: str) -> None:
    parsed = parse_response(text, FEATURES, SEGMENT)
    assert parsed.answers == {}
    assert len(parsed.rejections) == 1
    assert parsed.rejections[0].reason


def test_brackets_in_an_explanation_nest_nothing() -> None:
    words = 'at [0:12 the lids {{[[ "close" \\'
    items = [item(feature=feature.id, explanation=words * 3) for feature in FEATURES]
    parsed = parse_response(answered(*items), FEATURES, SEGMENT)
    assert len(parsed.answers) == len(FEATURES)


REFUSED_ITEMS: dict[str, object] = {
    "not an object": "yes",
    "unknown feature": item(feature="seizure"),
    "feature of another group": item(feature="clonic"),
    "feature not text": item(feature=["eye_blinking"]),
    "wrong word": item(presence="maybe"),
    "presence in another case": item(presence="Yes"),
    "presence as truth value": item(presence=True),
    "confidence as text": item(confidence="80"),
    "confidence as share": item(confidence=0.8),
    "confidence too high": item(confidence=101),
    "confidence as truth value": item(confidence=True),
    "no confidence": item(confidence=None),
    "side unknown": item(laterality="patient's left"),
    "explanation missing": {key: value for key, value in item().items() if key != "explanation"},
    "explanation not text": item(explanation=["a"]),
    "extra key": item(certainty="high"),
    "evidence not a list": item(evidence="1:30"),
    "span as text": item(evidence=["0:01-0:04"]),
    "minutes and seconds": item(evidence=[{"start_ms": "1:30", "end_ms": "1:40"}]),
    "ends before it starts": item(evidence=[{"start_ms": 4000, "end_ms": 1000}]),
    "outside the clip": item(evidence=[{"start_ms": 1000, "end_ms": 31_000}]),
    "negative": item(evidence=[{"start_ms": -5, "end_ms": 1000}]),
    "other keys in a span": item(evidence=[{"start": 1, "end": 4}]),
}


@pytest.mark.parametrize("bad", REFUSED_ITEMS.values(), ids=REFUSED_ITEMS.keys())
def test_one_bad_item_is_refused_and_the_others_stand(bad: object) -> None:
    parsed = parse_response(answered(bad, item(feature="close_eyes")), FEATURES, SEGMENT)
    assert set(parsed.answers) == {"close_eyes"}
    assert len(parsed.rejections) == 1


def test_two_answers_to_one_question_are_none() -> None:
    parsed = parse_response(answered(item(), item(presence="no")), FEATURES, SEGMENT)
    assert parsed.answers == {}
    assert [(rejection.feature) for rejection in parsed.rejections] == ["eye_blinking"]


def test_rounding_past_the_end_is_cut_there() -> None:
    text = answered(item(evidence=[{"start_ms": 29_000, "end_ms": 30_080}]))
    assert parse_response(text, FEATURES, SEGMENT).answers["eye_blinking"].evidence == (Span(54.0, 55.0),)


def test_an_explanation_is_plain_and_short() -> None:
    text = answered(item(explanation="a\u202eb\u200bc\u2066" + "d" * 5000))
    explanation = parse_response(text, FEATURES, SEGMENT).answers["eye_blinking"].explanation
    assert explanation.startswith("abcd")
    assert len(explanation) == 2000


json_like: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(list(item())), json_like))
def test_any_change_of_an_item_is_an_answer_inside_the_segment_or_a_rejection(
    changes: dict[str, Any],
) -> None:
    parsed = parse_response(answered(item(**changes)), FEATURES, SEGMENT)
    assert len(parsed.answers) + len(parsed.rejections) == 1
    for answer in parsed.answers.values():
        assert all(
            SEGMENT.span.start <= span.start <= span.end <= SEGMENT.span.end for span in answer.evidence
        )


@given(st.text(max_size=300))
def test_any_text_is_taken_without_an_error(text: str) -> None:
    assert parse_response(text, FEATURES, SEGMENT).answers == {}


def test_the_schema_uses_integers_and_names_what_is_asked() -> None:
    schema = json.dumps(response_schema(FEATURES))
    assert '"number"' not in schema
    assert all(feature.id in schema for feature in FEATURES)
