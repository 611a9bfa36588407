"""Tracking of the patient's face: the face mesh on a crop around the patient's head.

The crop stays fixed while the head moves slightly (the mesh follows by itself) and is placed anew when the
head leaves its middle; it is rotated with the head, because patients often lie.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from app.core.enhance.detector_pictures import DimPictureLifter, Image, rgb
from app.core.enhance.patient_tracking import PersonPose
from app.core.enhance.pose_track import FACE_COLUMN, FACE_OVAL, NOSE_LINE, FloatArray, Joint
from app.core.enhance.upright_view import turned_back
from app.core.picture_box import Box

CROP_PIXELS = 288
_CROP_HEADS = 2.6
"""Side of the crop in head heights: space for movement and for the detector's context."""
_OFF_CENTRE = 0.22
_SIZE_CHANGE = 1.5
_TURN = math.radians(50)
_HOLD = 3.0
"""Seconds for which the crop stays in place when neither pose nor face is found."""
_SEARCH_EVERY = 0.5
"""Seconds between two face searches in the whole picture while there is no pose."""
_MISSES = 4
"""Frames without a face after which the crop is placed by the pose again."""


@dataclass(frozen=True, slots=True)
class HeadPlace:
    """The place of a head: centre and height in pixels, rotation `turn` in radians (0: upright, positive:
    clockwise)."""

    x: float
    y: float
    size: float
    turn: float


class Mesh(Protocol):
    def find(self, image: Image) -> FloatArray | None: ...
    def forget(self) -> None: ...


class FaceFinder(Protocol):
    def find(self, image: Image) -> list[tuple[float, float, float]]: ...


def head_of_pose(person: PersonPose) -> HeadPlace:
    """The place of the head by the pose's eleven face points and the shoulders."""
    xy = person.joints[:, :2].astype(np.float64)
    eyes = (xy[Joint.LEFT_EYE] + xy[Joint.RIGHT_EYE]) / 2
    mouth = (xy[Joint.MOUTH_LEFT] + xy[Joint.MOUTH_RIGHT]) / 2
    ears = math.dist(xy[Joint.LEFT_EAR], xy[Joint.RIGHT_EAR])
    size = max(3.2 * math.dist(eyes, mouth), 1.5 * ears)
    size = float(np.clip(size, 0.35 * person.scale, 0.9 * person.scale))
    x, y = (eyes + mouth) / 2
    up = eyes - mouth
    shoulders = (xy[Joint.LEFT_SHOULDER] + xy[Joint.RIGHT_SHOULDER]) / 2
    neck = xy[Joint.NOSE] - shoulders
    # from eyes to mouth is short and noisy in profile; the neck makes it more stable
    up = up / max(math.hypot(*up), 1.0) + 0.5 * neck / max(math.hypot(*neck), 1.0)
    return HeadPlace(float(x), float(y), size, math.atan2(up[0], -up[1]))


def head_of_face(face: FloatArray) -> HeadPlace:
    """The place of the head by the oval of the face mesh."""
    oval = face[[FACE_COLUMN[point] for point in FACE_OVAL], :2].astype(np.float64)
    x, y = oval.mean(axis=0)
    top, chin = oval[0], oval[FACE_OVAL.index(152)]
    wide = math.dist(oval[FACE_OVAL.index(454)], oval[FACE_OVAL.index(234)])
    up = face[FACE_COLUMN[NOSE_LINE[0]], :2] - face[FACE_COLUMN[152], :2]
    size = max(math.dist(top, chin), wide) * 1.15
    return HeadPlace(float(x), float(y), size, math.atan2(float(up[0]), -float(up[1])))


class FaceFollower:
    """Finds the patient's face in successive pictures.

    Pictures are (h, w, 3) uint8 BGR; poses and faces are in their pixels.
    """

    def __init__(self, mesh: Mesh, faces: FaceFinder, box: Box | None = None) -> None:
        self._mesh = mesh
        self._faces = faces
        self._box = box
        self._posed: HeadPlace | None = None
        self._crop: HeadPlace | None = None
        self._lifter = DimPictureLifter()
        self._misses = 0
        self._seen = -math.inf
        self._next_search = -math.inf
        self._quarters = 0

    def find(
        self,
        time: float,
        image: Image,
        patient: PersonPose | None,
        *,
        cut: bool = False,
        quarters: int = 0,
    ) -> FloatArray | None:
        """The face's points (len(FACE_POINTS), 3) in pixels, or None; `quarters` is how the picture has to be
        turned for the patient to be upright."""
        self._quarters = quarters
        if cut:
            self._crop, self._posed, self._seen = None, None, -math.inf
        head = head_of_pose(patient) if patient is not None else None
        self._place_crop(time, image, head)
        if self._crop is None:
            return None
        face = self._in_crop(image, self._crop)
        if face is None or not _belongs(face, head, self._crop):
            if face is not None:
                self._mesh.forget()
            self._misses += 1
            return None
        self._misses, self._seen = 0, time
        self._recentre(head_of_face(face))
        return face

    def _place_crop(self, time: float, image: Image, head: HeadPlace | None) -> None:
        if head is not None:
            self._posed = head
            lost = self._misses >= _MISSES and _is_off_centre(self._crop, head, 0.06, 1.15, _TURN / 2)
            if self._crop is None or lost or _is_off_centre(self._crop, head, 0.45, 2.2, math.pi):
                self._set(head)
                self._misses = 0
            return
        if time - self._seen <= _HOLD or time < self._next_search:
            return
        self._next_search = time + _SEARCH_EVERY
        found = self._search(image)
        if found is not None:
            self._set(found)
        else:
            self._crop = None

    def _search(self, image: Image) -> HeadPlace | None:
        """The largest face that can be the patient's: in the drawn box and near the last pose; None without
        one."""
        height, width = image.shape[:2]
        turned = np.ascontiguousarray(np.rot90(rgb(image), self._quarters))
        for across, down, size in self._faces.find(turned):
            place = np.array([[across, down]], dtype=np.float32)
            x, y = (float(value) for value in turned_back(place, self._quarters, width, height)[0])
            boxed = self._box is None or _inside(self._box, x / width, y / height)
            before = self._posed
            if boxed and (before is None or math.hypot(x - before.x, y - before.y) < 2.0 * before.size):
                return HeadPlace(x, y, size * 1.3, self._quarters * math.pi / 2)
        return None

    def _recentre(self, head: HeadPlace) -> None:
        if _is_off_centre(self._crop, head, _OFF_CENTRE, _SIZE_CHANGE, _TURN):
            self._set(head)

    def _set(self, head: HeadPlace) -> None:
        if self._crop is not None:
            self._mesh.forget()
            self._lifter.forget()
        self._crop = head

    def _in_crop(self, image: Image, head: HeadPlace) -> FloatArray | None:
        to_crop, scale = _affine(head)
        crop = head_crop(image, head)
        points = self._mesh.find(rgb(self._lifter.lift(crop)))
        if points is None:
            return None
        back = cv2.invertAffineTransform(to_crop)
        face = points.copy()
        face[:, :2] = points[:, :2] @ back[:, :2].T + back[:, 2]
        face[:, 2] /= scale
        return face


def head_crop(image: Image, head: HeadPlace) -> Image:
    """The square around the head, upright, as the detectors of faces see it."""
    to_crop, scale = _affine(head)
    pixels = max(round(head.size * _CROP_HEADS * scale), 1)
    warped = cv2.warpAffine(
        image, to_crop, (pixels, pixels), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(warped, dtype=np.uint8)


def _affine(head: HeadPlace) -> tuple[npt.NDArray[np.float64], float]:
    """The affine map (2, 3) from the picture to a square crop with the upright head in its middle, and its
    scale."""
    side = head.size * _CROP_HEADS
    scale = min(CROP_PIXELS / side, 2.0)
    half = side * scale / 2
    cos, sin = math.cos(head.turn) * scale, math.sin(head.turn) * scale
    turned = np.array([[cos, sin], [-sin, cos]])
    shift = np.array([half, half]) - turned @ np.array([head.x, head.y])
    return np.column_stack([turned, shift]), scale


def _is_off_centre(crop: HeadPlace | None, head: HeadPlace, centre: float, size: float, turn: float) -> bool:
    """Whether `head` deviates from the crop by more than `centre` (in sides), `size` (factor) or `turn`
    (radians)."""
    if crop is None:
        return True
    away = math.hypot(head.x - crop.x, head.y - crop.y) / (crop.size * _CROP_HEADS)
    ratio = max(head.size / crop.size, crop.size / head.size)
    angle = abs((head.turn - crop.turn + math.pi) % (2 * math.pi) - math.pi)
    return away > centre or ratio > size or angle > turn


def _inside(box: Box, x: float, y: float) -> bool:
    return box.left <= x <= box.right and box.top <= y <= box.bottom


def _belongs(face: FloatArray, head: HeadPlace | None, crop: HeadPlace) -> bool:
    """Whether a face in the crop is on the patient's head."""
    found = head_of_face(face)
    expected = head or crop
    away = math.hypot(found.x - expected.x, found.y - expected.y) / max(expected.size, found.size)
    ratio = found.size / expected.size
    return away < (0.8 if head else 1.2) and 0.35 < ratio < 2.8
