"""Times of evidence: asked for and read as the model's family writes them, and as strictly as all else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.enhance.enhancement import Enhancement, features_of
from app.core.errors import UserError
from app.core.readers.models.answer_schema import response_schema
from app.core.readers.models.families import FAMILIES, Family
from app.core.readers.models.prompts import PROMPT_SETS, prompt, prompts_from_json, prompts_to_json
from app.core.readers.models.response import ParsedResponse, parse_response
from app.core.readers.models.segments import Segment
from app.core.readers.models.time_notation import TimeNotation
from app.core.semiology import Span
from tests.loopback import answer_to

FEATURES = features_of(Enhancement.SOUND)
SEGMENT = Segment(1, Span(25.0, 55.0))


def answered(start: object, end: object, keys: tuple[str, str] = ("start", "end")) -> str:
    item = {
        "feature": FEATURES[0].id,
        "explanation": "A cry.",
        "presence": "yes",
        "confidence": 80,
        "laterality": "none",
        "evidence": [dict(zip(keys, (start, end), strict=True))],
    }
    return json.dumps({"answers": [item]})


def parsed(text: str, times: TimeNotation) -> ParsedResponse:
    return parse_response(text, FEATURES, SEGMENT, times)


@pytest.mark.parametrize(
    ("times", "start", "end"),
    [
        (TimeNotation.SECONDS, 1.5, 29),
        (TimeNotation.SECONDS, "1.5 seconds", "29 seconds"),
        (TimeNotation.ANGLE, "<1.5 seconds>", "<29.0 seconds>"),
        (TimeNotation.CLOCK, "00:01.5", "00:29"),
        (TimeNotation.CLOCK, "0:01.500", "0:29.0"),
    ],
)
def test_each_family_is_read_as_it_writes(times: TimeNotation, start: object, end: object) -> None:
    found = parsed(answered(start, end), times)
    assert found.rejections == ()
    assert found.answers[FEATURES[0].id].evidence == (Span(26.5, 54.0),)


WRONG: list[tuple[TimeNotation, object]] = [
    (TimeNotation.SECONDS, "00:12"),
    (TimeNotation.SECONDS, "12.5"),
    (TimeNotation.SECONDS, "<12.5 seconds>"),
    (TimeNotation.SECONDS, True),
    (TimeNotation.SECONDS, None),
    (TimeNotation.SECONDS, [12.5]),
    (TimeNotation.ANGLE, 12.5),
    (TimeNotation.ANGLE, "12.5 seconds"),
    (TimeNotation.ANGLE, "<12.5 seconds> "),
    (TimeNotation.ANGLE, "<-1 seconds>"),
    (TimeNotation.ANGLE, "<\u0661 seconds>"),
    (TimeNotation.CLOCK, 12.5),
    (TimeNotation.CLOCK, "00:60"),
    (TimeNotation.CLOCK, "00:00:12"),
    (TimeNotation.CLOCK, "12"),
    (TimeNotation.CLOCK, "-0:12"),
]


@pytest.mark.parametrize(("times", "value"), WRONG)
def test_a_time_in_another_form_is_refused_and_not_guessed(times: TimeNotation, value: object) -> None:
    found = parsed(answered(value, value), times)
    assert found.answers == {}
    assert "is not written as" in found.rejections[0].reason


@pytest.mark.parametrize("times", TimeNotation)
def test_milliseconds_of_earlier_versions_are_read_with_any_family(times: TimeNotation) -> None:
    found = parsed(answered(1500, 29_000, ("start_ms", "end_ms")), times)
    assert found.answers[FEATURES[0].id].evidence == (Span(26.5, 54.0),)


@given(times=st.sampled_from(TimeNotation), tenths=st.integers(0, 300))
def test_what_is_written_in_a_prompt_is_what_is_read(times: TimeNotation, tenths: int) -> None:
    assert times.read(times.written(100 * tenths)) == pytest.approx(tenths / 10)


anything: st.SearchStrategy[Any] = st.none() | st.booleans() | st.integers() | st.floats() | st.text()


@given(times=st.sampled_from(TimeNotation), value=anything)
def test_any_value_is_a_time_from_0_or_none(times: TimeNotation, value: object) -> None:
    seconds = times.read(value)
    assert seconds is None or 0 <= seconds < float("inf")


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES.keys())
def test_prompt_schema_and_reading_agree(family: Family) -> None:
    times = family.times
    schema = response_schema(FEATURES, times)
    text = answer_to(schema, "yes")
    jsonschema.validate(json.loads(text), schema)
    assert all(answer.evidence == (Span(25.0, 25.5),) for answer in parsed(text, times).answers.values())
    assert len(parsed(text, times).answers) == len(FEATURES)
    asked = prompt(PROMPT_SETS["expert"], FEATURES, Enhancement.SOUND, SEGMENT, times=times)
    assert json.dumps(schema, separators=(",", ":")) in asked
    assert times.request in asked
    assert f"ends at {times.written(30_000)}." in asked
    assert "millisec" not in asked


def test_a_set_of_an_earlier_version_no_longer_asks_for_milliseconds() -> None:
    sentence = "- evidence: when it happens{}; empty unless"
    now = prompts_to_json(PROMPT_SETS["expert"])
    before = now.replace(
        sentence.format(""), sentence.format(", in milliseconds from the start of this clip")
    )
    assert before != now
    assert prompts_from_json(before) == PROMPT_SETS["expert"]


@pytest.mark.parametrize("name", ["other-rules.json", "other-questions.json"])
def test_the_ready_sets_leave_the_form_of_times_to_the_family(name: str) -> None:
    text = (Path(__file__).parents[2] / "resources" / "experiments" / name).read_text()
    assert "millisec" not in prompts_from_json(text).rules


def test_a_set_without_rules_is_still_no_set() -> None:
    with pytest.raises(UserError):
        prompts_from_json(
            prompts_to_json(PROMPT_SETS["expert"]).replace("You review", "").replace("rules", "x")
        )
