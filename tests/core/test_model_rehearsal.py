"""A rehearsal finds what a server leaves out of a request of full size, and says what to change there."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import pytest

from app.core.enhance.enhancement import Enhancement
from app.core.errors import Cancelled
from app.core.folders import settings_folder
from app.core.jobs import CancelToken, Progress
from app.core.privacy.keys import Secret
from app.core.privacy.ledger import Ledger
from app.core.readers.models import generated_media, rehearsal_trial
from app.core.readers.models.connection import ConnectionReport
from app.core.readers.models.model_choice import ModelChoice
from app.core.readers.models.provider import ClipPicture
from app.core.readers.models.rehearsal import RehearsalReport, rehearse
from app.core.readers.models.rehearsal_phrases import rehearsal_lines
from app.core.readers.models.rehearsal_trial import Loss, Rehearsed
from app.core.readers.models.servers import (
    SERVERS,
    UNKNOWN_SERVER,
    advice_on_refusal,
    server_kind,
    whole_context,
)
from app.core.readers.models.token_counts import PLANNED_BY
from tests.core.counting_server import CountingServer, counting
from tests.loopback import Answer, Service, answer_to, generated, served

Ask = Callable[..., RehearsalReport]
QWEN = "Qwen/Qwen2.5-VL-7B-Instruct"
SMALL = generated_media.picture()


@pytest.fixture(autouse=True)
def _small_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts matter here, not pixels."""

    def small(number: int, fps: float, *_size: int, **_cancel: object) -> tuple[ClipPicture, ...]:
        return tuple(ClipPicture(round(1000 * place / fps), SMALL) for place in range(number))

    monkeypatch.setattr(rehearsal_trial, "pictures", small)


@pytest.fixture
def ask() -> Ask:
    def asked(server: CountingServer, **changes: object) -> RehearsalReport:
        with served(counting(server)) as service:
            given = ModelChoice("openai", QWEN, f"{service.url}/v1", enhancements=(Enhancement.POSE,))
            return rehearse(replace(given, **changes), None, "Dr A")  # type: ignore[arg-type]

    return asked


def only(report: RehearsalReport) -> Rehearsed:
    (row,) = report.rehearsed
    return row


def test_what_is_taken_whole_passes_with_its_tokens(ask: Ask) -> None:
    server = CountingServer()
    report = ask(server)
    row = only(report)
    assert report.passed
    assert (row.frames, row.taken, row.loss, row.advice) == (60, 60, None, "")
    assert (row.answered, row.asked) == (11, 11)
    assert row.counted == max(server.counted)
    assert row.counted == pytest.approx(row.planned, rel=0.1)
    line = rehearsal_lines(report, ModelChoice("openai", QWEN))[-1]
    assert line.startswith("✓ Pose, 60 pictures of 1036 × 583: all taken")
    assert "11 of 11 answers can be used" in line
    (kept,) = json.loads((settings_folder() / "tokens.json").read_text()).values()
    assert kept == [["pose", row.planned, row.counted, 11, 100, PLANNED_BY]], (
        "the next plan is corrected by it"
    )


@pytest.mark.parametrize("most", [1, 16, 32, 48, 54])
@pytest.mark.parametrize("family", ["qwen2.5-vl", "unknown"])
def test_dropped_frames_are_counted(ask: Ask, most: int, family: str) -> None:
    row = only(ask(CountingServer(most_frames=most), family=family))
    assert row.loss is Loss.FRAMES
    assert row.taken == pytest.approx(most, abs=1) if most > 8 else row.taken < 16
    assert ("--media-io-kwargs" if family == "qwen2.5-vl" else "--limit-mm-per-prompt") in row.advice


@pytest.mark.parametrize("context", [1024, 2048, 4096, 8192, 16_384])
@pytest.mark.parametrize(("owner", "option"), [("library", "num_ctx"), ("vllm", "--max-model-len 32768")])
def test_a_cut_context_is_told_from_dropped_frames(ask: Ask, context: int, owner: str, option: str) -> None:
    report = ask(CountingServer(context=context, owner=owner))
    row = only(report)
    assert (row.loss, row.counted) == (Loss.CONTEXT, context)
    assert option in row.advice
    line, to_do = rehearsal_lines(report, ModelChoice("openai", QWEN))[-2:]
    assert "its context is too small" in line
    assert to_do == f"→ {row.advice}"
    assert not report.passed
    assert not (settings_folder() / "tokens.json").exists(), "what was cut says nothing of the next plan"


@pytest.mark.parametrize("extra", [-0.5, -0.2, 0.3, 2.0])
def test_a_formula_that_does_not_fit_is_no_loss(ask: Ask, extra: float) -> None:
    row = only(ask(CountingServer(extra=extra)))
    assert (row.loss, row.taken) == (None, 60)


def test_a_server_that_counts_no_tokens_is_no_pass_and_no_loss(ask: Ask) -> None:
    report = ask(CountingServer(states_tokens=False))
    assert only(report).counted is None
    line = rehearsal_lines(report, ModelChoice("openai", QWEN))[-1]
    assert line.startswith("·")
    assert "cannot be found" in line


TOO_LONG = "This model's maximum context length is 4096 tokens. However, you requested 30000"
REFUSALS = {
    "At most 1 image(s) may be provided in one prompt.": "--limit-mm-per-prompt '{\"image\": 60}'",
    TOO_LONG: "--max-model-len 32768",
    "request (9000 tokens) exceeds the available context size (4096)": "--max-model-len 32768",
    "no": "",
}


@pytest.mark.parametrize(("said", "option"), REFUSALS.items())
def test_a_refusal_comes_with_the_option_that_helps(ask: Ask, said: str, option: str) -> None:
    report = ask(CountingServer(refusal=json.dumps({"error": {"message": said}}).encode()))
    row = only(report)
    assert "refused" in row.problem
    assert option in row.advice if option else row.advice == ""
    assert any(row.problem in line for line in rehearsal_lines(report, ModelChoice("openai", QWEN)))


def test_gemini_is_rehearsed_with_a_video_and_pays_for_thoughts() -> None:
    def answer(path: str, body: bytes) -> Answer | None:
        if "generateContent" not in path:
            return None
        asked = json.loads(body)
        said = json.loads(generated(answer_to(asked["generationConfig"]["responseJsonSchema"], "no")))
        parts = asked["contents"][0]["parts"]
        tokens = sum(70 * frames_in(part) + len(part.get("text", "")) // 4 for part in parts)
        counts = {"promptTokenCount": tokens, "candidatesTokenCount": 700, "thoughtsTokenCount": 50}
        return 200, {}, json.dumps(said | {"usageMetadata": counts}).encode()

    with served(Service(before=answer)) as service:
        given = ModelChoice("gemini", "gemini-3.8-flash", service.url, enhancements=(Enhancement.POSE,))
        report = rehearse(given, Secret("canary-key-0123456789"), "Dr A")
    row = only(report)
    assert (row.frames, row.taken, row.loss, row.counted_out) == (60, 60, None, 750)
    assert row.counted == pytest.approx(row.planned, rel=0.1)


def frames_in(part: dict[str, Any]) -> int:
    """The frames of the video in a part of a request to Gemini."""
    if "inlineData" not in part:
        return 0
    content = base64.urlsafe_b64decode(part["inlineData"]["data"].replace("+", "-").replace("/", "_"))
    with av.open(io.BytesIO(content)) as film:
        return film.streams.video[0].frames if film.streams.video else 0


def test_what_helps_several_kinds_of_clips_is_said_once(ask: Ask) -> None:
    report = ask(CountingServer(most_frames=32), enhancements=(Enhancement.POSE, Enhancement.FACE))
    lines = rehearsal_lines(report, ModelChoice("openai", QWEN))
    assert [line[0] for line in lines[-3:]] == ["✕", "✕", "→"]
    assert "about 32 of 60 pictures" in lines[-3]


def test_sound_is_rehearsed_too_and_windows_of_one_length_are_no_loss(ask: Ask) -> None:
    server = CountingServer()
    report = ask(server, family="qwen2.5-omni", enhancements=tuple(Enhancement))
    assert [row.enhancement for row in report.rehearsed] == list(Enhancement)
    assert report.passed
    assert report.rehearsed[-1].counted == pytest.approx(report.rehearsed[-1].planned, rel=0.1)
    cut = ask(CountingServer(context=600), family="qwen2.5-omni", enhancements=(Enhancement.SOUND,))
    assert only(cut).loss is Loss.CONTEXT


def test_nothing_but_generated_material_is_sent_and_all_of_it_is_in_the_ledger(ask: Ask) -> None:
    ask(CountingServer())
    entries = Ledger(settings_folder()).entries()
    assert {entry.sending.deidentification for entry in entries} == {"generated material"}
    assert all("connection test" in entry.sending.purpose for entry in entries)
    assert max(entry.sending.size for entry in entries) > 60 * len(SMALL)


def test_what_is_found_first_arrives_before_the_large_requests() -> None:
    arrived: list[ConnectionReport] = []
    server = CountingServer()
    told: list[Progress] = []
    with served(counting(server)) as service:
        given = ModelChoice("openai", QWEN, f"{service.url}/v1", enhancements=(Enhancement.POSE,))
        rehearse(given, None, "Dr A", report=told.append, connected=arrived.append)
    assert [found.owners for found in arrived] == [("vllm",)]
    assert [step.done for step in told] == sorted(step.done for step in told)


def test_it_can_be_cancelled_while_a_large_request_hangs() -> None:
    cancel = CancelToken()
    server = CountingServer()
    service = counting(server)

    def stop(progress: Progress) -> None:
        if "whole question" in progress.what:
            service.seconds = 300.0
            cancel.cancel()

    with served(service):
        given = ModelChoice("openai", QWEN, f"{service.url}/v1", enhancements=(Enhancement.POSE,))
        with pytest.raises(Cancelled):
            rehearse(given, None, "Dr A", report=stop, cancel=cancel)


def test_a_problem_of_the_connection_ends_it() -> None:
    service = Service(before=lambda _path, _body: (401, {}, b"{}"))
    with served(service):
        report = rehearse(ModelChoice("openai", QWEN, f"{service.url}/v1"), None, "Dr A")
    assert report.rehearsed == ()
    assert not report.passed
    assert rehearsal_lines(report, ModelChoice("openai", QWEN))[0].startswith("✕")


def test_the_real_questions_and_form_are_sent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.undo()  # pictures of full size
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    server = CountingServer()
    with served(counting(server)) as service:
        given = ModelChoice("openai", QWEN, f"{service.url}/v1", enhancements=(Enhancement.FACE,))
        assert rehearse(given, None, "Dr A").passed
        bodies = sorted(service.bodies, key=len)
    # Head turning is asked of the whole picture, in a separate request.
    asked = next(json.loads(body) for body in reversed(bodies) if rb"\"eye_blinking\"" in body)
    frames = asked["messages"][0]["content"][0]["video_url"]["url"].split(",")[1:]
    assert len(frames) == 60
    assert asked["media_io_kwargs"]["video"]["num_frames"] == 60
    assert '"eye_blinking"' in asked["messages"][0]["content"][-1]["text"]


def test_generated_media_have_the_size_that_is_asked_for() -> None:
    with av.open(io.BytesIO(generated_media.video(6, 2.0, 101, 57))) as film:
        stream = film.streams.video[0]
        assert (stream.width, stream.height, stream.frames) == (100, 56, 6)
    with av.open(io.BytesIO(generated_media.picture(100, 57))) as one:
        assert (one.streams.video[0].width, one.streams.video[0].height) == (100, 57)
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        generated_media.pictures(60, 2.0, 100, 57, cancel=cancel)


def test_every_server_names_an_option_for_its_context() -> None:
    for kind in SERVERS:
        assert "32768" in kind.raise_context(30_000), kind.id
        assert kind.sources or kind.id == UNKNOWN_SERVER
    assert server_kind(("Library",), "unknown").id == "ollama"
    assert server_kind((), "llama-cpp").id == "llama-cpp"
    assert server_kind(("somebody",), "qwen2.5-vl").id == UNKNOWN_SERVER
    assert [whole_context(tokens) for tokens in (1, 4096, 4097)] == [4096, 4096, 8192]
    assert advice_on_refusal("at most 0 audio(s)", SERVERS[0], 1, 60) == (
        "Start vLLM with --limit-mm-per-prompt '{\"audio\": 1}'."
    )
