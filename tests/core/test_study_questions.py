"""The questions of arXiv 2605.03352 and the short form in which they are answered."""

from __future__ import annotations

import json

import pytest

from app.core.readers.models.answer_schema import AnswerForm, count_questions, response_schema
from app.core.readers.models.asked import asked_in, asking_of, mode_of
from app.core.readers.models.asking import AskingWays
from app.core.readers.models.model_choice import ModelChoice
from app.core.readers.models.prompts import PROMPT_SETS, prompts_from_json, prompts_to_json
from app.core.readers.models.request_plan import AskingMode
from app.core.readers.models.response import parse_response
from app.core.readers.models.segments import Segment
from app.core.semiology import FEATURE, FEATURES, Presence, Span

STUDY = PROMPT_SETS["study"]
SEGMENT = Segment(0, Span(0.0, 30.0))
CLONIC = (FEATURE["clonic"],)


def short(answer: object, justification: object = "it jerks", **more: object) -> str:
    return json.dumps({"answer": answer, "justification": justification, **more})


@pytest.mark.parametrize(
    ("said", "presence"),
    [
        ("yes", Presence.YES),
        ("No", Presence.NO),
        ("NA", Presence.NOT_ASSESSABLE),
        ("N/A", Presence.NOT_ASSESSABLE),
    ],
)
def test_a_short_answer_is_taken(said: str, presence: Presence) -> None:
    parsed = parse_response(short(said), CLONIC, SEGMENT, form=AnswerForm.SHORT)
    answer = parsed.answers["clonic"]
    assert (answer.presence, answer.explanation) == (presence, "it jerks")
    assert answer.confidence is None
    assert answer.evidence == ()
    assert parsed.rejections == ()


@pytest.mark.parametrize("around", ["{0}", "```json\n{0}\n```", "<think>no, yes</think>\n{0}"])
def test_what_servers_put_around_it_is_taken_off(around: str) -> None:
    text = around.replace("{0}", short("yes"))
    assert (
        parse_response(text, CLONIC, SEGMENT, form=AnswerForm.SHORT).answers["clonic"].presence
        is Presence.YES
    )


@pytest.mark.parametrize(
    "text",
    [
        short("maybe"), short("yes and no"), short(True), short("yes", 3), short("yes", extra=1), "yes", "",
        '{"answer": "yes"}', '{"answers": []}', f"[{short('yes')}]", f"{short('yes')}{short('no')}",
    ],
)  # fmt: skip
def test_what_is_no_short_answer_is_refused_and_never_no(text: str) -> None:
    parsed = parse_response(text, CLONIC, SEGMENT, form=AnswerForm.SHORT)
    assert parsed.answers == {}
    assert [rejection.feature for rejection in parsed.rejections] == ["clonic"]


def test_a_short_answer_is_no_full_one() -> None:
    assert parse_response(short("yes"), CLONIC, SEGMENT).answers == {}


def test_the_set_asks_one_feature_a_request_as_the_study_did() -> None:
    choice = ModelChoice(provider="openai", model="m", base_url="http://127.0.0.1:9/v1")
    assert choice.mode is AskingMode.GROUPED
    assert mode_of(choice, STUDY) is AskingMode.PER_FEATURE
    assert asking_of(choice, STUDY) == AskingWays(sleep_once=True, long_sound=True)
    assert set(STUDY.questions) == {feature.id for feature in FEATURES}
    assert "NA" in STUDY.questions["verbal_responsiveness"]
    assert count_questions(response_schema(CLONIC, form=AnswerForm.SHORT)) == 1


def test_the_form_is_kept_in_a_copy_and_in_the_description_of_a_run() -> None:
    assert prompts_from_json(prompts_to_json(STUDY)) == STUDY
    old = json.loads(prompts_to_json(PROMPT_SETS["plain"]))
    del old["form"]
    assert prompts_from_json(json.dumps(old)).form is AnswerForm.FULL
    what = {"fps": "2", "mode": "per_feature", "enhancements": "pose", "form": "short"}
    assert {request.form for request in asked_in(what, 30.0)} == {AnswerForm.SHORT}


def test_a_run_of_an_earlier_version_is_read_as_it_was_asked() -> None:
    what = {"fps": "2", "mode": "grouped", "enhancements": "pose,face,sound", "feature_rates": ""}
    plan = asked_in(what, 60.0)
    assert [request.key for request in plan][:3] == ["0000-pose", "0000-face", "0000-sound"]
    assert len(plan) == 9
    assert sum(FEATURE["close_eyes"] in request.features for request in plan) == 3
