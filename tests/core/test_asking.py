"""Which question is asked of which clip."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.enhance.enhancement import Enhancement
from app.core.readers.models.answer_schema import AnswerForm
from app.core.readers.models.asked import asking_of
from app.core.readers.models.asking import AskingWays, asking_from_text
from app.core.readers.models.families import FAMILIES
from app.core.readers.models.model_choice import ModelChoice
from app.core.readers.models.prompts import PROMPT_SETS
from app.core.readers.models.provider import Capabilities
from app.core.readers.models.reader import plan_reading
from app.core.readers.models.reading_range import EventTimes
from app.core.readers.models.reading_state import Planned
from app.core.readers.models.request_plan import (
    MOST_FRAMES,
    AskingMode,
    Part,
    Request,
    Serving,
    clip_specs,
    request_tokens,
    requests,
)
from app.core.readers.models.run_phrases import what_words
from app.core.reading import RecordingIdentity
from app.core.semiology import FEATURES, Span

USUAL = AskingWays(sleep_once=True, whole_event=True, with_shoulders=True, with_picture=True)


def asked(part: Part, mode: AskingMode = AskingMode.GROUPED, fps: float = 2.0) -> tuple[Request, ...]:
    return requests(part.duration, mode=mode, fps=fps, part=part)


def of(feature: str, plan: tuple[Request, ...]) -> list[Request]:
    return [request for request in plan if feature in {one.id for one in request.features}]


def test_without_any_it_is_as_it_was() -> None:
    assert AskingWays().text == ""
    assert requests(120.0, part=Part(120.0)) == requests(120.0)
    assert len(of("close_eyes", requests(120.0))) == 5


@given(st.builds(AskingWays, *[st.booleans()] * 6))
def test_the_ways_are_written_and_read(asking: AskingWays) -> None:
    assert asking_from_text(asking.text) == asking


def test_an_unknown_way_is_refused() -> None:
    with pytest.raises(ValueError, match="does not know"):
        asking_from_text("sleep_once,by_post")


@pytest.mark.parametrize("mode", AskingMode)
def test_every_feature_is_asked_about(mode: AskingMode) -> None:
    plan = asked(Part(120.0, asking=USUAL), mode)
    assert {one.id for request in plan for one in request.features} == {one.id for one in FEATURES}
    assert len({request.key for request in plan}) == len(plan)


def test_closed_eyes_are_asked_about_once_of_few_pictures_of_the_whole_event() -> None:
    (request,) = of("close_eyes", asked(Part(600.0, asking=USUAL)))
    assert request.segment.whole
    assert request.segment.span == Span(0, 600)
    assert request.fps == pytest.approx(MOST_FRAMES / 600)
    assert request.key == "whole-face-close_eyes"
    (marked,) = of("close_eyes", asked(Part(600.0, event=EventTimes(100.0, 220.0), asking=USUAL)))
    assert marked.segment.span == Span(100, 220)
    (short,) = of("close_eyes", asked(Part(20.0, asking=USUAL)))
    assert not short.segment.whole, "one segment is the whole event already"


def test_feature_rates_do_not_cut_the_whole_event() -> None:
    plan = requests(120.0, fps=1.0, feature_rates=True, part=Part(120.0, asking=USUAL))
    (request,) = of("close_eyes", plan)
    assert request.segment.whole
    assert all(one.segment.span.duration * one.fps <= MOST_FRAMES + 1e-6 for one in plan)


def test_sleep_is_asked_about_where_the_event_begins() -> None:
    first = of("occur_during_sleep", asked(Part(600.0, asking=USUAL)))
    assert [request.segment.number for request in first] == [0]
    (marked,) = of("occur_during_sleep", asked(Part(600.0, event=EventTimes(103.0), asking=USUAL)))
    assert marked.segment.span == Span(75, 105), "the segment with most of what was before the onset"
    elsewhere = Part(600.0, Span(200, 300), EventTimes(103.0), asking=USUAL)
    assert of("occur_during_sleep", asked(elsewhere)) == [], "the event began before this part"


def test_head_turning_is_judged_with_the_shoulders() -> None:
    plan = asked(Part(60.0, asking=USUAL))
    assert {request.enhancement for request in of("head_turning", plan)} == {Enhancement.POSE}
    assert {request.enhancement for request in of("blank_stare", plan)} == {Enhancement.FACE}
    only_face = requests(60.0, enhancements=frozenset({Enhancement.FACE}), part=Part(60.0, asking=USUAL))
    assert {one.id for one in only_face[0].features} | {one.id for one in only_face[1].features} >= {
        "head_turning"
    }
    assert len({one.id for request in only_face for one in request.features}) == 7


def test_the_picture_goes_along_with_the_sound_and_is_counted() -> None:
    plan = asked(Part(60.0, asking=USUAL))
    sound = [request for request in plan if request.enhancement is Enhancement.SOUND]
    assert all(request.with_picture for request in sound)
    assert [request.picture.name for request in sound if request.picture] == [
        "0000-pose",
        "0001-pose",
        "0002-pose",
    ]
    names = [spec.name for spec in clip_specs(plan)]
    assert len(names) == len(set(names)), "the same clip as that of limbs and body"
    alone = Request(sound[0].segment, Enhancement.SOUND, sound[0].features)
    assert request_tokens(sound[0], Serving()) > 10 * request_tokens(alone, Serving())


def test_a_part_is_asked_about_alone() -> None:
    plan = asked(Part(600.0, Span(100, 160), asking=USUAL))
    assert min(request.segment.span.start for request in plan) == 100
    assert max(request.segment.span.end for request in plan) == 160


def test_the_study_heard_the_recording_in_one_piece() -> None:
    plan = asked(
        Part(300.0, asking=AskingWays(long_sound=True), form=AnswerForm.SHORT), AskingMode.PER_FEATURE
    )
    (heard,) = of("ictal_vocalization", plan)
    assert heard.segment.span == Span(0, 300)
    assert heard.form is AnswerForm.SHORT
    assert len(of("clonic", plan)) == 12


def test_picture_and_sound_go_together_only_where_the_family_takes_both() -> None:
    together = {family.id for family in FAMILIES.values() if family.together}
    assert together == {"gemini-2", "gemini-3", "qwen3-omni", "qwen2.5-omni"}
    prompts = PROMPT_SETS["expert"]
    server = ModelChoice(provider="openai", base_url="http://127.0.0.1:9/v1")
    omni = replace(server, model="Qwen2.5-Omni-7B")
    assert asking_of(omni, prompts).with_picture
    assert not asking_of(replace(server, model="Qwen2.5-VL-7B-Instruct"), prompts).with_picture
    assert not asking_of(replace(omni, with_picture=False), prompts).with_picture
    assert not asking_of(replace(omni, enhancements=(Enhancement.SOUND,)), prompts).with_picture, (
        "never unasked"
    )
    deaf = replace(omni, capabilities=Capabilities(sound="it takes none"), tested=omni.target)
    assert not asking_of(deaf, prompts).with_picture


@pytest.mark.parametrize(("shown", "words"), [(True, "2 of sound with the picture"), (False, "2 of sound")])
def test_the_gate_says_whether_the_picture_goes_along(tmp_path: Path, shown: bool, words: str) -> None:
    choice = ModelChoice("openai", "Qwen2.5-Omni-7B", "http://127.0.0.1:9/v1", with_picture=shown)
    plan = plan_reading(choice, RecordingIdentity("a.mp4", "ab" * 32, 40.0), tmp_path)
    assert what_words(Planned(plan, plan.requests, plan.estimate, None)).endswith(words)


def test_a_covered_head_is_not_judged_from_the_clip_that_covers_it() -> None:
    prompts = PROMPT_SETS["expert"]
    choice = ModelChoice(provider="openai", base_url="http://127.0.0.1:9/v1", model="m")
    assert asking_of(choice, prompts).with_shoulders
    assert not asking_of(replace(choice, cover_patient=True), prompts).with_shoulders
    assert not asking_of(replace(choice, crop=False), prompts).with_shoulders


def test_the_defaults_are_the_arms_that_were_measured_as_better() -> None:
    choice = ModelChoice()
    assert (choice.overlay, choice.crop, choice.denoise, choice.with_picture) == (False, True, False, True)
