"""A model's answer is taken strictly: the corpus of what models and servers really send."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.enhance.enhancement import Enhancement, features_of
from app.core.readers.models.answer_schema import response_schema
from app.core.readers.models.response import parse_response
from app.core.readers.models.segments import Segment
from app.core.readers.models.time_notation import TimeNotation
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
        "evidence": [{"start": 1, "end": 4.0}],
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


WRAPPED = {
    "a fence": "```json\n{}\n```",
    "a fence with CRLF": "```json\r\n{}\r\n```",
    "a fence closed without a line end": "```json\n{}```",
    "a fence in capitals": "```JSON\r\n{}```",
    "a fence of tildes": "~~~\n{}\n~~~",
    "thoughts": "<think>The left arm {{stays}} still.</think>\n{}",
    "thoughts without their begin": "The arm stays still, so no.\n</think>\n\n{}",
    "thoughts and a fence": "<think>Hm.</think>\n```json\n{}\n```",
    "thoughts, a sentence and a fence": "<think>Hm.</think>\nMy answer:\n```json\n{}\n```\nDone.",
    "thoughts and a sentence": "<think>Hm.</think>\nMy answer is {} as said.",
    "sentences around a fence": "Here you are:\n```json\n{}\n```\nI hope this helps.",
    "a fence with other things first": 'See ```\nx = 1\n``` and\n```json\n{{"a": 1}}\n```\n```\n{}\n```',
    "a fence that never closes": "Here you are:\n```json\n{}",
    "a byte order mark": "\ufeff{}",
    "an end token": "{}<|im_end|>",
}


@pytest.mark.parametrize("wrapping", WRAPPED.values(), ids=WRAPPED.keys())
def test_what_servers_put_around_an_answer_is_no_part_of_it(wrapping: str) -> None:
    parsed = parse_response(
        wrapping.format(answered(item(explanation='a } and " [ of it'))), FEATURES, SEGMENT
    )
    assert set(parsed.answers) == {"eye_blinking"}
    assert parsed.rejections == ()


def test_of_two_fenced_answers_the_first_that_fits_counts() -> None:
    blocks = ({"answers": "none"}, json.loads(answered(item())), json.loads(answered(item(presence="no"))))
    text = "\n".join(f"So:\n```json\n{json.dumps(block)}\n```" for block in blocks)
    assert parse_response(text, FEATURES, SEGMENT).answers["eye_blinking"].presence is Presence.YES


def test_a_draft_among_thoughts_is_not_the_answer() -> None:
    draft = f"```json\n{answered(item())}\n```"
    assert parse_response(f"<think>{draft}", FEATURES, SEGMENT).answers == {}
    text = f"<think>{draft}</think>{answered(item(presence='no'))}"
    assert parse_response(text, FEATURES, SEGMENT).answers["eye_blinking"].presence is Presence.NO


def test_words_of_an_answer_are_never_taken_for_another_answer() -> None:
    inner = "```json\n" + answered(item()) + "\n```"
    for text in (answered(item(presence="no", explanation=inner)), '{"note": ' + json.dumps(inner) + "}"):
        answers = parse_response(text, FEATURES, SEGMENT).answers
        assert all(answer.presence is Presence.NO for answer in answers.values())


def test_a_fenced_answer_is_judged_as_strictly() -> None:
    text = f"So:\n```\n{answered(item(presence='Yes'), item(feature='close_eyes'))}\n```"
    parsed = parse_response(text, FEATURES, SEGMENT)
    assert set(parsed.answers) == {"close_eyes"}
    assert len(parsed.rejections) == 1


LONG = {
    "quotes": '"' + '\\"' * 100_000,
    "brackets": "[" * 240_000,
    "fences": "```json\n" * 30_000,
    "fenced objects": "```\n{" * 40_000,
    "begun answers": "</think>x" + '{"answers":[' * 20_000,
    "begun answers in a string": "</think>x" + '"{"answers":' * 20_000,
    "blanks": "</think>x{" + " " * 240_000,
    "objects": "</think>x" + '{"answers":1}' * 19_000,
}


@pytest.mark.parametrize("name", LONG)
def test_a_long_text_costs_about_as_much_as_its_length(name: str) -> None:
    text, lengths = LONG[name], (1, 10)
    parse_response(text, FEATURES, SEGMENT)
    costs = [_processor_seconds(text[: len(text) * length // 10]) for length in lengths]
    assert costs[1] < 40 * costs[0] + 0.05


def _processor_seconds(text: str) -> float:
    begun = time.process_time()
    for _ in range(3):
        assert parse_response(text, FEATURES, SEGMENT).answers == {}
    return (time.process_time() - begun) / 3


WHOLLY_REFUSED = {
    "empty": "",
    "blank": " \n",
    "prose": "The patient blinks.",
    "prose around": "Here you are: " + answered(item()),
    "sentences before and after": f"Here is what I see:\n{answered(item())}\nI hope this helps.",
    "an answer and a sentence": answered(item()) + "\nI hope this helps.",
    "thoughts alone": "<think>" + answered(item()) + "</think>",
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
    "minutes and seconds": item(evidence=[{"start": "00:01", "end": "00:04"}]),
    "ends before it starts": item(evidence=[{"start": 4, "end": 1}]),
    "outside the clip": item(evidence=[{"start": 1, "end": 31}]),
    "negative": item(evidence=[{"start": -0.5, "end": 1}]),
    "other keys in a span": item(evidence=[{"begin": 1, "end": 4}]),
    "more than its times in a span": item(evidence=[{"start": 1, "end": 4, "start_ms": 1000}]),
    "half a span in milliseconds": item(evidence=[{"start_ms": 1000, "end": 4}]),
    "milliseconds outside the clip": item(evidence=[{"start_ms": 1000, "end_ms": 31_000}]),
    "broken milliseconds": item(evidence=[{"start_ms": 1000.5, "end_ms": 4000}]),
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
    text = answered(item(evidence=[{"start": 29, "end": 30.08}]))
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


def test_the_schema_names_what_is_asked_and_only_moments_have_fractions() -> None:
    schema = response_schema(FEATURES)
    text = json.dumps(schema)
    assert all(feature.id in text for feature in FEATURES)
    assert text.count('"number"') == 2, "start and end"
    assert '"number"' not in json.dumps(response_schema(FEATURES, TimeNotation.CLOCK))
