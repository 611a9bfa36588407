"""Where the drawn patient really is: a pose track and the head's pixels by the drawing, not by a detector."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from app.core.enhance.pose_track import (
    FACE_COLUMN,
    FACE_OVAL,
    FACE_POINTS,
    IRISES,
    NOSE_LINE,
    Joint,
    PoseTrack,
)
from app.core.phantom.head import head_matrix, paint_head, rotation
from app.core.phantom.head_patch import PATCH, HeadPatch
from app.core.phantom.motion import posture_at
from app.core.phantom.painting import Canvas, Points, canvas_matrix
from app.core.phantom.posture import BodyJoints, Posture, joints
from app.core.phantom.script import PhantomScript
from app.core.semiology import Laterality

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]

# In head coordinates (app.core.phantom.head): heads to the patient's left, down and ahead.
_EYE, _MOUTH, _EAR, _NOSE = (0.16, -0.05, 0.3), (0.09, 0.27, 0.32), (0.36, 0.0, -0.05), (0.0, 0.1, 0.42)
_FACE_MIDDLE, _FACE_HALF, _FACE_AHEAD = 0.08, (0.33, 0.42), 0.2

_HEAD_POINTS = {
    Joint.NOSE: (_NOSE, 0),
    **dict.fromkeys((Joint.LEFT_EYE_INNER, Joint.LEFT_EYE, Joint.LEFT_EYE_OUTER), (_EYE, 1)),
    **dict.fromkeys((Joint.RIGHT_EYE_INNER, Joint.RIGHT_EYE, Joint.RIGHT_EYE_OUTER), (_EYE, -1)),
    Joint.LEFT_EAR: (_EAR, 1),
    Joint.RIGHT_EAR: (_EAR, -1),
    Joint.MOUTH_LEFT: (_MOUTH, 1),
    Joint.MOUTH_RIGHT: (_MOUTH, -1),
}


def known_track(script: PhantomScript, times: Sequence[float]) -> PoseTrack:
    """The track of a detector that makes no mistake: one person, pose and face in every picture."""
    postures = [posture_at(script, time) for time in times]
    n, (width, height) = len(postures), script.size
    return PoseTrack(
        np.array(times, np.float64),
        width,
        height,
        np.array([_joints(script, posture) for posture in postures], np.float32),
        np.zeros((n, 33, 3), np.float32),
        np.array([_face(script, posture) for posture in postures], np.float32),
        np.ones(n, np.int16),
        np.full(n, 128.0, np.float32),
    )


def head_pixels(script: PhantomScript, seconds: float) -> Mask:
    """(h, w) every pixel to which the drawn head, hair and ears included, gives anything."""
    posture = posture_at(script, seconds)
    _image, coverage = paint_head(posture, script.appearance)
    drawn = cv2.warpAffine(coverage, _to_picture(script, posture), script.size, flags=cv2.INTER_LINEAR)
    return np.asarray(drawn > 0)


def grown(mask: Mask, share: float) -> Mask:
    """The mask with a margin of that share of its height all round."""
    reach = round(share * float(np.ptp(np.flatnonzero(mask.any(axis=1)))))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    return np.asarray(cv2.dilate(mask.astype(np.uint8), kernel) > 0)


def _body(script: PhantomScript, posture: Posture) -> BodyJoints:
    return joints(posture, script.appearance.build)


def _to_picture(script: PhantomScript, posture: Posture) -> Points:
    body, (matrix, scale) = _body(script, posture), canvas_matrix(script.camera, script.size)
    return head_matrix(body.head, posture.roll + body.lean, matrix, scale)


def _of_head(script: PhantomScript, posture: Posture, points: Points) -> Points:
    """(n, 3) head coordinates as (n, 2) pixels of the picture."""
    patch = HeadPatch(
        np.zeros((PATCH, PATCH, 3), np.uint8), rotation(posture.yaw, posture.pitch), script.appearance
    )
    matrix = _to_picture(script, posture)
    return np.asarray(patch.pixels(points) @ matrix[:, :2].T + matrix[:, 2])


def _joints(script: PhantomScript, posture: Posture) -> Floats:
    body = _body(script, posture)
    places: dict[Joint, Points] = {}
    for side in (Laterality.LEFT, Laterality.RIGHT):
        arm, leg = body.arms[side], body.legs[side]
        parts = {
            "SHOULDER": arm.root,
            "ELBOW": arm.middle,
            "WRIST": arm.end,
            **dict.fromkeys(("PINKY", "INDEX", "THUMB"), arm.tip),
            "HIP": leg.root,
            "KNEE": leg.middle,
            **dict.fromkeys(("ANKLE", "HEEL"), leg.end),
            "FOOT_INDEX": leg.tip,
        }
        places |= {Joint[f"{side.name}_{part}"]: place for part, place in parts.items()}
    found = np.ones((33, 3), np.float32)
    matrix, scale = canvas_matrix(script.camera, script.size)
    canvas = Canvas(np.zeros((1, 1, 3), np.uint8), matrix, scale)
    found[list(places), :2] = canvas.pixels(np.array(list(places.values())))
    head = np.array([np.array(point) * (side or 1, 1, 1) for point, side in _HEAD_POINTS.values()])
    found[list(_HEAD_POINTS), :2] = _of_head(script, posture, head)
    return found


def _face(script: PhantomScript, posture: Posture) -> Floats:
    """The oval from brow to chin; everything inside it lies in its middle, but eyes and the nose's root."""
    points = np.tile(np.array([0.0, _FACE_MIDDLE, _FACE_AHEAD]), (len(FACE_POINTS), 1))
    for number, point in enumerate(FACE_OVAL):
        turn = 2 * np.pi * number / len(FACE_OVAL)
        points[FACE_COLUMN[point], :2] += np.array([np.sin(turn), -np.cos(turn)]) * _FACE_HALF
    points[FACE_COLUMN[NOSE_LINE[0]]] = (0.0, _EYE[1], _EYE[2])
    for number, point in enumerate(IRISES):
        points[FACE_COLUMN[point]] = (_EYE[0] if number >= len(IRISES) // 2 else -_EYE[0], *_EYE[1:])
    seen = _of_head(script, posture, points)
    return np.column_stack([seen, np.zeros(len(seen))]).astype(np.float32)
