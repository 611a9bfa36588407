"""Patients made of numbers for the signal reader: how they move, what is heard, what is answered of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from app.core.enhance.pose_track import FACE_COLUMN, FACE_POINTS, PoseTrack
from app.core.readers.signal.reader import signal_reading
from app.core.reading import Reading, RecordingIdentity
from app.core.semiology import Answer

Floats = npt.NDArray[np.float64]
Course = Callable[[Floats], Floats]
WIDTH = 120.0  # px between the shoulders


def still(value: float) -> Course:
    return lambda t: np.full_like(t, value)


def held(rest: float, value: float, start: float, end: float, way: float = 0.5) -> Course:
    """From rest to a value within `way` seconds, held, and back."""

    def course(t: Floats) -> Floats:
        share = np.clip((t - start) / way, 0, 1) * np.clip((end - t) / way, 0, 1)
        return rest + (value - rest) * share * share * (3 - 2 * share)

    return course


NONE, FULL = still(0.0), still(1.0)


@dataclass(frozen=True, eq=False)
class Patient:
    """Angles of the arms (degrees; `away` from the trunk, `bend` at the elbow), of head and face."""

    seconds: float = 30.0
    fps: float = 30.0
    bend: dict[str, Course] = field(default_factory=dict)
    away: dict[str, Course] = field(default_factory=dict)
    yaw: Course = NONE
    lid: Course = FULL
    jaw: Course = NONE
    gaze: Course = field(default=lambda t: 0.12 * np.sign(np.sin(2 * np.pi * t / 3.1)))
    pull_left: Course = NONE
    pull_right: Course = NONE
    sway: Course = NONE
    leg: Course = NONE
    shake: Course = NONE
    jitter: float = 0.25
    mesh_jitter: float = 0.15
    has_face: bool = True


def track(patient: Patient) -> PoseTrack:
    """The patient as the detectors would find it, with their jitter."""
    n = round(patient.seconds * patient.fps)
    t = np.arange(n) / patient.fps
    noise = np.random.default_rng(1)
    joints = np.zeros((n, 33, 3))
    joints[:, :, 2] = 0.95
    trunk = np.stack([patient.sway(t), np.zeros(n)], axis=1)
    for side, sign, base in (("left", 1, 0), ("right", -1, 1)):
        away = np.radians(patient.away.get(side, still(17.0))(t))
        fore = away - np.radians(patient.bend.get(side, still(38.0))(t))
        shoulder = np.array([400 + sign * WIDTH / 2, 150]) + trunk
        elbow = shoulder + 90 * np.stack([sign * np.sin(away), np.cos(away)], axis=1)
        wrist = elbow + 78 * np.stack([sign * np.sin(fore), np.cos(fore)], axis=1)
        hip = np.array([400 + sign * 35, 320]) + trunk * 0.5
        knee = np.array([400 + sign * 45, 410]) + np.stack([np.zeros(n), -patient.leg(t)], axis=1)
        ankle = np.full((n, 2), [400 + sign * 45, 500.0])
        places = (shoulder, elbow, wrist, hip, knee, ankle)
        for joint, place in zip((11, 13, 15, 23, 25, 27), places, strict=True):
            joints[:, joint + base, :2] = place
        joints[:, 19 + base, :2] = wrist + (wrist - elbow) * 0.2
        joints[:, 7 + base, :2] = np.array([400 + sign * 28, 78])
    joints[:, [0, 9, 10], :2] = [[400, 85], [406, 105], [394, 105]]
    joints[:, :, :2] += np.stack([patient.shake(t), patient.shake(t)], axis=1)[:, None]
    joints[:, :, :2] += noise.normal(0, patient.jitter, (n, 33, 2))
    face = _face(patient, t) + noise.normal(0, patient.mesh_jitter, (n, len(FACE_POINTS), 3))
    face[:, :, :2] += np.stack([patient.shake(t), patient.shake(t)], axis=1)[:, None]
    if not patient.has_face:
        face[:] = np.nan
    return PoseTrack(
        times=t,
        width=800,
        height=600,
        joints=joints.astype(np.float32),
        world=np.full((n, 33, 3), np.nan, np.float32),
        face=face.astype(np.float32),
        people=np.ones(n, np.int16),
        brightness=np.full(n, 120, np.float32),
    )


def _face(patient: Patient, t: Floats) -> Floats:
    """A face 90 px between the outer corners of the eyes, turned by its yaw."""
    n = len(t)
    points = np.zeros((n, len(FACE_POINTS), 3))

    def put(index: int, x: float | Floats, y: float | Floats, z: float = 0.0) -> None:
        points[:, FACE_COLUMN[index]] = np.stack(np.broadcast_arrays(x, y, np.full(n, z)), axis=1)

    lid, jaw, pull = patient.lid(t), patient.jaw(t), patient.pull_left(t)
    for outer, inner, iris, tops, bottoms, sign in (
        (33, 133, 468, (159, 158, 160), (145, 153, 144), -1),
        (263, 362, 473, (386, 385, 387), (374, 380, 373), 1),
    ):
        put(outer, sign * 45, 0)
        put(inner, sign * 15, 0)
        put(iris, sign * 30 + 30 * patient.gaze(t), 0)
        for top, bottom in zip(tops, bottoms, strict=True):
            put(top, sign * 30, -5 * lid)
            put(bottom, sign * 30, 5 * lid)
    for index, y, z in ((168, 0, -10), (6, 10, -20), (4, 40, -45), (2, 45, -30), (10, -60, 0)):
        put(index, 0, y, z)
    put(13, 0, 65 - jaw * 4)
    put(14, 0, 66 + jaw * 14)
    put(152, 0, 105 + jaw * 18)
    for index, sign in ((291, 1), (61, -1), (425, 1), (205, -1), (411, 1), (187, -1)):
        drawn = pull if sign > 0 else patient.pull_right(t)
        put(index, sign * (25 + 10 * drawn), 66 - 9 * drawn)
    a = np.radians(patient.yaw(t))[:, None]
    across, ahead = points[:, :, 0].copy(), points[:, :, 2].copy()
    points[:, :, 0] = across * np.cos(a) - ahead * np.sin(a)
    points[:, :, 2] = across * np.sin(a) + ahead * np.cos(a)
    return np.asarray(points + np.array([400, 60, 0]))


@lru_cache(maxsize=32)
def read(patient: Patient, sound: npt.NDArray[np.float32] | None = None) -> Reading:
    return signal_reading(RecordingIdentity("x.mp4", "0" * 64, patient.seconds), track(patient), sound)


def answer(patient: Patient, feature: str) -> Answer:
    return read(patient).answer(feature)


def blinking(t: Floats, at: npt.ArrayLike) -> Floats:
    """Lids that close for a fifth of a second at these times."""
    distance = np.abs(t[:, None] - np.asarray(at)[None]).min(axis=1)
    return np.asarray(1 - 0.85 * (distance < 0.1))


ORDINARY = Patient(lid=lambda t: blinking(t, np.arange(1.5, 60, 3.7)))
"""Sits, looks around, blinks as everybody does."""


def calm(**changed: object) -> Patient:
    return replace(ORDINARY, **changed)  # type: ignore[arg-type]  # fields by name


def jerk(t: Floats, rate: float) -> Floats:
    phase = (t * rate) % 1.0
    return np.where(phase < 0.3, phase / 0.3, np.clip(1 - (phase - 0.3) / 0.6, 0, 1))


def during(t: Floats, start: float, end: float) -> Floats:
    return ((t >= start) & (t <= end)).astype(float)


def heard(patient: Patient, feature: str) -> Answer:
    """The answer with the sound of a quiet room."""
    return heard_reading(patient).answer(feature)


def heard_reading(patient: Patient) -> Reading:
    """All answers with the sound of a quiet room."""
    identity = RecordingIdentity("x.mp4", "0" * 64, patient.seconds)
    return signal_reading(identity, track(patient), quiet(patient))


def quiet(patient: Patient) -> npt.NDArray[np.float32]:
    """The sound of a room in which nobody speaks."""
    noise = np.random.default_rng(2).normal(0, 0.001, round(patient.seconds * 16_000))
    return np.asarray(noise, np.float32)


CLONIC = calm(
    bend={"left": lambda t: 40 + 30 * jerk(t, 2.6) * during(t, 10, 19)},
    away={"left": lambda t: 20 + 10 * jerk(t, 2.6) * during(t, 10, 19)},
)

FIGURE4 = calm(
    bend={"left": held(38, 4, 10, 19), "right": held(38, 122, 10.6, 19)},
    away={"left": held(17, 65, 10, 19), "right": held(17, 42, 10.6, 19)},
)
