"""A model that is asked several times, for tokens, in two passes, or merged by a rule."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.errors import UserError
from app.core.jobs import CancelToken, no_report
from app.core.reader_details import MERGING
from app.core.readers.models.families import FAMILIES
from app.core.readers.models.journal import Journal
from app.core.readers.models.model_choice import ModelChoice, load_choice, save_choice
from app.core.readers.models.model_run import ModelRun, RunOptions
from app.core.readers.models.openai_compatible import request_body
from app.core.readers.models.prompts import PROMPT_SETS
from app.core.readers.models.provider import Capabilities, Material, Reply
from app.core.readers.models.reader import Plan, identity, plan_reading
from app.core.readers.models.reading_files import reading_files_of
from app.core.readers.models.reading_state import segment_lines
from app.core.readers.models.request_plan import requests
from app.core.readers.models.verdict_tokens import VerdictShare
from app.core.reading import Reading, RecordingIdentity
from app.core.semiology import ConfidenceKind, Presence
from tests.core.test_model_run import Clips, Scripted, right_answer

YES, NO = Presence.YES, Presence.NO
RECORDING = RecordingIdentity("a.mp4", "ab" * 32, 40.0)
CHOICE = ModelChoice(provider="openai", model="tiny", base_url="http://127.0.0.1:9/v1")
REPEATS = replace(CHOICE, confidence=ConfidenceKind.REPEATS, times_asked=3, wordings=("plain",))


def run(plan: Plan, folder: Path, reply: Callable[[str, Material], str]) -> tuple[ModelRun, list[Material]]:
    seen: list[Material] = []

    def said(key: str, material: Material) -> str:
        seen.append(material)
        return reply(key, material)

    options = RunOptions(plan.prompts, limit=1, wordings=plan.wordings)
    made = ModelRun(plan.requests, Clips(), Journal(folder, plan.what), options)
    made.run(lambda: Scripted(said), report=no_report, cancel=CancelToken())
    return made, seen


def test_repeats_are_asked_in_turn_and_their_share_is_the_confidence(tmp_path: Path) -> None:
    plan = plan_reading(REPEATS, RECORDING, tmp_path)
    assert len(plan.requests) == 3 * len(plan_reading(CHOICE, RECORDING, tmp_path).requests)
    assert len({request.key for request in plan.requests}) == len(plan.requests)

    def reply(key: str, material: Material) -> str:
        return right_answer(material, "no" if "repeat2" in key else "yes")

    made, seen = run(plan, plan.folder, reply)
    answer = made.outcome().answers["clonic"]
    assert (answer.presence, answer.confidence) == (YES, 67)
    assert answer.confidence_kind is ConfidenceKind.REPEATS
    assert {material.temperature for material in seen} == {None, 0.7}
    plain = [material for material in seen if PROMPT_SETS["plain"].questions["clonic"] in material.prompt]
    assert len(plain) == 2, "the second of three repeats has the other wording, in both segments"
    kept = reading_files_of(Reading(RECORDING, identity(plan, made.outcome()), {}), tmp_path)
    assert kept is not None
    first, second = segment_lines(kept.of("clonic"), ())
    assert first.answer is not None
    assert (first.answer.confidence, second.asked) == (67, True)


def test_a_repeat_takes_another_temperature_only_where_the_family_has_one() -> None:
    material = Material("", {"properties": {"answers": {"items": {"properties": {"feature": {"enum": []}}}}}})
    again = replace(material, temperature=0.7, verdict_tokens=True)
    for family, expected in (("qwen2.5-vl", 0.7), ("gpt-5", None)):
        body = request_body("m", again, Capabilities(), family=FAMILIES[family])
        assert body.get("temperature") == expected
        assert (body["logprobs"], body["top_logprobs"]) == (True, 3)
    assert "logprobs" not in request_body("m", material, Capabilities())


def test_shares_of_verdicts_are_kept_and_malformed_ones_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "readings" / "one"
    journal = Journal(folder, {"recording": "a"})
    share = VerdictShare("clonic", YES, 0.75)
    journal.keep("0000-pose", Reply("{}", "m", 1, 2, (share,)))
    assert journal.reply("0000-pose") == Reply("{}", "m", 1, 2, (share,))
    path = folder / "0000-pose.json"
    data = json.loads(path.read_text())
    rows = [{"feature": "nose"}, {"feature": "clonic", "presence": "maybe", "share": 1}, 3, None]
    for wrong in ([{**data["verdicts"][0], "share": 2}], rows, "x", {"a": 1}):
        path.write_text(json.dumps({**data, "verdicts": wrong}))
        found = journal.reply("0000-pose")
        assert found is not None
        assert found.verdicts == ()


def test_a_rule_is_another_reader_with_the_same_replies(tmp_path: Path) -> None:
    usual = plan_reading(CHOICE, RECORDING, tmp_path)
    strict = plan_reading(replace(CHOICE, merging="2 segments"), RECORDING, tmp_path)
    assert strict.folder == usual.folder
    one, other = identity(usual), identity(strict)
    assert other.details[MERGING] == "2 segments"
    assert not one.is_same(other)
    run(usual, usual.folder, lambda _key, material: right_answer(material))
    kept = reading_files_of(Reading(RECORDING, other, {}), tmp_path)
    assert kept is not None
    assert kept.folder == usual.folder


def test_a_choice_keeps_its_doubt(tmp_path: Path) -> None:
    choice = replace(REPEATS, merging="confidence 80", two_passes=False)
    save_choice(choice, tmp_path)
    assert load_choice(tmp_path) == choice
    path = tmp_path / "model.json"
    for wrong in ({"merging": "all"}, {"confidence": "guessed"}, {"times_asked": "5"}, {"wordings": 1}):
        path.write_text(json.dumps({**json.loads(json.dumps({"provider": "openai"})), **wrong}))
        assert load_choice(tmp_path) == ModelChoice(), wrong


def test_what_was_asked_before_is_found_under_the_same_folder(tmp_path: Path) -> None:
    """A plan without doubt has no details of it, so its answers are found by programs that know of none."""
    assert set(plan_reading(CHOICE, RECORDING, tmp_path).what) == {
        "recording", "provider", "server", "model", "mode", "prompts", "enhancements", "fps",
        "feature_rates", "clips", "patient", "asking", "times",
    }  # fmt: skip


def test_two_passes_need_the_pose_and_are_refused_in_words_without(tmp_path: Path) -> None:
    two = replace(CHOICE, feature_rates=True)
    with pytest.raises(UserError, match="let the signal reader analyse"):
        plan_reading(two, RECORDING, tmp_path)
    everywhere = plan_reading(replace(two, two_passes=False), RECORDING, tmp_path)
    assert len(everywhere.requests) > 3 * len(requests(40.0))


def test_a_wording_that_is_gone_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no longer exists"):
        plan_reading(replace(REPEATS, wordings=("mine",)), RECORDING, tmp_path)
