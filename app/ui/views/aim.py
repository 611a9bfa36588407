"""Smoothed paths of patient and face, for the zoom and the inset."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF

from app.core.enhance.face_crop import HEAD_OF_SHOULDERS, MARGIN, SMOOTHING
from app.core.enhance.pose_track import FACE_OVAL, SKELETON, Joint, PoseTrack

_RATE = 5.0
"""Hz of the path; with its smoothing nothing faster is left in it."""
_LONGEST_STILL = 60.0
"""Seconds without a picture over which the path has no moments."""
_SEEN = 0.3
_BODY_MARGIN = 1.25
_BODY_SMOOTHING = 2.0
_BODY = sorted({joint for bone in SKELETON for joint in bone} | {Joint.NOSE})

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """A square's way through the recording: `times` (n,) s, `centres` (n, 2) and the constant `side` in
    pixels of the stored picture. The size never changes, so that a movement is never a zoom."""

    times: Floats
    centres: Floats
    side: float

    def area(self, seconds: float) -> QRectF:
        """The square at a moment, in pixels; may reach beyond the picture."""
        x, y = (float(np.interp(seconds, self.times, self.centres[:, axis])) for axis in (0, 1))
        return QRectF(x - self.side / 2, y - self.side / 2, self.side, self.side)


class Paths:
    """The paths of the patient in one track, made when they are first asked for; where it is not certain that
    the patient was followed they stay in place."""

    def __init__(self, track: PoseTrack) -> None:
        self.track = track
        self._face: list[Path | None] = []
        self._body: list[Path | None] = []

    @property
    def face(self) -> Path | None:
        if not self._face:
            self._face.append(face_path(self.track.of_patient()))
        return self._face[0]

    @property
    def body(self) -> Path | None:
        if not self._body:
            self._body.append(body_path(self.track.of_patient()))
        return self._body[0]


def face_path(track: PoseTrack) -> Path | None:
    """The face, else the head of the pose; where both are lost it stays. None when no head was found."""
    rows = _rows(track)
    oval = track.face[rows, : len(FACE_OVAL), :2].astype(np.float64)
    seen = np.isfinite(oval[:, 0, 0])
    ears = track.joints[rows][:, [Joint.LEFT_EAR, Joint.RIGHT_EAR], :2].mean(axis=1)
    centres = np.asarray((ears + track.joints[rows, Joint.NOSE, :2]) / 2, dtype=np.float64)
    if seen.any():
        low, high = oval[seen].min(axis=1), oval[seen].max(axis=1)
        centres[seen] = (low + high) / 2
        side = float(np.percentile((high - low).max(axis=1), 90)) * MARGIN
    else:
        shoulders = track.joints[rows][:, [Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER], :2]
        widths = np.linalg.norm(shoulders[:, 0] - shoulders[:, 1], axis=1)
        widths = widths[np.isfinite(widths)]
        if not len(widths):
            return None
        side = float(np.median(widths)) * HEAD_OF_SHOULDERS * MARGIN
    return _path(track.times[rows], centres, side, SMOOTHING)


def body_path(track: PoseTrack) -> Path | None:
    """All joints that are seen, with room about them; None when nobody was found."""
    rows = _rows(track)
    joints = track.joints[rows][:, _BODY].astype(np.float64)
    places = np.where(joints[:, :, 2:] >= _SEEN, joints[:, :, :2], np.nan)
    known = np.isfinite(places[:, :, 0]).any(axis=1)
    if not known.any():
        return None
    low, high = np.nanmin(places[known], axis=1), np.nanmax(places[known], axis=1)
    centres = np.full((len(rows), 2), np.nan)
    centres[known] = (low + high) / 2
    side = float(np.percentile((high - low).max(axis=1), 90)) * _BODY_MARGIN
    return _path(track.times[rows], centres, side, _BODY_SMOOTHING)


def _rows(track: PoseTrack) -> npt.NDArray[np.intp]:
    """Rows about as dense as the path."""
    if not len(track.times):
        return np.zeros(0, np.intp)
    span = float(track.times[-1] - track.times[0])
    step = max(1, int(len(track.times) / max(span * _RATE, 1.0)))
    return np.arange(0, len(track.times), step)


def _path(times: Floats, centres: Floats, side: float, smoothing: float) -> Path | None:
    known = np.isfinite(centres[:, 0])
    if not known.any() or not side > 0:
        return None
    runs = np.split(np.arange(len(times)), np.flatnonzero(np.diff(times) > _LONGEST_STILL) + 1)
    evens = [_even(float(times[run[0]]), float(times[run[-1]])) for run in runs]
    smooth = [
        np.stack(
            [_calm(np.interp(even, times[known], centres[known, axis]), smoothing) for axis in (0, 1)], axis=1
        )
        for even in evens
    ]
    return Path(np.concatenate(evens), np.concatenate(smooth), side)


def _even(start: float, end: float) -> Floats:
    """Moments of the path from `start` to `end` at the least."""
    return np.arange(start, end + 1.0 / _RATE, 1.0 / _RATE)


def _calm(values: Floats, smoothing: float) -> Floats:
    """Gaussian smoothing of evenly spaced values; the ends are held."""
    reach = max(1, round(3 * smoothing * _RATE))
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / (smoothing * _RATE)) ** 2)
    return np.convolve(np.pad(values, reach, mode="edge"), weights / weights.sum(), mode="valid")
