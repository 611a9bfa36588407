"""The view in which the detectors see the patient: turned upright, with local contrast, or a part of it.

The detectors were trained on people who stand or sit in a well lit picture. Imports cv2: for the analysis
process only.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from app.core.enhance.detector_pictures import Image
from app.core.enhance.patient_tracking import PersonPose
from app.core.enhance.pose_track import Joint

PixelWindow = tuple[int, int, int, int]
"""Left, top, right and bottom in pixels of the whole, unturned picture."""

_STEADY = math.radians(60)
"""A view stays as it is until the person leans further than this: between two quarters it must not change
to and fro."""
_CLIP_LIMIT, _TILES = 3.0, (8, 8)


@dataclass(frozen=True, slots=True)
class View:
    """How a picture is shown to the detectors: `quarters` turned counter-clockwise, with or without local
    `contrast`, whole or only a `window` of it."""

    quarters: int = 0
    contrast: bool = False
    window: PixelWindow | None = None


def through(picture: Image, view: View) -> Image:
    """The picture (h, w, 3) uint8 as the view shows it."""
    if view.window is not None:
        left, top, right, bottom = view.window
        picture = picture[top:bottom, left:right]
    if view.contrast:
        picture = with_local_contrast(picture)
    return np.ascontiguousarray(np.rot90(picture, view.quarters))


def with_local_contrast(picture: Image) -> Image:
    """The picture with its lightness equalised in parts (CLAHE), for what is dim or flat."""
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB)
    equalised = cv2.createCLAHE(_CLIP_LIMIT, _TILES).apply(lab[:, :, 0])
    lab[:, :, 0] = cv2.GaussianBlur(equalised, (3, 3), 0)
    return np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), dtype=np.uint8)


def out_of(person: PersonPose, view: View, size: tuple[int, int]) -> PersonPose:
    """A person found in the view, in pixels of the whole picture, whose `size` is (width, height)."""
    if view.quarters % 4 == 0 and view.window is None:
        return person
    left, top, right, bottom = view.window or (0, 0, *size)
    joints, world = person.joints.copy(), person.world.copy()
    joints[:, :2] = turned_back(joints[:, :2], view.quarters, right - left, bottom - top)
    joints[:, :2] += np.array([left, top], dtype=np.float32)
    world[:, :2] = _turned_vectors(world[:, :2], view.quarters)
    return PersonPose(joints, world)


def into(person: PersonPose, view: View, size: tuple[int, int]) -> PersonPose:
    """The inverse of `out_of`."""
    left, top, right, bottom = view.window or (0, 0, *size)
    width, height = right - left, bottom - top
    turned = (width, height) if view.quarters % 2 == 0 else (height, width)
    joints, world = person.joints.copy(), person.world.copy()
    joints[:, :2] -= np.array([left, top], dtype=np.float32)
    joints[:, :2] = turned_back(joints[:, :2], -view.quarters % 4, *turned)
    world[:, :2] = _turned_vectors(world[:, :2], -view.quarters % 4)
    return PersonPose(joints, world)


def turned_back(
    points: npt.NDArray[np.float32], quarters: int, width: int, height: int
) -> npt.NDArray[np.float32]:
    """Points (n, 2) of a picture that was turned by `quarters` counter-clockwise, in the picture of `width` ×
    `height` before."""
    x, y = points[:, 0], points[:, 1]
    columns = {
        0: (x, y),
        1: (width - y, x),
        2: (width - x, height - y),
        3: (y, height - x),
    }[quarters % 4]
    return np.asarray(np.stack(columns, axis=1), dtype=np.float32)


def _turned_vectors(vectors: npt.NDArray[np.float32], quarters: int) -> npt.NDArray[np.float32]:
    return turned_back(vectors, quarters, 0, 0)


def lean(person: PersonPose) -> float:
    """The direction of the body from hips to head in radians (0: upright, positive: clockwise, −π … π)."""
    xy = person.joints[:, :2].astype(np.float64)
    shoulders = (xy[Joint.LEFT_SHOULDER] + xy[Joint.RIGHT_SHOULDER]) / 2
    hips = (xy[Joint.LEFT_HIP] + xy[Joint.RIGHT_HIP]) / 2
    eyes = (xy[Joint.LEFT_EYE] + xy[Joint.RIGHT_EYE]) / 2
    mouth = (xy[Joint.MOUTH_LEFT] + xy[Joint.MOUTH_RIGHT]) / 2
    # The trunk may be hidden and the head may be thrown back: together they seldom mislead.
    parts = (shoulders - hips, 1.5 * (xy[Joint.NOSE] - shoulders), 3.0 * (eyes - mouth))
    up = np.sum(parts, axis=0)
    return math.atan2(up[0], -up[1])


def upright_quarters(person: PersonPose, current: int) -> int:
    """The quarters by which the picture is to be turned counter-clockwise so that the person is upright;
    `current` as long as that is nearly so."""
    angle = lean(person)
    if abs(math.remainder(angle - current * math.pi / 2, 2 * math.pi)) <= _STEADY:
        return current
    return round(angle / (math.pi / 2)) % 4


def with_quarters(view: View, quarters: int) -> View:
    return replace(view, quarters=quarters % 4)
