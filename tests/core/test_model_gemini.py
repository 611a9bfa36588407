"""Gemini's wire, checked against the vendor's own published schemas by a loopback service."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import ssl
import time
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from google import genai
from google.ai import generativelanguage_v1beta as published
from google.auth.credentials import AnonymousCredentials
from google.protobuf import json_format

from app.core.errors import UserError
from app.core.privacy.address import parse_address
from app.core.privacy.destination import Destination, ServiceKind
from app.core.privacy.gate import allow
from app.core.privacy.keys import Secret
from app.core.privacy.ledger import Ledger
from app.core.readers.models import gemini
from app.core.readers.models.gemini import Gemini
from app.core.readers.models.gemini_client import VertexProject, generation_config
from app.core.readers.models.guarded_transport import SendContext
from app.core.readers.models.provider import Reply
from app.core.readers.models.retrying import BusyError, RequestError
from tests import loopback
from tests.core.gemini_service import ANSWER, KEY, MATERIAL, SIGNED_IN, Loopback, asked, service, tidied

__all__ = ["service"]


def test_a_request_is_what_the_vendor_publishes(tmp_path: Path, service: Loopback) -> None:
    reply = asked(tmp_path, service)
    assert reply == Reply('{"answers": []}', "gemini-3.8-flash-001", 900, 40)
    assert service.paths == ["POST /v1beta/models/gemini-3.8-flash:generateContent"]
    assert service.headers[0]["x-goog-api-key"] == KEY
    assert KEY not in service.paths[0]
    sent = service.asked[0]
    json_format.ParseDict(_older(sent), published.GenerateContentRequest()._pb, ignore_unknown_fields=False)
    video, sound, text = sent["contents"][0]["parts"]
    assert base64.b64decode(video["inlineData"]["data"]) == MATERIAL.video
    assert video["videoMetadata"] == {"fps": 2.0}
    assert base64.b64decode(sound["inlineData"]["data"]) == MATERIAL.sound
    assert text["text"] == MATERIAL.prompt
    assert sent["generationConfig"]["responseJsonSchema"] == MATERIAL.schema
    assert "tools" not in sent


def _older(sent: dict[str, Any]) -> dict[str, Any]:
    """The request without the fields that are newer than the newest published protos."""
    copy: dict[str, Any] = json.loads(json.dumps(sent))
    config = copy["generationConfig"]
    for newer in ("responseJsonSchema", "mediaResolution"):
        config.pop(newer, None)
    assert set(config.pop("thinkingConfig", {})) <= {"thinking_level", "thinking_budget"}
    return copy


def _camel(name: str) -> str:
    """The services take a field's name in either spelling."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _camelled(row: dict[str, Any]) -> dict[str, Any]:
    return {_camel(key): value for key, value in row.items()}


class Discovery:
    """A strict reading of a discovery document: unknown fields and wrong words are errors."""

    def __init__(self) -> None:
        folder = resources.files("googleapiclient.discovery_cache").joinpath("documents")
        self.schemas = json.loads(folder.joinpath("aiplatform.v1.json").read_text("utf-8"))["schemas"]

    def check(self, value: Any, schema: dict[str, Any], where: str = "request") -> None:
        if "$ref" in schema:
            schema = self.schemas[schema["$ref"]]
        if schema.get("type") == "any":
            return
        if schema.get("type") == "array":
            for number, inner in enumerate(value):
                self.check(inner, schema["items"], f"{where}[{number}]")
        elif schema.get("type") == "object" and "properties" in schema:
            named = _camelled(value)
            unknown = set(named) - set(schema["properties"])
            assert not unknown, f"{where}: {unknown}"
            for key, inner in named.items():
                self.check(inner, schema["properties"][key], f"{where}.{key}")
        elif "enum" in schema:
            assert value in schema["enum"], f"{where}: {value}"
        else:
            kinds: dict[str, Any] = {"string": str, "boolean": bool, "integer": int, "number": (int, float)}
            assert isinstance(value, kinds[schema["type"]]), f"{where}: {value!r}"


def test_vertex_ai_takes_the_same_request_with_this_machines_credentials(
    tmp_path: Path, service: Loopback
) -> None:
    asked(
        tmp_path,
        service,
        access=VertexProject("ward-7", "europe-west3"),
        credentials=SIGNED_IN,
        token_address=service.url + "/token",
    )
    assert service.paths == [
        "POST /token",
        "POST /v1/projects/ward-7/locations/europe-west3/publishers/google/models/"
        "gemini-3.8-flash:generateContent",
    ]
    assert service.headers[1]["authorization"] == "Bearer canary-access-token-0123456789"
    purposes = [entry.sending.purpose for entry in Ledger(tmp_path).entries()]
    assert purposes[0] == "token: POST /token"
    assert len(purposes) == 2
    discovery = Discovery()
    discovery.check(service.asked[0], discovery.schemas["GoogleCloudAiplatformV1GenerateContentRequest"])


def test_vertex_projects_have_their_own_hosts() -> None:
    assert VertexProject("p", "europe-west3").host == "europe-west3-aiplatform.googleapis.com:443"
    assert VertexProject("p", "global").host == "aiplatform.googleapis.com:443"
    assert VertexProject("p", "eu").host == "aiplatform.eu.rep.googleapis.com:443"


def test_the_vendors_own_connections_trust_no_certificate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, service: Loopback
) -> None:
    def trusting(*_anything: object, **_more: object) -> ssl.SSLContext:
        raise AssertionError("certificates that others are trusted by")

    monkeypatch.setattr(ssl, "create_default_context", trusting)
    monkeypatch.setenv("GOOGLE_GENAI_CLIENT_MODE", "record")
    monkeypatch.setenv("GOOGLE_GENAI_REPLAYS_DIRECTORY", str(tmp_path / "replays"))
    assert asked(tmp_path, service).text
    assert not (tmp_path / "replays").exists()


@pytest.mark.parametrize("location", ["europe-west3", "global", "eu"])
def test_the_vendors_client_asks_the_host_that_was_allowed(
    tmp_path: Path, location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = VertexProject("ward-7", location)
    plain = genai.Client(
        vertexai=True,
        project="ward-7",
        location=location,
        credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]
    )
    monkeypatch.setenv("GOOGLE_VERTEX_BASE_URL", "https://elsewhere.example")
    destination = Destination(ServiceKind.VERTEX_AI, project.host, "gemini-3.8-flash")
    passage = SendContext(allow(tmp_path, destination, "Dr A"), Ledger(tmp_path), "reading", "pseudonymous")
    ours = Gemini(passage, project, credentials=SIGNED_IN)
    addresses = [client._api_client._http_options.base_url for client in (plain, ours._client)]
    assert addresses[0] == addresses[1]
    assert parse_address(str(addresses[1])).host == project.host


def test_a_large_clip_is_uploaded_under_a_pseudonym_and_deleted(
    tmp_path: Path, service: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gemini, "POLLING_INTERVAL", 0.01)
    service.looks_until_active = 3
    asked(tmp_path, service, inline_limit=10)
    files = [part["fileData"] for part in service.asked[0]["contents"][0]["parts"] if "fileData" in part]
    assert [_camelled(file)["mimeType"] for file in files] == ["video/mp4", "audio/wav"]
    assert service.files == {}
    ledger = Ledger(tmp_path)
    assert len(ledger.contents().remote_files) == 2
    assert all(re.fullmatch(r"files/clip-[0-9a-f]{16}", file.id) for file in ledger.contents().remote_files)
    assert ledger.contents().orphans == ()


def test_a_file_that_cannot_be_deleted_stays_listed(tmp_path: Path, service: Loopback) -> None:
    service.refuses_deletion = True
    asked(tmp_path, service, inline_limit=10)
    assert {file.id for file in Ledger(tmp_path).contents().orphans} == set(service.files)


def test_a_deletion_that_cannot_be_noted_costs_no_answer(
    tmp_path: Path, service: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_ledger: Ledger, _name: str) -> None:
        raise UserError("The ledger of what is sent cannot be written, so nothing is sent.")

    monkeypatch.setattr(Ledger, "deleted", refuse)
    assert asked(tmp_path, service, inline_limit=10)
    assert service.files == {}
    assert len(Ledger(tmp_path).contents().orphans) == 2, "the next run looks for them"


def test_a_file_that_is_forbidden_and_not_listed_any_more_is_gone(tmp_path: Path, service: Loopback) -> None:
    service.forbids_deletion = True
    asked(tmp_path, service, inline_limit=10)
    assert Ledger(tmp_path).contents().orphans == ()
    assert sum(path.startswith("GET /v1beta/files?") for path in service.paths) == 2


def test_a_file_that_is_forbidden_and_still_listed_stays(tmp_path: Path, service: Loopback) -> None:
    service.forbids_deletion = service.still_lists = True
    asked(tmp_path, service, inline_limit=10)
    assert {file.id for file in Ledger(tmp_path).contents().orphans} == set(service.files)
    assert len(service.files) == 2


@pytest.mark.parametrize(("hours", "left"), [(1, 1), (47, 1), (49, 0)])
def test_an_earlier_runs_forbidden_file_stays_listed_until_the_service_has_deleted_it(
    tmp_path: Path, service: Loopback, hours: int, left: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The key may be another one by now: that its list does not show the file proves nothing.
    then = datetime.now(UTC) - timedelta(hours=hours)
    destination = Destination(ServiceKind.GEMINI_API, f"127.0.0.1:{service.port}", "gemini-3.8-flash", "http")
    with monkeypatch.context() as earlier:
        earlier.setattr("app.core.privacy.uploads._now", then.isoformat)
        Ledger(tmp_path).uploaded("files/clip-00000000000001ef", destination)
    service.forbids_deletion = True
    tidied(tmp_path, service)
    assert len(Ledger(tmp_path).contents().orphans) == left


def test_files_are_deleted_when_the_question_fails(tmp_path: Path, service: Loopback) -> None:
    service.answer = lambda: (500, {}, b"{}")
    with pytest.raises(BusyError):
        asked(tmp_path, service, inline_limit=10)
    assert service.files == {}
    assert Ledger(tmp_path).contents().orphans == ()


def test_the_ledger_holds_every_request_that_arrived(tmp_path: Path, service: Loopback) -> None:
    asked(tmp_path, service, inline_limit=10)
    entries = Ledger(tmp_path).entries()
    # Files are deleted at once, so that those requests may pass one another.
    written = [(entry.sending.purpose.split(": ")[1], entry.sending.size) for entry in entries]
    arrived = zip(service.paths, service.bodies, strict=True)
    assert sorted(written) == sorted((path.split("?")[0], len(body)) for path, body in arrived)
    everything = (tmp_path / "egress.jsonl").read_text()
    assert KEY not in everything


def _with(**changes: Any) -> tuple[int, dict[str, str], bytes]:
    return 200, {}, json.dumps(ANSWER | changes).encode()


def _candidate(**changes: Any) -> tuple[int, dict[str, str], bytes]:
    return _with(candidates=[ANSWER["candidates"][0] | changes])  # type: ignore[index]


FAILURES: dict[str, tuple[int, dict[str, str], bytes]] = {
    "no candidates": _with(candidates=[]),
    "nothing at all": (200, {}, b"{}"),
    "blocked": _with(candidates=[], promptFeedback={"blockReason": "SAFETY"}),
    "held back": _candidate(finishReason="SAFETY", content={}),
    "cut off": _candidate(finishReason="MAX_TOKENS"),
    "stopped without parts": _candidate(content={"role": "model"}),
    "empty text": _candidate(content={"parts": [{"text": " "}]}),
    "thoughts only": _candidate(content={"parts": [{"text": "hm", "thought": True}]}),
    "HTML with 200": (200, {"content-type": "text/html"}, b"<html>Sign in</html>"),
    "bad UTF-8": (200, {}, b'{"candidates": "\xff\xfe"}'),
    "an array": (200, {}, b"[]"),
    "nested deeply": (200, {}, b'{"candidates":' + b"[" * 50_000 + b"]" * 50_000 + b"}"),
    "a redirect": (302, {"location": "http://127.0.0.1:9/"}, b""),
    "a bad key": (403, {}, b'{"error": {"code": 403, "message": "bad", "status": "PERMISSION_DENIED"}}'),
    "an unknown model": (404, {}, b"{}"),
    "a bad request": (400, {}, b'{"error": {"code": 400, "message": "bad", "status": "INVALID_ARGUMENT"}}'),
}


@pytest.mark.parametrize("answer", FAILURES.values(), ids=FAILURES.keys())
def test_what_is_no_answer_is_a_failure_with_a_sentence(
    answer: tuple[int, dict[str, str], bytes], tmp_path: Path, service: Loopback
) -> None:
    service.answer = lambda: answer
    with pytest.raises(RequestError) as caught:
        asked(tmp_path, service)
    assert not isinstance(caught.value, BusyError)
    assert str(caught.value).endswith(".")
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "headers", "body", "delay"),
    [
        (429, {"retry-after": "9"}, b"{}", 9.0),
        (429, {}, b'{"error": {"code": 429, "details": [{"retryDelay": "17.5s"}]}}', 17.5),
        (500, {}, b"{}", None),
        (503, {}, b"<html>", None),
    ],
)
def test_a_busy_service_may_be_asked_again(  # noqa: PLR0917
    status: int, headers: dict[str, str], body: bytes, delay: float | None, tmp_path: Path, service: Loopback
) -> None:
    service.answer = lambda: (status, headers, body)
    with pytest.raises(BusyError) as caught:
        asked(tmp_path, service)
    assert caught.value.delay == delay
    assert len(service.asked) == 1, "the client itself never sends again"


@pytest.mark.parametrize(
    ("model", "temperature", "thinks_by"),
    [
        ("gemini-2.5-flash", 0.0, "thinking_budget"),
        ("gemini-3-pro", 0.0, "thinking_level"),
        ("gemini-3.8-flash", None, "thinking_level"),
        ("somebody-elses", None, "thinking_level"),
    ],
)
def test_thinking_and_temperature_go_by_the_family(
    model: str, temperature: float | None, thinks_by: str
) -> None:
    config = generation_config(model, MATERIAL)
    assert config.temperature == temperature
    assert config.thinking_config is not None
    assert getattr(config.thinking_config, thinks_by) is not None


def test_cancel_does_not_wait_for_a_deletion_that_hangs(tmp_path: Path) -> None:
    def before(path: str, body: bytes) -> tuple[int, dict[str, str], bytes] | None:
        file = {
            "name": "files/clip-1",
            "uri": "http://127.0.0.1/f",
            "mimeType": "video/mp4",
            "state": "ACTIVE",
        }
        if path.startswith("/upload/"):
            return 200, {"x-goog-upload-url": f"{hanging.url}/transfer/clip-1"}, b"{}"
        if path.startswith("/transfer/"):
            return 200, {"x-goog-upload-status": "final"}, json.dumps({"file": file}).encode()
        time.sleep(600)  # the question, and then the deletion
        return None

    hanging = loopback.Service(before=before)

    async def run() -> None:
        destination = Destination(
            ServiceKind.GEMINI_API, f"127.0.0.1:{hanging.port}", "gemini-3.8-flash", "http"
        )
        passage = SendContext(
            allow(tmp_path, destination, "Dr A"), Ledger(tmp_path), "reading", "pseudonymous"
        )
        provider = Gemini(passage, Secret(KEY), base_url=hanging.url, inline_limit=10)
        task = asyncio.create_task(provider.ask(MATERIAL))
        while not any("generateContent" in path for path in hanging.paths):
            await asyncio.sleep(0.01)
        task.cancel()
        async with asyncio.timeout(60):  # the server would hang for ten minutes
            with pytest.raises(asyncio.CancelledError):
                await task
        await provider.close()

    with loopback.served(hanging):
        asyncio.run(run())
    assert len(Ledger(tmp_path).contents().orphans) == 2, "what was not deleted stays listed"
