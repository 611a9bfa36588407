"""Connections that break and servers that never answer: tried again, ended at the deadline."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from app.core.privacy.address import parse_address
from app.core.privacy.destination import server_at
from app.core.privacy.gate import allow
from app.core.privacy.ledger import Ledger
from app.core.readers.models.answer_schema import response_schema
from app.core.readers.models.guarded_transport import SendContext
from app.core.readers.models.openai_compatible import OpenAICompatible
from app.core.readers.models.provider import Material, Reply
from app.core.readers.models.retrying import BusyError, RequestError, ask_with_retries
from app.core.semiology import FEATURES

ANSWER = json.dumps(
    {"choices": [{"finish_reason": "stop", "message": {"content": '{"answers": []}'}}], "model": "tiny"}
).encode()
WHOLE = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(ANSWER), ANSWER)

BREAKS: dict[str, bytes] = {
    "reset before any answer": b"",
    "reset in the head": b"HTTP/1.1 200 OK\r\ncontent-le",
    "reset in the answer": WHOLE[:-20],
}
"""What is sent before the connection is reset."""

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.core.readers.models.retrying.random.uniform", lambda *_range: 0.0)


@asynccontextmanager
async def breaking(sent: bytes | None, times: int) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A server that breaks so many connections and answers afterwards; its port and what it was asked.

    It breaks them after `sent`; None holds them for ever.
    """
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
        asked.append(await reader.readexactly(int(length.split(b":")[1])))
        if len(asked) > times:
            writer.write(WHOLE)
        elif sent is None:
            await asyncio.sleep(600)
        else:
            writer.write(sent)
            await writer.drain()
            # Closing with no patience is a reset on the wire.
            plug = writer.get_extra_info("socket")
            plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], asked
    finally:
        server.close()


def asked_for(folder: Path, sent: bytes | None, times: int, deadline: float) -> tuple[Reply, list[bytes]]:
    async def run() -> tuple[Reply, list[bytes]]:
        async with breaking(sent, times) as (port, asked):
            url = f"http://127.0.0.1:{port}/v1"
            permission = allow(folder, server_at(parse_address(url), "tiny"), "Dr A")
            provider = OpenAICompatible(url, SendContext(permission, Ledger(folder), "reading", "none"))
            try:
                material = Material("What is seen?", response_schema(FEATURES[:1]))
                return await ask_with_retries(lambda: provider.ask(material), deadline=deadline), asked
            finally:
                await provider.close()

    return asyncio.run(run())


@pytest.mark.parametrize("sent", BREAKS.values(), ids=BREAKS.keys())
def test_a_reset_connection_is_tried_again_with_the_same_question(tmp_path: Path, sent: bytes) -> None:
    reply, asked = asked_for(tmp_path, sent, times=2, deadline=60.0)
    assert reply.text == '{"answers": []}'
    assert len(asked) == 3
    assert len(set(asked)) == 1
    entries = Ledger(tmp_path).entries()
    assert len(entries) == 3, "every byte that left is in it"
    assert entries[-1].outcome == "200"


@pytest.mark.parametrize("sent", BREAKS.values(), ids=BREAKS.keys())
def test_a_connection_that_always_breaks_is_given_up_after_three(tmp_path: Path, sent: bytes) -> None:
    with pytest.raises(BusyError, match="broke off") as caught:
        asked_for(tmp_path, sent, times=99, deadline=60.0)
    assert caught.value.begun, "it may be paid for"
    assert len(Ledger(tmp_path).entries()) == 3


def test_a_server_that_never_answers_is_left_at_the_deadline(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="No answer within"):
        asked_for(tmp_path, None, times=99, deadline=0.3)
    (entry,) = Ledger(tmp_path).entries()
    assert entry.outcome == "cancelled"
