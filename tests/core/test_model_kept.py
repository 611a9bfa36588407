"""What a model was shown and said is found again from its reading; personal sets of prompts."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.agreement.comparison import group_by_reader
from app.core.errors import UserError
from app.core.reader_details import MARKS
from app.core.readers.models.journal import Journal
from app.core.readers.models.model_choice import ModelChoice
from app.core.readers.models.prompt_files import prompt_sets, save_prompts
from app.core.readers.models.prompts import PROMPT_SETS, prompts_to_json
from app.core.readers.models.provider import Reply
from app.core.readers.models.reader import Plan, identity, plan_reading
from app.core.readers.models.reading_files import reading_files_of
from app.core.reading import Reading, RecordingIdentity
from app.core.semiology import Presence

RECORDING = RecordingIdentity("a.mp4", "ab" * 32, 40.0)
CHOICE = ModelChoice(provider="openai", model="tiny", base_url="http://127.0.0.1:9/v1")


def answered(plan: Plan, *keys: str) -> Reading:
    """The reading of a plan of which some requests were answered."""
    journal = Journal(plan.folder, plan.what)
    for request in plan.requests:
        if request.key in keys:
            item = {"presence": "no", "confidence": 60, "laterality": "none", "evidence": []}
            rows = [{"feature": one.id, "explanation": "still"} | item for one in request.features]
            journal.keep(request.key, Reply(json.dumps({"answers": rows}), "tiny-1"))
    return Reading(RECORDING, identity(plan), {})


def test_what_was_said_is_found_segment_by_segment(tmp_path: Path) -> None:
    plan = plan_reading(CHOICE, RECORDING, tmp_path)
    kept = reading_files_of(answered(plan, "0000-pose"), tmp_path)
    assert kept is not None
    assert kept.folder == plan.folder
    assert kept.clips == ()
    first, second = kept.of("clonic")
    assert first.answer is not None
    assert first.answer.presence is Presence.NO
    assert first.asked
    assert second.answer is None
    assert not second.asked
    assert len(kept.said) == 2 * 20 - 2, "sleep where it begins, closed eyes of the whole event"
    (eyes,) = kept.of("close_eyes")
    assert eyes.request.segment.whole


def test_a_reading_finds_its_own_files_only(tmp_path: Path) -> None:
    plan = plan_reading(CHOICE, RECORDING, tmp_path)
    other = plan_reading(replace(CHOICE, prompts="plain"), RECORDING, tmp_path)
    elsewhere = plan_reading(CHOICE, replace(RECORDING, sha256="cd" * 32), tmp_path)
    readings = [answered(one) for one in (plan, other)]
    answered(elsewhere, "0000-face")
    found = [reading_files_of(reading, tmp_path) for reading in readings]
    assert [kept.folder for kept in found if kept is not None] == [plan.folder, other.folder]
    assert (
        reading_files_of(
            Reading(RECORDING, identity(replace(plan, choice=replace(CHOICE, fps=4.0))), {}), tmp_path
        )
        is None
    )
    assert reading_files_of(readings[0], tmp_path / "nothing") is None


def test_marks_of_another_person_are_another_reader_with_the_same_files(tmp_path: Path) -> None:
    plan = plan_reading(CHOICE, RECORDING, tmp_path)
    reading = answered(plan, "0000-pose")
    ana, bo = (
        replace(reading, reader=replace(reading.reader, details={**reading.reader.details, MARKS: name}))
        for name in ("Ana", "Bo")
    )
    assert not ana.reader.is_same(bo.reader)
    assert not ana.reader.anywhere.is_same(bo.reader.anywhere)
    assert len(group_by_reader([ana, bo])) == 2
    for one in (ana, bo):
        kept = reading_files_of(one, tmp_path)
        assert kept is not None
        assert kept.folder == plan.folder


def test_a_damaged_journal_is_passed_over(tmp_path: Path) -> None:
    plan = plan_reading(CHOICE, RECORDING, tmp_path)
    reading = answered(plan, "0000-pose")
    (plan.folder / "run.json").write_text("{")
    assert reading_files_of(reading, tmp_path) is None


def test_a_changed_set_is_a_new_version(tmp_path: Path) -> None:
    mine = replace(PROMPT_SETS["plain"], name="our ward")
    assert save_prompts(mine, tmp_path).version == "1"
    assert save_prompts(mine, tmp_path).version == "1"
    assert save_prompts(replace(mine, rules="Look closely."), tmp_path).version == "2"
    assert prompt_sets(tmp_path)["our ward"].rules == "Look closely."


@pytest.mark.parametrize("name", ["expert", "", "../up", "a/b", ".hidden", "con.", "x\u202ey/"])
def test_no_name_leads_elsewhere_or_hides_the_programs_own(name: str, tmp_path: Path) -> None:
    with pytest.raises(UserError):
        save_prompts(replace(PROMPT_SETS["plain"], name=name), tmp_path)
    assert list(tmp_path.rglob("*.json")) == []


def test_what_is_no_set_is_passed_over(tmp_path: Path) -> None:
    folder = tmp_path / "prompts"
    folder.mkdir()
    (folder / "broken.json").write_text("{}")
    (folder / "impostor.json").write_text(prompts_to_json(replace(PROMPT_SETS["plain"], name="expert")))
    assert prompt_sets(tmp_path) == PROMPT_SETS
