"""Repeats, two passes, rules, ceilings and files, together with what models hear and the short form."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.errors import UserError
from app.core.jobs import CancelToken, no_report
from app.core.readers.models.answer_schema import AnswerForm, response_schema
from app.core.readers.models.asked import asked_in, asking_of
from app.core.readers.models.asking import ASKING, AskingWays
from app.core.readers.models.journal import Journal
from app.core.readers.models.merge_rule import merge_rule
from app.core.readers.models.merging import SegmentAnswer, merge
from app.core.readers.models.model_choice import ModelChoice
from app.core.readers.models.model_run import ModelRun, RunOptions
from app.core.readers.models.prices import Price
from app.core.readers.models.prompt_context import Told
from app.core.readers.models.prompts import PROMPT_SETS
from app.core.readers.models.provider import Material, Reply
from app.core.readers.models.reader import plan_reading
from app.core.readers.models.rehearsal import largest_requests, rehearsal_plan
from app.core.readers.models.rehearsal_trial import Trial
from app.core.readers.models.request_plan import LONG_SOUND_SECONDS, Part, Request, Serving, requests
from app.core.readers.models.request_results import count_accepted, is_refused
from app.core.readers.models.segments import Segment
from app.core.readers.models.servers import server_kind
from app.core.readers.models.spending import RequestSpending, SpendingLimit
from app.core.readers.models.time_notation import TimeNotation
from app.core.reading import RecordingIdentity
from app.core.semiology import Answer, ConfidenceKind, Presence, Span
from tests.core.test_model_run import WHAT, Clips, Scripted, right_answer

RECORDING = RecordingIdentity("a.mp4", "ab" * 32, 80.0)
CHOICE = ModelChoice(provider="openai", model="tiny", base_url="http://127.0.0.1:9/v1")
REPEATS = replace(CHOICE, confidence=ConfidenceKind.REPEATS, times_asked=3, wordings=("plain",))
EARLIER = "In earlier clips"


def prompts_in_a_run(folder: Path, plan: tuple[Request, ...], options: RunOptions) -> dict[str, str]:
    prompts: dict[str, str] = {}

    def said(key: str, material: Material) -> str:
        prompts[key] = material.prompt
        return right_answer(material, "no" if "repeat2" in key else "yes")

    run = ModelRun(plan, Clips(), Journal(folder, WHAT), options)
    run.run(lambda: Scripted(said), report=no_report, cancel=CancelToken())
    return prompts


def test_a_repeat_is_told_its_own_answers_in_its_own_words(tmp_path: Path) -> None:
    plan = plan_reading(REPEATS, RECORDING, tmp_path)
    plain, expert = (PROMPT_SETS[name].questions["clonic"] for name in ("plain", "expert"))
    options = RunOptions(plan.prompts, told=plan.wording.told, earlier=True, wordings=plan.wordings)
    prompts = prompts_in_a_run(tmp_path, plan.requests, options)
    first, second = prompts["0001-pose"], prompts["0001-pose-repeat2"]
    assert '"clonic" at 0–30 seconds' in first
    assert "you found none of the features" in second
    assert (expert in first, plain in first) == (True, False)
    assert (expert in second, plain in second) == (False, True)
    for request in plan.requests:
        assert plan.wording.prompts_of(request).name == ("plain" if request.repeat == 2 else "expert")


def test_what_a_run_asked_is_known_from_its_description(tmp_path: Path) -> None:
    for choice in (REPEATS, replace(REPEATS, range="20-70"), replace(CHOICE, prompts="study")):
        plan = plan_reading(choice, RECORDING, tmp_path)
        assert asked_in(plan.what, RECORDING.duration) == plan.requests
    windows = {**plan.what, "feature_rates": "two passes", "windows": '{"pose": [1]}', ASKING: ""}
    fast = [one for one in asked_in(windows, 80.0) if one.segment.window]
    assert {(one.segment.number, one.enhancement.value) for one in fast} == {(1, "pose")}


def test_an_old_run_is_read_as_it_was_asked(tmp_path: Path) -> None:
    plan = plan_reading(CHOICE, RECORDING, tmp_path)
    old = {key: value for key, value in plan.what.items() if key not in {ASKING, "times"}}
    assert asked_in(old, 80.0) == requests(80.0)


def test_what_is_looked_at_twice_is_told_of_no_earlier_segment() -> None:
    expert = PROMPT_SETS["expert"]
    assert asking_of(CHOICE, expert).earlier
    assert not asking_of(replace(CHOICE, feature_rates=True), expert).earlier
    assert asking_of(replace(CHOICE, feature_rates=True, two_passes=False), expert).earlier


def test_windows_lie_in_the_part_that_is_read() -> None:
    part = Part(80.0, within=Span(20.0, 70.0))
    chosen = dict.fromkeys(part.asking.features_by_clip(CHOICE.enhancements), (0, 2))
    fast = [one for one in requests(80.0, feature_rates=True, chosen=chosen, part=part) if one.segment.window]
    assert min(one.segment.span.start for one in fast) == 20.0
    assert {one.segment.number for one in fast} == {0, 2}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"wordings": ("study",)}, "in the same form"),
        ({"prompts": "study", "wordings": ("plain",)}, "in the same form"),
        ({"prompts": "study", "confidence": ConfidenceKind.TOKENS}, "say nothing of confidence"),
        ({"prompts": "study", "wordings": (), "merging": "confidence 80"}, "say nothing of confidence"),
    ],
)
def test_what_the_short_form_cannot_give_is_said(
    changes: dict[str, object], words: str, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=words):
        plan_reading(replace(REPEATS, **changes), RECORDING, tmp_path)  # type: ignore[arg-type]


def test_short_answers_can_be_repeated(tmp_path: Path) -> None:
    plan = plan_reading(replace(REPEATS, prompts="study", wordings=()), RECORDING, tmp_path)
    request = next(one for one in plan.requests if one.repeat == 2)
    reply = Reply('{"answer": "yes", "justification": "jerks"}', "")
    assert request.form is AnswerForm.SHORT
    assert count_accepted(request, reply, TimeNotation.SECONDS) == 1
    assert is_refused(replace(request, form=AnswerForm.FULL), reply, TimeNotation.SECONDS)


def test_a_rule_of_several_segments_does_not_ask_several_of_the_one_whole_event() -> None:
    whole = Segment(0, Span(0.0, 80.0), whole=True)
    said = [SegmentAnswer(whole, "close_eyes", Answer("close_eyes", Presence.YES))]
    assert merge("close_eyes", said, merge_rule("2 segments")).presence is Presence.YES
    one = [replace(said[0], segment=Segment(number, Span(0.0, 30.0))) for number in range(1)]
    assert merge("close_eyes", one, merge_rule("2 segments")).presence is not Presence.YES


def test_what_a_prompt_tells_counts_under_the_ceiling(tmp_path: Path) -> None:
    plan = plan_reading(CHOICE, RECORDING, tmp_path)
    texts: dict[str, str] = {}

    def planned(request: Request, text: str) -> int:
        texts[request.key] = text
        return len(text)

    limit = RequestSpending(SpendingLimit(1e9), Price(1.0, 1.0), planned, lambda _one: 1)
    options = RunOptions(plan.prompts, told=Told(80.0), earlier=True, spending=limit)
    assert prompts_in_a_run(tmp_path, plan.requests, options) == texts
    assert any(EARLIER in text for text in texts.values())


def test_the_study_is_rehearsed_with_its_long_sound_and_its_own_form() -> None:
    plan = rehearsal_plan(replace(CHOICE, prompts="study", feature_rates=True, tell_event=True))
    sound = largest_requests(plan)[-1]
    assert sound.segment.span.duration == LONG_SOUND_SECONDS
    assert sound.form is AnswerForm.SHORT
    assert set(response_schema(sound.features, form=sound.form)["required"]) == {"answer", "justification"}
    assert PROMPT_SETS["study"].questions[sound.features[0].id] in plan.serving.text(sound)


def test_sound_is_rehearsed_with_the_picture_that_goes_along_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.core.readers.models.rehearsal_trial.tone", lambda seconds: bytes(int(seconds)))
    plan = requests(30.0, part=Part(30.0, asking=AskingWays(with_picture=True)))
    sound = next(one for one in plan if one.with_picture)
    heard: list[tuple[int, int]] = []

    class Counting(Scripted):
        async def ask(self, material: Material) -> Reply:
            heard.append((len(material.pictures), len(material.sound or b"")))
            return Reply("{}", "", tokens_in=100 + 1000 * len(material.pictures))

    serving = Serving(sizes=dict.fromkeys(CHOICE.enhancements, (32, 32)))
    model, kind = Counting(lambda _key, _material: ""), server_kind((), "")
    trial = Trial(model, sound, serving, kind, 0, 60.0, CancelToken())
    row = asyncio.run(trial.run(no_report))
    assert heard == [(60, 30), (0, 0), (8, 4)]
    assert (row.frames, row.size, row.passed) == (60, (32, 32), True)
