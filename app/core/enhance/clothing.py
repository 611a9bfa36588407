"""The colours of what somebody wears, in their own upright frame, so that two moments can be compared.

Imports cv2: for the analysis process only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from app.core.enhance.likeness import Likeness
from app.core.enhance.patient_tracking import PersonPose
from app.core.enhance.pose_track import Joint

Image = npt.NDArray[np.uint8]

_PATCH = (24, 24)
_LAB_BINS, _LIGHT_BINS, _HALF_RANGE = 10, 8, 50.0
_COLOURFUL = 9.0
"""Chroma (CIE Lab) from which a colour tells more than grey, black or white."""
_ALIKE, _UNLIKE = 0.8, 0.5
"""Bhattacharyya coefficients: of one person's clothes 0.85 and more from moment to moment."""
_FEW = 0.2
"""Least share of the patch that has to be inside of the picture."""


@dataclass(frozen=True, slots=True, eq=False)
class Clothing:
    """The colours of the trunk: `colours` (100,) shares in the a*b* plane, `light` (8,) shares of lightness,
    median `chroma`; `grey` whether the whole picture has no colours (infrared)."""

    colours: npt.NDArray[np.float64]
    light: npt.NDArray[np.float64]
    chroma: float
    grey: bool


def clothing_of(picture: Image, person: PersonPose) -> Clothing | None:
    """The clothing of `person` in `picture` (h, w, 3) RGB; None when the trunk is out of the picture."""
    corners = _trunk_corners(person)
    target = np.array([[0, 0], [_PATCH[0], 0], [0, _PATCH[1]]], dtype=np.float32)
    matrix = cv2.getAffineTransform(corners, target)
    inside = cv2.warpAffine(np.full(picture.shape[:2], 255, np.uint8), matrix, _PATCH) > 250
    if inside.mean() < _FEW:
        return None
    patch = cv2.warpAffine(picture, matrix, _PATCH, flags=cv2.INTER_LINEAR)
    lab = np.asarray(cv2.cvtColor(patch.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)[inside]
    return Clothing(
        _colour_shares(lab),
        _light_shares(lab),
        float(np.median(np.hypot(lab[:, 1], lab[:, 2]))),
        _is_grey(picture),
    )


def _trunk_corners(person: PersonPose) -> npt.NDArray[np.float32]:
    """Three corners (3, 2) of a rectangle on the trunk: two at the chest, one towards the hips."""
    xy = person.joints[:, :2].astype(np.float64)
    left, right = xy[Joint.LEFT_SHOULDER], xy[Joint.RIGHT_SHOULDER]
    shoulders, hips = (left + right) / 2, (xy[Joint.LEFT_HIP] + xy[Joint.RIGHT_HIP]) / 2
    down = hips - shoulders
    down = down / max(float(np.hypot(*down)), 1.0)
    across = np.array([-down[1], down[0]]) * 0.35 * person.scale
    top, bottom = shoulders + 0.15 * person.scale * down, shoulders + 0.95 * person.scale * down
    return np.array([top - across, top + across, bottom - across], dtype=np.float32)


def _colour_shares(lab: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    share = (lab[:, 1:] + _HALF_RANGE) / (2 * _HALF_RANGE)
    bins = np.clip((share * _LAB_BINS).astype(int), 0, _LAB_BINS - 1)
    shares = np.zeros((_LAB_BINS, _LAB_BINS))
    np.add.at(shares, (bins[:, 0], bins[:, 1]), 1.0)
    soft = cv2.GaussianBlur(shares, (3, 3), 0.8)  # a colour near the edge of a bin is in both
    return np.asarray(soft.ravel() / max(soft.sum(), 1e-9), dtype=np.float64)


def _light_shares(lab: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    shares, _ = np.histogram(lab[:, 0], bins=_LIGHT_BINS, range=(0, 100))
    soft = np.convolve(shares, [0.25, 0.5, 0.25], mode="same")
    return np.asarray(soft / max(soft.sum(), 1e-9), dtype=np.float64)


def _is_grey(picture: Image) -> bool:
    few = picture[::8, ::8].astype(np.int16)
    return float((few.max(axis=2) - few.min(axis=2)).mean()) < 4.0


def usual_clothing(moments: Sequence[Clothing]) -> Clothing | None:
    """The mean of several moments; None without any."""
    if not moments:
        return None
    return Clothing(
        np.mean([one.colours for one in moments], axis=0),
        np.mean([one.light for one in moments], axis=0),
        float(np.median([one.chroma for one in moments])),
        sum(one.grey for one in moments) * 2 > len(moments),
    )


def compare_clothing(first: Clothing | None, second: Clothing | None) -> Likeness:
    """Whether two moments show the same clothes.

    Clothes that are alike without colour prove nothing: gowns and sheets are white. Between infrared and
    daylight nothing can be compared.
    """
    if first is None or second is None or first.grey != second.grey:
        return Likeness.UNKNOWN
    colours, light = alike(first, second)
    if colours < _UNLIKE or light < _UNLIKE / 2:
        return Likeness.DIFFERENT
    colourful = min(first.chroma, second.chroma) >= _COLOURFUL and not first.grey
    return Likeness.SAME if colourful and colours >= _ALIKE else Likeness.UNKNOWN


def alike(first: Clothing, second: Clothing) -> tuple[float, float]:
    """How alike colours and lightness are (Bhattacharyya coefficients, 0–1)."""
    return (
        float(np.sqrt(first.colours * second.colours).sum()),
        float(np.sqrt(first.light * second.light).sum()),
    )
