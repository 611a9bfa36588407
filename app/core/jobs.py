"""Long-running work: progress, remaining time and cancelling."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from app.core.errors import Cancelled


@dataclass(frozen=True, slots=True)
class Progress:
    """A progress report.

    `what` is a short description ("Finding the pose"), `done` a share from 0 to 1, `remaining` an estimate in
    seconds or None while there is none.
    """

    what: str
    done: float
    remaining: float | None = None


Report = Callable[[Progress], None]
"""Receives a progress report in the working thread, at most some ten times a second."""


def no_report(_progress: Progress) -> None:
    """Ignore a progress report, for callers that do not show progress."""


def share_of(report: Report, start: float, end: float) -> Report:
    """A report for a part of the work that is passed on as `start` to `end` (0–1) of the whole."""

    def scaled(progress: Progress) -> None:
        report(Progress(progress.what, start + (end - start) * progress.done, progress.remaining))

    return scaled


def part_of(report: Report, start: float, end: float, clock: Callable[[], float] = time.monotonic) -> Report:
    """As `share_of`, for a part that begins now and says what remains of itself alone: what is passed on is
    what remains of the whole, as if what comes after the part were as fast as it."""
    begun = clock()

    def scaled(progress: Progress) -> None:
        left = progress.remaining
        if left is not None:
            left += (clock() - begun + left) * (1.0 - end) / (end - start)
        report(Progress(progress.what, start + (end - start) * progress.done, left))

    return scaled


class CancelToken:
    """A flag that is set once to stop work and checked by the work at every step."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        self._event.set()

    @property
    def cancelled(self) -> bool:
        return self._event.is_set()

    def check(self) -> None:
        """Raise `Cancelled` when the token was set."""
        if self._event.is_set():
            raise Cancelled

    def wait(self, seconds: float) -> bool:
        """Sleep for at most `seconds`; returns True when cancelled meanwhile."""
        return self._event.wait(seconds)


class EitherToken(CancelToken):
    """A token that is set as soon as one of two others is, or itself."""

    def __init__(self, first: CancelToken, second: CancelToken) -> None:
        super().__init__()
        self._others = first, second

    @property
    def cancelled(self) -> bool:
        return super().cancelled or any(other.cancelled for other in self._others)

    def check(self) -> None:
        """Raise `Cancelled` when one was set."""
        if self.cancelled:
            raise Cancelled

    def wait(self, seconds: float) -> bool:
        """Sleep for at most `seconds`, looking ten times a second; returns True when cancelled meanwhile."""
        ends = time.monotonic() + seconds
        while not self.cancelled and (left := ends - time.monotonic()) > 0:
            super().wait(min(left, 0.1))
        return self.cancelled


class TimeEstimate:
    """An estimate of the remaining time from the completed share, from the moment on that it is made."""

    def __init__(self, begun: float = 0.0, clock: Callable[[], float] = time.monotonic) -> None:
        """`begun` is the share that is done already, such as what was needed to get ready."""
        self._clock = clock
        self._begun, self._start = begun, clock()

    def remaining(self, done: float) -> float | None:
        """The remaining seconds at the mean speed so far; None before 1 % more or half a second."""
        passed, more = self._clock() - self._start, done - self._begun
        if more < 0.01 or passed < 0.5:
            return None
        return passed * (1.0 - done) / more


Post = Callable[[object], None]
"""Hands over something found while the work continues; called in the working thread."""


@dataclass(frozen=True, slots=True)
class Task:
    """The means of a work in the background to report progress, to be cancelled, and to hand over results."""

    report: Report
    cancel: CancelToken
    post: Post
