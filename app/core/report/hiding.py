"""A picture in which nobody can be recognised: all that is not certainly the patient's body is coarse.

The other way round from looking for faces: a face that no detector found lies in what is coarse. Sharp
are only the patient's trunk and limbs, where one person alone was counted; never a head, and never what
an independent detector of faces takes for one. Where the head is not known, nothing is sharp.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from app.core.enhance.pose_track import SKELETON, Joint, PoseTrack

Image = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

_HEAD_JOINTS = tuple(range(Joint.MOUTH_RIGHT + 1))
_SEEN = 0.5
_NEAR = 0.25
"""Seconds before and after in which a head's places all count: heads jerk, and detectors lag."""
_COUNTED = 1.5
"""Seconds before and after in which people must have been counted."""
_RADIUS, _RADIUS_BY_POSE = 0.85, 1.2
"""Of the disc over a head, in heads: where the face was found, and where only the pose tells."""
_BLOCKS_PER_HEAD = 3.0
_BLOCKS_PER_PICTURE = 12.0
"""Details that are left: across a head, and across a picture in which no head is known."""
_CROWD_BLUR = 0.125
"""Blur (σ in heads) of the patient's body where others are about: their faces could be before it."""
_LIMB, _TRUNK = 0.34, 0.22
"""Width of a limb and margin of the trunk, in scales (about a shoulder's width)."""
_SCAN = 720
"""Pixels of the longer side of what the independent detector is shown."""


@dataclass(frozen=True, slots=True)
class HiddenPicture:
    """The picture (h, w, 3); `whole` when all of it had to be made coarse."""

    image: Image
    whole: bool


@dataclass(frozen=True, slots=True)
class Disc:
    """A head: its centre and radius in pixels, and its own height."""

    x: float
    y: float
    radius: float
    head: float


def hide_people(image: Image, track: PoseTrack | None, seconds: float) -> HiddenPicture:
    """`image`, the whole frame on screen at `seconds` (h, w, 3), with everybody made unrecognisable."""
    row = track.row_at(seconds) if track is not None else None
    heads = _heads(track, row, image) if track is not None and row is not None else ()
    if track is None or row is None or not heads:
        return HiddenPicture(_coarse(image, max(image.shape[:2]) / _BLOCKS_PER_PICTURE), whole=True)
    head = max(disc.head for disc in heads)
    coarse, over = _coarse(image, head / _BLOCKS_PER_HEAD), _discs(heads, image)
    # Nothing at all is left of the patient's head: even a blur keeps its outline and its colours.
    coarse[over] = image.mean(axis=(0, 1)).astype(np.uint8)
    sharp = _body(track, row, image) & ~over
    body = image if _alone(track, row) else _blurred(image, head * _CROWD_BLUR)
    for box in _faces_in(np.where(sharp[:, :, None], body, coarse), sharp):
        # An eye for detail that is independent of the pose: what looks like a face is none of the body.
        sharp &= ~_inside(box, image)
    return HiddenPicture(np.where(sharp[:, :, None], body, coarse), whole=False)


def _heads(track: PoseTrack, row: int, image: Image) -> tuple[Disc, ...]:
    """The places of the patient's head about this frame; () when in the frame itself it is not known."""
    near = np.flatnonzero(np.abs(track.times - track.times[row]) <= _NEAR)
    found = {int(each): _heads_in(track, int(each), image) for each in near}
    if not found[row]:
        return ()
    return tuple(disc for discs in found.values() for disc in discs)


def _heads_in(track: PoseTrack, row: int, image: Image) -> list[Disc]:
    """The head of one row by the face and by the pose, as far as both are numbers."""
    from app.core.enhance.face_follower import head_of_face, head_of_pose
    from app.core.enhance.patient_tracking import PersonPose

    heads = []
    if track.face_found[row]:
        heads.append((head_of_face(track.face[row]), _RADIUS))
    if track.found[row] and _head_seen(track, row):
        by_pose = head_of_pose(PersonPose(track.joints[row], track.world[row]))
        heads.append((by_pose, _RADIUS if track.face_found[row] else _RADIUS_BY_POSE))
    across, down = image.shape[1] / track.width, image.shape[0] / track.height
    discs = []
    for head, radius in heads:
        size = head.size * max(across, down)
        if np.isfinite([head.x, head.y, size]).all() and size > 1.0:
            discs.append(Disc(head.x * across, head.y * down, size * radius, size))
    return discs


def _head_seen(track: PoseTrack, row: int) -> bool:
    joints = track.joints[row, _HEAD_JOINTS]
    return bool(np.isfinite(joints).all() and joints[:, 2].max() >= _SEEN)


def _alone(track: PoseTrack, row: int) -> bool:
    """Whether the patient was counted about this frame and never anybody else."""
    near = np.abs(track.times - track.times[row]) <= _COUNTED
    counts = track.people[near & (track.people >= 0)]
    return len(counts) > 0 and bool((counts == 1).all())


def _body(track: PoseTrack, row: int, image: Image) -> Mask:
    """The patient's trunk and limbs, as far as they are seen."""
    import cv2

    from app.core.enhance.patient_tracking import PersonPose

    factor = np.array([image.shape[1] / track.width, image.shape[0] / track.height])
    joints = track.joints[row]
    # Far outside is outside: OpenCV draws with whole numbers that end somewhere.
    points = np.clip(joints[:, :2] * factor, -10_000, 10_000)
    scale = PersonPose(joints, track.world[row]).scale * float(factor.mean())
    mask = np.zeros(image.shape[:2], np.uint8)
    if not np.isfinite(scale):
        return mask.astype(np.bool_)
    scale = min(scale, float(max(image.shape[:2])))
    trunk = [Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER, Joint.RIGHT_HIP, Joint.LEFT_HIP]
    if _seen(joints, trunk):
        hull = cv2.convexHull(np.round(points[trunk]).astype(np.int32))
        cv2.fillConvexPoly(mask, hull, (1,))
        cv2.polylines(mask, [hull], True, (1,), max(round(scale * _TRUNK), 1))
    hands = ((Joint.LEFT_WRIST, Joint.LEFT_INDEX), (Joint.RIGHT_WRIST, Joint.RIGHT_INDEX))
    for a, b in (*SKELETON, *hands):
        if _seen(joints, [a, b]):
            ends = np.round(points[[a, b]]).astype(int).tolist()
            cv2.line(mask, ends[0], ends[1], (1,), max(round(scale * _LIMB), 1))
    return mask.astype(np.bool_)


def _seen(joints: npt.NDArray[Any], wanted: list[Joint]) -> bool:
    return bool(np.isfinite(joints[wanted]).all() and joints[wanted, 2].min() >= _SEEN)


def _discs(heads: tuple[Disc, ...], image: Image) -> Mask:
    rows, columns = np.ogrid[: image.shape[0], : image.shape[1]]
    mask = np.zeros(image.shape[:2], np.bool_)
    for disc in heads:
        mask |= (columns - disc.x) ** 2 + (rows - disc.y) ** 2 <= disc.radius**2
    return mask


def _coarse(image: Image, block: float) -> Image:
    """The picture with no detail finer than `block` pixels: what is averaged away cannot be brought back."""
    import cv2

    height, width = image.shape[:2]
    size = (max(round(width / max(block, 1.0)), 1), max(round(height / max(block, 1.0)), 1))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def _blurred(image: Image, sigma: float) -> Image:
    import cv2

    return np.asarray(cv2.GaussianBlur(image, (0, 0), max(sigma, 1.0)), dtype=np.uint8)


Corners = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels."""


def _inside(box: Corners, image: Image) -> Mask:
    left, top, right, bottom = box
    rows, columns = np.ogrid[: image.shape[0], : image.shape[1]]
    return np.asarray((columns >= left) & (columns <= right) & (rows >= top) & (rows <= bottom))


_LOADED = threading.local()
_CASCADES = ("haarcascade_frontalface_alt2.xml", "haarcascade_profileface.xml")


def _faces_in(image: Image, sharp: Mask) -> Iterator[Corners]:
    """What looks like a face where the picture is sharp; all else has been looked after."""
    rows, columns = np.flatnonzero(sharp.any(axis=1)), np.flatnonzero(sharp.any(axis=0))
    if not len(rows):
        return
    left, top = int(columns[0]), int(rows[0])
    part = np.ascontiguousarray(image[top : rows[-1] + 1, left : columns[-1] + 1])
    for box in _faces(part):
        yield box[0] + left, box[1] + top, box[2] + left, box[3] + top


def _cascades() -> list[Any]:
    """OpenCV's detectors, loaded once by each thread: none may be used by two."""
    import cv2

    if not hasattr(_LOADED, "cascades"):
        folder = Path(cv2.__file__).parent / "data"
        cascades = [cv2.CascadeClassifier(str(folder / name)) for name in _CASCADES]
        if any(cascade.empty() for cascade in cascades):
            raise RuntimeError("OpenCV's detectors of faces are not where they belong")
        _LOADED.cascades = cascades
    found: list[Any] = _LOADED.cascades
    return found


def _faces(image: Image) -> Iterator[Corners]:
    """What OpenCV's own detectors take for a face, upright, lying on either side, and in either profile.

    Given with a margin. They are keen rather than careful: what is no face only loses its detail.
    """
    import cv2

    factor = min(_SCAN / max(image.shape[:2]), 1.0)
    small = cv2.resize(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), None, fx=factor, fy=factor)
    cascades = _cascades()
    for turns in (0, 1, 3):
        turned = np.ascontiguousarray(np.rot90(small, turns))
        for cascade, flipped in ((cascades[0], False), (cascades[1], False), (cascades[1], True)):
            picture = cv2.flip(turned, 1) if flipped else turned
            for x, y, width, height in cascade.detectMultiScale(picture, 1.1, 3, minSize=(20, 20)):
                left = picture.shape[1] - x - width if flipped else x
                yield _turned_back((left, y, width, height), turns, small.shape, factor)


def _turned_back(found: Corners, turns: int, shape: tuple[int, ...], factor: float) -> Corners:
    """A box (left, top, width, height) of the turned small picture as corners in the whole one."""
    left, top, width, height = found
    x, y = left + width / 2, top + height / 2
    if turns == 1:  # a quarter against the clock: what was right is on top
        x, y = shape[1] - y, x
    elif turns == 3:
        x, y = y, shape[0] - x
    half = max(width, height) * 0.8
    return (x - half) / factor, (y - half) / factor, (x + half) / factor, (y + half) / factor
