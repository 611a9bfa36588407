"""The whole way to a real server: llama.cpp's, with a tiny model of random numbers."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import jsonschema
import pytest

from app.core.enhance.enhancement import Enhancement, features_of
from app.core.errors import Cancelled
from app.core.jobs import CancelToken, no_report
from app.core.privacy.gate import allow
from app.core.privacy.keys import Secret
from app.core.privacy.ledger import Ledger
from app.core.readers.models.answer_schema import response_schema
from app.core.readers.models.clip_folder import ClipFolder
from app.core.readers.models.connection import test_connection, with_found_capabilities
from app.core.readers.models.generated_media import picture, tone, video
from app.core.readers.models.guarded_transport import SendContext
from app.core.readers.models.model_choice import ModelChoice, known_capabilities
from app.core.readers.models.model_run import RunOutcome
from app.core.readers.models.prompts import PROMPT_SETS, prompt
from app.core.readers.models.provider import Capabilities, ClipPicture, Material, Provider, Reply
from app.core.readers.models.providers import provider_of
from app.core.readers.models.reader import (
    Plan,
    hold_reading,
    model_run,
    plan_reading,
    prepare_plan_clips,
    read_with,
    refused_requests,
)
from app.core.readers.models.request_plan import AskingMode, Request
from app.core.readers.models.response import parse_response
from app.core.readers.models.retrying import NoAccessError, RequestError, ask_with_retries
from app.core.readers.models.segments import segments
from app.core.reading import Reading, RecordingIdentity
from app.core.recording.probe import open_recording
from app.core.semiology import FEATURES, Feature, Presence
from tests.media import tone as sound_of
from tests.media import write_recording
from tests.servers.model_server import NAME, Server, Start

pytestmark = pytest.mark.servers

Result = TypeVar("Result")
SEGMENT = segments(30.0)[0]
DEAF = Capabilities(sound="It does not take sound.")


def choice_for(server: Server, **changes: object) -> ModelChoice:
    choice = ModelChoice(
        "openai", NAME, server.url, limit=1, overlay=False, crop=False, cover_bystanders=False
    )
    return replace(choice, **changes)  # type: ignore[arg-type]


def deaf(choice: ModelChoice) -> ModelChoice:
    """As a test of the connection finds this model."""
    return replace(choice, capabilities=DEAF, tested=choice.target)


def asked(folder: Path, choice: ModelChoice, material: Material, key: Secret | None = None) -> Reply:
    row = provider_of(choice)
    passage = SendContext(allow(folder, row.destination(choice), "Dr A"), Ledger(folder), "test", "generated")

    async def run() -> Reply:
        provider: Provider = row.make(choice, passage, key)
        try:
            return await ask_with_retries(lambda: provider.ask(material), deadline=120.0, attempts=1)
        finally:
            await provider.close()

    return asyncio.run(run())


def question(features: Sequence[Feature], pictures: int = 0) -> Material:
    text = prompt(PROMPT_SETS["expert"], features, Enhancement.POSE, SEGMENT)
    frames = tuple(ClipPicture(500 * number, picture()) for number in range(pictures))
    return Material(text, response_schema(features), frames)


# the connection


def test_the_connection_tells_what_the_model_takes(start: Start) -> None:
    server = start("tiny")
    found = test_connection(choice_for(server), None, "Dr A")
    assert found.problem == ""
    assert found.models == (NAME,)
    assert found.capabilities.pictures == ""
    assert found.capabilities.schema == ""
    assert "does not take sound" in found.capabilities.sound
    assert "busy" not in found.capabilities.sound, "asking again would change nothing"
    choice = with_found_capabilities(choice_for(server), found)
    assert known_capabilities(choice) == found.capabilities


def test_without_a_model_chosen_the_servers_are_listed(start: Start) -> None:
    found = test_connection(choice_for(start("tiny"), model=""), None, "Dr A")
    assert found.models == (NAME,)


def test_only_the_right_key_opens(start: Start, tmp_path: Path) -> None:
    server = start("tiny", "canary-right")
    choice = deaf(choice_for(server))
    material = question(FEATURES[:1])
    with pytest.raises(NoAccessError):
        asked(tmp_path, choice, material, Secret("canary-wrong"))
    assert asked(tmp_path, choice, material, Secret("canary-right")).text
    ledger = (tmp_path / "egress.jsonl").read_text()
    assert "canary" not in ledger
    assert [entry.outcome for entry in Ledger(tmp_path).entries()] == ["401", "200"]


# the schema


@pytest.mark.parametrize("enhancement", Enhancement)
@pytest.mark.parametrize("pictures", [0, 3, 60])
def test_a_random_model_answers_by_the_schema(
    start: Start, tmp_path: Path, enhancement: Enhancement, pictures: int
) -> None:
    features = features_of(enhancement)
    material = question(features, pictures)
    reply = asked(tmp_path, deaf(choice_for(start("tiny"))), material)
    jsonschema.validate(json.loads(reply.text), material.schema)
    parsed = parse_response(reply.text, features, SEGMENT)
    assert len(parsed.answers) == 1
    assert parsed.rejections == ()
    assert reply.served_model == NAME
    assert reply.tokens_in is not None
    assert reply.tokens_in > 0
    assert reply.tokens_out is not None
    assert reply.tokens_out > 0


@pytest.mark.parametrize("feature", FEATURES, ids=[feature.id for feature in FEATURES])
def test_every_feature_alone_is_answered(start: Start, tmp_path: Path, feature: Feature) -> None:
    reply = asked(tmp_path, deaf(choice_for(start("tiny"))), question([feature]))
    parsed = parse_response(reply.text, [feature], SEGMENT)
    assert set(parsed.answers) == {feature.id}


# videos and sound


def test_a_video_is_taken_where_the_connection_test_says_so(start: Start, tmp_path: Path) -> None:
    server = start("tiny")
    found = test_connection(choice_for(server), None, "Dr A")
    if found.capabilities.video:
        pytest.skip(f"this server takes no videos: {found.capabilities.video}")
    choice = with_found_capabilities(choice_for(server, prefer_video=True), found)
    with_video, without = (
        asked(tmp_path, choice, replace(question(FEATURES[:1]), video=film)) for film in (video(), None)
    )
    assert with_video.tokens_in is not None
    assert without.tokens_in is not None
    assert with_video.tokens_in > without.tokens_in
    assert len(parse_response(with_video.text, FEATURES[:1], SEGMENT).answers) == 1


def test_sound_is_refused_at_once(start: Start, tmp_path: Path) -> None:
    choice = choice_for(start("tiny"))
    with pytest.raises(RequestError, match="does not take") as caught:
        asked(tmp_path, choice, replace(question(FEATURES[:1]), sound=tone()))
    assert type(caught.value) is RequestError, "not one that may be sent again"


# whole runs


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty seconds, which are two segments."""
    path = tmp_path_factory.mktemp("recordings") / "event.mp4"
    return write_recording(path, frames=40 * 25, sound=sound_of(40.0))


@pytest.fixture
def plan_for(clip: Path, tmp_path: Path) -> Callable[[ModelChoice], tuple[Plan, ClipFolder]]:
    recording = open_recording(clip)
    identity = RecordingIdentity(recording.name, "00" * 32, recording.duration)

    def made(choice: ModelChoice) -> tuple[Plan, ClipFolder]:
        plan = plan_reading(choice, identity, tmp_path / "study")
        with hold_reading(plan):
            return plan, prepare_plan_clips(plan, recording)

    return made


PlanFor = Callable[[ModelChoice], tuple[Plan, ClipFolder]]


def read(plan: Plan, clips: ClipFolder, cancel: CancelToken | None = None) -> tuple[Reading, RunOutcome]:
    permission = allow(plan.study_folder, plan.destination, "Dr A")
    with hold_reading(plan):
        run = model_run(plan, clips)
        return read_with(run, plan, permission, None, report=no_report, cancel=cancel or CancelToken())


def shown_requests(plan: Plan) -> list[Request]:
    """The requests that a model without ears gets."""
    return [request for request in plan.requests if request.enhancement is not Enhancement.SOUND]


def test_a_recording_is_read_feature_by_feature_and_merged(start: Start, plan_for: PlanFor) -> None:
    server = start("tiny")
    plan, clips = plan_for(deaf(choice_for(server, mode=AskingMode.PER_FEATURE, fps=0.5)))
    reading, outcome = read(plan, clips)
    assert outcome.failed == ()
    seen = [feature for feature in FEATURES if feature not in features_of(Enhancement.SOUND)]
    for feature in seen:
        answer = reading.answer(feature.id)
        assert answer.presence is not None, feature.id
    said = {row.feature for row in outcome.said if row.answer and row.answer.presence is Presence.YES}
    for feature in seen:
        if feature.id in said and feature.id != "occur_during_sleep":
            assert reading.answer(feature.id).presence is Presence.YES
    for feature in features_of(Enhancement.SOUND):
        assert reading.answer(feature.id).presence is Presence.NOT_ASSESSABLE
        assert "by this model" in reading.answer(feature.id).explanation
    assert outcome.served_models == (NAME,)
    asked = shown_requests(plan)
    assert {feature for request in asked for feature in request.features} == set(seen)
    assert {request.segment.number for request in asked} == {0, 1}
    assert len(Ledger(plan.study_folder).entries()) == len(asked)
    assert {entry.outcome for entry in Ledger(plan.study_folder).entries()} == {"200"}
    read(plan, clips)
    assert len(Ledger(plan.study_folder).entries()) == len(asked), "nothing is asked twice"


def test_a_recording_is_read_as_videos_and_nothing_is_refused(start: Start, plan_for: PlanFor) -> None:
    server = start("tiny")
    found = test_connection(choice_for(server), None, "Dr A")
    if found.capabilities.video:
        pytest.skip(f"this server takes no videos: {found.capabilities.video}")
    choice = with_found_capabilities(choice_for(server, prefer_video=True), found)
    plan, clips = plan_for(replace(choice, mode=AskingMode.PER_FEATURE))
    _, outcome = read(plan, clips)
    shown = shown_requests(plan)
    assert {entry.outcome for entry in Ledger(plan.study_folder).entries()} == {"200"}
    assert [failed.reason for failed in outcome.failed] == []
    assert outcome.used.replies == len(shown)
    assert {len(request.features) for request in shown} == {1}
    assert all(clips.media(request, CancelToken()).video for request in shown)


def test_a_model_that_leaves_features_out_is_not_believed_about_them(start: Start, plan_for: PlanFor) -> None:
    plan, clips = plan_for(deaf(choice_for(start("tiny"), fps=0.5)))
    reading, outcome = read(plan, clips)
    answered = {row.feature for row in outcome.said if row.answer}
    for feature in features_of(Enhancement.POSE):
        if feature.id not in answered:
            assert reading.answer(feature.id).presence is None
    assert {failed.again for failed in outcome.failed} == {False}
    assert len(refused_requests(plan)) == 4, "two segments, pose and face"


class _Watched:
    """Clips that do something when the first request begins."""

    def __init__(self, clips: ClipFolder, then: Callable[[], None]) -> None:
        self._clips = clips
        self._then = then
        self._begun = False

    def cannot_show(self, request: Request) -> str:
        return self._clips.cannot_show(request)

    def media(self, request: Request, cancel: CancelToken) -> Material:
        material = self._clips.media(request, cancel)
        if not self._begun:
            self._begun = True
            self._then()
        return material


def soon(server: Server, then: Callable[[], None]) -> Callable[[], None]:
    """Do something as soon as the server computes, in a separate thread."""
    import threading

    def wait() -> None:
        while not server.busy:
            time.sleep(0.02)
        then()

    return lambda: threading.Thread(target=wait, daemon=True).start()


def test_cancel_ends_the_run_and_the_servers_work(start: Start, plan_for: PlanFor) -> None:
    server = start("endless")
    plan, clips = plan_for(deaf(choice_for(server, fps=0.5)))
    permission = allow(plan.study_folder, plan.destination, "Dr A")
    cancel = CancelToken()
    run = model_run(plan, _Watched(clips, soon(server, cancel.cancel)))
    with hold_reading(plan), pytest.raises(Cancelled):
        read_with(run, plan, permission, None, report=no_report, cancel=cancel)
    assert [entry.outcome for entry in Ledger(plan.study_folder).entries()] == ["cancelled"]
    assert not list(plan.folder.glob("0*.json")), "nothing was answered"
    while server.busy:  # the test's own time limit ends this
        time.sleep(1.5)  # it looks at its connections only when nobody has asked it anything for a second


def test_a_server_that_dies_in_the_middle_leaves_a_reading_that_can_be_completed(
    start: Start, plan_for: PlanFor
) -> None:
    server = start("endless")
    one = (Enhancement.FACE,)
    plan, clips = plan_for(deaf(choice_for(server, enhancements=one, fps=0.5)))
    permission = allow(plan.study_folder, plan.destination, "Dr A")
    with hold_reading(plan):
        run = model_run(plan, _Watched(clips, soon(server, server.kill)))
        run._options = replace(run._options, deadline=2.0)  # nobody is there by now
        _, outcome = read_with(run, plan, permission, None, report=no_report, cancel=CancelToken())
    assert outcome.failed
    assert all(failed.again for failed in outcome.failed)
    assert all(answer.presence is not Presence.NO for answer in outcome.answers.values())
    start("tiny", port=server.port)
    _, outcome = read(plan, clips)
    assert not [failed for failed in outcome.failed if failed.again], "every request has its answer"
    assert {row.segment.number for row in outcome.said if row.answer} == {0, 1}
