"""A loopback model service that speaks both wires: chat completions and Gemini's generateContent.

Every answer is of the schema that the request asks for. What a test wants otherwise it says with `before`.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Service:
    """What it was asked, and how it behaves: `before` may answer in its place; it takes so many `seconds`."""

    presence: str = "no"
    seconds: float = 0.0
    before: Callable[[str, bytes], Answer | None] = lambda _path, _body: None
    port: int = 0
    methods: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    models: tuple[str, ...] = ("tiny-vl", "other")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def steps(self) -> list[str]:
        """What was asked for, without queries."""
        pairs = zip(self.methods, self.paths, strict=True)
        return [f"{method} {path.partition('?')[0]}" for method, path in pairs]

    @property
    def asked(self) -> list[dict[str, Any]]:
        """The questions among the requests."""
        pairs = zip(self.paths, self.bodies, strict=True)
        return [
            json.loads(body) for path, body in pairs if "completions" in path or "generateContent" in path
        ]


def _time(schema: dict[str, Any], seconds: str) -> object:
    """A time as the schema asks for it, whose description of a text ends with 12.5 seconds as an example."""
    if schema["type"] == "number":
        return float(seconds)
    return schema["description"].partition(" as ")[2].replace("12.5", seconds)


def answer_to(schema: dict[str, Any], presence: str) -> str:
    """An answer of the schema to every feature that is asked about."""
    features = schema["properties"]["answers"]["items"]["properties"]["feature"]["enum"]
    moment = schema["properties"]["answers"]["items"]["properties"]["evidence"]["items"]["properties"][
        "start"
    ]
    times = [_time(moment, seconds) for seconds in ("00.0", "00.5")]
    item = {
        "explanation": "as it looks to a loopback",
        "presence": presence,
        "confidence": 70,
        "laterality": "none",
        "evidence": [dict(zip(("start", "end"), times, strict=True))] if presence == "yes" else [],
    }
    return json.dumps({"answers": [{"feature": feature} | item for feature in features]})


def short_answer_to(asked: dict[str, Any], presence: str = "no") -> str:
    """An answer of either form to what Gemini is asked."""
    schema = asked["generationConfig"]["responseJsonSchema"]
    if "answers" in schema["properties"]:
        return answer_to(schema, presence)
    return json.dumps({"answer": presence, "justification": "as it looks to a loopback"})


def completion(text: str) -> bytes:
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    return json.dumps({"id": "x", "model": "tiny-vl-1", "choices": [choice]}).encode()


def generated(text: str) -> bytes:
    content = {"role": "model", "parts": [{"text": text}]}
    candidate = {"content": content, "finishReason": "STOP"}
    return json.dumps({"candidates": [candidate], "modelVersion": "gemini-tiny-001"}).encode()


def _answered(service: Service, path: str, body: bytes) -> Answer:
    if path.endswith("/models") or "/models?" in path:
        rows = [{"id": name, "name": f"models/{name}"} for name in service.models]
        return 200, {}, json.dumps({"data": rows, "models": rows}).encode()
    if "files/" in path:
        return 200, {}, b"{}"
    asked = json.loads(body)
    if "completions" in path:
        form = asked.get("response_format")
        text = answer_to(form["json_schema"]["schema"], service.presence) if form else "yes"
        return 200, {}, completion(text)
    return 200, {}, generated(answer_to(asked["generationConfig"]["responseJsonSchema"], service.presence))


@contextlib.contextmanager
def served(service: Service | None = None) -> Iterator[Service]:
    """The service while the context lasts."""
    made = service or Service()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_args: object) -> None:
            pass

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            made.methods.append(self.command)
            made.paths.append(self.path)
            made.bodies.append(body)
            made.headers.append({name.lower(): value for name, value in self.headers.items()})
            time.sleep(made.seconds)
            status, headers, content = made.before(self.path, body) or _answered(made, self.path, body)
            self.send_response(status)
            for name, value in ({"content-type": "application/json"} | headers).items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            with contextlib.suppress(ConnectionError):
                self.wfile.write(content)

        do_GET = do_POST = do_DELETE = _answer  # noqa: N815

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_args: Any) -> None:
            """A client that went away, as one that cancels does."""

    server = Server(("127.0.0.1", 0), Handler)
    made.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
