"""The patient's posture at one moment: joint angles and facial muscles, and the resulting joint positions."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from app.core.phantom.painting import Points
from app.core.semiology import Laterality

SIDES = (Laterality.LEFT, Laterality.RIGHT)


@dataclass(slots=True)
class Arm:
    """The posture of an arm, in degrees: `away` of the upper arm from hanging down, `bend` of the elbow (0 is
    straight) and `wrist`; `inward` 1 folds the forearm across the body, -1 outward and up; `reach` shortens
    the upper arm as it lifts towards the camera (1 is in the plane of the picture); `grip` closes the hand
    (0–1)."""

    away: float = 26.0
    bend: float = 34.0
    inward: float = 1.0
    reach: float = 1.0
    grip: float = 0.25
    wrist: float = 0.0


@dataclass(slots=True)
class Leg:
    """The posture of a leg: `spread` of the knee from the midline, `lift` of the knee and `slide` of the foot
    (scene units), `point` of the toes (0–1)."""

    spread: float = 0.0
    lift: float = 0.0
    slide: float = 0.0
    point: float = 0.0


@dataclass(slots=True)
class FaceHalf:
    """The muscles of one side of the face: `lid` is the opening of the eye (1 is open), `corner_out` and
    `corner_up` pull the corner of the mouth, `cheek` and `brow` lift (all about 0–1)."""

    lid: float = 1.0
    corner_out: float = 0.0
    corner_up: float = 0.0
    cheek: float = 0.0
    brow: float = 0.0


@dataclass(slots=True)
class Posture:
    """The whole posture. Head angles in degrees (`yaw` positive to the patient's left), gaze −1…1 (positive
    to the patient's left and down), `jaw` 0–1, trunk shifts in scene units, `lean` in degrees, `thrust` of
    the hips in scene units, `breath` 0–1."""

    arms: dict[Laterality, Arm] = field(default_factory=lambda: {side: Arm() for side in SIDES})
    legs: dict[Laterality, Leg] = field(default_factory=lambda: {side: Leg() for side in SIDES})
    face: dict[Laterality, FaceHalf] = field(default_factory=lambda: {side: FaceHalf() for side in SIDES})
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    gaze_x: float = 0.0
    gaze_y: float = 0.0
    jaw: float = 0.0
    jaw_side: float = 0.0
    pucker: float = 0.0
    trunk_x: float = 0.0
    trunk_y: float = 0.0
    lean: float = 0.0
    thrust: float = 0.0
    breath: float = 0.0
    phone: Laterality | None = None
    cup: Laterality | None = None


@dataclass(frozen=True, slots=True)
class LimbJoints:
    """The joints of an arm (shoulder, elbow, wrist, fingers) or a leg (hip, knee, ankle, toes), each (2,)."""

    root: Points
    middle: Points
    end: Points
    tip: Points


@dataclass(frozen=True, slots=True)
class BodyJoints:
    """Positions of the joints in scene units; `lean` of the trunk in degrees."""

    head: Points
    neck: Points
    arms: dict[Laterality, LimbJoints]
    legs: dict[Laterality, LimbJoints]
    lean: float


HEAD_HEIGHT = 84.0
_UPPER_ARM, _FOREARM, _HAND = 94.0, 80.0, 40.0
_SHOULDER_X, _SHOULDER_Y = 64.0, 150.0
_HIP_X, _HIP_Y = 36.0, 280.0
_KNEE_X, _KNEE_Y = 56.0, 364.0
_ANKLE_X, _ANKLE_Y = 50.0, 438.0


def outward(side: Laterality) -> float:
    """The sign of x away from the midline: +1 for the patient's left, which is on the picture's right."""
    return 1.0 if side is Laterality.LEFT else -1.0


def joints(posture: Posture, build: float) -> BodyJoints:
    """The joints of a posture in scene units, for a body `build` times as broad as the mean."""
    turn = np.deg2rad(posture.lean)
    cos, sin = np.cos(turn), np.sin(turn)
    hips = np.array([posture.trunk_x * 0.4, _HIP_Y - posture.thrust + posture.trunk_y * 0.5])

    def lean(x: float, y: float) -> Points:
        dx, dy = x, y - _HIP_Y
        return np.array(
            [
                dx * cos - dy * sin + posture.trunk_x,
                _HIP_Y + dx * sin + dy * cos + posture.trunk_y - posture.thrust * 0.12,
            ]
        )

    breath = -1.6 * posture.breath
    return BodyJoints(
        head=lean(0.0, 80.0 + breath),
        neck=lean(0.0, _SHOULDER_Y - 8 + breath),
        arms={
            side: _arm(
                lean(outward(side) * _SHOULDER_X * build, _SHOULDER_Y + breath), posture.arms[side], side
            )
            for side in SIDES
        },
        legs={side: _leg(hips, posture.legs[side], side, build, posture.thrust) for side in SIDES},
        lean=posture.lean,
    )


def _arm(shoulder: Points, arm: Arm, side: Laterality) -> LimbJoints:
    away = np.deg2rad(arm.away)
    fore = away - np.deg2rad(arm.bend) * arm.inward
    hand = fore - np.deg2rad(arm.wrist) * arm.inward
    elbow = shoulder + _direction(away, side) * _UPPER_ARM * arm.reach
    wrist = elbow + _direction(fore, side) * _FOREARM
    return LimbJoints(shoulder, elbow, wrist, wrist + _direction(hand, side) * _HAND)


def _direction(angle: float, side: Laterality) -> Points:
    return np.array([outward(side) * np.sin(angle), np.cos(angle)])


def _leg(hips: Points, leg: Leg, side: Laterality, build: float, thrust: float) -> LimbJoints:
    out = outward(side)
    hip = hips + np.array([out * _HIP_X * build, 0.0])
    knee = np.array([out * (_KNEE_X + leg.spread), _KNEE_Y - leg.lift - 0.35 * thrust])
    ankle = np.array([out * (_ANKLE_X + leg.spread * 0.7), _ANKLE_Y - leg.slide])
    toes = ankle + np.array([out * 9.0, 25.0 + 6.0 * leg.point])
    return LimbJoints(hip, knee, ankle, toes)
