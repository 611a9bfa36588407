"""A loopback server that answers as the Gemini and Vertex interfaces do, and a question to it."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from google.ai import generativelanguage_v1beta as published
from google.protobuf import json_format

from app.core.enhance.enhancement import Enhancement, features_of
from app.core.privacy.destination import Destination, ServiceKind
from app.core.privacy.gate import allow
from app.core.privacy.keys import Secret
from app.core.privacy.ledger import Ledger
from app.core.readers.models.answer_schema import response_schema
from app.core.readers.models.gemini import Gemini
from app.core.readers.models.gemini_client import VertexProject
from app.core.readers.models.google_tokens import SignedInUser
from app.core.readers.models.guarded_transport import SendContext
from app.core.readers.models.provider import Material, Reply

KEY = "canary-key-0123456789"


MATERIAL = Material(
    prompt="What do you see?",
    schema=response_schema(features_of(Enhancement.SOUND)),
    video=b"an mp4 file",
    fps=2.0,
    sound=b"a wav file",
)


ANSWER = {
    "candidates": [
        {"content": {"role": "model", "parts": [{"text": '{"answers": []}'}]}, "finishReason": "STOP"}
    ],
    "modelVersion": "gemini-3.8-flash-001",
    "usageMetadata": {"promptTokenCount": 900, "candidatesTokenCount": 40},
}


@dataclass
class Loopback:
    """A loopback service: what it was asked, and what it answers to `generateContent`."""

    answer: Callable[[], tuple[int, dict[str, str], bytes]] = lambda: (200, {}, json.dumps(ANSWER).encode())
    asked: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    looks_until_active: int = 0
    refuses_deletion: bool = False
    forbids_deletion: bool = False
    still_lists: bool = False
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def _handler(service: Loopback) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_args: object) -> None:
            pass

        def _body(self) -> bytes:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            service.paths.append(f"{self.command} {self.path}")
            service.bodies.append(body)
            service.headers.append({name.lower(): value for name, value in self.headers.items()})
            return body

        def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in ({"content-type": "application/json"} | headers).items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _file(self, name: str) -> dict[str, object]:
            state = "PROCESSING" if service.looks_until_active > 0 else "ACTIVE"
            service.looks_until_active -= 1
            return {
                "name": name,
                "uri": f"{service.url}/v1beta/{name}",
                "mimeType": "video/mp4",
                "state": state,
            }

        def do_POST(self) -> None:
            body = self._body()
            if self.path.startswith("/upload/v1beta/files"):
                self._begin_upload(json.loads(body))
            elif self.path.startswith("/transfer/"):
                self._take_upload(body)
            elif self.path == "/token":
                self._send(200, {}, b'{"access_token": "canary-access-token-0123456789", "expires_in": 3600}')
            else:
                service.asked.append(json.loads(body))
                self._send(*service.answer())

        def _begin_upload(self, body: dict[str, Any]) -> None:
            headers = service.headers[-1]
            assert headers["x-goog-upload-protocol"] == "resumable"
            assert headers["x-goog-upload-command"] == "start"
            assert int(headers["x-goog-upload-header-content-length"]) > 0
            file = json_format.ParseDict(body["file"], published.File()._pb, ignore_unknown_fields=False)
            assert headers["x-goog-upload-header-content-type"] == file.mime_type
            assert "file_name" not in " ".join(headers)
            name = file.name.removeprefix("files/")
            self._send(200, {"x-goog-upload-url": f"{service.url}/transfer/{name}"}, b"{}")

        def _take_upload(self, body: bytes) -> None:
            name = "files/" + self.path.removeprefix("/transfer/")
            headers = service.headers[-1]
            assert int(headers["x-goog-upload-offset"]) == len(service.files.get(name, b""))
            service.files[name] = service.files.get(name, b"") + body
            final = "finalize" in headers["x-goog-upload-command"]
            self._send(
                200,
                {"x-goog-upload-status": "final" if final else "active"},
                json.dumps({"file": self._file(name)}).encode(),
            )

        def do_GET(self) -> None:
            self._body()
            if self.path.split("?")[0] == "/v1beta/files":
                rows = [self._file(name) for name in service.files]
                self._send(200, {}, json.dumps({"files": rows}).encode())
                return
            self._send(200, {}, json.dumps(self._file(self.path.removeprefix("/v1beta/"))).encode())

        def do_DELETE(self) -> None:
            self._body()
            if service.refuses_deletion:
                self._send(500, {}, b"{}")
                return
            if service.forbids_deletion:
                if not service.still_lists:
                    service.files.clear()
                self._send(403, {}, b'{"error": {"code": 403, "status": "PERMISSION_DENIED"}}')
                return
            known = service.files.pop(self.path.removeprefix("/v1beta/"), None)
            self._send(200 if known is not None else 404, {}, b"{}")

    return Handler


@pytest.fixture
def service() -> Iterator[Loopback]:
    made = Loopback()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(made))
    made.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


SIGNED_IN = SignedInUser("client", Secret("canary-client-secret"), Secret("canary-refresh-token"))


def asked(
    folder: Path,
    service: Loopback,
    material: Material = MATERIAL,
    access: Secret | VertexProject = Secret(KEY),  # noqa: B008 - a constant
    **options: Any,
) -> Reply:
    kind = ServiceKind.VERTEX_AI if isinstance(access, VertexProject) else ServiceKind.GEMINI_API
    destination = Destination(kind, f"127.0.0.1:{service.port}", "gemini-3.8-flash", "http")
    passage = SendContext(allow(folder, destination, "Dr A"), Ledger(folder), "reading", "pseudonymous")

    async def run() -> Reply:
        provider = Gemini(passage, access, base_url=service.url, **options)
        try:
            return await provider.ask(material)
        finally:
            await provider.close()

    return asyncio.run(run())


def tidied(folder: Path, service: Loopback) -> None:
    destination = Destination(ServiceKind.GEMINI_API, f"127.0.0.1:{service.port}", "gemini-3.8-flash", "http")
    passage = SendContext(allow(folder, destination, "Dr A"), Ledger(folder), "reading", "pseudonymous")

    async def run() -> None:
        provider = Gemini(passage, Secret(KEY), base_url=service.url)
        await provider.tidy()
        await provider.close()

    asyncio.run(run())
