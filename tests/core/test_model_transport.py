"""What comes back is small and clean, plain http stays inside, and tokens go the guarded way."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import socket
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from app.core.errors import UserError
from app.core.privacy.destination import Destination, ServiceKind
from app.core.privacy.gate import allow
from app.core.privacy.keys import Secret
from app.core.privacy.ledger import Ledger
from app.core.privacy.redaction import Redaction
from app.core.readers.models import reply_cleaning
from app.core.readers.models.google_tokens import (
    TOKEN_ADDRESS,
    GoogleTokens,
    ServiceAccount,
    SignedInUser,
    credentials_of_this_computer,
)
from app.core.readers.models.guarded_transport import GuardedTransport, SendContext, guarded_client
from app.core.readers.models.reply_cleaning import clean_reply, failure_text, read_body
from app.core.readers.models.retrying import BusyError, NoAccessError, RequestError

KEY = "sk-CANARY0123456789abcdef"
NO_KEYS = Redaction()


def body(data: bytes, encoding: str = "", *, piece: int = 1000, most: int = 100_000) -> bytes:
    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(data), piece):
            yield data[start : start + piece]

    return asyncio.run(read_body(httpx2.Headers({"content-encoding": encoding}), pieces(), most))


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"abc", ""),
        (b"abc", "identity"),
        (gzip.compress(b"abc", mtime=0), "gzip"),
        (gzip.compress(b"abc", mtime=0), "X-GZIP"),
        (zlib.compress(b"abc"), "deflate"),
        (gzip.compress(b"abc", mtime=0), "identity, gzip"),
    ],
)
def test_a_small_body_is_taken_as_it_was_packed(data: bytes, encoding: str) -> None:
    assert body(data, encoding) == b"abc"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"a" * 100_001, ""),
        (gzip.compress(b"a" * 100_001, mtime=0), "gzip"),
        (gzip.compress(b"a" * 50_000_000, mtime=0), "gzip"),
        (zlib.compress(b"a" * 50_000_000), "deflate"),
        (gzip.compress(gzip.compress(b"abc", mtime=0), mtime=0), "gzip, gzip"),
        (b"abc", "br"),
        (b"abc", "zstd"),
        (b"abc", "gzip"),
        (gzip.compress(b"abc", mtime=0)[:-1], "gzip"),
        (gzip.compress(b"abc", mtime=0) + b"more", "gzip"),
        (b"", "gzip"),
    ],
)
def test_a_large_or_wrongly_packed_body_is_refused(data: bytes, encoding: str) -> None:
    with pytest.raises(RequestError):
        body(data, encoding)


def test_unpacking_stops_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[int] = []
    unpacked = reply_cleaning._Inflater.unpacked

    def watched(self: Any, piece: bytes, most: int) -> bytes:
        got = unpacked(self, piece, most)
        given.append(len(got))
        return got

    monkeypatch.setattr(reply_cleaning._Inflater, "unpacked", watched)
    with pytest.raises(RequestError, match="larger"):
        body(gzip.compress(b"a" * 50_000_000, mtime=0), "gzip")
    assert sum(given) <= 100_001


@pytest.mark.parametrize(
    "data",
    [
        b"[" + b"{}," * 200_000 + b"{}]",
        b"[" + b"1," * 200_000 + b"1]",
        b'"a"' * 200_000,
        b'"' + b"\\u0041" * 200_000 + b'"',
        b'"' + b"%25" * 200_000 + b'"',
        b'"' + b"\\\\" * 200_000 + b'"',
        b'""' * 300_000,
    ],
)
def test_what_holds_more_than_any_answer_is_refused_unread(data: bytes) -> None:
    with pytest.raises(RequestError, match="larger"):
        clean_reply(200, data, NO_KEYS)


def test_a_key_among_very_many_values_is_not_searched_for_in_each() -> None:
    data = json.dumps([KEY, *range(50_000)]).encode()
    with pytest.raises(RequestError, match="larger"):
        clean_reply(200, data, Redaction(Secret(KEY)))
    assert clean_reply(200, data, NO_KEYS)[0] == 200


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>",
        b"\xff\xfe",
        b'{"a": NaN}',
        b'{"a": 1e999}',
        b'{"a":' + b"[" * 50_000,
        b"[" * 33 + b"]" * 33,
    ],
)
def test_what_is_no_json_is_nothing(data: bytes) -> None:
    assert clean_reply(200, data, NO_KEYS) == (200, b"")


def test_half_a_surrogate_pair_becomes_a_mark() -> None:
    _, data = clean_reply(200, rb'{"a": "\ud800 \ud83d\ude00 \\ud800"}', NO_KEYS)
    assert json.loads(data) == {"a": "\ufffd \U0001f600 \\ud800"}


def test_a_key_is_taken_out_of_every_field() -> None:
    value = {KEY: [KEY, {"a": KEY[:12], "b": {"c": [f"x {KEY} y"]}}], "number": 5, "long": 123456789012}
    _, data = clean_reply(200, json.dumps(value).encode(), Redaction(Secret(KEY)))
    assert b"CANARY" not in data
    assert json.loads(data)["number"] == 5
    _, data = clean_reply(200, b'{"a": 123456789012}', Redaction(Secret("123456789012")))
    assert json.loads(data) == {"a": None}


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"error": {"message": "overloaded", "code": 503}}, 503),
        ({"error": {"message": "overloaded"}}, 400),
        ({"error": "overloaded"}, 400),
        ({"error": {"code": True}}, 400),
        ({"error": None, "choices": []}, 200),
        ({"error": {"code": 500}, "choices": []}, 200),
        ({"choices": []}, 200),
        ([], 200),
    ],
)
def test_an_error_that_calls_itself_a_success_is_an_error(data: object, status: int) -> None:
    assert clean_reply(200, json.dumps(data).encode(), NO_KEYS)[0] == status


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"error": {"message": "overloaded"}}, "overloaded"),
        ([{"error": {"message": "overloaded"}}], "overloaded"),
        ({"error": "overloaded"}, "overloaded"),
        ({"detail": [{"msg": "overloaded"}]}, "overloaded"),
        ({"message": "overloaded"}, "overloaded"),
        ({"error": {"message": 5}}, ""),
        ([], ""),
        (None, ""),
    ],
)
def test_how_a_server_words_its_failure(data: object, words: str) -> None:
    assert failure_text(data) == words


# where it goes


class Echo(httpx2.AsyncBaseTransport):
    """Answers every request with a fixed reply and remembers where it went."""

    def __init__(self, headers: dict[str, str] | None = None, refuses: tuple[str, ...] = ()) -> None:
        self.asked: list[tuple[str, str]] = []
        self.sent: list[dict[str, str]] = []
        self._headers = headers or {}
        self._refuses = refuses

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append((request.url.host, request.headers["host"]))
        self.sent.append(dict(request.headers))
        if request.url.host in self._refuses:
            raise httpx2.ConnectError("nobody there")
        return httpx2.Response(200, headers=self._headers, content=b"{}")


def passage(
    folder: Path, host: str, scheme: str, service: ServiceKind = ServiceKind.OTHER_SERVER
) -> SendContext:
    place = Destination(service, host, "tiny", scheme)
    return SendContext(allow(folder, place, "Dr A"), Ledger(folder), "reading", "none")


def resolved(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Let every name lead to these addresses."""

    async def getaddrinfo(_self: object, _host: str, port: int, **_more: object) -> list[Any]:
        return [(0, 0, 0, "", (address, port)) for address in addresses]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", getaddrinfo)


def asked(through: GuardedTransport, url: str, headers: dict[str, str] | None = None) -> httpx2.Response:
    async def run() -> httpx2.Response:
        async with httpx2.AsyncClient(transport=through) as client:
            return await client.post(url, content=b"abc", headers=headers)

    return asyncio.run(run())


@pytest.mark.parametrize(
    "addresses", [["1.2.3.4"], ["10.0.0.5", "1.2.3.4"], ["fe80::1%eth0"], ["::ffff:1.2.3.4"], []]
)
def test_plain_http_goes_to_no_name_that_leads_outside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, addresses: list[str]
) -> None:
    resolved(monkeypatch, *addresses)
    inner = Echo()
    with pytest.raises(RequestError, match="Nothing was sent"):
        asked(GuardedTransport(passage(tmp_path, "gpu:80", "http"), inner=inner), "http://gpu/v1")
    assert inner.asked == []


def test_plain_http_goes_to_the_very_address_that_was_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolved(monkeypatch, "fd00::7", "10.0.0.5")
    inner = Echo(refuses=("fd00::7",))
    asked(GuardedTransport(passage(tmp_path, "gpu:8000", "http"), inner=inner), "http://gpu:8000/v1")
    assert inner.asked == [("fd00::7", "gpu:8000"), ("10.0.0.5", "gpu:8000")]


def test_the_name_of_this_computer_leads_to_this_computer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolved(monkeypatch, "10.0.0.5")
    local = passage(tmp_path, "localhost:80", "http", ServiceKind.THIS_MACHINE)
    with pytest.raises(RequestError, match="Nothing was sent"):
        asked(GuardedTransport(local, inner=Echo()), "http://localhost/")


@pytest.mark.parametrize("url", ["http://gpu/", "https://gpu:444/", "https://gpu2/", "https://gpu.evil/"])
def test_a_permission_holds_for_scheme_host_and_port(tmp_path: Path, url: str) -> None:
    inner = Echo()
    with pytest.raises(RequestError, match="stopped"):
        asked(GuardedTransport(passage(tmp_path, "gpu:443", "https"), inner=inner), url)
    assert inner.asked == []
    assert Ledger(tmp_path).entries() == ()


def test_answers_are_asked_for_unpacked_and_headers_are_cleaned(tmp_path: Path) -> None:
    inner = Echo({"x-other": KEY, "location": f"http://{KEY}/", "retry-after": KEY})
    through = GuardedTransport(passage(tmp_path, "gpu:443", "https"), inner=inner)
    response = asked(through, "https://gpu/", {"authorization": f"Bearer {KEY}"})
    assert inner.sent[0]["accept-encoding"] == "identity"
    assert "CANARY" not in repr(response.headers)
    assert "location" not in response.headers


# Google's tokens


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


def test_a_client_follows_nothing_and_trusts_no_environment(tmp_path: Path) -> None:
    client = guarded_client(passage(tmp_path, "gpu:443", "https"))
    assert not client.follow_redirects
    assert not client.trust_env
