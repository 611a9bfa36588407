"""Which part of an EEG is shown: the page on the EEG's clock, which follows the cursor."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.core.eeg.page_scale import PAGE_SECONDS, next_step
from app.ui.session.held_picture import HeldPicture

_JUMP = 1.0
"""Seconds from which a move of the cursor is not playing: the page then follows from wherever it is."""

_LEAD = 0.1
"""The share of the page that is left of the cursor after a jump."""

_MIDDLE = 0.5
"""Where the cursor stands while the page scrolls with it."""

_LEAST_SCROLL = (1 / 30, 1 / 250)
"""Seconds, and the share of the page, that scrolling moves it by at least: a few pixels, and not oftener than
a new frame comes."""


class EegPosition(QObject):
    """Start and length of the page in seconds on the EEG's clock, kept within the file and the recording."""

    moved = Signal()
    """The page begins elsewhere."""
    resized = Signal()
    """The page has another length, and may begin elsewhere."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._start = 0.0
        self._seconds = 10.0
        self._extent = (0.0, 0.0)
        self._cursor = 0.0
        self.held = HeldPicture(self)
        self.direction = 1
        """1 when the page was last moved forward, -1 backward."""

    @property
    def start(self) -> float:
        return self._start

    @property
    def seconds(self) -> float:
        """The length of the page."""
        return self._seconds

    @property
    def end(self) -> float:
        return self._start + self._seconds

    @property
    def cursor(self) -> float:
        """Where the recording's cursor is on the EEG's clock."""
        return self._cursor

    def contains(self, seconds: float) -> bool:
        """Whether a moment is on the page."""
        return self._start <= seconds < self.end

    def set_extent(self, first: float, last: float) -> None:
        """The part of the EEG's clock that can be shown."""
        self._extent = (first, last)
        self.go_to(self._start)

    def begin(self, cursor: float) -> None:
        """Show the page of another file that has the cursor on it."""
        self._cursor = cursor
        self._start = self._kept(cursor - _LEAD * self._seconds)
        self.moved.emit()

    def go_to(self, start: float) -> None:
        """Let the page begin here."""
        start = self._kept(start)
        if start != self._start:
            self.direction = 1 if start > self._start else -1
            self._start = start
            self.moved.emit()

    def turn(self, pages: float) -> None:
        """Move by so many pages, or parts of one."""
        self.go_to(self._start + pages * self._seconds)

    def show(self, seconds: float) -> None:
        """Bring a moment onto the page, if it is not there."""
        if not self.contains(seconds):
            self.go_to(seconds - _LEAD * self._seconds)

    def change_length(self, steps: int, anchor: float | None = None) -> None:
        """Longer (positive) or shorter by steps; `anchor`, by default the cursor on the page or else its
        middle, stays where it is."""
        self.set_length(next_step(PAGE_SECONDS, self._seconds, steps), anchor)

    def set_length(self, seconds: float, anchor: float | None = None) -> None:
        """Show pages of this length."""
        if seconds == self._seconds:
            return
        if anchor is None:
            anchor = self._cursor if self.contains(self._cursor) else self._start + self._seconds / 2
        share = (anchor - self._start) / self._seconds
        self._seconds = seconds
        self._start = self._kept(anchor - share * seconds)
        self.resized.emit()

    def follow(self, cursor: float, *, scrolling: bool) -> None:
        """The cursor has moved: keep it on the page, in the middle with `scrolling`, unless the person has
        turned to another one meanwhile or the picture is held."""
        before, self._cursor = self._cursor, cursor
        if self.held.on:
            return
        jumped = abs(cursor - before) >= max(_JUMP, self._seconds / 10)
        if not (self.contains(before) or jumped):
            return
        if scrolling:
            start = self._kept(cursor - _MIDDLE * self._seconds)
            seconds, share = _LEAST_SCROLL
            if abs(start - self._start) >= max(seconds, share * self._seconds) - 1e-6:
                self.go_to(start)
        elif not self.contains(cursor):
            beside = not jumped and 0 <= cursor - self.end < self._seconds
            # While playing the next page begins where this one ends, as on paper.
            self.go_to(self.end if beside else cursor - _LEAD * self._seconds)

    def _kept(self, start: float) -> float:
        first, last = self._extent
        return max(min(start, last - self._seconds), first)
