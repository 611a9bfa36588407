"""The turn of a picture with which the patient's head is up, whatever way the patient lies."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from app.core.enhance.pose_track import FACE_COLUMN, NOSE_LINE, Joint, PoseTrack

TURN_STEP = 30
"""Degrees: turns are whole multiples of it, so that a picture stays as it is for as long as possible."""
TILTED = 50.0
"""Degrees by which the head is off before the picture is turned anew: nods and tilts are to be seen."""
SMOOTHING = 1.5
"""Standard deviation (s) of the smoothing of the head's direction."""
SETTLED = 2.0
"""Seconds after which it has to be off still: a picture that is turned is turned to where the head comes to
rest."""

_CHIN = 152
_NECK_WEIGHT = 0.5
"""From eyes to mouth is short and noisy in profile; the neck makes it more stable."""

Floats = npt.NDArray[np.float64]
Complexes = npt.NDArray[np.complex128]


def upright_turns(track: PoseTrack, rows: npt.NDArray[np.intp]) -> npt.NDArray[np.int_]:
    """(n,) degrees, 0 to 330, by which the head is turned clockwise in these rows of one shot.

    Smoothed and in steps of `TURN_STEP`; the picture, turned back by as much, has the head up. It changes
    only once the head is off by more than `TILTED`, and is 0 where the head was never seen.
    """
    times = track.times[rows]
    directions = _smooth(times, _head_directions(track, rows))
    later = directions[np.minimum(np.searchsorted(times, times + SETTLED), len(rows) - 1)]
    turns = np.zeros(len(rows), np.int_)
    turn = 0
    for number, (direction, settled) in enumerate(zip(directions, later, strict=True)):
        if min(_off(direction, turn), _off(settled, turn)) > TILTED:
            turn = round(float(np.degrees(np.angle(settled))) / TURN_STEP) * TURN_STEP % 360
        turns[number] = turn
    return turns


def _off(direction: complex, turn: int) -> float:
    """Degrees between a direction and a turn; 0 for a direction that is not known."""
    return abs(float(np.degrees(np.angle(direction * np.exp(-1j * np.radians(turn)))))) if direction else 0.0


def _head_directions(track: PoseTrack, rows: npt.NDArray[np.intp]) -> Complexes:
    """(n,) where the head's top is, by the face, else by the pose: 1 up, 1j to the picture's right, 0 where
    neither is known."""
    face = track.face[rows][:, :, :2].astype(np.float64)
    directions = _unit(face[:, FACE_COLUMN[NOSE_LINE[0]]] - face[:, FACE_COLUMN[_CHIN]])
    by_pose = _by_pose(track.joints[rows][:, :, :2].astype(np.float64))
    return np.where(np.isfinite(directions), directions, np.nan_to_num(by_pose, nan=0.0))


def _by_pose(xy: npt.NDArray[np.float64]) -> Complexes:
    eyes = (xy[:, Joint.LEFT_EYE] + xy[:, Joint.RIGHT_EYE]) / 2
    mouth = (xy[:, Joint.MOUTH_LEFT] + xy[:, Joint.MOUTH_RIGHT]) / 2
    shoulders = (xy[:, Joint.LEFT_SHOULDER] + xy[:, Joint.RIGHT_SHOULDER]) / 2
    return _unit(eyes - mouth) + _NECK_WEIGHT * _unit(xy[:, Joint.NOSE] - shoulders)


def _unit(vectors: Floats) -> Complexes:
    """(n,) the directions of (n, 2) vectors in pixels, whose y axis points down."""
    turned = -vectors[:, 1] + 1j * vectors[:, 0]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(turned / np.abs(turned))


def _smooth(times: Floats, directions: Complexes) -> Complexes:
    """Gaussian means of the known directions in time; what is not known has no weight."""
    smooth = np.empty_like(directions)
    for row, moment in enumerate(times):
        near = slice(*np.searchsorted(times, [moment - 3 * SMOOTHING, moment + 3 * SMOOTHING]))
        smooth[row] = np.exp(-0.5 * ((times[near] - moment) / SMOOTHING) ** 2) @ directions[near]
    return smooth
