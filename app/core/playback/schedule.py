"""Which frames of a course are to be shown, and when on its run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.core.playback.clock import Course

MOST_PER_SECOND = 62.0
"""Frames shown in a second at most; what comes faster cannot be seen on a usual screen."""


@dataclass(frozen=True, slots=True)
class Due:
    """Frame `number` of the `lap`-th time around the loop is due at `run` seconds."""

    number: int
    lap: int
    run: float


class Schedule:
    """The frames of one course in the order they are due; `times` (n,) are those of all frames."""

    def __init__(self, times: npt.NDArray[np.float64], course: Course) -> None:
        self._times = times
        self._course = course
        self._step = course.speed / MOST_PER_SECOND

    def first(self) -> Due | None:
        return self._due(self._number_at(self._course.start), 0)

    def after(self, due: Due, now: float) -> Due | None:
        """The next frame; those that are too close to the last one or were over before run `now` are left
        out. None at the end."""
        earliest = max(due.run + self._step, now)
        following = self._due(due.number + 1, due.lap)
        if following is None or following.run >= earliest:
            return following
        later = self._at(earliest)
        return later if later is not None and later.run > following.run else following

    def keyframe_after(self, due: Due, now: float, keys: npt.NDArray[np.int64]) -> Due | None:
        """As `after`, but the first of the frames `keys` (rising numbers) that is due from `now` on: decoding
        that cannot keep up goes on there. Where none is near, as `after`."""
        later = self.after(due, now)
        if later is None:
            return None
        at = int(np.searchsorted(keys, later.number))
        if at >= len(keys) or self._times[keys[at]] > self._times[later.number] + 2 * self._course.speed:
            return later
        found = self._due(int(keys[at]), later.lap)
        return found if found is not None and found.run >= later.run else later

    def _at(self, run: float) -> Due | None:
        """The frame on screen at `run`."""
        loop, lap = self._course.around, 0
        if loop is not None and run >= loop.end:
            lap = int((run - loop.start) // loop.duration)
        return self._due(self._number_at(self._course.position(run)), lap)

    def _due(self, number: int, lap: int) -> Due | None:
        loop = self._course.around
        past = number >= len(self._times)
        if loop is None:
            return None if past else Due(number, 0, float(self._times[number]))
        if past or self._times[number] >= loop.end:
            return self._due(self._number_at(loop.start), lap + 1)
        begin = loop.start if lap else 0.0
        return Due(number, lap, max(float(self._times[number]), begin) + lap * loop.duration)

    def _number_at(self, seconds: float) -> int:
        return max(int(np.searchsorted(self._times, seconds + 1e-6, side="right")) - 1, 0)
