"""The OpenAI-compatible wire: requests checked by the vendor's own types, answers by a loopback server."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar

import pytest
from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming
from pydantic import ConfigDict, TypeAdapter, with_config

from app.core.enhance.enhancement import Enhancement, features_of
from app.core.privacy.address import parse_address
from app.core.privacy.destination import server_at
from app.core.privacy.gate import allow
from app.core.privacy.keys import Secret
from app.core.privacy.ledger import Ledger
from app.core.readers.models.answer_schema import response_schema
from app.core.readers.models.guarded_transport import SendContext
from app.core.readers.models.openai_compatible import OpenAICompatible, request_body
from app.core.readers.models.provider import Capabilities, ClipPicture, Material, OfferedModel, Reply
from app.core.readers.models.retrying import BusyError, RequestError

KEY = "canary-key-0123456789"
MATERIAL = Material(
    prompt="What do you see?",
    schema=response_schema(features_of(Enhancement.SOUND)),
    pictures=(ClipPicture(0, b"one"), ClipPicture(500, b"two")),
    video=b"an mp4 file",
    sound=b"a wav file",
)
ANSWER: dict[str, Any] = {
    "id": "x",
    "object": "chat.completion",
    "model": "tiny-vl-2b",
    "choices": [
        {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": '{"answers": []}'}}
    ],
    "usage": {"prompt_tokens": 800, "completion_tokens": 30, "total_tokens": 830},
}
Result = TypeVar("Result")


def kinds(body: dict[str, Any]) -> list[str]:
    return [part["type"] for part in body["messages"][0]["content"]]


def test_a_request_is_of_the_vendors_own_types() -> None:
    body = request_body("tiny", MATERIAL, Capabilities())
    strict = with_config(ConfigDict(extra="forbid"))(CompletionCreateParamsNonStreaming)
    TypeAdapter(strict).validate_python(body)
    assert kinds(body) == ["text", "image_url", "text", "image_url", "input_audio", "text"]
    content = body["messages"][0]["content"]
    texts = [part["text"] for part in content if part["type"] == "text"]
    assert texts == ["0.0 seconds:", "0.5 seconds:", MATERIAL.prompt]
    assert content[1]["image_url"]["url"] == "data:image/jpeg;base64," + base64.b64encode(b"one").decode()
    assert content[-2]["input_audio"] == {"data": base64.b64encode(b"a wav file").decode(), "format": "wav"}
    assert body["response_format"]["json_schema"]["schema"] == MATERIAL.schema


def test_only_what_the_server_takes_is_sent() -> None:
    deaf = request_body("tiny", MATERIAL, Capabilities(sound="no sound", schema="no schema"))
    assert "input_audio" not in kinds(deaf)
    assert "response_format" not in deaf
    assert kinds(request_body("tiny", MATERIAL, Capabilities(), prefer_video=True))[0] == "video_url"
    blind = request_body("tiny", MATERIAL, Capabilities(video="no video"), prefer_video=True)
    assert "video_url" not in kinds(blind)
    assert "image_url" in kinds(blind)


@dataclass
class Loopback:
    """A server that answers every question the same way."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = json.dumps(ANSWER).encode()
    paths: list[str] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    port: int = 0


@pytest.fixture
def server() -> Iterator[Loopback]:
    made = Loopback()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_args: object) -> None:
            pass

        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            made.paths.append(f"{self.command} {self.path}")
            made.keys.append(self.headers.get("authorization"))
            self.send_response(made.status)
            for name, value in made.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(made.body)))
            self.end_headers()
            self.wfile.write(made.body)

        do_GET = do_POST = _answer  # noqa: N815

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.port = http.server_address[1]
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield made
    http.shutdown()
    thread.join()
    http.server_close()


def with_provider(
    folder: Path, server: Loopback, use: Callable[[OpenAICompatible], Awaitable[Result]]
) -> Result:
    url = f"http://127.0.0.1:{server.port}/v1/"
    passage = SendContext(
        allow(folder, server_at(parse_address(url), "tiny"), "Dr A"), Ledger(folder), "reading", "none"
    )

    async def run() -> Result:
        provider = OpenAICompatible(url, passage, key=Secret(KEY))
        try:
            return await use(provider)
        finally:
            await provider.close()

    return asyncio.run(run())


def test_an_answer_comes_back(tmp_path: Path, server: Loopback) -> None:
    reply = with_provider(tmp_path, server, lambda provider: provider.ask(MATERIAL))
    assert reply == Reply('{"answers": []}', "tiny-vl-2b", 800, 30)
    assert server.paths == ["POST /v1/chat/completions"]
    assert server.keys == [f"Bearer {KEY}"]
    assert KEY not in (tmp_path / "egress.jsonl").read_text()


def test_the_servers_models_are_listed(tmp_path: Path, server: Loopback) -> None:
    server.body = json.dumps({"data": [{"id": "a"}, {"id": "b\u202e"}, {"id": 3}, "x"]}).encode()
    assert with_provider(tmp_path, server, lambda provider: provider.models()) == (
        OfferedModel("a"),
        OfferedModel("b"),
    )
    server.body = b'{"models": []}'
    with pytest.raises(RequestError):
        with_provider(tmp_path, server, lambda provider: provider.models())


def changed(**changes: Any) -> bytes:
    return json.dumps(ANSWER | {"choices": [ANSWER["choices"][0] | changes]}).encode()


FAILURES: dict[str, tuple[int, dict[str, str], bytes]] = {
    "cut off": (200, {}, changed(finish_reason="length")),
    "filtered": (200, {}, changed(finish_reason="content_filter")),
    "empty": (200, {}, changed(message={"content": ""})),
    "no content": (200, {}, changed(message={"content": None, "reasoning_content": "hm"})),
    "no message": (200, {}, changed(message=None)),
    "no choices": (200, {}, b'{"choices": []}'),
    "choices of another kind": (200, {}, b'{"choices": ["yes"]}'),
    "nothing": (200, {}, b""),
    "HTML with 200": (200, {}, b"<html>Sign in</html>"),
    "bad UTF-8": (200, {}, b'{"choices": "\xff\xfe"}'),
    "an array": (200, {}, b"[]"),
    "nested deeply": (200, {}, b'{"choices":' + b"[" * 50_000 + b"]" * 50_000 + b"}"),
    "a redirect": (307, {"location": "http://127.0.0.1:9/"}, b""),
    "a bad key": (401, {}, b"{}"),
    "too large": (413, {}, b""),
    "no sound taken by llama.cpp": (500, {}, b'{"error": {"message": "audio input is not supported"}}'),
    "no sound taken": (400, {}, b'{"error": "At most 0 audio(s) may be provided"}'),
}


@pytest.mark.parametrize("answer", FAILURES.values(), ids=FAILURES.keys())
def test_what_is_no_answer_is_a_failure_with_a_sentence(
    answer: tuple[int, dict[str, str], bytes], tmp_path: Path, server: Loopback
) -> None:
    server.status, server.headers, server.body = answer
    with pytest.raises(RequestError) as caught:
        with_provider(tmp_path, server, lambda provider: provider.ask(MATERIAL))
    assert not isinstance(caught.value, BusyError)
    assert str(caught.value).endswith(".")
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("status", [400, 413, 422, 500])
def test_a_refusal_shows_the_servers_own_sentence(status: int, tmp_path: Path, server: Loopback) -> None:
    words = f"context length 4096 exceeded with {KEY}\n\x1b[31m; audio is not supported " + "x" * 5000
    server.status, server.body = status, json.dumps({"error": {"message": words}}).encode()
    with pytest.raises(RequestError) as caught:
        with_provider(tmp_path, server, lambda provider: provider.ask(MATERIAL))
    assert "context length 4096 exceeded" in str(caught.value)
    assert KEY not in str(caught.value)
    assert "\x1b" not in str(caught.value)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_server_may_be_asked_again(status: int, tmp_path: Path, server: Loopback) -> None:
    server.status, server.headers = status, {"retry-after": "4"}
    with pytest.raises(BusyError) as caught:
        with_provider(tmp_path, server, lambda provider: provider.ask(MATERIAL))
    assert caught.value.delay == 4.0


def test_a_server_that_is_not_there_may_be_asked_again(tmp_path: Path) -> None:
    with pytest.raises(BusyError):
        with_provider(tmp_path, Loopback(port=9), lambda provider: provider.ask(MATERIAL))
