"""Requests with retries and a deadline, and their errors."""

from __future__ import annotations

import asyncio
import email.utils
import math
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar

import httpx2

from app.core.plain_text import plain
from app.core.readers.models.provider import NOTHING_KEPT

ATTEMPTS = 3
LONGEST_DELAY = 60.0
"""The longest delay in seconds; a server that asks for more counts as a failure, to be repeated later."""

LONGEST_WORDS = 200
"""The most characters of a server's description of a failure."""

TOO_MANY = 429
"""The status of a request that was turned away before it was begun."""
RETRIED_STATUS = frozenset({408, TOO_MANY, 500, 502, 503, 504})

Result = TypeVar("Result")


class RequestError(Exception):
    """A request without an answer; the message is a sentence for people, without secrets."""


class BusyError(RequestError):
    """The request may be sent again, after `delay` seconds if the server stated a delay. `begun`: the server
    may have begun to answer, so that the attempt may be paid for."""

    def __init__(self, message: str, delay: float | None = None, *, begun: bool = False) -> None:
        super().__init__(message)
        self.delay = delay
        self.begun = begun


class NoAccessError(RequestError):
    """A wrong key, credentials, model or address: every other request would fail as well."""


class NoAnswerError(RequestError):
    """The request was accepted, but the response contains no answer; with the tokens that were counted, where
    the server states them, and `of_kept` as in `Reply`."""

    def __init__(self, message: str, tokens_in: int | None = None, tokens_out: int | None = None) -> None:
        super().__init__(message)
        self.tokens_in = tokens_in
        self.tokens_out = tokens_out
        self.of_kept = NOTHING_KEPT


class NotKeptError(RequestError):
    """The service does not have, or does not take, what it was said to keep; nothing was answered."""


class NoAnswerInTimeError(RequestError):
    """The deadline passed; what the server did until then is not known."""


async def ask_with_retries(
    request: Callable[[], Awaitable[Result]],
    *,
    deadline: float,
    attempts: int = ATTEMPTS,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Result:
    """The result of `request`, attempted at most `attempts` times within `deadline` seconds in total.

    Retried only after a `BusyError`, with the delay that the server asked for, else with a growing random
    one. Raises RequestError when all attempts failed or the time was up.
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
        raise NoAnswerInTimeError(f"No answer within {deadline:.0f} seconds.") from error
    raise AssertionError("unreachable: the last attempt returns or raises")


def error_for_status(status: int, headers: httpx2.Headers, said: str = "") -> RequestError:
    """The error for an HTTP status other than success; `said` is the server's description, "" without one."""
    words = saying(said)
    if status in RETRIED_STATUS:
        busy = f"The server is busy or out of order (status {status}){words}."
        return BusyError(busy, retry_after(headers), begun=status != TOO_MANY)
    if status in {401, 403}:
        return NoAccessError(f"The server did not accept the key or the credentials{words}.")
    if status == 404:
        return NoAccessError(f"The server does not know this model or address{words}.")
    if status == 413:
        return RequestError(f"The clip is larger than the server takes{words}.")
    if 300 <= status < 400:
        return RequestError("The server redirected the request to another address; that was refused.")
    return RequestError(f"The server refused the request (status {status}){words}.")


def saying(said: str) -> str:
    """A server's own description of a failure as the end of a sentence; "" without one."""
    words = plain(said, LONGEST_WORDS).replace("\n", " ").strip()
    return f", saying “{words}”" if words else ""


def retry_after(headers: httpx2.Headers, now: datetime | None = None) -> float | None:
    """The delay (s) in the header `Retry-After` (a number, infinite when out of all bounds, or a date:
    RFC 9110 10.2.3); None without one."""
    text = headers.get("retry-after", "").strip()
    if text.isdigit() and text.isascii():
        return float(text) if len(text.lstrip("0")) < 10 else math.inf
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # an invalid year, day or time zone
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())
