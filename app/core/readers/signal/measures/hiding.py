"""Why a joint was not seen: out of the picture, at its border, covered, of somebody else."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import numpy.typing as npt

from app.core.enhance.pose_track import Joint, PoseTrack
from app.core.readers.signal.measures.series import Mask
from app.core.readers.signal.thresholds import limit


class Hiding(IntEnum):
    """Why a joint cannot be measured in a frame; `SEEN` is that it can."""

    SEEN = 0
    NOT_FOUND = 1
    OUTSIDE = 2
    AT_BORDER = 3
    COVERED = 4
    OTHER_PERSON = 5
    NOT_OF_BODY = 6
    IN_DOUBT = 7
    NO_KNEE = 8
    STILL_PICTURE = 9


HIDING_TEXTS = {
    Hiding.NOT_FOUND: "not found",
    Hiding.OUTSIDE: "out of the picture",
    Hiding.AT_BORDER: "at the border of the picture",
    Hiding.COVERED: "hidden",
    Hiding.OTHER_PERSON: "of a figure of another size, which was left out",
    Hiding.NOT_OF_BODY: "not continuous with the patient's body",
    Hiding.IN_DOUBT: "left out, because it was not certainly the patient's",
    Hiding.NO_KNEE: "placed by guess, as long as no knee is seen",
    Hiding.STILL_PICTURE: "in a picture that does not change at all",
}
"""The reasons as they follow "the left arm was"."""


def hidden_joints(track: PoseTrack) -> npt.NDArray[np.uint8]:
    """The `Hiding` of each joint in each frame, (n, 33).

    The pose model also places joints that it does not see: beyond the picture, or with a low visibility.
    """
    x, y, visibility = np.moveaxis(track.joints.astype(np.float64), 2, 0)
    size = max(track.width, track.height)
    inward = np.minimum(np.minimum(x, track.width - x), np.minimum(y, track.height - y)) / size
    result = np.full(x.shape, Hiding.SEEN, dtype=np.uint8)
    result[np.nan_to_num(visibility) < limit("joint_visibility")] = Hiding.COVERED
    result[inward < limit("border")] = Hiding.AT_BORDER
    result[inward < -limit("border")] = Hiding.OUTSIDE
    result[~np.isfinite(x)] = Hiding.NOT_FOUND
    return result


def other_persons(track: PoseTrack) -> Mask:
    """A mask (n,) of frames whose figure is far larger or smaller than the patient, so that it is not them.

    The patient's size is that of the frames in which most of the picture's height was filled for longest.
    """
    size = np.where(track.confirmed, figure_sizes(track), np.nan)
    found = np.isfinite(size)
    if not found.any():
        return np.zeros(len(size), dtype=bool)
    steps = np.arange(0.0, np.log(size[found]).max() - np.log(size[found]).min() + 0.2, 0.1)
    levels = np.log(size[found]).min() + steps
    near = np.abs(np.log(size[found])[None, :] - levels[:, None]) <= np.log(limit("same_size")) / 2
    weight = (near * size[found][None, :]).sum(axis=1)
    usual = float(np.median(size[found][near[int(np.argmax(weight))]]))
    ratio = np.where(found, size, usual) / usual
    return np.asarray((ratio > limit("same_size")) | (ratio < 1 / limit("same_size")))


def figure_sizes(track: PoseTrack) -> npt.NDArray[np.float64]:
    """The size of the figure in each frame (n,) in px, about a shoulder width from any direction; NaN without
    one."""
    xy = track.joints[:, :, :2].astype(np.float64)
    left, right = xy[:, Joint.LEFT_SHOULDER], xy[:, Joint.RIGHT_SHOULDER]
    hips = (xy[:, Joint.LEFT_HIP] + xy[:, Joint.RIGHT_HIP]) / 2
    torso = np.hypot(*((left + right) / 2 - hips).T) / limit("torso_in_shoulder_widths")
    size = np.maximum(np.hypot(*(left - right).T), torso)
    return np.asarray(np.where(size > 1, size, np.nan))
