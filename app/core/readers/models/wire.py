"""The one way to a model: every byte passes the gate and the ledger, and no answer may take for ever.

Used by all providers, whatever client speaks above it: a transport that only talks to the permitted host,
never follows a redirect, writes the ledger before it sends, and caps the size of what comes back.
"""

from __future__ import annotations

import asyncio
import email.utils
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

import httpx2

from app.core.errors import UserError
from app.core.privacy.address import address_of
from app.core.privacy.gate import Permission
from app.core.privacy.ledger import Ledger, Sending, body_digest

MAX_RESPONSE_BYTES = 4_000_000
ATTEMPTS = 3
LONGEST_DELAY = 60.0
"""Seconds; a server that asks for more patience is a failure that can be completed later."""

IMPORTED_LATE = ("httpcore2", "h11", "truststore", "anyio.abc", "anyio.streams.tls", "anyio.to_thread")
"""What the client imports with its first request."""

RETRIED_STATUS = frozenset({408, 429, 500, 502, 503, 504})

Result = TypeVar("Result")


class WireError(Exception):
    """A request that brought no answer; the message is a sentence that can be shown, without secrets."""


class BusyError(WireError):
    """The same request may be sent again, after `delay` seconds if the server named them."""

    def __init__(self, message: str, delay: float | None = None) -> None:
        super().__init__(message)
        self.delay = delay


class NoAccessError(WireError):
    """The key, the credentials, the model or the address is wrong: every other request would fail alike."""


class NoAnswerError(WireError):
    """The request was taken, but what came back is no answer."""


@dataclass(frozen=True, slots=True)
class Passage:
    """What the ledger says of everything sent through one transport."""

    permission: Permission
    ledger: Ledger
    purpose: str
    deidentification: str


class GuardedTransport(httpx2.AsyncBaseTransport):
    """Sends to the permitted host only, after the ledger has it; caps the size of the answer."""

    def __init__(
        self,
        passage: Passage,
        *,
        inner: httpx2.AsyncBaseTransport | None = None,
        max_response_bytes: int = MAX_RESPONSE_BYTES,
    ) -> None:
        if not passage.permission.valid:
            raise UserError("Nothing was sent: the permission for this destination has to be given anew.")
        self._passage = passage
        self._inner = inner or httpx2.AsyncHTTPTransport(trust_env=False)
        self._max = max_response_bytes

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self._check_host(request.url)
        body = await request.aread()
        destination = self._passage.permission.destination
        entry = self._passage.ledger.sending(
            Sending(
                user=self._passage.permission.user,
                host=destination.host,
                model=destination.model,
                purpose=f"{self._passage.purpose}: {request.method} {request.url.path}",
                size=len(body),
                sha256=body_digest(body),
                deidentification=self._passage.deidentification,
            )
        )
        try:
            response = await self._inner.handle_async_request(request)
        except asyncio.CancelledError:
            self._passage.ledger.outcome(entry, "cancelled")
            raise
        except Exception as error:
            self._passage.ledger.outcome(entry, type(error).__name__)
            raise
        self._passage.ledger.outcome(entry, str(response.status_code))
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        return httpx2.Response(
            response.status_code,
            headers=response.headers,
            stream=_CappedStream(response.stream, self._max),
            extensions=response.extensions,
            request=request,
        )

    def _check_host(self, url: httpx2.URL) -> None:
        if address_of(str(url.copy_with(query=None, fragment=None))).origin != (
            self._passage.permission.destination.origin
        ):
            raise WireError("A request to another place than the permitted one was stopped.")

    async def aclose(self) -> None:
        await self._inner.aclose()


class _CappedStream(httpx2.AsyncByteStream):
    def __init__(self, inner: httpx2.AsyncByteStream, limit: int) -> None:
        self._inner = inner
        self._limit = limit

    async def __aiter__(self) -> AsyncIterator[bytes]:
        read = 0
        async for piece in self._inner:
            read += len(piece)
            if read > self._limit:
                raise WireError("The answer was larger than any answer can be.")
            yield piece

    async def aclose(self) -> None:
        await self._inner.aclose()


def guarded_client(passage: Passage) -> httpx2.AsyncClient:
    """A client over a guarded transport: no redirects, no proxies of the environment, no cookies kept."""
    return httpx2.AsyncClient(
        transport=GuardedTransport(passage), follow_redirects=False, trust_env=False, timeout=None
    )


async def politely(
    request: Callable[[], Awaitable[Result]],
    *,
    deadline: float,
    attempts: int = ATTEMPTS,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Result:
    """The result of `request`, tried at most `attempts` times within `deadline` seconds in all.

    Sent again only after a `BusyError`, after the delay that the server asked for, else after a growing
    random one. Raises WireError when that was not enough or the time was up.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + deadline
    try:
        async with asyncio.timeout_at(end):
            for attempt in range(1, attempts + 1):
                try:
                    return await request()
                except BusyError as busy:
                    delay = random.uniform(0.5, 1.0) * 2**attempt if busy.delay is None else busy.delay
                    if attempt == attempts or delay > LONGEST_DELAY or loop.time() + delay >= end:
                        raise
                    await sleep(delay)
    except TimeoutError as error:
        raise WireError(f"No answer within {deadline:.0f} seconds.") from error
    raise AssertionError("unreachable: the last attempt returns or raises")


def failure(status: int, headers: httpx2.Headers) -> WireError:
    """The error for an HTTP status that is not a success."""
    if status in RETRIED_STATUS:
        return BusyError(f"The server is busy or out of order (status {status}).", retry_after(headers))
    if status in {401, 403}:
        return NoAccessError("The server did not accept the key or the credentials.")
    if status == 404:
        return NoAccessError("The server does not know this model or address.")
    if status == 413:
        return WireError("The clip is larger than the server takes.")
    if 300 <= status < 400:
        return WireError("The server wanted to send the clip on to another address; that was refused.")
    return WireError(f"The server refused the request (status {status}).")


def retry_after(headers: httpx2.Headers, now: datetime | None = None) -> float | None:
    """Seconds that `Retry-After` asks for (a number or a date, RFC 9110 10.2.3); None without a valid one."""
    text = headers.get("retry-after", "").strip()
    if text.isdigit() and text.isascii() and len(text) < 10:
        return float(text)
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())
