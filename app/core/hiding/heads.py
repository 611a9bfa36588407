"""Where heads are in a picture: what the detector of faces finds, and the patient's head by face and pose.

Each head is a disc that is larger than the head, because it has been measured with an error and moves on.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from app.core.enhance.pose_track import Joint, PoseTrack
from app.core.hiding.face_detector import FoundFace

Image = npt.NDArray[np.uint8]

NEAR = 0.25
"""Seconds before and after in which a head's places all count: heads jerk, and detectors lag."""
SURE = 0.4
"""Score from which what the detector found is a face."""
_HEAD_JOINTS = tuple(range(Joint.MOUTH_RIGHT + 1))
_SEEN = 0.5
_HEAD_PER_FACE = 1.3
"""Height of a head, hair and all, in longer sides of its face."""
_GROWN, _GROWN_BY_MESH, _GROWN_BY_POSE = 0.75, 0.85, 1.2
"""Radius of what is covered, in heads: by the detector, by the mesh of the face, by the pose alone."""
_SAME = 0.6
"""Two heads whose centres are nearer than this (in heads) are one."""


@dataclass(frozen=True, slots=True)
class Head:
    """A head: centre, its own height and the radius of the disc that covers it, in pixels of the picture.

    `sure`: a face was found, or a person tracked; else something only may be a head.
    """

    x: float
    y: float
    size: float
    radius: float
    patient: bool = False
    sure: bool = True

    def distance(self, other: Head) -> float:
        """How far apart the centres are, in heads of the larger."""
        return math.hypot(self.x - other.x, self.y - other.y) / max(self.size, other.size)


def heads_of_faces(faces: Iterable[FoundFace], tracked: Iterable[Head] = ()) -> tuple[Head, ...]:
    """The heads of the faces found in a picture; the patient's is the one nearest to where it is tracked."""
    heads = [
        Head(
            face.x,
            face.y,
            face.size * _HEAD_PER_FACE,
            face.size * _HEAD_PER_FACE * _GROWN,
            sure=face.score >= SURE,
        )
        for face in faces
    ]
    known = [head for head in tracked if head.patient]
    pairs = [(head.distance(other), number) for number, head in enumerate(heads) for other in known]
    nearest, number = min(pairs, default=(math.inf, -1))
    if nearest < _SAME:
        heads[number] = replace(heads[number], patient=True, sure=True)
    return tuple(heads)


def heads_of_track(track: PoseTrack | None, seconds: float, image: Image) -> tuple[Head, ...]:
    """The places of the heads of the tracked people within `NEAR` of `seconds`, in pixels of `image`."""
    if track is None or not len(track.times):
        return ()
    near = np.flatnonzero(np.abs(track.times - seconds) <= NEAR + 1e-6)
    row = track.row_at(seconds)
    rows = sorted({*near.tolist(), *([row] if row is not None else [])})
    return tuple(head for each in rows for head in heads_in_row(track, each, image))


def heads_in_row(track: PoseTrack, row: int, image: Image) -> list[Head]:
    """The head of one row by the face and by the pose, as far as both are numbers."""
    from app.core.enhance.face_follower import head_of_face, head_of_pose
    from app.core.enhance.patient_tracking import PersonPose

    found = []
    if track.face_found[row]:
        found.append((head_of_face(track.face[row]), _GROWN_BY_MESH))
    if track.found[row] and _head_seen(track, row):
        by_pose = head_of_pose(PersonPose(track.joints[row], track.world[row]))
        found.append((by_pose, _GROWN_BY_MESH if track.face_found[row] else _GROWN_BY_POSE))
    across, down = image.shape[1] / track.width, image.shape[0] / track.height
    heads = []
    for head, grown in found:
        size = head.size * max(across, down)
        if np.isfinite([head.x, head.y, size]).all() and size > 1.0:
            heads.append(Head(head.x * across, head.y * down, size, size * grown, patient=True))
    return heads


def _head_seen(track: PoseTrack, row: int) -> bool:
    joints = track.joints[row, _HEAD_JOINTS]
    return bool(np.isfinite(joints).all() and joints[:, 2].max() >= _SEEN)
