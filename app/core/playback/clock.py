"""What time it is in a recording that plays: from the sound that is heard, or else from the wall clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from app.core.semiology import Span

SHORTEST_LOOP = 0.05
"""Seconds: shorter spans are not looped."""


@dataclass(frozen=True, slots=True)
class Course:
    """How playing runs: from `start` seconds at `speed` to `end`, or for ever around `loop`.

    The *run* is time on the recording's clock without the jumps back of the loop: it only grows. `position`
    folds it into the loop.
    """

    start: float
    speed: float
    end: float
    loop: Span | None = None

    @property
    def around(self) -> Span | None:
        """The loop, when playing from `start` gets to its end."""
        loop = self.loop
        return loop if loop is not None and loop.duration >= SHORTEST_LOOP and self.start < loop.end else None

    def run(self, elapsed: float) -> float:
        """The run after `elapsed` seconds of listening."""
        return self.start + elapsed * self.speed

    def position(self, run: float) -> float:
        """Seconds on the recording's clock."""
        loop = self.around
        if loop is None:
            return min(run, self.end)
        return run if run < loop.end else loop.start + (run - loop.start) % loop.duration

    def later(self, elapsed: float) -> Course:
        """The course as it goes on after `elapsed` seconds of listening."""
        return replace(self, start=self.position(self.run(elapsed)))

    def ended(self, run: float) -> bool:
        return self.around is None and run >= self.end


class PlaybackClock:
    """The run of a course, never going back.

    `start` gets a function that gives how many seconds of sound have been heard, or None when there is
    no sound, or no longer: from then on the wall clock goes on where the sound stopped.
    """

    def __init__(self, now: Callable[[], float] = time.perf_counter) -> None:
        self._now = now
        self._course: Course | None = None
        self._heard: Callable[[], float | None] | None = None
        self._wall = 0.0
        self._elapsed = 0.0

    @property
    def running(self) -> bool:
        return self._course is not None

    def start(self, course: Course, heard: Callable[[], float | None] | None = None) -> None:
        self._course, self._heard = course, heard
        self._wall, self._elapsed = self._now(), 0.0

    def stop(self) -> None:
        self._course = None

    def run(self) -> float:
        """The run now; call only while running."""
        if self._course is None:
            raise RuntimeError("the clock stands still")
        return self._course.run(self._seconds())

    def _seconds(self) -> float:
        if self._heard is not None:
            heard = self._heard()
            if heard is not None:
                self._elapsed = max(self._elapsed, heard)
                return self._elapsed
            self._heard = None
            self._wall = self._now() - self._elapsed
        self._elapsed = max(self._elapsed, self._now() - self._wall)
        return self._elapsed
