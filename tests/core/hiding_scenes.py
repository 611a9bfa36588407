"""A picture of noise, a person who stands in it, and detectors that find given faces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from app.core.enhance.pose_track import FACE_POINTS, Joint, PoseTrack
from app.core.hiding.face_detector import FoundFace

Image = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

WIDTH, HEIGHT = 640, 360
HEAD = (320.0, 60.0, 40.0)
"""Centre and size of the patient's head."""


@dataclass
class GivenFaces:
    """A detector that finds these faces in every picture; `searches` counts how often it was asked."""

    faces: Sequence[FoundFace] = ()
    searches: int = 0

    def find(self, image: Image) -> tuple[FoundFace, ...]:
        self.searches += 1
        return tuple(self.faces)


@dataclass
class FacesInTurn:
    """A detector that finds in the n-th picture it is shown the n-th of these, and nothing after."""

    turns: list[tuple[FoundFace, ...]]
    shown: list[Image] = field(default_factory=list)

    def find(self, image: Image) -> tuple[FoundFace, ...]:
        self.shown.append(image)
        return self.turns.pop(0) if self.turns else ()


def noise(seed: int = 3, size: tuple[int, int] = (HEIGHT, WIDTH)) -> Image:
    return np.random.default_rng(seed).integers(0, 256, (*size, 3)).astype(np.uint8)


def standing(times: Sequence[float] = (0.0,), head: tuple[float, float, float] = HEAD) -> PoseTrack:
    """The track of a person upright, seen from the front, at whose every frame people were counted."""
    x, y, size = head
    joints = np.zeros((33, 3), np.float32)
    joints[:, 2] = 1.0
    joints[: Joint.MOUTH_RIGHT + 1, :2] = (x, y)
    joints[[Joint.LEFT_EYE, Joint.RIGHT_EYE], 1] -= size * 0.15
    joints[[Joint.MOUTH_LEFT, Joint.MOUTH_RIGHT], 1] += size * 0.15
    for joint in range(Joint.LEFT_SHOULDER, 33):
        joints[joint, :2] = (x + size * (0.8 if joint % 2 else -0.8), y + size * (1.2 + (joint - 11) / 4))
    n = len(times)
    return PoseTrack(
        np.array(times, np.float64),
        WIDTH,
        HEIGHT,
        np.repeat(joints[None], n, axis=0),
        np.zeros((n, 33, 3), np.float32),
        np.full((n, len(FACE_POINTS), 3), np.nan, np.float32),
        np.ones(n, np.int16),
        np.full(n, 128.0, np.float32),
    )


def counted(track: PoseTrack, people: Sequence[int]) -> PoseTrack:
    return replace(track, people=np.array(people, np.int16))


def disc(x: float, y: float, radius: float, size: tuple[int, int] = (HEIGHT, WIDTH)) -> Mask:
    rows, columns = np.ogrid[: size[0], : size[1]]
    return np.asarray((columns - x) ** 2 + (rows - y) ** 2 <= radius**2)


def finest(image: Image, part: Mask) -> float:
    """The steepest step between neighbours within a part of a picture: noise has 255, cells have little."""
    both = part[:, 1:] & part[:, :-1]
    return float(np.abs(np.diff(image.astype(int), axis=1)).max(axis=2)[both].max(initial=0))
