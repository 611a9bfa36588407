"""Pose tracks that are made, not found: somebody in the middle of the picture whose wrist moves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from app.core.enhance.pose_track import FACE_POINTS, PoseTrack

DURATION = 60.0
RATE = 30.0


def a_pose_track(seconds: float = DURATION, *, width: int = 640, height: int = 360) -> PoseTrack:
    """A person in the middle of the picture whose left wrist moves at 3 Hz; found in every frame."""
    times = np.arange(round(seconds * RATE)) / RATE
    n = len(times)
    joints = np.full((n, 33, 3), np.nan, np.float32)
    joints[:, :, 2] = 0.9
    for joint, (x, y) in _STANDING.items():
        joints[:, joint, 0] = x * width
        joints[:, joint, 1] = y * height
    joints[:, 15, 1] += (0.08 * height * np.sin(2 * np.pi * 3 * times)).astype(np.float32)
    angle = np.linspace(0, 2 * np.pi, len(FACE_POINTS), endpoint=False)
    face = np.zeros((n, len(FACE_POINTS), 3), np.float32)
    face[:, :, 0] = width * (0.5 + 0.04 * np.cos(angle))
    face[:, :, 1] = height * (0.2 + 0.09 * np.sin(angle))
    return PoseTrack(
        times=times,
        width=width,
        height=height,
        joints=joints,
        world=np.zeros((n, 33, 3), np.float32),
        face=face,
        people=np.ones(n, np.int16),
        brightness=np.full(n, 100, np.float32),
    )


def without(track: PoseTrack, rows: slice) -> PoseTrack:
    """The same track with nobody found in some frames."""
    joints, face = track.joints.copy(), track.face.copy()
    joints[rows] = np.nan
    face[rows] = np.nan
    return replace(track, joints=joints, face=face)


_STANDING = {
    **{0: (0.5, 0.2), 11: (0.57, 0.34), 12: (0.43, 0.34), 13: (0.64, 0.48), 14: (0.36, 0.48)},
    **{15: (0.68, 0.6), 16: (0.33, 0.62), 23: (0.55, 0.62), 24: (0.45, 0.62), 25: (0.57, 0.78)},
    **{26: (0.43, 0.78), 27: (0.58, 0.94), 28: (0.42, 0.94), 31: (0.6, 0.97), 32: (0.4, 0.97)},
}
