"""Replies of servers, read within limits and cleaned of keys before any other code sees them.

The size is limited after decompression, the JSON is limited in depth and number of values, and keys are
removed from every text in it. The result is small and well-formed, so that parsing it is fast.
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
from app.core.readers.models.answer_text import replace_lone_surrogates
from app.core.readers.models.retrying import RequestError

MAX_RESPONSE_BYTES = 1_000_000
"""The largest reply, decompressed; 20 answers take some 10,000 bytes, a long list of models some 600,000.
Each pass over a reply can block the window for its duration."""
MAX_TOKENS_OF_JSON = 100_000
"""The most strings, brackets, commas and colons in a reply; a list of 1,000 models has some 40,000."""
MAX_ESCAPES = 150_000
"""The most characters in a reply that can begin an escape; an answer in Chinese has some 20,000."""
LARGEST_DOWNLOAD = 32_000_000
"""The largest file of results (bytes, decompressed): 100 replies of 300,000 bytes."""
DEEPEST = 32
MAX_SIGNS_WITH_KEY = 20_000
"""As `MAX_TOKENS_OF_JSON`, for a reply with a key, in which each value is searched separately."""
LARGEST_CUT = 200_000
"""The longest reply (characters) from which keys are cut; in a longer one each text with a key is dropped."""

_TOO_LARGE = "The answer was larger than any answer can be."
_PACKED = "The server compressed its answer in a way that was not requested."
_LONGEST_HEADER = 2000

# Headers that the clients need; the target of a redirect is not among them.
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


class _PlainBody:
    """The decoder of an uncompressed body."""

    def unpacked(self, piece: bytes, most: int) -> bytes:
        return piece[:most]

    def check_end(self) -> None:
        """Nothing to check."""


class _Inflater:
    """The decoder of gzip or deflate, with a limited output per call."""

    def __init__(self) -> None:
        self._inflater = zlib.decompressobj(zlib.MAX_WBITS | 32)

    def unpacked(self, piece: bytes, most: int) -> bytes:
        try:
            return self._inflater.decompress(piece, most)
        except zlib.error as error:
            raise RequestError("The compression of the server's answer is damaged.") from error

    def check_end(self) -> None:
        if not self._inflater.eof or self._inflater.unused_data:
            raise RequestError("The compression of the server's answer is damaged.")


def _unpacker(headers: httpx2.Headers) -> _Unpacker:
    layers = [name.strip().lower() for name in headers.get("content-encoding", "").split(",")]
    packed = [name for name in layers if name not in {"", "identity"}]
    if not packed:
        return _PlainBody()
    # Uncompressed answers are requested; some proxies compress them anyway, once and like this.
    if packed in (["gzip"], ["x-gzip"], ["deflate"]):
        return _Inflater()
    raise RequestError(_PACKED)


async def read_body(
    headers: httpx2.Headers, pieces: AsyncIterable[bytes], most: int = MAX_RESPONSE_BYTES
) -> bytes:
    """The decompressed body. Raises RequestError when it exceeds `most` bytes, compressed or decompressed."""
    unpacker, body, read = _unpacker(headers), bytearray(), 0
    async for piece in pieces:
        read += len(piece)
        body += unpacker.unpacked(piece, most + 1 - len(body))
        if read > most or len(body) > most:
            raise RequestError(_TOO_LARGE)
    unpacker.check_end()
    return bytes(body)


def clean_headers(headers: httpx2.Headers, redaction: Redaction) -> dict[str, str]:
    """The required headers, without keys."""
    return {name: redaction.cleaned(headers[name][:_LONGEST_HEADER]) for name in _HEADERS if name in headers}


def clean_reply(status: int, body: bytes, redaction: Redaction) -> tuple[int, bytes]:
    """The status and the body of a reply: its JSON without keys, serialised again; b"" when it is not JSON.

    A reply with a success status that contains only an error gets the status of that error. Raises
    RequestError when it exceeds the limits.
    """
    written = body.decode("utf-8", errors="replace").removeprefix("\ufeff")
    # Counted first: a search over millions of these would block all other threads.
    if escapes_at_most(written) > MAX_ESCAPES or written.count('"') > 2 * MAX_TOKENS_OF_JSON + MAX_ESCAPES:
        raise RequestError(_TOO_LARGE)
    text = replace_lone_surrogates(written)
    stripped, strings = _STRING.subn("", text)
    signs = strings + sum(stripped.count(sign) for sign in "[{,:")
    if signs > MAX_TOKENS_OF_JSON:
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


def clean_lines(status: int, body: bytes, redaction: Redaction) -> tuple[int, bytes]:
    """As `clean_reply` for a file of JSON lines, each of which is a reply; other lines, and those that
    exceed the limits of a reply, are left empty."""
    if status != 200:
        return clean_reply(status, body, redaction)
    return status, b"\n".join(_clean_line(line, redaction) for line in body.split(b"\n"))


def _clean_line(line: bytes, redaction: Redaction) -> bytes:
    if len(line) > MAX_RESPONSE_BYTES:
        return b""
    try:
        return clean_reply(200, line, redaction)[1]
    except RequestError:
        return b""


_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)


def _cleaned(value: Any, clean: Callable[[str], str]) -> Any:
    """The value with all texts and long numbers cleaned, recursively (at most `DEEPEST` levels)."""
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
    if "metadata" in value and "name" in value:
        # A job that failed was reported successfully.
        return status
    error = value["error"]
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, int) and 400 <= code < 600 else 400


def failure_text(value: object) -> str:
    """The server's description of a failure; "" without one."""
    if isinstance(value, list) and value:
        return failure_text(value[0])
    if isinstance(value, str):
        return value
    if not isinstance(value, dict):
        return ""
    words = (failure_text(value.get(name)) for name in ("error", "message", "detail", "msg"))
    return next((word for word in words if word), "")
