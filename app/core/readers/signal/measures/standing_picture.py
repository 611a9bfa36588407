"""Frames in which the picture does not change at all: a photograph, or a file that stands still.

Only a picture that is repeated exactly counts. A patient who rests, in coma or asleep, still breathes: that
changes the mean light of the picture by little, but hardly ever by nothing for several seconds.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from app.core.enhance.pose_track import PoseTrack
from app.core.readers.signal.measures.series import Floats, Mask, runs
from app.core.readers.signal.thresholds import limit


def standing_still(track: PoseTrack) -> Mask:
    """A mask (n,) of frames of stretches in which each frame is as light as the one before, exactly, and no
    landmark that was found moves."""
    result = np.zeros(len(track.times), dtype=bool)
    for start, stop in runs(np.diff(track.brightness) == 0):
        # Steps `start` to `stop` - 1 are the frames `start` to `stop`.
        if not _lasts(track, start, stop):
            continue
        still = _farthest_step(track, slice(start, stop + 1)) <= limit("same_picture_step")
        for first, last in runs(still):
            if _lasts(track, start + first, start + last):
                result[start + first : start + last + 1] = True
    return result


def _lasts(track: PoseTrack, first: int, last: int) -> bool:
    return bool(track.times[last] - track.times[first] >= limit("same_picture_seconds"))


def _farthest_step(track: PoseTrack, frames: slice) -> Floats:
    """How far (px) the landmark that moves most went from the frame before, for all but the first of the
    frames; NaN where none was found in both."""
    joints = track.joints[frames].astype(np.float64)
    seen = np.nan_to_num(joints[:, :, 2]) >= limit("joint_visibility")
    places = np.where(seen[:, :, None], joints[:, :, :2], np.nan)
    return np.fmax(_largest(places), _largest(track.face[frames, :, :2].astype(np.float64)))


def _largest(places: npt.NDArray[np.float64]) -> Floats:
    """The largest step of the places (n, k, 2) to the next frame, (n - 1,); NaN without any."""
    steps = np.hypot(*np.moveaxis(np.diff(places, axis=0), 2, 0))
    found = np.isfinite(steps).any(axis=1)
    return np.where(found, np.nan_to_num(steps, nan=-1.0).max(axis=1), np.nan)
