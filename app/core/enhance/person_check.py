"""An independent check of a skeleton: whether there is a person where the pose model places one.

The pose model follows what it once took for a person: the letters of a title, the foot of a table. Asked are
the skeleton's own size and proportions, a mask of people, a detector of faces, and OpenCV's detector of
upright figures (histograms of oriented gradients; Dalal & Triggs 2005), which do not use poses. Imports
cv2: for the analysis process only.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Protocol

import cv2
import numpy as np
import numpy.typing as npt

from app.core.enhance.clothing import Clothing, clothing_of
from app.core.enhance.detector_pictures import Image
from app.core.enhance.face_follower import head_crop, head_of_pose
from app.core.enhance.patient_tracking import PersonPlace, PersonPose, place_of
from app.core.enhance.pose_track import SKELETON, FloatArray, Joint
from app.core.enhance.upright_view import View, into, lean, through, with_local_contrast

_SMALLEST = 12.0
"""Pixels between the shoulders of the detectors' picture, below which a figure cannot be judged."""
_COVERED, _BARE = 0.5, 0.3
"""Share of the skeleton on the mask of people: on real people 0.78 and more, on phantoms in infrared 0.57 and
more, on tables at most 0.3, on letters anything."""
_FACE, _NO_FACE = 0.75, 0.6
"""Score of a face at the skeleton's head: 0.84 and more where it is seen, up to 0.56 on letters."""
_FIGURE, _NO_FIGURE = -0.5, -1.2
"""Score of an upright figure: -0.5 and more on people who stand or sit, below -1.6 on titles and tables …"""
_LEAST_FIGURE = -1.5
"""… so that below this a mask alone is not believed."""
_VISIBLE = 0.5
_LONGEST_ARM = 1.8
"""Shoulder widths: an upper arm has 0.9; the rest is for what is near to the camera."""
_TRUNK = (0.25, 3.5)
"""Shortest and longest trunk in scales, from bent towards the camera to seen from the side."""
_HEAD = 0.9
"""Largest distance of eyes and mouth in scales."""
_FIGURE_SIZES = (0.8, 1.0, 1.25)
_FIGURE_SIZE, _FIGURE_HEIGHT = (64, 128), 96.0
_FIGURE_LENGTHS = 2.1
"""Height of a standing person in lengths from nose to hips."""


class PersonVerdict(IntEnum):
    """Whether a skeleton is on a person, by everything but the pose model."""

    NO_PERSON = 0
    UNSURE = 1
    PERSON = 2


@dataclass(frozen=True, slots=True)
class PersonCheck:
    """The check of a skeleton in one frame: `verdict`, the `clothing` (None: not seen), its `place`, and
    whether nobody else was within reach (`alone`)."""

    verdict: PersonVerdict
    clothing: Clothing | None
    place: PersonPlace
    alone: bool = True


class PeopleMask(Protocol):
    def find(self, image: Image) -> FloatArray: ...


class FaceScores(Protocol):
    def score(self, image: Image) -> float: ...


class PersonChecker:
    """Checks skeletons against the picture they were found in."""

    def __init__(self, mask: PeopleMask, faces: FaceScores) -> None:
        self._mask = mask
        self._faces = faces
        self._figures = cv2.HOGDescriptor()
        weights: Any = cv2.HOGDescriptor.getDefaultPeopleDetector()
        self._weights = np.asarray(weights, dtype=np.float64).ravel()

    def check(self, picture: Image, person: PersonPose, quarters: int, *, alone: bool = True) -> PersonCheck:
        """The check of `person` in `picture` (h, w, 3) RGB, in which turning by `quarters` makes them
        upright."""
        return PersonCheck(
            self.verdict(picture, person, quarters), clothing_of(picture, person), place_of(person), alone
        )

    def verdict(self, picture: Image, person: PersonPose, quarters: int) -> PersonVerdict:
        if not well_proportioned(person):
            return PersonVerdict.NO_PERSON
        face = self._face(picture, person)
        if face >= _FACE:
            return PersonVerdict.PERSON
        covered = self._covered(picture, person, quarters)
        figure = self._figure(picture, person)
        found = verdict_of(face, covered, figure)
        if found is PersonVerdict.PERSON or float(picture[::8, ::8].std()) > _FLAT:
            return found
        lifted = with_local_contrast(picture)
        return verdict_of(
            self._face(lifted, person), self._covered(lifted, person, quarters), self._figure(lifted, person)
        )

    def _face(self, picture: Image, person: PersonPose) -> float:
        return self._faces.score(head_crop(picture, head_of_pose(person)))

    def _covered(self, picture: Image, person: PersonPose, quarters: int) -> float:
        """The share of the skeleton that lies on people, by the mask of the upright picture."""
        height, width = picture.shape[:2]
        view = View(quarters)
        mask = self._mask.find(through(picture, view))
        upright = into(person, view, (width, height))
        turned = (width, height) if quarters % 2 == 0 else (height, width)
        points = bone_points(upright) * (np.array(mask.shape[::-1]) / turned)
        inside = ((points >= 0) & (points < mask.shape[::-1])).all(axis=1)
        columns, rows = points[inside].astype(int).T
        return float(mask[rows, columns].mean()) if len(rows) else 0.0

    def _figure(self, picture: Image, person: PersonPose) -> float:
        """The best score of an upright figure of about the skeleton's size and place."""
        grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
        crops = (
            _figure_crop(grey, person, size, shift) for size in _FIGURE_SIZES for shift in (-6.0, 0.0, 6.0)
        )
        features: list[Any] = [self._figures.compute(crop) for crop in crops]
        scores = [np.asarray(one, np.float64).ravel() @ self._weights[:-1] for one in features]
        return float(max(scores) + self._weights[-1])


_FLAT = 45.0
"""Deviation of a picture's values below which local contrast can show more."""


def verdict_of(face: float, covered: float, figure: float) -> PersonVerdict:
    """The verdict from the score of a face, the share that is covered by people and the figure's score."""
    if face >= _FACE or figure >= _FIGURE or (covered >= _COVERED and figure >= _LEAST_FIGURE):
        return PersonVerdict.PERSON
    if face < _NO_FACE and covered < _BARE and figure < _NO_FIGURE:
        return PersonVerdict.NO_PERSON
    return PersonVerdict.UNSURE


def well_proportioned(person: PersonPose) -> bool:
    """Whether the skeleton has a size and proportions that a person can have in a picture."""
    xy, scale = person.joints[:, :2].astype(np.float64), person.scale
    if not np.isfinite(xy).all() or scale < _SMALLEST:
        return False
    shoulders = (xy[Joint.LEFT_SHOULDER] + xy[Joint.RIGHT_SHOULDER]) / 2
    hips = (xy[Joint.LEFT_HIP] + xy[Joint.RIGHT_HIP]) / 2
    eyes = (xy[Joint.LEFT_EYE] + xy[Joint.RIGHT_EYE]) / 2
    mouth = (xy[Joint.MOUTH_LEFT] + xy[Joint.MOUTH_RIGHT]) / 2
    trunk = math.dist(shoulders, hips) / scale
    arms = (Joint.LEFT_SHOULDER, Joint.LEFT_ELBOW), (Joint.RIGHT_SHOULDER, Joint.RIGHT_ELBOW)
    longest = max(math.dist(xy[a], xy[b]) for a, b in arms) / scale
    return (
        _TRUNK[0] <= trunk <= _TRUNK[1]
        and longest <= _LONGEST_ARM
        and math.dist(eyes, mouth) <= _HEAD * scale
    )


_NECK = ((Joint.NOSE, Joint.LEFT_SHOULDER), (Joint.NOSE, Joint.RIGHT_SHOULDER))


def bone_points(person: PersonPose) -> npt.NDArray[np.float64]:
    """Points (n, 2) px along the bones that are seen; along all of head and trunk when none is."""
    joints = person.joints
    seen = [(a, b) for a, b in (*SKELETON, *_NECK) if min(joints[a, 2], joints[b, 2]) >= _VISIBLE]
    ends = np.array(seen or _NECK, dtype=int)
    first, second = joints[ends[:, 0], :2], joints[ends[:, 1], :2]
    shares = np.array([0.2, 0.5, 0.8])[:, None, None]
    return np.asarray((first * (1 - shares) + second * shares).reshape(-1, 2), dtype=np.float64)


def _figure_crop(grey: npt.NDArray[np.uint8], person: PersonPose, size: float, shift: float) -> Image:
    """The upright figure as OpenCV's detector was trained: 96 of 128 pixels high, head above."""
    xy = person.joints[:, :2].astype(np.float64)
    nose, hips = xy[Joint.NOSE], (xy[Joint.LEFT_HIP] + xy[Joint.RIGHT_HIP]) / 2
    factor = _FIGURE_HEIGHT / (max(math.dist(nose, hips), 1.0) * _FIGURE_LENGTHS * size)
    cos, sin = math.cos(lean(person)) * factor, math.sin(lean(person)) * factor
    turn = np.array([[cos, sin], [-sin, cos]])
    place = np.array([_FIGURE_SIZE[0] / 2, 26.0 + shift]) - turn @ nose
    matrix = np.column_stack([turn, place])
    return np.asarray(
        cv2.warpAffine(grey, matrix, _FIGURE_SIZE, borderMode=cv2.BORDER_REPLICATE), dtype=np.uint8
    )
