"""Memory that was freed inside the process, given back to the system.

glibc keeps what threads have freed for their next use. The index of two hours, its waveform and its
spectrogram are read once and leave more than 100 MB of it, which nothing else ever fills. As soon as one
large array was freed, glibc takes that for a sign that such come and go, and the next ones lie among what
stays.
"""

from __future__ import annotations

import ctypes
import math
import sys
import threading
from collections.abc import Callable
from functools import cache

_LARGE = 9 << 20
"""Bytes from which memory is taken from the system and given back to it by itself. Frames up to 1080p and
their pictures (8.3 MB) are smaller: they come and go thirty times a second, and taking one from the system
costs more than filling it."""

_KEPT = 10 << 20
"""Bytes that may stay free at the end of the memory of a thread: a picture. Setting either option ends
glibc's own choice of both, and its first value, 128 KiB, would give each frame back as it is freed."""

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of glibc's malloc.h."""


QUIET = 2.0
"""Seconds without work after which a moment counts as quiet."""

_APART = 10.0
"""Seconds at least from giving freed memory back in a quiet moment to the next time."""


def keep_large_memory_apart() -> None:
    """From now on give the system what is large at once when it is freed, and keep what is smaller for the
    next use.

    Where the C library is another than glibc nothing is done.
    """
    set_option = _function("mallopt")
    if set_option is not None:
        set_option(_MMAP_THRESHOLD, _LARGE)
        set_option(_TRIM_THRESHOLD, _KEPT)


def give_back_freed_memory() -> None:
    """Give the system what is free inside this process.

    glibc locks the memory of one thread after the other meanwhile, some milliseconds for each and tens where
    much of it is in pieces: a thread that needs some of it waits, also the window's.
    Where the C library is another than glibc nothing is done.
    """
    trim = _function("malloc_trim")
    if trim is not None:
        trim(0)


class QuietMoment:
    """Gives back freed memory once all that share it have had nothing to do for some seconds: a thread
    that takes up work in just that moment waits for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._worked = self._given = -math.inf

    def put_off(self, now: float) -> None:
        """Note that one of them has work; times are in seconds."""
        self._worked = now

    def use(self, now: float) -> float | None:
        """Give back if it is quiet and was not done lately; else the seconds until it may be quiet."""
        with self._lock:
            left = self._worked + QUIET - now
            if left > 0:
                return left
            if now - self._given < _APART:
                return None
            self._given = now
        give_back_freed_memory()
        return None


@cache
def _function(name: str) -> Callable[..., int] | None:
    """A function of glibc; None where the C library is another one."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
