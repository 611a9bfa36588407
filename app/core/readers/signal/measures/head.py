"""Measures of the head: rotation relative to the shoulders, its speed and duration."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.core.enhance.pose_track import Joint
from app.core.readers.signal.measures.body import BodyMeasures
from app.core.readers.signal.measures.grid import Grid
from app.core.readers.signal.measures.series import Floats, at_least, band, closed, runs, slope
from app.core.readers.signal.thresholds import limit
from app.core.semiology import Laterality, Span


@dataclass(frozen=True, slots=True)
class HeadTurn:
    """A held turn of the head: `angle` in degrees from the direction before, to `side`; `speed` the highest
    in degrees/s; `wobble` the standard deviation while held, in degrees; `begun` whether the head was seen
    before, so that the turn itself was."""

    span: Span
    rows: tuple[int, int]
    side: Laterality
    angle: float
    speed: float
    wobble: float
    begun: bool


@dataclass(frozen=True, slots=True)
class HeadMeasures:
    """Measures of the head.

    - `yaw` (n,) degrees relative to the camera, positive to the patient's left, NaN where not found;
    - `pitch` (n,) degrees down from usual, NaN without a face; `speed` (n,) of the yaw in degrees/s;
    - `place` (n, 2) position of the nose relative to the shoulders, in shoulder widths;
    - `usual` the most frequent yaw in degrees; `turns` the held turns away from it."""

    yaw: Floats
    pitch: Floats
    speed: Floats
    place: Floats
    usual: float
    turns: tuple[HeadTurn, ...]


def head(grid: Grid, body: BodyMeasures | None) -> HeadMeasures | None:
    """The measures of the head, by the face mesh, or by nose and ears without a face; None without either."""
    yaw = _yaw_of_face(grid)
    if body is not None:
        by_pose = _yaw_of_pose(grid)
        both = np.isfinite(yaw) & np.isfinite(by_pose)
        offset = float(np.median((yaw - by_pose)[both])) if both.sum() > grid.rate else 0.0
        yaw = np.where(np.isfinite(yaw), yaw, by_pose + offset)
    if np.isfinite(yaw).sum() < grid.rate:
        return None
    yaw = band(yaw, grid.rate, 0, min(4.0, grid.rate / 2.2))
    finite = yaw[np.isfinite(yaw)]
    usual = float(np.median(finite))
    speed = slope(yaw, grid.rate)
    place = np.full((len(yaw), 2), np.nan)
    if body is not None:
        place = (body.joint(Joint.NOSE) - body.shoulders) / body.unit
    return HeadMeasures(yaw, _pitch(grid), speed, place, usual, _turns(grid, body, yaw, speed, usual))


def _yaw_of_face(grid: Grid) -> Floats:
    """The yaw (n,) in degrees, by the depth of the eye corners and the distance of the nose from their
    middle."""
    right, left, nose = grid.point(33), grid.point(263), grid.point(4)
    across = left - right
    by_depth = np.degrees(np.arctan2(across[:, 2], np.hypot(across[:, 0], across[:, 1])))
    length = np.linalg.norm(across, axis=1)
    direction = across[:, :2] / np.maximum(np.hypot(across[:, 0], across[:, 1]), 1e-6)[:, None]
    off = ((nose[:, :2] - (left + right)[:, :2] / 2) * direction).sum(axis=1) / np.maximum(length, 1e-6)
    by_nose = np.degrees(np.arcsin(np.clip(off / limit("nose_length"), -1, 1)))
    return np.asarray((by_depth + by_nose) / 2)


def _pitch(grid: Grid) -> Floats:
    """The pitch (n,) in degrees down relative to its median, by the inclination of the nose line."""
    down = grid.point(2) - grid.point(168)
    pitch = np.degrees(np.arctan2(down[:, 2], np.hypot(down[:, 0], down[:, 1])))
    if not np.isfinite(pitch).any():
        return np.asarray(pitch)
    return band(pitch - np.nanmedian(pitch), grid.rate, 0, min(4.0, grid.rate / 2.2))


def _yaw_of_pose(grid: Grid) -> Floats:
    """The yaw (n,) in degrees, by the position of the nose between the ears, along the line of the
    shoulders."""
    shoulders = grid.joint(Joint.LEFT_SHOULDER) - grid.joint(Joint.RIGHT_SHOULDER)
    direction = shoulders / np.maximum(np.hypot(*shoulders.T), 1e-6)[:, None]
    left, right = grid.joint(Joint.LEFT_EAR), grid.joint(Joint.RIGHT_EAR)
    half = ((left - right) * direction).sum(axis=1) / 2
    off = ((grid.joint(Joint.NOSE) - (left + right) / 2) * direction).sum(axis=1)
    return np.asarray(np.degrees(np.arctan2(off / limit("nose_before_ears"), np.maximum(half, 1e-6))))


def _turns(
    grid: Grid, body: BodyMeasures | None, yaw: Floats, speed: Floats, usual: float
) -> tuple[HeadTurn, ...]:
    turned = body.turned if body is not None else np.zeros(len(yaw))
    away = np.abs(yaw - usual) - np.maximum(np.nan_to_num(turned) - limit("shoulders_turned"), 0)
    mask = closed(np.nan_to_num(away, nan=0.0) > limit("head_turn_edge"), grid.rows(0.4))
    mask = at_least(mask, grid.rows(1.0))
    return tuple(
        _turn(grid, yaw, speed, usual, rows)
        for side in (1, -1)
        for rows in runs(mask & (np.sign(np.nan_to_num(yaw - usual)) == side))
        if rows[1] - rows[0] >= grid.rows(1.0)
    )


def _turn(grid: Grid, yaw: Floats, speed: Floats, usual: float, rows: tuple[int, int]) -> HeadTurn:
    start, stop = rows
    middle = yaw[start:stop]
    before = yaw[max(0, start - grid.rows(5)) : max(0, start - grid.rows(1))]
    base = float(np.nanmedian(before)) if np.isfinite(before).sum() > grid.rate else usual
    angle = float(np.nanmedian(middle)) - base
    lead = yaw[max(0, start - grid.rows(limit("before_turn"))) : start]
    seen = float(np.isfinite(lead).mean()) if len(lead) else 0.0
    way = speed[max(0, start - grid.rows(1.0)) : start + grid.rows(0.7)]
    inner = middle[grid.rows(0.4) : len(middle) - grid.rows(0.4)]
    return HeadTurn(
        span=Span(float(grid.times[start]), float(grid.times[stop - 1])),
        rows=rows,
        side=Laterality.LEFT if angle > 0 else Laterality.RIGHT,
        angle=abs(angle),
        speed=float(np.nanmax(np.abs(way))) if np.isfinite(way).any() else 0.0,
        wobble=float(np.nanstd(inner)) if np.isfinite(inner).any() else float("nan"),
        begun=len(lead) >= grid.rows(limit("before_turn")) and seen >= limit("share_for_begin"),
    )
