"""How a file wants its stored picture shown: turned, mirrored, or both."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from math import atan2, degrees, hypot

_CLOSE = 1.0
"""Degrees by which a matrix may miss a right angle and count as one."""


@dataclass(frozen=True, slots=True)
class Placing:
    """From the stored picture to the displayed one: left and right exchanged if `mirrored`, then turned
    clockwise by `rotation` (0, 90, 180 or 270 degrees). `askew` is whether the file asks for another angle or
    a slant, which is not followed."""

    rotation: int = 0
    mirrored: bool = False
    askew: bool = False


UPRIGHT = Placing()


def placing_by(data: bytes) -> Placing:
    """The placing by nine 32-bit numbers, as ISO/IEC 14496-12 has them in `tkhd` and libav beside a frame:
    x′ = a·x + c·y, y′ = b·x + d·y with y downwards. A matrix that leaves no picture counts as upright."""
    if len(data) < 36:
        return UPRIGHT
    a, b, _, c, d, *_ = struct.unpack("=9i", data[:36])
    area = a * d - b * c
    if area == 0:
        return UPRIGHT
    angle = degrees(atan2(-c, d))
    rotation = round(angle / 90) * 90
    slant = (a * c + b * d) / (hypot(a, b) * hypot(c, d))
    askew = abs(angle - rotation) > _CLOSE or abs(slant) > _CLOSE / 57
    return Placing(rotation % 360, area < 0, askew)
