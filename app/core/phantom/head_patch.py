"""The square picture in which the head is painted, and the projection of head coordinates to its pixels."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from app.core.phantom.painting import Image, Points, fixed, polygon
from app.core.phantom.script import PatientAppearance

PATCH = 272
"""Side of the square picture in pixels."""

UNIT = 188.0
CENTRE = np.array([PATCH / 2, PATCH / 2 + 2.0])


@dataclass(frozen=True, slots=True)
class HeadPatch:
    """The picture in which the head is painted; `turn` is the rotation (3, 3) of the head."""

    image: Image
    turn: Points
    appearance: PatientAppearance

    def pixels(self, points: Points) -> Points:
        """(n, 3) head coordinates as (n, 2) pixels of the patch."""
        turned = points @ self.turn.T
        near = 1.0 + 0.10 * turned[:, 2:3]
        return np.asarray(turned[:, :2] * near * UNIT + CENTRE)

    def fill(self, outline: Points, colour: tuple[float, ...]) -> None:
        """Paint a filled polygon of (n, 2) patch pixels."""
        polygon(self.image, outline, colour)

    def line(self, points: Points, colour: tuple[float, ...], width: int) -> None:
        cv2.polylines(self.image, [fixed(points)], False, colour, width, cv2.LINE_AA, 4)
