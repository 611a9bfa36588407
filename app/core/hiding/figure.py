"""The patient as a figure of lines, and where trunk and limbs are in a picture."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from app.core.enhance.pose_track import SKELETON, Joint, PoseTrack
from app.core.hiding.heads import Head

Image = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
Colour = tuple[int, int, int]

SEEN = 0.5
"""Visibility from which a joint counts."""
_LEFT, _RIGHT, _MIDDLE, _CASING = (40, 150, 240), (240, 160, 70), (235, 235, 235), (20, 20, 20)  # BGR
_GROUND = 72
_LINE = 1 / 210
"""Width of a line in longer sides of the picture."""
_LIMB, _TRUNK = 0.34, 0.22
"""Width of a limb and margin of the trunk, in scales (about a shoulder's width)."""
_FAR = 10_000.0
"""Far outside is outside: OpenCV draws with whole numbers that end somewhere."""
_TRUNK_JOINTS = [Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER, Joint.RIGHT_HIP, Joint.LEFT_HIP]
_HANDS = ((Joint.LEFT_WRIST, Joint.LEFT_INDEX), (Joint.RIGHT_WRIST, Joint.RIGHT_INDEX))


def figure_picture(image: Image, track: PoseTrack | None, row: int | None, heads: Iterable[Head]) -> Image:
    """A plain ground of the size of `image` (h, w, 3) with the skeleton and a ring for the head."""
    import cv2

    made = np.full_like(image, _GROUND)
    if track is None or row is None:
        return made
    for head in heads:
        centre = (round(head.x), round(head.y))
        cv2.circle(made, centre, max(round(head.size / 2), 1), _MIDDLE, line_width(image), cv2.LINE_AA)
    draw_skeleton(made, points_in(track, row, image), track.joints[row, :, 2], line_width(image))
    return made


def draw_skeleton(image: Image, points: npt.NDArray[Any], visibility: npt.NDArray[Any], width: int) -> None:
    """Draw the lines between seen joints into `image`; `points` (33, 2) px, `visibility` (33,)."""
    for colour, wide in ((_CASING, width + 2), (None, width)):
        for a, b in SKELETON:
            if min(visibility[a], visibility[b]) >= SEEN and np.isfinite(points[[a, b]]).all():
                draw_line(image, points[[a, b]], colour or _side(a.name, b.name), wide)


def draw_line(
    image: Image, points: npt.NDArray[Any], colour: Colour, width: int, *, closed: bool = False
) -> None:
    """Draw a line through `points` (n, 2) px into `image`."""
    import cv2

    sixteenths = np.round(np.clip(points, -1e5, 1e5) * 16).astype(np.int32)
    cv2.polylines(image, [sixteenths], closed, colour, width, cv2.LINE_AA, shift=4)


def line_width(image: Image) -> int:
    """The width (px) of the figure's lines in a picture."""
    return max(round(max(image.shape[:2]) * _LINE), 2)


def points_in(track: PoseTrack, row: int, image: Image) -> npt.NDArray[np.float64]:
    """(33, 2) the joints of a row in pixels of `image`."""
    factor = np.array([image.shape[1] / track.width, image.shape[0] / track.height])
    return np.asarray(np.clip(track.joints[row, :, :2] * factor, -_FAR, _FAR), dtype=np.float64)


def body_in(track: PoseTrack, row: int, image: Image) -> Mask:
    """(h, w) the patient's trunk and limbs, as far as they are seen."""
    import cv2

    from app.core.enhance.patient_tracking import PersonPose

    joints, points = track.joints[row], points_in(track, row, image)
    person = PersonPose(joints, track.world[row])
    scale = person.scale * max(image.shape[1] / track.width, image.shape[0] / track.height)
    mask = np.zeros(image.shape[:2], np.uint8)
    if not np.isfinite(scale):
        return mask.astype(np.bool_)
    scale = min(scale, float(max(image.shape[:2])))
    if _seen(joints, _TRUNK_JOINTS):
        hull = cv2.convexHull(np.round(points[_TRUNK_JOINTS]).astype(np.int32))
        cv2.fillConvexPoly(mask, hull, (1,))
        cv2.polylines(mask, [hull], True, (1,), max(round(scale * _TRUNK), 1))
    for a, b in (*SKELETON, *_HANDS):
        if _seen(joints, [a, b]):
            ends = np.round(points[[a, b]]).astype(int).tolist()
            cv2.line(mask, ends[0], ends[1], (1,), max(round(scale * _LIMB), 1))
    return mask.view(np.bool_)


def _seen(joints: npt.NDArray[Any], wanted: list[Joint]) -> bool:
    return bool(np.isfinite(joints[wanted]).all() and joints[wanted, 2].min() >= SEEN)


def _side(a: str, b: str) -> Colour:
    if a.startswith("LEFT") and b.startswith("LEFT"):
        return _LEFT
    return _RIGHT if a.startswith("RIGHT") and b.startswith("RIGHT") else _MIDDLE
