"""The orientation in which a file's picture is to be displayed: rotated, mirrored, or both."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from math import atan2, degrees, hypot

_CLOSE = 1.0
"""Tolerance in degrees for a right angle."""


@dataclass(frozen=True, slots=True)
class DisplayOrientation:
    """The transformation from the stored to the displayed picture: left and right exchanged if `mirrored`,
    then rotated clockwise by `rotation` (0, 90, 180 or 270 degrees). `askew` is whether the file states
    another angle or a shear, which is ignored."""

    rotation: int = 0
    mirrored: bool = False
    askew: bool = False


UPRIGHT = DisplayOrientation()


def orientation_from_matrix(data: bytes) -> DisplayOrientation:
    """The orientation by a matrix of nine 32-bit numbers, as in `tkhd` of ISO/IEC 14496-12 and in libav's
    side data: x′ = a·x + c·y, y′ = b·x + d·y with y downwards. A singular matrix counts as upright."""
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
    return DisplayOrientation(rotation % 360, area < 0, askew)
