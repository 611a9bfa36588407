"""What a server sent back, read within bounds and cleaned before anything else sees it.

The size is limited after unpacking, the JSON is limited in depth and in the number of its values, and keys
are taken out of every text in it. What comes out is small and well-formed, so that reading it is quick.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import AsyncIterable, Callable
from typing import Any, Protocol

import httpx2

from app.core.bounded_json import read_json
from app.core.privacy.redaction import Redaction, escapes_at_most
from app.core.readers.models.answer_text import whole_characters
from app.core.readers.models.retrying import RequestError

MAX_RESPONSE_BYTES = 1_000_000
"""Of a reply, unpacked; 20 answers take some 10,000, a long list of models some 600,000.

Each pass over a reply can hold up the window for as long as the pass takes."""
MAX_SIGNS = 100_000
"""Texts, brackets, commas and colons in a reply; a list of 1,000 models has some 40,000."""
MAX_ESCAPES = 150_000
"""Signs that can begin an escape of any kind in a reply; an answer in Chinese has some 20,000."""
DEEPEST = 32
MAX_SIGNS_WITH_KEY = 20_000
"""As `MAX_SIGNS`, of a reply that holds a key: each of its values is then searched by itself."""
LARGEST_CUT = 200_000
"""Characters of a reply out of which keys are cut; in a larger one each text with a key is dropped whole."""

_TOO_LARGE = "The answer was larger than any answer can be."
_PACKED = "The server packed its answer in a way that it was not asked for."
_LONGEST_HEADER = 2000

# What the clients above need to know; the name of a redirect's goal is not among it.
_HEADERS = (
    "content-type",
    "retry-after",
    "x-goog-upload-status",
    "x-goog-upload-url",
    "x-goog-upload-chunk-granularity",
)


class _Unpacker(Protocol):
    def unpacked(self, piece: bytes, most: int) -> bytes: ...

    def check_end(self) -> None: ...


class _AsItIs:
    """For a body that was not packed."""

    def unpacked(self, piece: bytes, most: int) -> bytes:
        return piece[:most]

    def check_end(self) -> None:
        """Such a body ends where it ends."""


class _Inflater:
    """Unpacks gzip or deflate piece by piece, never more than is asked for."""

    def __init__(self) -> None:
        self._inflater = zlib.decompressobj(zlib.MAX_WBITS | 32)

    def unpacked(self, piece: bytes, most: int) -> bytes:
        try:
            return self._inflater.decompress(piece, most)
        except zlib.error as error:
            raise RequestError("The server's answer is packed wrongly.") from error

    def check_end(self) -> None:
        if not self._inflater.eof or self._inflater.unused_data:
            raise RequestError("The server's answer is packed wrongly.")


def _unpacker(headers: httpx2.Headers) -> _Unpacker:
    layers = [name.strip().lower() for name in headers.get("content-encoding", "").split(",")]
    packed = [name for name in layers if name not in {"", "identity"}]
    if not packed:
        return _AsItIs()
    # Answers are asked for unpacked; some proxies pack them all the same, once and like this.
    if packed in (["gzip"], ["x-gzip"], ["deflate"]):
        return _Inflater()
    raise RequestError(_PACKED)


async def body_of(
    headers: httpx2.Headers, pieces: AsyncIterable[bytes], most: int = MAX_RESPONSE_BYTES
) -> bytes:
    """The unpacked body. Raises RequestError when it is larger than `most`, packed or unpacked."""
    unpacker, body, read = _unpacker(headers), bytearray(), 0
    async for piece in pieces:
        read += len(piece)
        body += unpacker.unpacked(piece, most + 1 - len(body))
        if read > most or len(body) > most:
            raise RequestError(_TOO_LARGE)
    unpacker.check_end()
    return bytes(body)


def cleaned_headers(headers: httpx2.Headers, redaction: Redaction) -> dict[str, str]:
    """The headers that are needed, without keys."""
    return {name: redaction.cleaned(headers[name][:_LONGEST_HEADER]) for name in _HEADERS if name in headers}


def cleaned_reply(status: int, body: bytes, redaction: Redaction) -> tuple[int, bytes]:
    """The status and the body of a reply: its JSON without keys, written anew; nothing when it is no JSON.

    A reply that says that it is a success and holds only an error gets the status that the error names.
    Raises RequestError when it holds more than any answer can.
    """
    written = body.decode("utf-8", errors="replace").removeprefix("\ufeff")
    # Counted first: one pass of a search over millions of these would hold up every other thread.
    if escapes_at_most(written) > MAX_ESCAPES or written.count('"') > 2 * MAX_SIGNS + MAX_ESCAPES:
        raise RequestError(_TOO_LARGE)
    text = whole_characters(written)
    stripped, strings = _STRING.subn("", text)
    signs = strings + sum(stripped.count(sign) for sign in "[{,:")
    if signs > MAX_SIGNS:
        raise RequestError(_TOO_LARGE)
    try:
        value = read_json(text, largest=MAX_RESPONSE_BYTES, deepest=DEEPEST, duplicates=True)
    except ValueError:
        return status, b""
    if redaction.finds(text):
        if signs > MAX_SIGNS_WITH_KEY:
            raise RequestError(_TOO_LARGE)
        clean = redaction.cleaned if len(text) <= LARGEST_CUT else redaction.dropped
        value = _cleaned(value, clean)
    return _status(status, value), json.dumps(value).encode()


_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)


def _cleaned(value: Any, clean: Callable[[str], str]) -> Any:
    """A value with every text and every long number in it cleaned; at most `DEEPEST` calls deep."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(key): _cleaned(inner, clean) for key, inner in value.items()}
    if isinstance(value, list):
        return [_cleaned(inner, clean) for inner in value]
    if isinstance(value, int | float):
        written = repr(value)
        return value if clean(written) == written else None
    return value


def _status(status: int, value: object) -> int:
    if status != 200 or not isinstance(value, dict) or not value.get("error"):
        return status
    if "choices" in value or "candidates" in value or "data" in value:
        return status
    error = value["error"]
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, int) and 400 <= code < 600 else 400


def said(value: object) -> str:
    """What a reply says of its failure, as the server words it; "" when it does not."""
    if isinstance(value, list) and value:
        return said(value[0])
    if isinstance(value, str):
        return value
    if not isinstance(value, dict):
        return ""
    words = (said(value.get(name)) for name in ("error", "message", "detail", "msg"))
    return next((word for word in words if word), "")
