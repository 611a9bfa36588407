"""An event loop for requests to models that a slow name service cannot block."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any, TypeVar

from app.core.errors import Cancelled
from app.core.jobs import CancelToken

CANCEL_POLL = 0.1
"""Seconds between two checks of cancel and pause."""

Result = TypeVar("Result")

_Row = tuple[Any, ...]


def run_to_end(work: Coroutine[Any, Any, Result]) -> Result:
    """The result of `work`, run in a new event loop; blocking. Raises the errors of `work`.

    Unlike `asyncio.run` it does not wait at the end for a host name that is still being resolved, which can
    take a minute and cannot be stopped.
    """
    with asyncio.Runner(loop_factory=_loop) as runner:
        return runner.run(work)


async def until_done(work: Coroutine[Any, Any, Result], cancel: CancelToken) -> Result:
    """The result of `work`. Raises Cancelled within a second of `cancel`."""
    task = asyncio.create_task(work)
    await until_all_done([task], cancel)
    return task.result()


async def until_all_done(tasks: Sequence[asyncio.Task[Any]], cancel: CancelToken) -> None:
    """Wait for all tasks; on cancel, or on any error other than a failed request, cancel the others. Where it
    was cancelled before, none of them begins."""
    pending = set(tasks)
    try:
        cancel.check()
        while pending:
            done, pending = await asyncio.wait(
                pending, timeout=CANCEL_POLL, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                task.result()
            if cancel.cancelled and pending:
                raise Cancelled
    finally:
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)


def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    # The loop's default resolver uses its thread pool, which the end of the loop waits for.
    loop.getaddrinfo = partial(_addresses, loop)  # type: ignore[method-assign]
    return loop


async def _addresses(
    loop: asyncio.AbstractEventLoop,
    host: bytes | str | None,
    port: bytes | str | int | None,
    *,
    family: int = 0,
    type: int = 0,  # noqa: A002 - the name that the loop calls it by
    proto: int = 0,
    flags: int = 0,
) -> list[_Row]:
    """As `loop.getaddrinfo`, in a daemon thread."""
    look_up = partial(socket.getaddrinfo, host, port, family, type, proto, flags)
    found: asyncio.Future[list[_Row]] = loop.create_future()
    threading.Thread(target=_look_up, args=(loop, found, look_up), name="names", daemon=True).start()
    return await found


def _look_up(
    loop: asyncio.AbstractEventLoop, found: asyncio.Future[list[_Row]], look_up: Callable[[], list[Any]]
) -> None:
    try:
        rows = look_up()
        settle = partial(_set_result, found, rows, None)
    except (OSError, UnicodeError, OverflowError) as error:  # an invalid name, or one that was not found
        settle = partial(_set_result, found, [], error)
    with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile
        loop.call_soon_threadsafe(settle)


def _set_result(found: asyncio.Future[list[_Row]], rows: list[_Row], error: Exception | None) -> None:
    if found.done():  # cancelled meanwhile
        return
    if error is None:
        found.set_result(rows)
    else:
        found.set_exception(error)
