"""The pose track of a phantom straight from its script, without drawing it and looking for it again.

The joints and the points of the face that the signal reader measures are placed where the script says, with
the jitter of detectors and parts that are missed for a while. It is a hundredth of the work of a drawn
phantom; it says what learning adds to rules on clean measures, and less than a drawn one about detectors.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from app.core.enhance.pose_track import FACE_COLUMN, FACE_POINTS, Joint, PoseTrack
from app.core.phantom.motion import posture_at
from app.core.phantom.posture import BodyJoints, Posture, joints, outward
from app.core.phantom.script import PhantomScript
from app.core.semiology import Laterality

Floats = npt.NDArray[np.float64]

_SCALE = 1.05
_MIDDLE = 427.0
_EYES = 45.0
"""Pixels from the middle of the face to the outer corner of an eye."""
_LIDS = ((33, 133, 468, (159, 158, 160), (145, 153, 144)), (263, 362, 473, (386, 385, 387), (374, 380, 373)))
_SIDES = (Laterality.RIGHT, Laterality.LEFT)


def scripted_track(script: PhantomScript) -> PoseTrack:
    """The track of a script, always the same for the same script."""
    times = np.arange(script.frames) / script.fps
    generator = np.random.default_rng([script.seed, 21])
    postures = [posture_at(script, float(second)) for second in times]
    places = np.stack([_joints(joints(one, script.appearance.build)) for one in postures])
    faces = np.stack([_face(one) for one in postures])
    faces[:, :, :2] += places[:, Joint.NOSE, None, :2] - [0.0, 25.0]
    places[:, :, :2] += generator.normal(0, generator.uniform(0.3, 1.0), places[:, :, :2].shape)
    faces += generator.normal(0, generator.uniform(0.1, 0.35), faces.shape)
    faces[_missed(len(times), script.fps, generator)] = np.nan
    for joint in (Joint.LEFT_WRIST, Joint.RIGHT_WRIST, Joint.LEFT_ELBOW, Joint.RIGHT_ELBOW):
        places[_missed(len(times), script.fps, generator), joint, 2] = 0.2
    return PoseTrack(
        times=times,
        width=854,
        height=480,
        joints=places.astype(np.float32),
        world=np.full((len(times), 33, 3), np.nan, np.float32),
        face=faces.astype(np.float32),
        people=np.ones(len(times), np.int16),
        brightness=np.full(len(times), 120, np.float32),
    )


def _missed(frames: int, fps: float, generator: np.random.Generator) -> npt.NDArray[np.bool_]:
    """(n,): stretches of up to two seconds in which a part was not found, none in half of the recordings."""
    missed = np.zeros(frames, dtype=bool)
    for start in generator.integers(0, frames, size=int(generator.integers(0, 5))):
        missed[start : start + int(generator.uniform(0.1, 2.0) * fps)] = generator.random() < 0.5
    return missed


def _joints(body: BodyJoints) -> Floats:
    """(33, 3): x, y in pixels and visibility."""
    found = np.zeros((33, 3))
    for side in _SIDES:
        right = side is Laterality.RIGHT
        arm, leg, sign = body.arms[side], body.legs[side], outward(side)
        for joint, place in (
            (Joint.LEFT_SHOULDER, arm.root), (Joint.LEFT_ELBOW, arm.middle), (Joint.LEFT_WRIST, arm.end),
            (Joint.LEFT_INDEX, arm.tip), (Joint.LEFT_PINKY, arm.tip), (Joint.LEFT_THUMB, arm.end),
            (Joint.LEFT_HIP, leg.root), (Joint.LEFT_KNEE, leg.middle), (Joint.LEFT_ANKLE, leg.end),
            (Joint.LEFT_HEEL, leg.end), (Joint.LEFT_FOOT_INDEX, leg.tip),
            (Joint.LEFT_EAR, body.head + np.array([sign * 29, 4])),
        ):  # fmt: skip
            found[joint + right, :2] = place
        for joint in (Joint.LEFT_EYE_INNER, Joint.LEFT_EYE, Joint.LEFT_EYE_OUTER):
            found[joint + 3 * right, :2] = body.head + np.array([sign * 13, 1])
        found[Joint.MOUTH_LEFT + right, :2] = body.head + np.array([sign * 8, 28])
    found[Joint.NOSE, :2] = body.head + np.array([0, 10])
    found[:, :2] = found[:, :2] * _SCALE + [_MIDDLE, 0]
    found[:, 2] = 0.95
    return found


def _face(posture: Posture) -> Floats:
    """(points, 3): the points that are measured, around the middle between the eyes; the others are there."""
    points = np.zeros((len(FACE_POINTS), 3))

    def put(index: int, x: float, y: float, z: float = 0.0) -> None:
        points[FACE_COLUMN[index]] = x, y, z

    for (outer, inner, iris, tops, bottoms), side in zip(_LIDS, _SIDES, strict=True):
        half, sign = posture.face[side], outward(side)
        put(outer, sign * _EYES, 0)
        put(inner, sign * 15, 0)
        put(iris, sign * 30 + 7 * posture.gaze_x, 4 * posture.gaze_y)
        for top, bottom in zip(tops, bottoms, strict=True):
            put(top, sign * 30, -5 * half.lid)
            put(bottom, sign * 30, 5 * half.lid)
        for index in (61, 205, 187) if side is Laterality.RIGHT else (291, 425, 411):
            put(
                index,
                sign * (25 - 5 * posture.pucker + 16 * half.corner_out),
                66 - 16 * half.corner_up + 3 * posture.jaw,
            )
    for index, y, z in ((168, 0, -10), (6, 10, -20), (4, 40, -45), (2, 45, -30), (10, -60, 0)):
        put(index, 0, y, z)
    put(13, 0, 65 - 3 * posture.jaw)
    put(14, 7 * posture.jaw_side, 66 + 20 * posture.jaw)
    put(152, 7 * posture.jaw_side, 105 + 20 * posture.jaw)
    return _turned(points, posture.yaw, posture.pitch)


def _turned(points: Floats, yaw: float, pitch: float) -> Floats:
    a, b = np.radians(yaw), np.radians(pitch)
    across, down, ahead = points.T
    across, ahead = across * np.cos(a) - ahead * np.sin(a), across * np.sin(a) + ahead * np.cos(a)
    down, ahead = down * np.cos(b) - ahead * np.sin(b), down * np.sin(b) + ahead * np.cos(b)
    return np.stack([across, down, ahead], axis=1)
