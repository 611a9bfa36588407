"""The later segments learn what earlier ones found, and wait for it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.core.enhance.enhancement import Enhancement
from app.core.errors import Cancelled
from app.core.jobs import CancelToken, no_report
from app.core.readers.models.asking import AskingWays
from app.core.readers.models.earlier_segments import MOST_EARLIER, EarlierSegments
from app.core.readers.models.journal import Journal
from app.core.readers.models.merging import SegmentAnswer
from app.core.readers.models.model_choice import ModelChoice
from app.core.readers.models.model_run import ModelRun, RunOptions
from app.core.readers.models.prompt_context import NOTHING_FOUND, Told
from app.core.readers.models.prompts import PROMPT_SETS
from app.core.readers.models.provider import Material, Reply
from app.core.readers.models.reader import plan_reading
from app.core.readers.models.request_plan import SECONDS_PER_REQUEST, AskingMode, Part, requests
from app.core.readers.models.retrying import RequestError
from app.core.reading import RecordingIdentity
from app.core.semiology import Answer, Presence
from tests.core.test_model_run import WHAT, Clips, Scripted, right_answer

PART = Part(80.0, asking=AskingWays(sleep_once=True, whole_event=True, earlier=True))
PLAN = requests(80.0, part=PART)
OPTIONS = RunOptions(PROMPT_SETS["expert"], limit=8, told=Told(80.0), earlier=True)


class Telling(Scripted):
    """Keeps the prompts by the request's key."""

    prompts: dict[str, str]

    async def ask(self, material: Material) -> Reply:
        self.__dict__.setdefault("prompts", {})[material.pictures[0].jpeg.decode()] = material.prompt
        return await super().ask(material)


def ran(folder: Path, provider: Scripted, options: RunOptions = OPTIONS) -> ModelRun:
    run = ModelRun(PLAN, Clips(), Journal(folder, WHAT), options)
    run.run(lambda: provider, report=no_report, cancel=CancelToken())
    return run


def test_a_segment_is_asked_about_after_those_before_it(tmp_path: Path) -> None:
    provider = Telling(lambda _key, material: right_answer(material, "yes"))
    ran(tmp_path, provider)
    for kind in ("pose", "face", "sound"):
        keys = [key for key in provider.asked if key.endswith(kind)]
        assert keys == sorted(keys)
        assert "In earlier clips" not in provider.prompts[f"0000-{kind}"]
    assert '"clonic" at 0–30 seconds' in provider.prompts["0001-pose"]
    assert '"clonic" at 0–55 seconds' in provider.prompts["0002-pose"]
    assert "ictal_vocalization" not in provider.prompts["0002-pose"], "of the same questions only"
    assert "In earlier clips" not in provider.prompts["whole-face-close_eyes"]
    assert sorted(provider.asked) == sorted(request.key for request in PLAN)


@pytest.mark.parametrize(("presence", "told"), [("no", True), ("not_assessable", False)])
def test_what_nobody_could_judge_was_not_found_to_be_absent(
    tmp_path: Path, presence: str, told: bool
) -> None:
    provider = Telling(lambda _key, material: right_answer(material, presence))
    ran(tmp_path, provider)
    assert ("In earlier clips" in provider.prompts["0002-pose"]) is told
    assert (NOTHING_FOUND in provider.prompts["0002-pose"]) is told


def test_nothing_found_is_said_of_all_questions_or_of_none() -> None:
    first, *_, last = [one for one in PLAN if one.enhancement is Enhancement.POSE]
    ids = [feature.id for feature in last.features]

    def told(presences: dict[str, Presence | None]) -> list[SegmentAnswer] | None:
        rows = [SegmentAnswer(first.segment, one, Answer(one, presences.get(one))) for one in ids]
        return EarlierSegments(PLAN, told=True).found(last, lambda one: rows if one is first else ())

    absent: dict[str, Presence | None] = dict.fromkeys(ids, Presence.NO)
    assert len(told(absent) or ()) == len(ids)
    assert told(absent | {ids[0]: Presence.NOT_ASSESSABLE}) == []
    assert told(absent | {ids[0]: None}) == [], "a refused answer is none"
    found = told({ids[0]: Presence.YES, ids[1]: Presence.NOT_ASSESSABLE}) or []
    assert [row.feature for row in found] == [ids[0]]


def test_the_time_of_a_plan_is_at_least_that_of_its_longest_chain(tmp_path: Path) -> None:
    choice = ModelChoice("openai", "tiny", "http://127.0.0.1:9/v1", limit=16)
    recording = RecordingIdentity("a.mp4", "ab" * 32, 330.0)
    told = plan_reading(choice, recording, tmp_path)
    assert len(told.requests) == 3 * 13 + 1
    assert told.estimate.seconds == 13 * SECONDS_PER_REQUEST
    silent = plan_reading(replace(choice, tell_earlier=False), recording, tmp_path)
    assert silent.estimate.seconds == 3 * SECONDS_PER_REQUEST


def test_a_failure_holds_nobody_up(tmp_path: Path) -> None:
    provider = Telling(
        lambda key, material: RequestError("no") if key == "0000-pose" else right_answer(material, "yes")
    )
    outcome = ran(tmp_path, provider).outcome()
    assert {failed.request for failed in outcome.failed} == {"0000-pose"}
    assert '"clonic" at 25–55 seconds' in provider.prompts["0002-pose"]


def test_a_second_run_tells_what_the_first_one_found(tmp_path: Path) -> None:
    def all_but_the_last(key: str, material: Material) -> str | Exception:
        return RequestError("no") if key == "0002-pose" else right_answer(material, "yes")

    ran(tmp_path, Scripted(all_but_the_last))
    rest = Telling(lambda _key, material: right_answer(material))
    ran(tmp_path, rest)
    assert rest.asked == ["0002-pose"]
    assert '"clonic" at 0–55 seconds' in rest.prompts["0002-pose"]


def test_without_it_nothing_waits_and_nothing_is_told(tmp_path: Path) -> None:
    provider = Telling(lambda _key, material: right_answer(material, "yes"))
    ran(tmp_path, provider, RunOptions(PROMPT_SETS["expert"], limit=8, told=Told(80.0)))
    assert not any("In earlier clips" in text for text in provider.prompts.values())
    assert provider.most_at_once > 3


def test_a_cancel_ends_what_waits(tmp_path: Path) -> None:
    cancel = CancelToken()

    class Hanging(Scripted):
        async def ask(self, material: Material) -> Reply:
            cancel.cancel()
            return await super().ask(material)

    provider = Hanging(lambda _key, material: right_answer(material))
    run = ModelRun(PLAN, Clips(), Journal(tmp_path, WHAT), OPTIONS)
    with pytest.raises(Cancelled):
        run.run(lambda: provider, report=no_report, cancel=cancel)


def test_what_is_told_does_not_grow_with_the_recording() -> None:
    plan = requests(5_000.0, mode=AskingMode.PER_FEATURE)
    earlier = EarlierSegments(plan, told=True)
    asked: list[str] = []
    earlier.found(plan[-1], lambda one: asked.append(one.key) or ())  # type: ignore[func-returns-value]
    assert len(asked) == MOST_EARLIER
