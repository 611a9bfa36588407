"""Where short windows at a high rate are worth asking about: where the pose moves quickest.

Asking everywhere takes a window of 60 frames for each 4 s. The pose that the signal reader has found already
says where anything moves too quickly for the usual rate; the quickest windows are asked about, and only so
many that they have at most twice the pictures of the plain pass.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.bounded_json import read_json
from app.core.enhance.enhancement import Enhancement
from app.core.enhance.pose_track import PoseTrack
from app.core.readers.models.segments import MOST_SEGMENTS, Segment

Floats = NDArray[np.float64]

WindowChoice = Mapping[Enhancement, tuple[int, ...]]
"""The numbers of the windows that are asked about, by enhancement."""

_SLOW = 0.5
"""Seconds over which a place is averaged; what differs from that average is quick."""
_STILL = {Enhancement.POSE: 0.03, Enhancement.FACE: 0.01}
"""Quick movement in shoulder widths, or widths of the face, below which nothing moves."""
_PARTS = {Enhancement.POSE: 3, Enhancement.FACE: 6}
"""How many of the quickest joints or points of the face are averaged: one by itself can be a slip."""
_SHOULDERS = (11, 12)
_OFTEN = 1e-6


def choose_windows(
    track: PoseTrack, windows: tuple[Segment, ...], most: int, enhancements: frozenset[Enhancement]
) -> WindowChoice:
    """The windows in which the patient moves quickest, of those where anything moves at all, and of each
    enhancement at most so many."""
    found: dict[Enhancement, tuple[int, ...]] = {}
    for enhancement in (Enhancement.POSE, Enhancement.FACE):
        if enhancement not in enhancements:
            continue
        quick = quick_movement(track.of_patient(), enhancement)
        scores = [_score(track.times, quick, window) for window in windows]
        ranked = sorted(range(len(windows)), key=lambda at: -scores[at])
        moving = [at for at in ranked if scores[at] >= _STILL[enhancement]]
        chosen = moving[:most]
        found[enhancement] = tuple(sorted(windows[at].number for at in chosen))
    return found


def quick_movement(track: PoseTrack, enhancement: Enhancement) -> Floats:
    """How far the quickest parts are from their place on average (n,), in shoulder widths or widths of the
    face; 0 where nothing was found."""
    joints = np.asarray(track.joints[:, :, :2], dtype=np.float64)
    if enhancement is Enhancement.FACE:
        points = np.asarray(track.face[:, :, :2], dtype=np.float64)
        width = _median(np.ptp(_filled(points[:, :, 0]), axis=1))
        points = points - np.nanmean(_filled(points), axis=1, keepdims=True)
    else:
        points = joints
        width = _median(np.linalg.norm(joints[:, _SHOULDERS[0]] - joints[:, _SHOULDERS[1]], axis=1))
    if not len(points) or not width:
        return np.zeros(len(points))
    rows = max(3, round(_SLOW * len(points) / max(float(track.times[-1] - track.times[0]), _OFTEN)))
    away = np.linalg.norm(points - _averaged(points, rows), axis=2) / width
    parts = np.sort(np.nan_to_num(away), axis=1)[:, -_PARTS[enhancement] :]
    return np.asarray(parts.mean(axis=1))


def _score(times: NDArray[np.floating[Any]], quick: Floats, window: Segment) -> float:
    """The third quickest row of a window: a slip of the pose lasts a row or two."""
    rows = quick[(times >= window.span.start) & (times <= window.span.end)]
    return float(np.sort(rows)[-3]) if len(rows) > 2 else 0.0


def _averaged(points: Floats, rows: int) -> Floats:
    """The moving average (n, k, 2) of places over `rows`, without those that were not found."""
    seen = np.isfinite(points)
    total = np.cumsum(np.concatenate([np.zeros((1, *points.shape[1:])), np.where(seen, points, 0.0)]), axis=0)
    count = np.cumsum(np.concatenate([np.zeros((1, *points.shape[1:])), seen]), axis=0)
    place = np.arange(len(points))
    low, high = np.maximum(place - rows // 2, 0), np.minimum(place + rows // 2 + 1, len(points))
    number = count[high] - count[low]
    return np.asarray(np.where(number > 0, (total[high] - total[low]) / np.maximum(number, 1), np.nan))


def _filled(values: Floats) -> Floats:
    """Rows in which nothing was found as zeros, so that they can be averaged."""
    empty = ~np.isfinite(values).reshape(len(values), -1).any(axis=1)
    kept = values.copy()
    kept[empty] = 0.0
    return kept


def _median(values: Floats) -> float:
    known = values[np.isfinite(values) & (values > 0)]
    return float(np.median(known)) if len(known) else 0.0


def windows_text(chosen: WindowChoice) -> str:
    """A choice of windows as text for a reading's details."""
    return json.dumps({one.value: list(numbers) for one, numbers in chosen.items()}, sort_keys=True)


def windows_from(text: str) -> WindowChoice:
    """The inverse. Raises ValueError for anything else."""
    found = read_json(text)
    if not isinstance(found, dict):
        raise ValueError("not a choice of windows")
    return {Enhancement(name): _numbers(rows) for name, rows in found.items()}


def _numbers(rows: object) -> tuple[int, ...]:
    if not isinstance(rows, list) or not all(
        isinstance(one, int) and 0 <= one < MOST_SEGMENTS * 10 for one in rows
    ):
        raise ValueError("not numbers of windows")
    return tuple(rows)
