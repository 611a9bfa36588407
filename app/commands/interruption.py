"""Ctrl+C, SIGTERM, a terminal that closes: long work is asked to stop, so that no unfinished file stays."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from app.core.ending_signals import ending_signals
from app.core.errors import Cancelled, UserError
from app.core.jobs import CancelToken


@contextmanager
def cancelled_by_signals() -> Iterator[CancelToken]:
    """A token that the first of `ending_signals` sets; a second one raises KeyboardInterrupt.

    Must be entered in the main thread.
    """
    token = CancelToken()

    def ask(_number: int, _frame: FrameType | None) -> None:
        if token.cancelled:
            raise KeyboardInterrupt
        token.cancel()

    before = {number: signal.signal(number, ask) for number in ending_signals()}
    try:
        yield token
    except UserError as error:
        # Ctrl+C reaches the analysis process too, whose end can be noticed before the token is.
        if token.cancelled:
            raise Cancelled from error
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
