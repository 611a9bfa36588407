"""Google's credentials and tokens: where they come from, and where they are never sent."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
from pathlib import Path
from typing import Any

import pytest

from app.core.errors import UserError
from app.core.privacy.destination import ServiceKind
from app.core.privacy.keys import Secret
from app.core.privacy.ledger import Ledger
from app.core.readers.models.google_tokens import (
    TOKEN_ADDRESS,
    GoogleTokens,
    ServiceAccount,
    SignedInUser,
    credentials_of_this_computer,
)
from app.core.readers.models.retrying import BusyError, NoAccessError, RequestError
from tests.core.send_contexts import passage


def credentials(monkeypatch: pytest.MonkeyPatch, folder: Path, **data: object) -> Path:
    path = folder / "credentials.json"
    path.write_text(json.dumps(data))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
    return path


USER = {
    "type": "authorized_user",
    "client_id": "c",
    "client_secret": "canary-secret",
    "refresh_token": "canary-refresh",
    "quota_project_id": "ward-7",
}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"type": "external_account"}, "runs a program"),
        ({"type": "external_account_authorized_user"}, "runs a program"),
        ({"type": "impersonated_service_account"}, "runs a program"),
        ({"type": "gdch_service_account"}, "runs a program"),
        ({"type": None}, "runs a program"),
        ({"token_uri": "http://127.0.0.1:9/token"}, "not Google's"),
        ({"token_uri": "https://oauth2.googleapis.com.evil.example/token"}, "not Google's"),
        ({"token_uri": "http://oauth2.googleapis.com/token"}, "not Google's"),
        ({"universe_domain": "evil.example"}, "another cloud"),
        ({"refresh_token": ""}, "cannot be read"),
        ({"refresh_token": 5}, "cannot be read"),
    ],
)
def test_credentials_that_lead_elsewhere_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, object], words: str
) -> None:
    credentials(monkeypatch, tmp_path, **(USER | change))
    with pytest.raises(UserError, match=words) as refused:
        credentials_of_this_computer()
    assert "canary" not in str(refused.value)


def test_credentials_are_read_from_the_file_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = credentials(monkeypatch, tmp_path, **USER, token_uri=TOKEN_ADDRESS)
    found = credentials_of_this_computer()
    assert isinstance(found, SignedInUser)
    assert found.quota_project == "ward-7"
    assert "canary" not in repr(found)
    path.write_text("{" * 100_000)
    with pytest.raises(UserError, match="cannot be read"):
        credentials_of_this_computer()
    path.unlink()
    with pytest.raises(UserError, match="no Google credentials"):
        credentials_of_this_computer()


def token_of(folder: Path, answer: tuple[int, bytes], who: Any) -> tuple[str, bytes]:
    """The token that a loopback gives, and what it was sent."""
    bodies: list[bytes] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        bodies.append(await reader.readexactly(int(head.partition(b"content-length: ")[2].split(b"\r\n")[0])))
        assert Ledger(folder).entries()[-1].outcome == "sending"
        writer.write(
            f"HTTP/1.1 {answer[0]} x\r\ncontent-length: {len(answer[1])}\r\n\r\n".encode() + answer[1]
        )
        await writer.drain()
        writer.close()

    async def run() -> str:
        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        given = passage(folder, "aiplatform.googleapis.com:443", "https", ServiceKind.VERTEX_AI)
        tokens = GoogleTokens(given, who, address=f"http://127.0.0.1:{port}/token")
        try:
            first = await tokens.token()
            assert await tokens.token() is first, "it holds for a while"
            return first.reveal()
        finally:
            await tokens.close()
            server.close()

    return asyncio.run(run()), bodies[0]


SIGNED_IN = SignedInUser("c", Secret("canary-secret"), Secret("canary-refresh"))


def test_a_token_is_fetched_past_the_ledger_and_no_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.getsockname()[1]}")
        token, sent = token_of(tmp_path, (200, b'{"access_token": "t-1", "expires_in": 3600}'), SIGNED_IN)
        proxy.setblocking(False)
        with pytest.raises(BlockingIOError):
            proxy.accept()
    assert token == "t-1"
    assert b"refresh_token=canary-refresh" in sent
    (entry,) = Ledger(tmp_path).entries()
    assert entry.sending.purpose == "token: POST /token"
    assert entry.sending.host.startswith("127.0.0.1:")
    assert "canary" not in repr(entry)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((400, b'{"error": "invalid_grant canary-refresh"}'), NoAccessError),
        ((503, b"{}"), BusyError),
        ((302, b"{}"), RequestError),
        ((200, b"{}"), RequestError),
        ((200, b"[]"), RequestError),
        ((200, b'{"access_token": "a\\nb"}'), RequestError),
        ((200, b'{"access_token": "ab", "expires_in": "x"}'), RequestError),
    ],
)
def test_no_token_is_a_sentence_without_secrets(
    tmp_path: Path, answer: tuple[int, bytes], error: type[RequestError]
) -> None:
    with pytest.raises(error) as told:
        token_of(tmp_path, answer, SIGNED_IN)
    assert "canary" not in str(told.value)
    assert not getattr(told.value, "begun", False), "a token costs nothing"


def test_a_service_account_signs_what_it_asks_for_and_keeps_its_key(tmp_path: Path) -> None:
    rsa = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.rsa")
    serialization = pytest.importorskip("cryptography.hazmat.primitives.serialization")
    made = rsa.generate_private_key(65537, 2048)
    pem = made.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    who = ServiceAccount("robot@ward-7", Secret(pem), "id-1")
    token, sent = token_of(tmp_path, (200, b'{"access_token": "t-2", "expires_in": 3600}'), who)
    assert token == "t-2"
    claims = sent.decode().partition("assertion=")[2].split(".")[1]
    assert json.loads(base64.urlsafe_b64decode(claims + "=="))["aud"] == TOKEN_ADDRESS
    assert b"PRIVATE" not in sent
    wrong = ServiceAccount("robot@ward-7", Secret("-----BEGIN PRIVATE KEY-----\ncanary"), "id-1")
    with pytest.raises(NoAccessError, match="key") as told:
        wrong.grant()
    assert told.value.__cause__ is None
