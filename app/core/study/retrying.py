"""When a change that the disk did not take is tried again by itself."""

from __future__ import annotations

import math
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass

from app.core.errors import StorageError
from app.core.study.time_limit import is_interruption

PAUSES = (1.0, 2.0, 5.0, 10.0)
"""Seconds before each further try; the last pause is repeated as long as anything is not saved."""

_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL}


@dataclass(slots=True)
class Retrying:
    """The pauses after failed tries; without any `pauses` nothing is tried again by itself.

    `why` is what the last try failed of, "" before and once somebody asked for another.
    """

    pauses: Sequence[float] = PAUSES
    why: str = ""
    _failures: int = 0
    _due: float = math.inf

    def fail(self, error: StorageError) -> None:
        """A try has failed: begin the next pause, except after what would take as long again."""
        self.why = str(error)
        self._due = math.inf
        if self.pauses and not _took_too_long(error):
            pause = self.pauses[min(self._failures, len(self.pauses) - 1)]
            self._due = time.monotonic() + pause
        self._failures += 1

    def reset(self) -> None:
        """Something was saved, or somebody asked for another try."""
        self.why, self._failures, self._due = "", 0, math.inf

    @property
    def is_pausing(self) -> bool:
        """Whether there will be another try by itself."""
        return self._due < math.inf

    @property
    def seconds(self) -> float | None:
        """Seconds until the next try; None: there is none."""
        return max(0.0, self._due - time.monotonic()) if self.is_pausing else None


def is_busy(error: StorageError) -> bool:
    """Whether another program keeps the study busy: its file need not be opened anew."""
    cause = error.__cause__
    return isinstance(cause, sqlite3.Error) and getattr(cause, "sqlite_errorcode", 0) & 0xFF in _BUSY


def _took_too_long(error: StorageError) -> bool:
    return isinstance(error.__cause__, sqlite3.Error) and is_interruption(error.__cause__)
