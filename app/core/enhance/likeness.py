"""What a comparison of two moments says about them being of one person."""

from __future__ import annotations

from enum import IntEnum


class Likeness(IntEnum):
    """The result of a comparison; unknown where it can be one or the other."""

    DIFFERENT = -1
    UNKNOWN = 0
    SAME = 1
