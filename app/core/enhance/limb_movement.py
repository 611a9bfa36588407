"""How much the patient's limbs move, from the pose track: to find where to look, not to judge."""

from __future__ import annotations

import warnings

import numpy as np
import numpy.typing as npt

from app.core.enhance.pose_track import Joint, PoseTrack

_LIMBS = (
    *(Joint.LEFT_ELBOW, Joint.RIGHT_ELBOW, Joint.LEFT_WRIST, Joint.RIGHT_WRIST),
    *(Joint.LEFT_KNEE, Joint.RIGHT_KNEE, Joint.LEFT_ANKLE, Joint.RIGHT_ANKLE),
)
_APART = 0.2
_SEEN = 0.5
_FASTEST = 15.0
"""Shoulder widths/s; faster is a tracker that changes bodies."""


def limb_movement(track: PoseTrack) -> npt.NDArray[np.float32]:
    """The mean speed (n,) of elbows, wrists, knees and ankles that are seen, in shoulder widths/s over 0.2 s.

    NaN where none is, and where the figure is not surely the patient's. The reader's own measures are others:
    they are freed of camera motion and noise, and judged limb by limb.
    """
    times, unsure = track.times, ~track.confirmed
    n = len(times)
    result = np.full(n, np.nan, np.float32)
    steps = np.diff(times)
    steps = steps[steps > 0]
    if n < 2 or not len(steps):
        return result
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # rows in which nothing was found
        apart = track.joint(Joint.LEFT_SHOULDER) - track.joint(Joint.RIGHT_SHOULDER)
        apart[unsure] = np.nan
        width = float(np.nanpercentile(np.hypot(*apart.T), 70))
    if not np.isfinite(width) or width <= 0:
        return result
    rows = min(max(1, round(_APART / float(np.median(steps)))), n - 1)
    limbs = track.joints[:, list(_LIMBS)]
    limbs[unsure] = np.nan
    places = np.where(limbs[:, :, 2:] >= _SEEN, limbs[:, :, :2], np.nan)
    seconds = np.maximum(times[rows:] - times[:-rows], 1e-3)
    speed = np.hypot(*np.moveaxis(places[rows:] - places[:-rows], 2, 0)) / width / seconds[:, None]
    speed[speed > _FASTEST] = np.nan
    known = np.isfinite(speed)
    counts = known.sum(axis=1)
    mean = np.where(known, speed, 0.0).sum(axis=1) / np.maximum(counts, 1)
    result[rows // 2 : rows // 2 + len(mean)] = np.where(counts > 0, mean, np.nan)
    return result
