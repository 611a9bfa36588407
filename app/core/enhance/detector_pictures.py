"""Preparation of pictures for the detectors: size, brightness, cuts. Imports cv2: for the analysis process
only."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]

POSE_WIDTH = 960
"""Width in pixels; the pose model takes 256 × 256 of a person, so larger pictures only cost time."""
DIM = 60.0
"""Mean luma below which a picture is brightened for the detectors."""
_CURVE_FRAMES = 15
_CUT = 28.0
"""Mean change of the thumbnail's luma, beyond a uniform change of brightness, that counts as a cut."""


def fit(image: Image, longest: int) -> tuple[Image, float]:
    """The image scaled so that its longer side is at most `longest` pixels, and the factor back to the
    original."""
    height, width = image.shape[:2]
    factor = max(width, height) / longest
    if factor <= 1.0:
        return image, 1.0
    size = (max(round(width / factor), 1), max(round(height / factor), 1))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8), factor


def rgb(image: Image) -> Image:
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def thumbnail(image: Image) -> npt.NDArray[np.float32]:
    """The luma (18, 32) of an RGB picture."""
    small = cv2.resize(image[::2, ::2], (32, 18), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), dtype=np.float32)


def is_cut(before: npt.NDArray[np.float32], after: npt.NDArray[np.float32]) -> bool:
    """Whether the whole picture changed; switching the light does not count."""
    return picture_change(before, after) > _CUT


def picture_change(before: npt.NDArray[np.float32], after: npt.NDArray[np.float32]) -> float:
    """The mean change from one thumbnail's luma to the next, beyond a uniform change of brightness."""
    change = (after - after.mean()) / (after.std() + 8.0) - (before - before.mean()) / (before.std() + 8.0)
    return float(np.abs(change).mean() * 32.0)


class DimPictureLifter:
    """Brightens dim pictures and returns others unchanged.

    Infrared cameras at night give a luma of 20–50 of 255; the detectors were trained on daylight. The curve
    is kept for some frames with hysteresis, because landmarks would jitter in a flickering picture.
    """

    def __init__(self) -> None:
        self._table: Image | None = None
        self._age = 0

    def lift(self, image: Image) -> Image:
        """The image itself when it is bright enough, else a brightened copy."""
        if self._table is None or self._age >= _CURVE_FRAMES:
            level = float(image[::8, ::8].mean())
            self._table = _curve(image) if level < DIM * (1.0 if self._table is None else 1.15) else None
            self._age = 0
        self._age += 1
        if self._table is None:
            return image
        # brightened pictures are noisy; smoothing reduced the error of the joints to a quarter
        smooth = cv2.GaussianBlur(image, (3, 3), 0)
        return np.asarray(cv2.LUT(smooth, self._table), dtype=np.uint8)

    def forget(self) -> None:
        """Forget the curve, after a cut."""
        self._table = None


def _curve(image: Image) -> Image:
    """A tone curve (256,) that stretches the picture's range and opens dark parts."""
    luma = image[::4, ::4].max(axis=2)
    low, high = np.percentile(luma, (1.0, 99.5))
    steps = np.arange(256, dtype=np.float32)
    stretched = np.clip((steps - low) / max(high - low, 16.0), 0.0, 1.0)
    level = float(np.clip(np.mean(stretched[luma]), 0.02, 0.9))
    gamma = float(np.clip(np.log(0.42) / np.log(level), 0.4, 1.0))
    return np.asarray((255.0 * stretched**gamma).astype(np.uint8))
