"""Memory that was freed inside the process, given back to the system.

glibc keeps what threads have freed for their next use. The index of two hours, its waveform and its
spectrogram are read once and leave more than 100 MB of it, which nothing else ever fills.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from functools import cache


def give_back_freed_memory() -> None:
    """Give the system what is free inside this process: some milliseconds, while other threads go on.

    Where the C library is another than glibc nothing is done.
    """
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim() -> Callable[[int], int] | None:
    return getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
