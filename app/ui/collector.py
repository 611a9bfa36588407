"""Collection of reference cycles in the GUI thread alone.

Python collects cycles in whichever thread happens to allocate. A cycle that holds a QObject would then be
destroyed in a background thread, while the event loop may be delivering a signal to it or running its timer,
and the program crashes. Qt demands that an object is destroyed in the thread that it lives in.

The window lives for hours and opens one recording after the other, so large memory that was freed goes back
to the system from the same moment on.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer

from app.core.freed_memory import keep_large_memory_apart

_EVERY = 1000
"""Milliseconds between two looks at what is due: a look is a few microseconds."""

_FULL = 2
"""The oldest generation: a collection of it looks at all that came since the start, up to a fifth of a second
once the libraries of statistics and models are loaded."""

_AT_REST, _IN_ANY_CASE = 300.0, 1800.0
"""Seconds after a full collection before the next one while nothing plays, and while something does."""

_MANY = 20_000
"""New objects that take some milliseconds to look at, on a busy machine more. So many come with a library, as
the client of a model; while something plays they wait."""


class CycleCollector(QObject):
    """Collects cycles in the thread that made it, for as long as its event loop runs; in no other thread."""

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        is_busy: Callable[[], bool] = lambda: False,
        every: int = _EVERY,
    ) -> None:
        """`is_busy` says whether a picture plays that must not stand still; `every` is in milliseconds."""
        super().__init__(parent)
        gc.disable()
        keep_large_memory_apart()
        self._is_busy = is_busy
        self._full_at = self._looked_at = time.monotonic()
        self._timer = QTimer(self)
        self._timer.setInterval(every)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def pass_over_what_stays(self) -> None:
        """Exempt all that exists now: modules and window stay until the end, and each look at them would hold
        up the picture for tens of milliseconds."""
        gc.freeze()

    def close(self) -> None:
        """Leave collecting to Python again; the threads must have ended."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()

    def _look(self) -> None:
        now, busy = time.monotonic(), self._is_busy()
        if busy and gc.get_count()[0] > _MANY and now - self._looked_at < _IN_ANY_CASE:
            return
        self._looked_at = now
        if now - self._full_at >= (_IN_ANY_CASE if busy else _AT_REST):
            oldest = _FULL
        else:
            # What came with opening and analysing is in the middle one: tens of milliseconds.
            oldest = 0 if busy else _FULL - 1
        if collect_what_is_due(oldest) == _FULL:
            self._full_at = now


def collect_what_is_due(oldest: int = _FULL) -> int | None:
    """Collect the oldest generation that is due by Python's own thresholds, and give its number; None for
    none. What is older than `oldest` is left for later."""
    due = due_generation(gc.get_count(), gc.get_threshold(), oldest)
    if due is not None:
        gc.collect(due)
    return due


def due_generation(counts: Sequence[int], thresholds: Sequence[int], oldest: int) -> int | None:
    """The oldest generation whose count is above its threshold, and `oldest` in place of an older one; None
    for none."""
    due = [
        number for number, (count, most) in enumerate(zip(counts, thresholds, strict=True)) if count > most
    ]
    return min(due[-1], oldest) if due else None
