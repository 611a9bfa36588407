"""Whether what looks like a face in a finished clip is a face of the recording that still shows there.

Detectors take covers with a skeleton on them, or a print on a softened shirt, for faces. A face that was left
uncovered is more: the detector finds one there in the recording's picture too, which is never less clear, and
the clip shows the recording's detail at that place. Imports cv2: for the process that makes clips only.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from app.core.deidentify.face_check import FaceDoubt

Image = npt.NDArray[np.uint8]
_Grey = npt.NDArray[np.float32]

_NEAR, _LIKE_SIZE = 0.5, 3.0
"""Two finds are of one face when the middle of each lies within the other, so nearer than this in sizes of
the smaller one, and one is at most so many times the other, because what is softened or half covered is found
less exactly. Measured on 562 finds in real faces of 30–300 px that show whole or in part: this keeps 554; a
distance of 0.75 of the larger size and 1.8 times the size kept 553, and took a print on a shirt for a face
where the recording's picture has a find beside it."""
_SIDE = 24
"""Pixels of the side to which the place of a find is scaled …"""
_COARSE = 4.0
"""… and of the blur (standard deviation) whose result is taken away: a sixth of a face and finer remains."""
SHOWN = 0.45
"""Correlation of that detail, in the best of the parts, from which the clip shows the recording. Measured:
where up to half of a real face shows beside a cover, with a figure across it or not, ≥ 0.79; faces in cells
of an eighth ≥ 0.91, of a sixth ≥ 0.59; in cells of a third, as the clips have them, none was found. Covers
over a whole face, with a figure across them, ≤ 0.31; what was taken for a face in real clips, and was none,
≤ 0.43 where the recording had a find too."""
_REACH = 4
"""Standard deviations that OpenCV's blur reaches."""
_PARTS = (
    np.s_[:, :],
    np.s_[: _SIDE // 2, :],
    np.s_[_SIDE // 2 :, :],
    np.s_[:, : _SIDE // 2],
    np.s_[:, _SIDE // 2 :],
)
"""The whole find and its halves: the edge of a cover is detail too, and strong."""
_PLAIN = 0.25
"""Share of the find's own detail below which a part has none to compare."""


def faces_still_shown(
    doubts: Sequence[FaceDoubt],
    image: Image,
    recorded: Image,
    recorded_doubts: Callable[[], Sequence[FaceDoubt]],
) -> tuple[FaceDoubt, ...]:
    """The doubts about a clip's picture (h, w, 3) BGR, the most doubtful first; those that the recording's
    picture at that time refutes count half. `recorded_doubts` gives what the same detector says of that; it
    is asked only where the clip shows the recording's detail, because the detector is slow."""
    if recorded.shape != image.shape:
        raise ValueError("the pictures are not of one size")
    shown = [likeness(image, recorded, doubt) >= SHOWN for doubt in doubts]
    if any(shown):
        others = recorded_doubts()
        shown = [alike and _has_one_like(doubt, others) for alike, doubt in zip(shown, doubts, strict=True)]
    weighed = [
        doubt if sure else replace(doubt, doubt=doubt.doubt / 2)
        for doubt, sure in zip(doubts, shown, strict=True)
    ]
    return tuple(sorted(weighed, key=lambda doubt: -doubt.doubt))


def likeness(image: Image, recorded: Image, doubt: FaceDoubt) -> float:
    """How much of the recording's detail the picture shows in the best part of a find: −1 to 1."""
    shown, there = _detail(image, doubt), _detail(recorded, doubt)
    least = _PLAIN * float((there**2).mean())
    parts = [part for part in _PARTS if float((there[part] ** 2).mean()) >= least]
    return max(_correlation(shown[part], there[part]) for part in parts)


def _correlation(one: _Grey, other: _Grey) -> float:
    one, other = one - one.mean(), other - other.mean()
    strength = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return float((one * other).sum()) / strength if strength > 0.0 else 0.0


def _detail(image: Image, doubt: FaceDoubt) -> _Grey:
    """The grey levels about a find, (24, 24), without what is coarser than a sixth of it."""
    scale = _SIDE / max(doubt.size, 1.0)
    blur = max(1.0 / scale, 1.0) / 2
    rows, columns = _about(doubt, math.ceil(_REACH * blur) + 2, image.shape)
    grey = np.asarray(cv2.cvtColor(image[rows, columns], cv2.COLOR_BGR2GRAY), np.float32)
    smooth = cv2.GaussianBlur(grey, (0, 0), blur)
    left, top = doubt.x - doubt.size / 2 - columns.start, doubt.y - doubt.size / 2 - rows.start
    place = np.array([[scale, 0.0, -left * scale], [0.0, scale, -top * scale]])
    cut = cv2.warpAffine(smooth, place, (_SIDE, _SIDE), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cut - cv2.GaussianBlur(cut, (0, 0), _COARSE), np.float32)


def _about(doubt: FaceDoubt, margin: int, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """The rows and columns of a picture of this shape in which a find lies, with a margin in px; what is
    outside of the picture is taken from its border."""
    sides = []
    for middle, end in ((doubt.y, shape[0]), (doubt.x, shape[1])):
        first = math.floor(middle - doubt.size / 2) - margin
        last = math.ceil(middle + doubt.size / 2) + margin
        sides.append(slice(max(min(first, end - 1 - margin), 0), min(max(last, 1 + margin), end)))
    return sides[0], sides[1]


def _has_one_like(doubt: FaceDoubt, others: Iterable[FaceDoubt]) -> bool:
    return any(
        max(doubt.size, other.size) <= _LIKE_SIZE * min(doubt.size, other.size)
        and np.hypot(doubt.x - other.x, doubt.y - other.y) <= _NEAR * min(doubt.size, other.size)
        for other in others
    )
