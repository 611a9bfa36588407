"""The timetable of a course: each arm, the eyes, the voice … take part in one event at a time."""

from __future__ import annotations

import numpy as np

from app.core.semiology import Laterality, Span

ARMS = {Laterality.LEFT: "left arm", Laterality.RIGHT: "right arm"}
_PAUSE = 0.8
_APART = 1.3


class Timetable:
    """Reserved spans by resource. Separate events of two arms never start or stop within a second of each
    other."""

    def __init__(self, window: Span, generator: np.random.Generator) -> None:
        self.window = window
        self._generator = generator
        self._taken: dict[str, list[Span]] = {}

    def reserve(self, resources: frozenset[str], span: Span) -> None:
        for resource in resources:
            self._taken.setdefault(resource, []).append(span)

    def find(self, resources: frozenset[str], length: float, window: Span | None = None) -> Span | None:
        """A free span of `length` seconds in the window, reserved; None when there is none."""
        window = window or self.window
        room = window.duration - length
        if room < 0:
            return None
        tries = window.start + room * self._generator.random(24)
        grid = window.start + np.arange(0.0, room + 1e-9, 0.25)
        for start in (*tries, *grid):
            span = Span(round(float(start), 2), round(float(start) + length, 2))
            if self._free(resources, span):
                self.reserve(resources, span)
                return span
        return None

    def _free(self, resources: frozenset[str], span: Span) -> bool:
        for resource in resources:
            for other in self._taken.get(resource, ()):
                if span.start < other.end + _PAUSE and other.start < span.end + _PAUSE:
                    return False
        arms = resources & set(ARMS.values())
        if len(arms) == 1:
            for resource in set(ARMS.values()) - arms:
                for other in self._taken.get(resource, ()):
                    if _near(span, other):
                        return False
        return True


def _near(span: Span, other: Span) -> bool:
    return any(abs(a - b) < _APART for a in (span.start, span.end) for b in (other.start, other.end))
