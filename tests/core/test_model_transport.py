"""What comes back is small and clean, plain http stays inside, and tokens go the guarded way."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from app.core.errors import UserError
from app.core.privacy.destination import ServiceKind
from app.core.privacy.keys import Secret
from app.core.privacy.ledger import PENDING, Ledger
from app.core.privacy.redaction import Redaction
from app.core.readers.models import reply_cleaning
from app.core.readers.models.guarded_transport import GuardedTransport, guarded_client
from app.core.readers.models.reply_cleaning import clean_reply, failure_text, read_body
from app.core.readers.models.retrying import RequestError
from tests.core.send_contexts import passage

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


def test_an_answer_that_came_is_kept_when_the_disk_of_the_ledger_is_full_by_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Filling(Echo):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            monkeypatch.setattr("app.core.privacy.json_lines.os.write", lambda _handle, _data: 0)
            return await super().handle_async_request(request)

    inner = Filling()
    through = GuardedTransport(passage(tmp_path, "gpu:443", "https"), inner=inner)
    assert asked(through, "https://gpu/").status_code == 200
    with pytest.raises(UserError, match="cannot be written, so nothing is sent"):
        asked(through, "https://gpu/")
    assert len(inner.asked) == 1
    assert [entry.outcome for entry in Ledger(tmp_path).entries()] == [PENDING]


# Google's tokens


def test_a_client_follows_nothing_and_trusts_no_environment(tmp_path: Path) -> None:
    client = guarded_client(passage(tmp_path, "gpu:443", "https"))
    assert not client.follow_redirects
    assert not client.trust_env


def test_each_client_reads_anew_which_servers_the_system_trusts(tmp_path: Path) -> None:
    """A certificate that a hospital installs or withdraws counts for the next request, without a restart."""
    contexts = []
    for _ in range(2):
        inner: Any = GuardedTransport(passage(tmp_path, "gpu:443", "https"))._inner
        contexts.append(inner._pool._ssl_context)
    assert contexts[0] is not contexts[1]
