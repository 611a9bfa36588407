"""Test connection: what a model takes is found with generated media, remembered, and respected."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.enhance.enhancement import Enhancement
from app.core.errors import Cancelled, UserError
from app.core.folders import settings_folder
from app.core.jobs import CancelToken, Progress
from app.core.privacy.keys import Secret
from app.core.privacy.ledger import Ledger
from app.core.readers.models import connection
from app.core.readers.models.connection import with_found_capabilities
from app.core.readers.models.model_choice import ModelChoice, known_capabilities, load_choice, save_choice
from app.core.readers.models.provider import Capabilities
from app.core.readers.models.providers import unsupported_enhancements
from app.core.readers.models.request_plan import HIGHEST_FPS, LOWEST_FPS
from tests.loopback import Answer, Service, completion, served

KEY = Secret("canary-key-0123456789")


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setattr("app.core.readers.models.retrying.random.uniform", lambda *_range: 0.0)
    with served() as made:
        yield made


def choice(service: Service, **changes: object) -> ModelChoice:
    given = ModelChoice(provider="openai", base_url=f"{service.url}/v1", model="tiny-vl")
    return replace(given, **changes)  # type: ignore[arg-type]


def kinds(body: bytes) -> set[str]:
    asked = json.loads(body)
    found = {part["type"] for part in asked["messages"][0]["content"]} - {"text"}
    return found | ({"schema"} if "response_format" in asked else set())


def test_everything_is_tried_by_itself_and_nothing_of_a_recording_is_sent(service: Service) -> None:
    told: list[Progress] = []
    found = connection.test_connection(choice(service), KEY, "Dr A", report=told.append)
    assert found.problem == ""
    assert found.models == ("tiny-vl", "other")
    assert found.served_model == "tiny-vl-1"
    assert found.capabilities == Capabilities()
    tried = [kinds(body) for body in service.bodies if body]
    assert tried == [set(), {"image_url"}, {"video_url"}, {"input_audio"}, {"schema"}]
    assert told[-1].done == 1.0
    entries = Ledger(settings_folder()).entries()
    assert len(entries) == len(service.paths)
    assert {entry.sending.deidentification for entry in entries} == {"generated material"}
    assert KEY.reveal() not in (settings_folder() / "egress.jsonl").read_text()


def test_without_a_model_only_the_list_is_asked_for(service: Service) -> None:
    found = connection.test_connection(choice(service, model=""), None, "Dr A")
    assert found.models == ("tiny-vl", "other")
    assert service.paths == ["/v1/models"]


def deaf(path: str, body: bytes) -> Answer | None:
    """As vLLM answers without sound, and llama.cpp without a picture's projector."""
    if b"input_audio" in body:
        return 400, {}, b'{"error": "At most 0 audio(s) may be provided"}'
    if b"video_url" in body:
        return 500, {}, b'{"error": "video input is not supported"}'
    return None


def test_what_a_server_refuses_is_remembered_with_the_reason(service: Service) -> None:
    service.before = deaf
    asked = choice(service)
    found = connection.test_connection(asked, KEY, "Dr A")
    assert found.problem == ""
    assert "does not take sound" in found.capabilities.sound
    assert "does not take videos" in found.capabilities.video
    assert (found.capabilities.pictures, found.capabilities.schema) == ("", "")
    save_choice(with_found_capabilities(asked, found))
    kept = load_choice()
    assert known_capabilities(kept) == found.capabilities
    assert set(unsupported_enhancements(kept)) == {Enhancement.SOUND}
    assert unsupported_enhancements(replace(kept, model="other")) == {}, "another model has to be tried anew"


def test_a_server_that_takes_only_videos_is_shown_videos(service: Service) -> None:
    service.before = lambda _path, body: (400, {}, b"{}") if b"image_url" in body else None
    found = connection.test_connection(choice(service), None, "Dr A")
    assert found.capabilities.pictures
    assert unsupported_enhancements(with_found_capabilities(choice(service), found)) == {}


def test_a_model_that_speaks_no_sense_still_takes_what_it_was_sent(service: Service) -> None:
    def cut_off(path: str, _body: bytes) -> Answer | None:
        cut = completion("").replace(b'"stop"', b'"length"')
        return (200, {}, cut) if "completions" in path else None

    service.before = cut_off
    found = connection.test_connection(choice(service), None, "Dr A")
    assert (found.problem, found.capabilities) == ("", Capabilities())


@pytest.mark.parametrize(
    ("status", "words"), [(401, "did not accept the key"), (503, "busy"), (302, "another address")]
)
def test_what_is_wrong_is_told(service: Service, status: int, words: str) -> None:
    service.before = lambda _path, _body: (status, {"location": "http://127.0.0.1:9/"}, b"{}")
    found = connection.test_connection(choice(service), KEY, "Dr A")
    assert words in found.problem
    assert found.models == ()


def test_a_server_without_a_list_is_tried_all_the_same(service: Service) -> None:
    service.before = lambda path, _body: (404, {}, b"") if path.endswith("/models") else None
    found = connection.test_connection(choice(service), None, "Dr A")
    assert (found.models, found.problem, found.served_model) == ((), "", "tiny-vl-1")


def test_nobody_there_is_a_problem_and_an_incomplete_choice_an_error(service: Service) -> None:
    gone = ModelChoice(provider="openai", base_url="http://127.0.0.1:9/v1", model="m")
    assert "broke off" in connection.test_connection(gone, None, "Dr A").problem
    with pytest.raises(UserError, match="address"):
        connection.test_connection(ModelChoice(provider="openai"), None, "Dr A")
    with pytest.raises(UserError, match="local only"):
        connection.test_connection(ModelChoice(), None, "Dr A")
    with pytest.raises(UserError, match="key"):
        connection.test_connection(ModelChoice(provider="gemini"), None, "Dr A")


def test_cancel_ends_a_test_that_hangs(service: Service) -> None:
    cancel = CancelToken()
    service.seconds = 300.0

    def cancelled(_progress: Progress) -> None:
        cancel.cancel()

    with pytest.raises(Cancelled):
        connection.test_connection(choice(service), None, "Dr A", report=cancelled, cancel=cancel)


def test_gemini_is_tried_too(service: Service) -> None:
    asked = ModelChoice(provider="gemini", base_url=service.url, model="tiny-vl")
    found = connection.test_connection(asked, KEY, "Dr A")
    assert found.problem == ""
    assert found.models == ("tiny-vl", "other")
    assert found.served_model == "gemini-tiny-001"
    sent = []
    for body in service.asked:
        media = [part["inlineData"] for part in body["contents"][0]["parts"] if "inlineData" in part]
        sent.append({kind for blob in media for key, kind in blob.items() if key.startswith("mime")})
    assert sent == [set(), {"video/mp4"}, {"audio/wav"}, set()]
    service.before = lambda _path, body: (400, {}, b"{}") if b"video/mp4" in body else None
    blind = with_found_capabilities(asked, connection.test_connection(asked, KEY, "Dr A"))
    assert set(unsupported_enhancements(blind)) == {Enhancement.POSE, Enhancement.FACE}


@pytest.mark.parametrize(
    "text", ['{"capabilities": 3}', '{"capabilities": {"sound": ["x"], "new": 1}}', '{"tested": 7}']
)
def test_a_damaged_choice_never_opens_what_was_closed(text: str, tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text(text)
    assert load_choice(tmp_path).local_only


def test_the_choice_is_remembered_without_its_key(tmp_path: Path) -> None:
    given = ModelChoice(
        "openai", "m", "http://localhost/v1", crop=False, transcript="/speech", feature_rates=True
    )
    save_choice(given, tmp_path)
    assert load_choice(tmp_path) == given
    assert "key" not in (tmp_path / "model.json").read_text()


def test_settings_of_before_show_and_tell_no_more_than_they_did(tmp_path: Path) -> None:
    save_choice(ModelChoice("openai", "Qwen2.5-Omni-7B", "http://localhost/v1"), tmp_path)
    path = tmp_path / "model.json"
    later = {"with_picture", "two_passes", "tell_earlier"}
    path.write_text(
        json.dumps({key: row for key, row in json.loads(path.read_text()).items() if key not in later})
    )
    kept = load_choice(tmp_path)
    assert (kept.with_picture, kept.two_passes, kept.tell_earlier) == (False, False, False)
    save_choice(replace(kept, with_picture=True), tmp_path)
    assert load_choice(tmp_path).with_picture, "once chosen it is kept"


@pytest.mark.parametrize(
    ("fps", "limit", "used"),
    [(1e6, 99, (HIGHEST_FPS, 16)), (0.0, 0, (LOWEST_FPS, 1)), (2.0, 16, (2.0, 16))],
)
def test_a_stored_choice_asks_for_no_more_than_it_may(
    tmp_path: Path, fps: float, limit: int, used: tuple[float, int]
) -> None:
    save_choice(ModelChoice(fps=fps, limit=limit), tmp_path)
    found = load_choice(tmp_path)
    assert (found.fps, found.limit) == used
