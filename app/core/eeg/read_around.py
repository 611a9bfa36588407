"""Reading around what cannot be read: a damaged place of a drive or a share that is gone costs no more than
the stretch that it hides."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np

from app.core.eeg.traces import Read, Values
from app.core.errors import UserError
from app.core.plain_text import plain

_LEAST = 0.5
"""Seconds that are not divided further when they cannot be read."""

_PATIENCE = 3.0
"""Seconds spent on failures after which the rest is given up: a share that is gone can let each one wait."""


class ReadAround:
    """A reader (`traces.Read`) of channels of one rate which gives NaN for what cannot be read.

    `unread` are the stretches (start, end) in seconds that are missing for this reason, and `reason` is the
    sentence of the first failure. `check` is called before each attempt and raises to cancel.
    """

    def __init__(
        self,
        read: Read,
        rate: Fraction,
        check: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.unread: list[tuple[Fraction, Fraction]] = []
        self.reason = ""
        self._read = read
        self._rate = rate
        self._check = check
        self._clock = clock
        self._waited = 0.0

    def __call__(self, numbers: Sequence[int], at: Fraction, count: int) -> Sequence[Values]:
        self._check()
        if self._waited > _PATIENCE:
            return self._missing(numbers, at, count)
        begun = self._clock()
        try:
            return self._read(numbers, at, count)
        except UserError as error:
            self._waited += self._clock() - begun
            self.reason = self.reason or str(error)
        if count <= max(_LEAST * self._rate, 1):
            return self._missing(numbers, at, count)
        half = count // 2  # one of the two may be readable
        parts = self(numbers, at, half), self(numbers, at + half / self._rate, count - half)
        return [np.concatenate(both) for both in zip(*parts, strict=True)]

    def _missing(self, numbers: Sequence[int], at: Fraction, count: int) -> Sequence[Values]:
        self._miss(at, at + count / self._rate)
        return [np.full(count, np.nan) for _ in numbers]

    def _miss(self, start: Fraction, end: Fraction) -> None:
        """Note what is missing, joined to what was noted before."""
        for other in [one for one in self.unread if one[0] <= end and start <= one[1]]:
            self.unread.remove(other)
            start, end = min(start, other[0]), max(end, other[1])
        self.unread.append((start, end))


def unread_share(unread: Sequence[tuple[Fraction, Fraction]], start: Fraction, end: Fraction) -> float:
    """The share (0–1) of a stretch that lies in one or more of the stretches that could not be read."""
    missing, at = Fraction(0), start
    for first, last in sorted(unread):
        begin, stop = max(first, at), min(last, end)
        if stop > begin:
            missing, at = missing + stop - begin, stop
    return float(missing / (end - start))


def unread_words(share: float, reason: str) -> str:
    """What is said of a page of which this share (0–1) could not be read; "" when there is none."""
    if share <= 0:
        return ""
    much = "This page" if share > 0.995 else f"{max(round(share * 100), 1)} % of this page"
    return f"{much} could not be read ({plain(reason, 160).rstrip('.')})"
