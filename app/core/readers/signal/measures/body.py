"""Measures of the whole body: size in the picture, camera motion, noise of the landmarks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.core.enhance.pose_track import Joint
from app.core.readers.signal.measures.grid import Grid
from app.core.readers.signal.measures.series import Floats, Mask, band, moving, percentile, widened
from app.core.readers.signal.thresholds import limit

MAIN_JOINTS = (
    Joint.NOSE,
    Joint.LEFT_SHOULDER,
    Joint.RIGHT_SHOULDER,
    Joint.LEFT_ELBOW,
    Joint.RIGHT_ELBOW,
    Joint.LEFT_WRIST,
    Joint.RIGHT_WRIST,
    Joint.LEFT_HIP,
    Joint.RIGHT_HIP,
    Joint.LEFT_KNEE,
    Joint.RIGHT_KNEE,
    Joint.LEFT_ANKLE,
    Joint.RIGHT_ANKLE,
)


@dataclass(frozen=True, slots=True)
class BodyMeasures:
    """The patient's body in the picture.

    - `unit` pixels per shoulder width, the unit of all amplitudes;
    - `joints` (n, 33, 2) px, corrected for camera motion;
    - `shoulders`, `hips` (n, 2) px, their midpoints;
    - `turned` (n,) rotation of the shoulders in degrees, by their apparent width;
    - `walks` (n,) whether the whole person goes from one place to another;
    - `noise` (33,) jitter of each joint in its stillest stretches, peak to peak in shoulder widths.
    """

    unit: float
    joints: Floats
    shoulders: Floats
    hips: Floats
    turned: Floats
    walks: Mask
    noise: Floats

    def joint(self, joint: Joint) -> Floats:
        return self.joints[:, joint]


def body(grid: Grid) -> BodyMeasures | None:
    """The measures of the body; None when the shoulders were never found."""
    left, right = grid.joint(Joint.LEFT_SHOULDER), grid.joint(Joint.RIGHT_SHOULDER)
    width = np.hypot(*(left - right).T)
    shoulders = (left + right) / 2
    hips = (grid.joint(Joint.LEFT_HIP) + grid.joint(Joint.RIGHT_HIP)) / 2
    torso = np.hypot(*(shoulders - hips).T) / limit("torso_in_shoulder_widths")
    if not np.isfinite(width).any():
        return None
    usual = percentile(width, 70)
    unit = max(usual, float(np.nan_to_num(percentile(torso, 50))))
    if unit < 2:
        return None
    common = _camera_motion(grid, unit)
    joints = grid.joints - common[:, None, :]
    narrow = np.clip(moving(width, grid.rows(0.5), "median") / max(usual, 1e-6), 0, 1)
    return BodyMeasures(
        unit=unit,
        joints=joints,
        shoulders=shoulders - common,
        hips=hips - common,
        turned=np.degrees(np.arccos(narrow)),
        walks=_walks(grid, shoulders, unit),
        noise=_noise(joints, grid, unit),
    )


def _camera_motion(grid: Grid, unit: float) -> Floats:
    """The motion common to all joints, (n, 2) px, where it explains nearly all of their motion; else 0.

    A shaken camera or bed moves every joint by the same vector; a shaking body does not.
    """
    n = len(grid.times)
    fast = np.stack(
        [band(grid.joint(joint), grid.rate, 0.4, grid.rate / 2.2) for joint in MAIN_JOINTS], axis=1
    )
    counted = np.isfinite(fast[:, :, 0]).sum(axis=1) >= 5
    common = np.zeros((n, 2))
    spread = np.full(n, np.inf)
    if counted.any():
        common[counted] = np.nanmedian(fast[counted], axis=1)
        rest = np.hypot(*np.moveaxis(fast[counted] - common[counted][:, None], 2, 0))
        spread[counted] = np.nanpercentile(rest, 80, axis=1)
    window = grid.rows(1.0)
    size = np.sqrt(moving((common**2).sum(axis=1), window, "mean"))
    rest_size = moving(np.where(np.isfinite(spread), spread, np.nan), window, "mean")
    moves = (size > limit("camera_motion") * unit) & (rest_size < limit("camera_share") * size)
    moves &= counted
    weight = moving(moves.astype(float), grid.rows(0.3), "mean")
    return common * weight[:, None]


def _walks(grid: Grid, shoulders: Floats, unit: float) -> Mask:
    """A mask (n,) of the seconds around which the shoulders end up more than a step from where they were, so
    that arms and legs swing with the gait."""
    half = grid.rows(limit("walk_seconds") / 2)
    slow = np.stack([moving(column, grid.rows(1.0), "median") for column in shoulders.T], axis=1)
    gone = np.zeros(len(slow))
    if len(slow) > 2 * half:
        gone[half:-half] = np.hypot(*(slow[2 * half :] - slow[: -2 * half]).T) / unit
    return widened(np.nan_to_num(gone) > limit("walk_distance"), half)


def _noise(joints: Floats, grid: Grid, unit: float) -> Floats:
    """The jitter of each joint (33,) peak to peak in shoulder widths: the tenth percentile over one-second
    windows, 1–8 Hz."""
    result = np.full(joints.shape[1], np.nan)
    for joint in range(joints.shape[1]):
        fast = band(joints[:, joint], grid.rate, 1.0, min(8.0, grid.rate / 2.2))
        power = moving((fast**2).sum(axis=1), grid.rows(1.0), "mean")
        result[joint] = 2 * np.sqrt(2) * np.sqrt(percentile(power, 10)) / unit
    return np.minimum(np.nan_to_num(result, nan=0.0), limit("largest_noise"))
