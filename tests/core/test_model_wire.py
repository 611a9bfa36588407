"""What leaves passes the gate and the ledger; what comes back is bounded in time and size."""

from __future__ import annotations

import asyncio
import contextlib
import math
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest

from app.core.errors import Cancelled, UserError
from app.core.jobs import CancelToken
from app.core.privacy.destination import Destination, ServiceKind
from app.core.privacy.gate import Permission, allow
from app.core.privacy.ledger import Ledger, body_digest
from app.core.readers.models.event_loop import run_to_end, until_done
from app.core.readers.models.guarded_transport import GuardedTransport, SendContext, guarded_client
from app.core.readers.models.retrying import (
    BusyError,
    RequestError,
    ask_with_retries,
    error_for_status,
    retry_after,
)

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def served(handler: Handler) -> AsyncIterator[int]:
    """A loopback server for one test; its port."""

    async def handled(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await handler(reader, writer)
        writer.close()

    server = await asyncio.start_server(handled, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def request_of(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        (
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        ),
        0,
    )
    return await reader.readexactly(length)


def passage(folder: Path, port: int) -> SendContext:
    destination = Destination(ServiceKind.THIS_MACHINE, f"127.0.0.1:{port}", "tiny", "http")
    return SendContext(allow(folder, destination, "Dr A"), Ledger(folder), "reading", "pseudonymous name")


def answering(head: str, body: bytes = b"") -> Handler:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        writer.write(f"HTTP/1.1 {head}\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body)
        await writer.drain()

    return handler


def test_every_request_is_in_the_ledger_before_it_arrives(tmp_path: Path) -> None:
    seen: list[tuple[bytes, str]] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        body = await request_of(reader)
        seen.append((body, Ledger(tmp_path).entries()[-1].outcome))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
        await writer.drain()

    async def run() -> None:
        async with served(handler) as port, guarded_client(passage(tmp_path, port)) as client:
            for body in (b"", b"abc", b"x" * 100_000):
                await client.post(f"http://127.0.0.1:{port}/v1/read", content=body)

    asyncio.run(run())
    entries = Ledger(tmp_path).entries()
    assert [(entry.sending.size, entry.sending.sha256) for entry in entries] == [
        (len(body), body_digest(body)) for body, _ in seen
    ]
    assert {outcome for _, outcome in seen} == {"sending"}
    assert {entry.outcome for entry in entries} == {"200"}
    assert {entry.sending.user for entry in entries} == {"Dr A"}


def test_a_redirect_is_not_followed_and_another_host_is_never_reached(tmp_path: Path) -> None:
    reached: list[bytes] = []

    async def sink(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.append(await request_of(reader))

    async def run() -> None:
        async with served(sink) as sink_port:
            location = f"302 Found\r\nlocation: http://127.0.0.1:{sink_port}/"
            async with served(answering(location)) as port, guarded_client(passage(tmp_path, port)) as client:
                response = await client.post(f"http://127.0.0.1:{port}/", content=b"secret")
                assert response.status_code == 302
                assert "another address" in str(error_for_status(302, response.headers))
                with pytest.raises(RequestError):
                    await client.post(f"http://127.0.0.1:{sink_port}/", content=b"secret")

    asyncio.run(run())
    assert reached == []
    assert len(Ledger(tmp_path).entries()) == 1


def test_a_permission_for_other_words_sends_nothing(tmp_path: Path) -> None:
    destination = Destination(ServiceKind.THIS_MACHINE, "127.0.0.1:9", "tiny", "http")
    old = Permission(destination, "Dr A", "2026-01-01T00:00:00+00:00", "0", "I agree")
    with pytest.raises(UserError, match="anew"):
        GuardedTransport(SendContext(old, Ledger(tmp_path), "reading", ""))


def test_a_ledger_that_cannot_be_written_sends_nothing(tmp_path: Path) -> None:
    reached: list[bytes] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.append(await request_of(reader))

    async def run() -> None:
        async with served(handler) as port:
            way = passage(tmp_path, port)
            gone = SendContext(way.permission, Ledger(tmp_path / "gone"), way.purpose, way.deidentification)
            async with guarded_client(gone) as client:
                with pytest.raises(UserError, match="ledger"):
                    await client.post(f"http://127.0.0.1:{port}/", content=b"x")

    asyncio.run(run())
    assert reached == []


def test_an_endless_answer_is_cut_off(tmp_path: Path) -> None:
    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 50000000\r\n\r\n")
        for _ in range(500):
            writer.write(b"x" * 100_000)
            await writer.drain()

    async def run() -> None:
        async with served(flood) as port, guarded_client(passage(tmp_path, port)) as client:
            with pytest.raises(RequestError, match="larger"):
                await client.get(f"http://127.0.0.1:{port}/")

    asyncio.run(run())


def test_a_dripping_answer_ends_at_the_deadline(tmp_path: Path) -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
        for _ in range(1000):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    async def run() -> None:
        async with served(drip) as port, guarded_client(passage(tmp_path, port)) as client:
            with pytest.raises(RequestError, match="No answer within"):
                await ask_with_retries(lambda: client.get(f"http://127.0.0.1:{port}/"), deadline=0.3)

    asyncio.run(run())


def tried(*outcomes: Exception | str, deadline: float = 100.0) -> tuple[object, list[float], int]:
    """The result of `ask_with_retries` for these outcomes, the waits, and how often the request was sent."""
    waits: list[float] = []
    sent = 0

    async def request() -> str:
        nonlocal sent
        sent += 1
        outcome = outcomes[sent - 1]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    async def run() -> object:
        try:
            return await ask_with_retries(request, deadline=deadline, sleep=sleep)
        except RequestError as error:
            return error

    return asyncio.run(run()), waits, sent


def test_a_busy_server_is_asked_at_most_three_times_and_gets_the_time_it_wants() -> None:
    assert tried(BusyError("busy", 7.0), "answer") == ("answer", [7.0], 2)
    result, waits, sent = tried(BusyError("busy"), BusyError("busy"), BusyError("busy"), "never")
    assert isinstance(result, BusyError)
    assert (len(waits), sent) == (2, 3)
    assert isinstance(tried(RequestError("no"), "never")[0], RequestError)


def test_a_wait_that_does_not_fit_is_not_begun() -> None:
    assert tried(BusyError("busy", 7.0), "never", deadline=5.0)[1:] == ([], 1)
    assert tried(BusyError("busy", 3600.0), "never", deadline=10_000.0)[1:] == ([], 1)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("12", 12.0),
        ("Sun, 22 Nov 2026 10:00:30 GMT", 30.0),
        ("Sun, 22 Nov 2026 09:00:00 GMT", 0.0),
        ("soon", None),
        ("-1", None),
        ("99999999999999999999", math.inf),
        ("0000000005", 5.0),
        ("", None),
        ("Mon, 01 Jan 2024 00:00:00 +99999999999999999999", None),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 +0000", None),
        ("Mon, 99999999999999999999 Jan 2024 00:00:00 +0000", None),
    ],
)
def test_retry_after(text: str, seconds: float | None) -> None:
    now = datetime(2026, 11, 22, 10, 0, 0, tzinfo=UTC)
    assert retry_after(httpx2.Headers({"retry-after": text}), now) == seconds


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_name_that_is_looked_up_for_long_holds_nothing_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    asked, answered = threading.Event(), threading.Event()

    def look_up(*_place: object, **_more: object) -> list[object]:
        asked.set()
        answered.wait(60)
        raise socket.gaierror("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    place = Destination(ServiceKind.OTHER_SERVER, "gpu.hospital:443", "tiny", scheme)
    through = SendContext(allow(tmp_path, place, "Dr A"), Ledger(tmp_path), "reading", "none")

    async def run() -> None:
        async with guarded_client(through) as client:
            await ask_with_retries(lambda: client.get(f"{place.origin}/v1"), deadline=0.5)

    with pytest.raises(RequestError, match="No answer within"):
        run_to_end(run())
    assert asked.is_set()
    assert not answered.is_set()  # the run ended while the name was still being looked up
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        run_to_end(until_done(run(), cancel))
    answered.set()


def test_a_name_is_looked_up_and_its_failure_is_told() -> None:
    async def addresses(host: str) -> set[str]:
        loop = asyncio.get_running_loop()
        return {str(row[4][0]) for row in await loop.getaddrinfo(host, 80, type=socket.SOCK_STREAM)}

    assert run_to_end(addresses("127.0.0.1")) == {"127.0.0.1"}
    with pytest.raises(socket.gaierror):
        run_to_end(addresses("no-such-name.invalid."))


def test_after_loading_a_first_request_imports_next_to_nothing() -> None:
    code = """
import asyncio, sys, tempfile
from pathlib import Path
from app.core.privacy.address import parse_address
from app.core.privacy.destination import server_at
from app.core.privacy.gate import allow
from app.core.privacy.ledger import Ledger
from app.core.readers.models.providers import PROVIDERS
from app.core.readers.models.guarded_transport import SendContext, guarded_client

async def asked():
    async def answer(reader, writer):
        await reader.readuntil(b"\\r\\n\\r\\n")
        writer.write(b"HTTP/1.1 200 OK\\r\\ncontent-length: 2\\r\\n\\r\\n{}")
        await writer.drain()
        writer.close()
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    with tempfile.TemporaryDirectory() as folder:
        permission = allow(Path(folder), server_at(parse_address(url), "tiny"), "Dr A")
        PROVIDERS["openai"].load()
        before = set(sys.modules)
        async with guarded_client(SendContext(permission, Ledger(Path(folder)), "reading", "none")) as client:
            await client.get(url + "/models")
    print(len(set(sys.modules) - before))

asyncio.run(asked())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) <= 20, "without loading they are some 80"
