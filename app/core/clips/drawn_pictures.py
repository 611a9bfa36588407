"""Pictures of clips: the upright square about a face, and the skeleton over a body. Imports cv2: for the clip
process only."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from app.core.enhance.face_crop import CropPlace
from app.core.enhance.pose_track import SKELETON, Joint

Image = npt.NDArray[np.uint8]

VISIBLE = 0.3
"""The lowest visibility of a joint that is drawn: a guess must not look like a fact."""
LEFT_COLOUR, RIGHT_COLOUR, MIDDLE_COLOUR = (60, 190, 255), (255, 170, 60), (235, 235, 235)
"""BGR colours of the patient's left side, right side, and of lines between them."""


def crop_upright(image: Image, place: CropPlace, pixels: int) -> Image:
    """The square of the image, turned so that the head is up, scaled to `pixels`; black outside the
    picture."""
    quarters, rest = divmod(place.turn, 90)
    if not rest:
        return np.ascontiguousarray(np.rot90(crop_square(image, _corner(place, 1.0), pixels), quarters))
    radians = math.radians(place.turn)
    wider = abs(math.cos(radians)) + abs(math.sin(radians))
    # The larger square is scaled first, which warping could not do without losing lines.
    large = crop_square(image, _corner(place, wider), math.ceil(pixels * wider))
    middle = large.shape[0] / 2
    matrix = np.asarray(cv2.getRotationMatrix2D((middle, middle), place.turn, 1.0), np.float64)
    matrix[:, 2] += pixels / 2 - middle
    return np.asarray(cv2.warpAffine(large, matrix, (pixels, pixels), flags=cv2.INTER_CUBIC), dtype=np.uint8)


def _corner(place: CropPlace, wider: float) -> tuple[int, int, int]:
    """Left, top and side in whole pixels of the square, `wider` times as large."""
    side = max(2, round(place.side * wider))
    return round(place.x - side / 2), round(place.y - side / 2), side


def crop_square(image: Image, place: tuple[int, int, int], side: int) -> Image:
    """The square `place` (left, top, side in pixels) of the image scaled to `side`; black outside the
    picture."""
    left, top, size = place
    height, width = image.shape[:2]
    square = np.zeros((size, size, 3), np.uint8)
    x0, x1 = max(left, 0), min(left + size, width)
    y0, y1 = max(top, 0), min(top + size, height)
    if x0 < x1 and y0 < y1:
        square[y0 - top : y1 - top, x0 - left : x1 - left] = image[y0:y1, x0:x1]
    way = cv2.INTER_AREA if size > side else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(square, (side, side), interpolation=way), dtype=np.uint8)


def draw_skeleton(image: Image, joints: npt.NDArray[np.float32]) -> None:
    """Draw the patient's skeleton into `image`; joints (33, 3) in its pixels, with visibility."""
    thickness = max(2, round(max(image.shape[:2]) / 320))
    for first, second in SKELETON:
        if min(joints[first, 2], joints[second, 2]) >= VISIBLE:
            start, end = _point(joints[first]), _point(joints[second])
            cv2.line(image, start, end, _colour(first, second), thickness, cv2.LINE_AA)


def _point(joint: npt.NDArray[np.float32]) -> tuple[int, int]:
    return int(np.clip(joint[0], -32_000, 32_000)), int(np.clip(joint[1], -32_000, 32_000))


def _colour(first: Joint, second: Joint) -> tuple[int, int, int]:
    sides = {joint.name.split("_")[0] for joint in (first, second)}
    if sides == {"LEFT"}:
        return LEFT_COLOUR
    return RIGHT_COLOUR if sides == {"RIGHT"} else MIDDLE_COLOUR
