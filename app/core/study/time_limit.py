"""An end to what SQLite computes: a question that takes longer than it may is given up."""

from __future__ import annotations

import math
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager

_INSTRUCTIONS = 20_000
"""So many of SQLite's instructions lie between two looks at the clock: less than 10 ms."""


class TimeLimit:
    """The clock of one connection. Outside `of` nothing is limited."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._ends = math.inf
        connection.set_progress_handler(self.is_over, _INSTRUCTIONS)

    def begin(self, seconds: float) -> None:
        """From now on everything together may take so many seconds."""
        self._ends = time.monotonic() + seconds

    @contextmanager
    def of(self, seconds: float) -> Iterator[None]:
        """Let the block take so many seconds; then SQLite raises SQLITE_INTERRUPT.

        Ctrl+C ends it too: SQLite swallows the KeyboardInterrupt, which is raised again here.
        """
        self.begin(seconds)
        try:
            yield
        except sqlite3.OperationalError as error:
            if is_interruption(error) and not self.is_over():
                raise KeyboardInterrupt from error
            raise
        finally:
            self._ends = math.inf

    def is_over(self) -> bool:
        """Whether all the time is used up."""
        return time.monotonic() > self._ends


def is_interruption(error: sqlite3.Error) -> bool:
    """Whether the time limit or Ctrl+C has ended the question."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_INTERRUPT


def seconds_for(size: int, *, least: float, bytes_per_second: float) -> float:
    """How long a question on a file of `size` bytes may take: a time that follows from what is there."""
    return least + size / bytes_per_second
