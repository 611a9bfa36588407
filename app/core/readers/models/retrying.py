"""How a model is asked with patience and within a deadline, and what can come of that besides an answer."""

from __future__ import annotations

import asyncio
import email.utils
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar

import httpx2

from app.core.plain_text import plain

ATTEMPTS = 3
LONGEST_DELAY = 60.0
"""Seconds; a server that asks for more patience is a failure that can be completed later."""

LONGEST_WORDS = 200
"""Characters of what a server says of a failure."""

RETRIED_STATUS = frozenset({408, 429, 500, 502, 503, 504})

Result = TypeVar("Result")


class RequestError(Exception):
    """A request that brought no answer; the message is a sentence that can be shown, without secrets."""


class BusyError(RequestError):
    """The same request may be sent again, after `delay` seconds if the server named them."""

    def __init__(self, message: str, delay: float | None = None) -> None:
        super().__init__(message)
        self.delay = delay


class NoAccessError(RequestError):
    """The key, the credentials, the model or the address is wrong: every other request would fail alike."""


class NoAnswerError(RequestError):
    """The request was taken, but what came back is no answer."""


async def ask_with_retries(
    request: Callable[[], Awaitable[Result]],
    *,
    deadline: float,
    attempts: int = ATTEMPTS,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Result:
    """The result of `request`, tried at most `attempts` times within `deadline` seconds in all.

    Sent again only after a `BusyError`, after the delay that the server asked for, else after a growing
    random one. Raises RequestError when that was not enough or the time was up.
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
        raise RequestError(f"No answer within {deadline:.0f} seconds.") from error
    raise AssertionError("unreachable: the last attempt returns or raises")


def failure(status: int, headers: httpx2.Headers, said: str = "") -> RequestError:
    """The error for an HTTP status that is not a success; `said` is how the server words it, if it does."""
    words = plain(said, LONGEST_WORDS).replace("\n", " ").strip()
    saying = f", saying “{words}”" if words else ""
    if status in RETRIED_STATUS:
        busy = f"The server is busy or out of order (status {status}){saying}."
        return BusyError(busy, retry_after(headers))
    if status in {401, 403}:
        return NoAccessError(f"The server did not accept the key or the credentials{saying}.")
    if status == 404:
        return NoAccessError(f"The server does not know this model or address{saying}.")
    if status == 413:
        return RequestError("The clip is larger than the server takes.")
    if 300 <= status < 400:
        return RequestError("The server wanted to send the clip on to another address; that was refused.")
    return RequestError(f"The server refused the request (status {status}){saying}.")


def retry_after(headers: httpx2.Headers, now: datetime | None = None) -> float | None:
    """Seconds that `Retry-After` asks for (a number or a date, RFC 9110 10.2.3); None without a valid one."""
    text = headers.get("retry-after", "").strip()
    if text.isdigit() and text.isascii() and len(text) < 10:
        return float(text)
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # a year, a day or a time zone can be any number
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())
