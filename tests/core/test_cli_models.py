"""`analyze` with models: what is asked, sent and answered."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.commands.model_options import MODELS
from app.core.privacy.destination import Destination
from app.core.privacy.gate import permissions
from app.core.privacy.ledger import Ledger, body_digest
from app.core.readers.models import gemini
from app.core.readers.models.model_choice import ModelChoice, save_choice
from app.core.readers.models.prompts import PROMPT_SETS, prompts_to_json
from app.core.readers.models.provider import Capabilities
from app.core.readers.models.providers import PROVIDERS
from app.core.reading import ReaderKind, from_json
from app.core.semiology import ConfidenceKind, Presence
from app.core.study.store import Study
from tests.core.batch_models import know_pose
from tests.core.model_commands import AS_RECORDED, KEY, Run, clip, openai, run, service, study_of
from tests.loopback import Answer, Service, completion, served
from tests.media import write_recording

__all__ = ["clip", "run", "service"]


def test_the_readers_of_the_command_line_are_the_providers() -> None:
    assert set(MODELS) == {row.id for row in PROVIDERS.values() if not row.by_file}


# the gate


def test_without_the_attestation_nothing_is_sent_or_written(run: Run, service: Service, clip: Path) -> None:
    code, out, err = run(*openai(service, clip))
    assert (code, out) == (1, "")
    (line,) = err.splitlines()
    assert f"127.0.0.1:{service.port}" in line
    assert "stays on this computer" in line
    assert "--i-have-authority" in line
    assert service.paths == []
    assert list(clip.parent.iterdir()) == [clip]


def test_the_terms_of_the_place_are_named(run: Run, clip: Path) -> None:
    _, _, err = run("analyze", clip, "--reader", "gemini")
    assert "exclude clinical practice" in err
    assert "generativelanguage.googleapis.com:443" in err


def test_a_plan_is_printed_and_nothing_is_sent_or_written(run: Run, service: Service, clip: Path) -> None:
    code, out, _ = run(*openai(service, clip, "--plan", "--i-have-authority"))
    assert code == 0
    assert "3 requests" in out
    assert "price not known for this model" in out
    assert "pose at 2 fps: 11 features" in out
    assert service.paths == []
    assert list(clip.parent.iterdir()) == [clip]
    assert "20 requests" in run(*openai(service, clip, "--plan", "--mode", "per-feature"))[1]
    assert run(*openai(service, clip, "--plan", "--i-have-authority", "--fps", "5"))[0] == 0


def test_a_part_is_read_and_a_long_reading_says_its_cost_first(
    run: Run, service: Service, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = run(*openai(service, clip, "--plan", "--part", "0-1"))[1]
    assert "0:00–0:01" in plan
    code, _, err = run(*openai(service, clip, "--plan", "--part", "event"))
    assert code == 1
    assert "onset is not marked" in err
    assert run(*openai(service, clip, "--plan", "--part", "half of it"))[0] == 1
    monkeypatch.setattr("app.core.readers.models.run_phrases.MANY_REQUESTS", 2)
    code, _, err = run(*openai(service, clip, "--i-have-authority"))
    assert code == 1
    assert "This is a long reading: 3 requests" in err
    assert service.paths == []
    assert run(*openai(service, clip, "--i-have-authority", "--long"))[0] == 0


def test_what_is_asked_again_counts_as_well_before_a_long_reading(
    run: Run, service: Service, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.before = lambda path, _body: (200, {}, completion("no")) if "completions" in path else None
    run(*openai(service, clip, "--i-have-authority"))
    asked = len(service.paths)
    assert asked == 3
    monkeypatch.setattr("app.core.readers.models.run_phrases.MANY_REQUESTS", 2)
    code, _, err = run(*openai(service, clip, "--i-have-authority", "--ask-refused-again"))
    assert (code, len(service.paths)) == (1, asked)
    assert "This is a long reading: 3 requests" in err


@pytest.mark.parametrize(
    ("options", "kept", "words"),
    [
        (("--feature-rates",), {}, "grouped · two passes · sent"),
        ((), {"feature_rates": True}, "grouped · two passes · sent"),
        (("--feature-rates", "everywhere"), {"feature_rates": True}, "· high rates everywhere · sent"),
        ((), {"confidence": ConfidenceKind.REPEATS, "wordings": ("plain",)}, "prompts expert, plain in turn"),
        (
            ("--wordings", ""),
            {"confidence": ConfidenceKind.REPEATS, "wordings": ("plain",)},
            "expert · group",
        ),
        (("--part", "0-1"), {}, "grouped · 0-1 · sent"),
        (("--no-tell-earlier",), {}, "grouped · earlier segments not told · sent"),
    ],
)
def test_a_batch_asks_what_was_chosen(
    run: Run, clip: Path, options: tuple[str, ...], kept: dict[str, Any], words: str
) -> None:
    save_choice(ModelChoice("openai", "tiny-vl", "http://127.0.0.1:9/v1", **kept))
    experiment = clip.with_suffix(".toml")
    experiment.write_text('readers = [{reader = "openai"}]\n')
    for command in (("batch", clip.parent, "--reader", "openai"), ("experiment", experiment, clip.parent)):
        code, out, err = run(*command, "--plan", *options)
        assert (code, words in out) == (0, True), (out, err)
        assert "1 reading left: " in out


def test_the_plan_of_two_passes_is_the_most_until_the_pose_is_known(
    run: Run, service: Service, clip: Path
) -> None:
    two = (*openai(service, clip), "--feature-rates", "moving")
    code, out, _ = run(*two, "--plan")
    assert (code, "At most: which short windows" in out) == (0, True)
    assert "5 requests" in out
    know_pose(clip)
    code, out, _ = run(*two, "--plan")
    assert (code, "At most" in out, "5 requests" in out) == (0, False, True)
    assert run(*two, "--i-have-authority")[0] == 0
    assert len(service.asked) == 5


def test_an_experiment_that_needs_marks_says_whose(run: Run, clip: Path) -> None:
    """The settings of the model are one person's; whose marks an experiment uses is not theirs to say."""
    save_choice(ModelChoice("openai", "tiny-vl", "http://127.0.0.1:9/v1", range="event:10"))
    experiment = clip.with_suffix(".toml")
    experiment.write_text('readers = [{reader = "openai"}]\n')
    code, _, err = run("experiment", experiment, clip.parent, "--plan")
    assert (code, "say whose" in err) == (1, True)
    code, _, err = run("experiment", experiment, clip.parent, "--plan", "--marks", "Ana")
    assert (code, "name one with --study" in err) == (1, True)


def test_a_plan_says_whose_heads_are_covered(run: Run, service: Service, clip: Path) -> None:
    plan = (*openai(service, clip), "--plan")
    assert "patient: can be recognised; other people: not covered" in run(*plan)[1]
    covered = run(*plan, "--cover", "bystanders,patient")[1]
    assert "patient: face covered in clips for limbs and body; other people: heads covered" in covered
    assert run(*plan, "--cover", "nurse")[0] == 2


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (("gemini",), "There is no key for"),
        (("openai", "--base-url", "http://127.0.0.1:9/v1"), "No model of the server is chosen"),
        (("vertex", "--project", "ward-7", "--location", "europe-west3"), "has no Google credentials"),
    ],
)
def test_a_model_that_cannot_be_asked_is_said_before_any_recording_is_looked_at(
    run: Run, clip: Path, model: tuple[str, ...], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def looked(*_what: object, **_how: object) -> None:
        raise AssertionError("a recording was looked at")

    monkeypatch.setenv("CLOUDSDK_CONFIG", str(clip.parent / "nothing"))
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    monkeypatch.setattr("app.core.batch.recording_list.listed_recordings", looked)
    monkeypatch.setattr("app.core.recording.probe.open_recording", looked)
    experiment = clip.with_suffix(".toml")
    experiment.write_text('readers = [{reader = "model"}]\n')
    kind, *options = model
    rest = (*options, "--study", clip.parent / "one.semioscope", "--i-have-authority")
    asking: list[tuple[object, ...]] = [
        ("analyze", clip, "--reader", kind),
        ("batch", clip.parent, "--reader", kind),
        ("experiment", experiment, clip.parent, "--model-reader", kind),
    ]
    asking += [("overnight", "send", clip.parent)] if kind == "gemini" else []
    for command in asking:
        code, _, err = run(*command, *rest)
        assert (code, words in err) == (1, True), (command, err)
    assert not (clip.parent / "one.semioscope").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--reader", "openai"), "address is missing"),
        (("--reader", "openai", "--base-url", "http://127.0.0.1:9/v1"), "No model of the server"),
        (("--reader", "openai", "--base-url", "http://models.example.org", "--model", "m"), "https"),
        (("--reader", "vertex"), "project"),
        (("--reader", "gemini", "--i-have-authority"), "There is no key"),
        (("--reader", "gemini", "--prompts", "nonsense"), "neither a set of prompts"),
        (("--reader", "gemini", "--enhance", "transcript"), "ranscript"),
        (("--plan",), "--plan is for models"),
        (("--i-have-authority",), "--i-have-authority is for models"),
        (("--mode", "grouped"), "--mode is for models"),
    ],
)
def test_what_is_missing_is_one_line_before_any_work(
    run: Run, clip: Path, options: tuple[str, ...], words: str
) -> None:
    code, out, err = run("analyze", clip, *options)
    assert (code, out) == (1, "")
    assert words in err
    assert len(err.splitlines()) == 1
    assert list(clip.parent.iterdir()) == [clip]


@pytest.mark.parametrize("value", ["sharpen", "", "pose,sharpen"])
def test_an_unknown_enhancement_is_a_usage_error(run: Run, clip: Path, value: str) -> None:
    assert run("analyze", clip, "--reader", "gemini", "--enhance", value)[0] == 2
    assert run("analyze", clip, "--reader", "gemini", "--fps", "31")[0] == 2


# the whole way


def test_a_server_reads_and_the_study_keeps_it(
    run: Run, service: Service, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    service.presence = "yes"
    out = tmp_path / "reading.json"
    code, table, err = run(*openai(service, clip, "--i-have-authority", "--json", out))
    assert code == 0, err
    assert "Clonic" in table
    assert "The model reads segment 1" in err
    assert [header.get("authorization") for header in service.headers] == [f"Bearer {KEY}"] * 3
    reading = from_json(out.read_text())
    assert reading.reader.kind is ReaderKind.MODEL
    assert reading.reader.details["served"] == "tiny-vl-1"
    assert reading.reader.details["prompts"] == PROMPT_SETS["expert"].hash
    assert {answer.presence for answer in reading.answers.values()} == {Presence.YES}
    with Study.open(study_of(clip), author="test", create=False) as study:
        (kept,) = study.readings(1, viewer=None)
        assert [one.what for one in study.backups()] == ["close"], "what was read is in a copy"
    assert kept.answers == reading.answers
    (permission,) = permissions(study_of(clip))
    assert permission.covers_recordings
    sent = [(entry.sending.size, entry.sending.sha256) for entry in Ledger(study_of(clip)).entries()]
    assert sorted(sent) == sorted((len(body), body_digest(body)) for body in service.bodies)

    asked = len(service.paths)
    assert run(*openai(service, clip, "--i-have-authority"))[0] == 0
    assert len(service.paths) == asked, "what was answered is not asked again"


def test_gemini_reads_too_and_sends_films(
    run: Run, service: Service, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    model = ("--reader", "gemini", "--base-url", service.url, "--model", "gemini-tiny", *AS_RECORDED)
    code, out, _ = run("analyze", clip, *model, "--i-have-authority", "--json", "-")
    assert code == 0
    assert from_json(out).reader.details["served"] == "gemini-tiny-001"
    assert {header.get("x-goog-api-key") for header in service.headers} == {KEY}
    media = [part for body in service.asked for part in body["contents"][0]["parts"] if "inlineData" in part]
    assert len(media) == 4, "the picture goes along with the sound"


def test_prompts_from_a_file_are_asked_as_they_stand(
    run: Run, service: Service, clip: Path, tmp_path: Path
) -> None:
    text = (
        prompts_to_json(PROMPT_SETS["plain"])
        .replace("go stiff", "become like a board")
        .replace("plain", "mine", 1)
    )
    (tmp_path / "mine.json").write_text(text)
    run(*openai(service, clip, "--i-have-authority", "--prompts", tmp_path / "mine.json", "--json", "-"))
    assert any(b"become like a board" in body for body in service.bodies)
    assert run(*openai(service, clip, "--prompts", tmp_path / "gone.json"))[0] == 1


def test_what_failed_is_listed_and_the_same_command_completes_it(
    run: Run, service: Service, clip: Path
) -> None:
    service.before = lambda _path, body: (500, {}, b"{}") if b"input_audio" in body else None
    code, _, err = run(*openai(service, clip, "--i-have-authority"))
    assert code == 1
    assert "0000-sound: The server is busy" in err
    assert "1 request without an answer" in err
    service.before = lambda _path, _body: None
    asked = len(service.paths)
    code, out, _ = run(*openai(service, clip, "--i-have-authority", "--json", "-"))
    assert code == 0
    assert len(service.paths) == asked + 1
    assert {answer.presence for answer in from_json(out).answers.values()} == {Presence.NO}


def test_a_wrong_key_is_tried_by_the_requests_under_way_only(run: Run, service: Service, clip: Path) -> None:
    service.before = lambda _path, _body: (401, {}, b"{}")
    code, _, err = run(*openai(service, clip, "--i-have-authority", "--mode", "per-feature"))
    assert code == 1
    assert len(service.paths) <= 4
    assert "20 requests without an answer" in err


def test_what_a_model_does_not_take_is_not_sent(run: Run, service: Service, clip: Path) -> None:
    known = ModelChoice(
        "openai", "tiny-vl", f"{service.url}/v1", capabilities=Capabilities(sound="It is deaf.")
    )
    save_choice(replace(known, tested=known.target))
    code, out, _ = run(
        "analyze", clip, "--reader", "openai", *AS_RECORDED, "--i-have-authority", "--json", "-"
    )
    assert code == 0
    answer = from_json(out).answers["ictal_vocalization"]
    assert answer.presence is Presence.NOT_ASSESSABLE
    assert "It is deaf." in answer.explanation
    assert len(service.paths) == 2
    assert not any(b"input_audio" in body for body in service.bodies)


def test_silence_is_not_assessable_and_not_sent(run: Run, service: Service, tmp_path: Path) -> None:
    mute = write_recording(tmp_path / "mute.mp4", frames=50)
    code, out, _ = run(*openai(service, mute, "--i-have-authority", "--json", "-"))
    assert code == 0
    assert from_json(out).answers["verbal_responsiveness"].presence is Presence.NOT_ASSESSABLE
    assert len(service.paths) == 2


def _gemini_at(address: str) -> Destination:
    choice = ModelChoice("gemini", "gemini-tiny", address)
    return PROVIDERS["gemini"].destination(choice)


def test_files_left_with_a_provider_are_deleted_by_the_next_run(
    run: Run, service: Service, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    study = study_of(clip)
    Study.open(study, author="test").close()
    Ledger(study).uploaded("files/clip-00000000000001ef", _gemini_at(service.url))
    Ledger(study).uploaded("files/clip-00000000e15e3e7e", _gemini_at("https://elsewhere"))
    assert "clip-00000000000001ef" in run("ledger", study)[1]
    model = ("--reader", "gemini", "--base-url", service.url, "--model", "gemini-tiny", *AS_RECORDED)
    assert run("analyze", clip, *model, "--i-have-authority")[0] == 0
    assert any("files/clip-00000000000001ef" in path for path in service.paths)
    assert [file.id for file in Ledger(study).contents().orphans] == ["files/clip-00000000e15e3e7e"]


def test_a_provider_that_never_ends_a_deletion_does_not_hold_the_run(
    run: Run, service: Service, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hang(path: str, _body: bytes) -> Answer | None:
        if "files/" in path:
            time.sleep(300)
        return None

    service.before = hang
    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    monkeypatch.setattr(gemini, "DELETION_TIME", 0.2)
    Study.open(study_of(clip), author="test").close()
    place = _gemini_at(service.url)
    Ledger(study_of(clip)).uploaded("files/clip-00000000000001ef", place)
    model = ("--reader", "gemini", "--base-url", service.url, "--model", "gemini-tiny", *AS_RECORDED)
    assert run("analyze", clip, *model, "--i-have-authority")[0] == 0
    assert len(Ledger(study_of(clip)).contents().orphans) == 1


def test_a_redirect_reaches_nobody(
    run: Run, service: Service, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with served() as sink:
        for status in (301, 302, 307, 308):
            service.before = lambda _path, _body, s=status: (s, {"location": f"{sink.url}/v1/x"}, b"")  # type: ignore[misc]
            assert run(*openai(service, clip, "--i-have-authority"))[0] == 1
        assert sink.paths == []
    assert len(service.paths) == 4 * 3


# the ledger
