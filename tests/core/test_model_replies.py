"""Whatever a server sends back ends in an answer or one sentence: in time, in little memory, without keys."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

import pytest

from app.core.enhance.enhancement import Enhancement, features_of
from app.core.privacy.address import parse_address
from app.core.privacy.destination import server_at
from app.core.privacy.gate import allow
from app.core.privacy.keys import Secret
from app.core.privacy.ledger import Ledger
from app.core.readers.models.answer_schema import response_schema
from app.core.readers.models.gemini import Gemini
from app.core.readers.models.guarded_transport import SendContext
from app.core.readers.models.openai_compatible import OpenAICompatible
from app.core.readers.models.provider import Material, Provider
from app.core.readers.models.response import parse_response
from app.core.readers.models.retrying import RequestError, ask_with_retries
from app.core.readers.models.segments import Segment
from app.core.semiology import Span
from tests.hostile_replies import KEY, HostileReply, hostile_reply
from tests.loopback import answer_to

FEATURES = features_of(Enhancement.SOUND)
SCHEMA = response_schema(FEATURES)
MATERIAL = Material("What do you hear?", SCHEMA, sound=b"a wav file")
SEGMENT = Segment(0, Span(0.0, 30.0))
ANSWER = answer_to(dict(SCHEMA), "no")
DEADLINE = 10.0


class Replies:
    """A server that gives one reply to every request."""

    def __init__(self) -> None:
        self.reply = HostileReply(200, (), b"{}")
        self.port = 0

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = head.partition(b"content-length: ")[2].partition(b"\r\n")[0]
            await reader.readexactly(int(length or 0))
            self._write(writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        writer.close()

    def _write(self, writer: asyncio.StreamWriter) -> None:
        reply, body = self.reply, self.reply.body
        length = "transfer-encoding: chunked" if reply.chunked else f"content-length: {len(body)}"
        lines = (f"HTTP/1.1 {reply.status} {KEY}", length, "connection: close", *reply.headers)
        writer.write("\r\n".join((*lines, "", "")).encode())
        sent = body[: len(body) // 2] if reply.cut else body
        if reply.chunked:
            for start in range(0, len(sent), 4096):
                piece = sent[start : start + 4096]
                writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            sent = b"" if reply.cut else b"0\r\n\r\n"
        writer.write(sent)


def one_line(sentence: str) -> str:
    assert sentence
    assert "\n" not in sentence
    return sentence


async def told(replies: Replies, provider: Provider) -> str:
    """Everything that one request leaves behind."""
    try:
        reply = await ask_with_retries(lambda: provider.ask(MATERIAL), deadline=DEADLINE, attempts=1)
    except RequestError as error:
        return one_line(str(error))
    parsed = parse_response(reply.text, FEATURES, SEGMENT)
    assert all(answer.feature in {one.id for one in FEATURES} for answer in parsed.answers.values())
    return repr((reply, parsed))


async def tried(folder: Path, numbers: range) -> float:
    """Have the replies of these numbers read, on both wires; the longest time that one took (s)."""
    replies, slowest = Replies(), 0.0
    server = await asyncio.start_server(replies.handle, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    place = server_at(parse_address(url), "tiny")
    passage = SendContext(allow(folder, place, "Dr A"), Ledger(folder), "reading", "none")
    providers: tuple[Provider, ...] = (
        OpenAICompatible(url + "/v1", passage, key=Secret(KEY)),
        Gemini(passage, Secret(KEY), base_url=url),
    )
    for number in numbers:
        gemini = number % 2 == 1
        replies.reply = hostile_reply(number, ANSWER, gemini=gemini)
        begun = time.perf_counter()
        left = await told(replies, providers[gemini])
        slowest = max(slowest, time.perf_counter() - begun)
        assert KEY not in left, number
        assert KEY not in left.replace("\\u202e", "").replace("\\xad", ""), number
    for provider in providers:
        await provider.close()
    server.close()
    return slowest


def test_a_sample_of_hostile_replies(tmp_path: Path) -> None:
    assert asyncio.run(tried(tmp_path, range(150))) < DEADLINE + 60
    assert KEY.encode() not in b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def largest_resident() -> int:
    """Bytes of memory that this process has held at most."""
    resource = pytest.importorskip("resource")
    unit = 1 if sys.platform == "darwin" else 1024
    return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) * unit


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_thousands_of_hostile_replies(tmp_path: Path) -> None:
    asyncio.run(tried(tmp_path, range(20)))  # imports what is imported once
    before = largest_resident()
    slowest = asyncio.run(tried(tmp_path, range(1000, 6000)))
    more = largest_resident() - before
    assert slowest < DEADLINE + 60
    assert more < 200_000_000
    assert KEY.encode() not in b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
