"""The table of families: which row a model belongs to, what its requests look like, what they cost."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.enhance.enhancement import Enhancement, features_of
from app.core.readers.models.answer_schema import response_schema
from app.core.readers.models.families import (
    FAMILIES,
    UNKNOWN,
    ClipForm,
    Family,
    clip_form,
    family_of,
)
from app.core.readers.models.model_choice import ModelChoice, load_choice, save_choice
from app.core.readers.models.openai_compatible import request_body
from app.core.readers.models.provider import Capabilities, ClipPicture, Material
from app.core.readers.models.providers import unsupported_enhancements
from app.core.readers.models.reader import plan_reading
from app.core.readers.models.reading_state import Planned
from app.core.readers.models.request_plan import request_tokens
from app.core.readers.models.run_phrases import plan_rows
from app.core.readers.models.time_notation import TimeNotation
from app.core.reading import RecordingIdentity

SERVED = [family for family in FAMILIES.values() if not family.providers]
FRAMES = 60
MATERIAL = Material(
    prompt="What do you see?",
    schema=response_schema(features_of(Enhancement.POSE)),
    pictures=tuple(ClipPicture(500 * number, b"jpeg") for number in range(FRAMES)),
    video=b"an mp4 file",
    sound=b"a wav file",
)
each_family = pytest.mark.parametrize("family", SERVED, ids=[family.id for family in SERVED])


@pytest.mark.parametrize(
    ("provider", "model", "family"),
    [
        ("openai", "Qwen/Qwen2.5-VL-32B-Instruct-AWQ", "qwen2.5-vl"),
        ("openai", "qwen3-vl-30b-a3b-instruct", "qwen3-vl"),
        ("openai", "Qwen/Qwen3.5-122B-A10B", "qwen3-vl"),
        ("openai", "Qwen/Qwen3-Omni-30B-A3B-Instruct", "qwen3-omni"),
        ("openai", "Qwen/Qwen2.5-Omni-7B", "qwen2.5-omni"),
        ("openai", "OpenGVLab/InternVL3_5-38B", "internvl3.5"),
        ("openai", "nvidia/audio-flamingo-3-hf", "audio-flamingo-3"),
        ("openai", "gpt-5", "gpt-5"),
        ("openai", "gpt-5.1-2025-11-13", "gpt-5"),
        ("openai", "gpt-5-mini", "gpt-5-mini"),
        ("openai", "gpt-5.4-nano", "gpt-5-nano"),
        ("openai", "gpt-5.5", "gpt-5.2"),
        ("openai", "Qwen2.5-VL-7B-Instruct-Q4_K_M.gguf", "llama-cpp"),
        ("openai", "qwen2.5vl:7b", "ollama"),
        ("openai", "m", UNKNOWN),
        ("openai", "gemini-3.8-flash", UNKNOWN),  # through another wire than Google's own
        ("gemini", "", "gemini-3"),
        ("gemini", "gemini-2.5-pro", "gemini-2"),
        ("vertex", "gemini-3-pro", "gemini-3"),
        ("vertex", "gemini-20-pro", "gemini-3"),
    ],
)
def test_the_name_tells_the_family(provider: str, model: str, family: str) -> None:
    assert family_of(provider, model).id == family


def test_a_person_can_choose_the_family(tmp_path: Path) -> None:
    choice = ModelChoice("openai", "our-deployment", "http://127.0.0.1:1/v1", family="gpt-5")
    save_choice(choice, tmp_path)
    assert load_choice(tmp_path) == choice
    assert choice.model_family is FAMILIES["gpt-5"]
    assert replace(choice, family="of a later version").model_family is FAMILIES[UNKNOWN]
    assert replace(choice, provider="gemini").model_family is FAMILIES["gemini-3"]
    assert replace(choice, tested=choice.target, family="unknown").target != choice.target


@each_family
def test_the_media_stand_before_the_question(family: Family) -> None:
    body = request_body("m", MATERIAL, Capabilities(), family=family)
    content = body["messages"][0]["content"]
    assert content[-1]["type"] == "text"
    assert content[-1]["text"].endswith(MATERIAL.prompt)
    assert all(part["type"] != "text" or MATERIAL.prompt not in part["text"] for part in content[:-1])
    assert any(part["type"] == "input_audio" for part in content) is family.takes_sound
    form = clip_form(family, Capabilities())
    kinds = [part["type"] for part in content]
    assert kinds.count("image_url") == (FRAMES if form is ClipForm.PICTURES else 0)
    assert kinds.count("video_url") == (form in {ClipForm.FRAMES, ClipForm.VIDEO})


@each_family
def test_options_come_from_the_table_and_are_filled_in(family: Family) -> None:
    body = request_body("m", MATERIAL, Capabilities(), family=family)
    own = {"model", "messages", "response_format", family.answer_limit}
    assert set(body) - own <= {*family.options, *family.frame_options}
    assert '"$' not in json.dumps({key: value for key, value in body.items() if key not in own})
    assert (
        body[family.answer_limit]
        < request_body("m", _questions(20), Capabilities(), family=family)[family.answer_limit]
    )


def _questions(number: int) -> Material:
    features = [feature for enhancement in Enhancement for feature in features_of(enhancement)]
    return replace(MATERIAL, schema=response_schema(features[:number]))


def test_frames_are_one_video_of_which_the_server_drops_none() -> None:
    body = request_body("m", MATERIAL, Capabilities(), family=FAMILIES["qwen2.5-vl"])
    (video, question) = body["messages"][0]["content"]
    kind, _, frames = video["video_url"]["url"].partition(",")
    assert kind == "data:video/jpeg;base64"
    assert frames.count(",") == FRAMES - 1
    options = body["media_io_kwargs"]["video"]
    assert (options["num_frames"], options["total_num_frames"], options["fps"]) == (FRAMES, FRAMES, 2.0)
    assert options["frames_indices"] == list(range(FRAMES))
    assert options["duration"] == 30.0
    assert body["mm_processor_kwargs"]["fps"] == 2.0
    assert question["text"].startswith(
        "The video has 60 frames, 2 a second, from 0.0 seconds to 29.5 seconds."
    )


def test_a_server_without_video_gets_pictures_with_times_as_the_family_writes_them() -> None:
    body = request_body("m", MATERIAL, Capabilities(video="no"), family=FAMILIES["qwen3-vl"])
    content = body["messages"][0]["content"]
    assert [part["text"] for part in content if part["type"] == "text"][1] == "<0.5 seconds>:"
    assert "media_io_kwargs" not in body


@each_family
def test_what_no_server_takes_is_not_sent(family: Family) -> None:
    deaf_and_blind = Capabilities(pictures="no", video="no", sound="no", schema="no")
    body = request_body("m", MATERIAL, deaf_and_blind, family=family)
    assert [part["type"] for part in body["messages"][0]["content"]] == ["text"]
    assert "response_format" not in body


def test_what_a_family_does_not_take_is_not_asked_about() -> None:
    flamingo = ModelChoice("openai", "audio-flamingo-3", "http://127.0.0.1:1/v1")
    assert set(unsupported_enhancements(flamingo)) == {Enhancement.POSE, Enhancement.FACE}
    seeing = replace(flamingo, model="Qwen2.5-VL-7B")
    assert unsupported_enhancements(seeing) == {Enhancement.SOUND: "Qwen2.5-VL takes no sound."}


def test_times_in_three_forms() -> None:
    written = [
        form.written(72_460) for form in (TimeNotation.SECONDS, TimeNotation.ANGLE, TimeNotation.CLOCK)
    ]
    assert written == ["72.5 seconds", "<72.5 seconds>", "01:12.5"]
    assert TimeNotation.CLOCK.written(59_980) == "01:00.0"


# tokens


def smart_resize(
    height: int, width: int, factor: int, fewest: int, most: float
) -> tuple[int, int]:  # as transformers publishes it
    high, wide = max(factor, round(height / factor) * factor), max(factor, round(width / factor) * factor)
    if high * wide > most:
        beta = math.sqrt(height * width / most)
        return (
            max(factor, math.floor(height / beta / factor) * factor),
            max(factor, math.floor(width / beta / factor) * factor),
        )
    if high * wide < fewest:
        beta = math.sqrt(fewest / (height * width))
        return math.ceil(height * beta / factor) * factor, math.ceil(width * beta / factor) * factor
    return high, wide


def qwen2_video(width: int, height: int) -> float:
    high, wide = smart_resize(height, width, 28, 3136, 802_816)
    return FRAMES / 2 * high * wide / 28**2


def qwen3_video(width: int, height: int) -> float:
    high, wide = smart_resize(height, width, 32, 4096, 25_165_824 / FRAMES)
    times = len("<12.5 seconds>".replace("seconds", "s").replace(" ", "")) + 2
    return FRAMES / 2 * (high * wide / 32**2 + times)


def qwen_pictures(width: int, height: int) -> float:
    high, wide = smart_resize(height, width, 28, 3136, 12_845_056)
    return FRAMES * (high * wide / 28**2 + 2 + 8)


def openai_tiles(width: int, height: int) -> float:
    scale = min(1, 2048 / max(width, height), 768 / min(width, height))
    return FRAMES * (70 + 140 * math.ceil(width * scale / 512) * math.ceil(height * scale / 512) + 8)


def openai_patches(factor: float) -> Callable[[int, int], float]:
    return lambda width, height: FRAMES * (math.ceil(width / 32) * math.ceil(height / 32) * factor + 8)


PUBLISHED: dict[str, Callable[[int, int], float]] = {
    "gemini-3": lambda _width, _height: FRAMES * 70,
    "gemini-2": lambda _width, _height: FRAMES * 258,
    "qwen2.5-vl": qwen2_video,
    "qwen2.5-omni": qwen2_video,
    "qwen3-vl": qwen3_video,
    "qwen3-omni": qwen3_video,
    "internvl3.5": lambda _width, _height: (
        FRAMES * (256 + len(["Frame", "12", ":", " ", "<img>", "</img>", "\n"]))
    ),
    "audio-flamingo-3": lambda _width, _height: 0,
    "gpt-5": openai_tiles,
    "gpt-5.2": openai_patches(1.2),
    "gpt-5-mini": openai_patches(1.62),
    "gpt-5-nano": openai_patches(2.46),
    "llama-cpp": qwen_pictures,
    "ollama": qwen_pictures,
    UNKNOWN: qwen_pictures,
}
"""Tokens of 60 frames of a size by what is published, written down apart from the table."""


@pytest.mark.parametrize("name", FAMILIES)
@given(width=st.integers(160, 1920), height=st.integers(120, 1920))
def test_planned_tokens_are_those_of_the_published_formula(name: str, width: int, height: int) -> None:
    provider = next(iter(FAMILIES[name].providers), "openai")
    choice = ModelChoice(provider, "m", "http://127.0.0.1:1/v1" if provider == "openai" else "", family=name)
    choice = replace(choice, project="p", location="eu")
    plan = replace(plan_reading(choice, RecordingIdentity("a", "", 30.0), Path("s")), frame=(width, height))
    serving = plan.serving
    for request in plan.requests:
        if request.enhancement is Enhancement.SOUND:
            continue
        planned = request_tokens(request, replace(serving, text=lambda _request: ""))
        expected = PUBLISHED[name](*serving.sizes[request.enhancement])
        assert planned == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize(
    ("name", "tokens"),
    [("gemini-3", 960), ("audio-flamingo-3", 750), ("qwen2.5-omni", 750), ("qwen3-omni", 375)],
)
def test_thirty_seconds_of_sound(name: str, tokens: int) -> None:
    assert 30 * FAMILIES[name].sound == tokens


def test_two_minutes_cost_a_fifth_of_the_studys_own_requests_at_its_size() -> None:
    choice = ModelChoice("openai", "Qwen/Qwen2.5-VL-32B-Instruct", "http://127.0.0.1:1/v1")
    plan = plan_reading(choice, RecordingIdentity("a", "", 120.0), Path("s"))
    assert max(plan.serving.sizes[Enhancement.POSE]) == 1036
    segments = len({request.segment for request in plan.requests})
    study = segments * 20 * FRAMES / 2 * (1036 // 28) * (588 // 28)
    assert plan.estimate.tokens_in <= 0.2 * study


def test_a_request_fits_into_the_usual_context() -> None:
    choice = ModelChoice("openai", "OpenGVLab/InternVL3_5-38B", "http://127.0.0.1:1/v1")
    plan = plan_reading(choice, RecordingIdentity("a", "", 120.0), Path("s"))
    assert 15_000 < plan.estimate.largest < choice.model_family.context


def test_a_context_that_is_too_small_is_said_with_the_servers_option() -> None:
    choice = ModelChoice("openai", "qwen2.5vl:7b", "http://127.0.0.1:1/v1")
    plan = plan_reading(choice, RecordingIdentity("a", "", 30.0), Path("s"))
    words = plan_rows(Planned(plan, plan.requests, plan.estimate, None))[2]
    assert "OLLAMA_CONTEXT_LENGTH" in words
    assert "4\u202f096" in words


def test_text_of_a_prompt_is_counted() -> None:
    choice = ModelChoice("openai", "m", "http://127.0.0.1:1/v1")
    plan = plan_reading(choice, RecordingIdentity("a", "", 30.0), Path("s"))
    serving = plan.serving
    for request in plan.requests:
        more = request_tokens(request, serving) - request_tokens(request, replace(serving, text=lambda _: ""))
        assert len(serving.text(request)) / 4 < more < len(serving.text(request)) / 3
