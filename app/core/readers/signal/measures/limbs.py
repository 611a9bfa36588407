"""Measures of arms and legs: joint angles, held postures, speeds of hands and feet, onsets of movement."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from app.core.enhance.pose_track import Joint
from app.core.readers.signal.measures.body import BodyMeasures
from app.core.readers.signal.measures.grid import Codes, Grid
from app.core.readers.signal.measures.hiding import Hiding
from app.core.readers.signal.measures.series import Floats, Mask, band, closed, percentile, runs, slope
from app.core.readers.signal.thresholds import limit
from app.core.semiology import Laterality, Span


@dataclass(frozen=True, slots=True)
class LimbName:
    """A limb by side, kind ("arm" or "leg") and its joints."""

    side: Laterality
    kind: str
    root: Joint
    middle: Joint
    end: Joint

    @property
    def end_name(self) -> str:
        return f"{self.side.value} {'wrist' if self.kind == 'arm' else 'ankle'}"

    @property
    def middle_name(self) -> str:
        return f"{self.side.value} {'elbow' if self.kind == 'arm' else 'knee'}"


ARMS = (
    LimbName(Laterality.LEFT, "arm", Joint.LEFT_SHOULDER, Joint.LEFT_ELBOW, Joint.LEFT_WRIST),
    LimbName(Laterality.RIGHT, "arm", Joint.RIGHT_SHOULDER, Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST),
)
LEGS = (
    LimbName(Laterality.LEFT, "leg", Joint.LEFT_HIP, Joint.LEFT_KNEE, Joint.LEFT_ANKLE),
    LimbName(Laterality.RIGHT, "leg", Joint.RIGHT_HIP, Joint.RIGHT_KNEE, Joint.RIGHT_ANKLE),
)


@dataclass(frozen=True, slots=True)
class HeldPosture:
    """A held posture of one limb.

    - `angle` in degrees at elbow or knee (180 is straight), `before` that of the posture before (NaN when
      unknown); `onset_speed` the highest of hand or foot on the way into it, shoulder widths/s;
    - `travel` the distance of that way, `lift` the height of hand or foot above rest along the trunk,
      `middle_lift` that of elbow or knee, `sway` the peak-to-peak movement while held, all in shoulder
      widths;
    - `at_face` share of the time with the hand at ear, mouth or chin; `before_chest` whether the hand was in
      front of the trunk, where objects are held; `length` share of the limb's longest apparent length between
      its ends (a limb that points at the camera is short).
    """

    span: Span
    rows: tuple[int, int]
    angle: float
    before: float
    onset_speed: float
    travel: float
    lift: float
    middle_lift: float
    sway: float
    at_face: float
    before_chest: bool
    length: float


@dataclass(frozen=True, slots=True)
class LimbMeasures:
    """Measures of one limb over time.

    - `angle` (n,) degrees at elbow or knee; `end`, `middle` (n, 2) hand or foot, and elbow or knee, relative
      to its root in shoulder widths; `speed` (n,) of its end, shoulder widths/s;
    - `at_face` (n,) hand at the face; `moving` (n,) faster than at rest, which is `moving_limit` (shoulder
      widths/s); `holds` the held postures;
    - `noise` jitter of its end, peak to peak in shoulder widths; `hiding` (n,) why the limb was not seen, a
      number of `Hiding` (0: it was seen).
    """

    name: LimbName
    angle: Floats
    end: Floats
    middle: Floats
    speed: Floats
    at_face: Mask
    moving: Mask
    moving_limit: float
    holds: tuple[HeldPosture, ...]
    noise: float
    hiding: Codes

    @property
    def seen(self) -> Mask:
        return np.asarray(np.isfinite(self.angle))

    @property
    def end_seen(self) -> Mask:
        return np.asarray(np.isfinite(self.end[:, 0]))


def limb(grid: Grid, body: BodyMeasures, name: LimbName) -> LimbMeasures:
    """The measures of one limb."""
    root, middle, end = (body.joint(joint) for joint in (name.root, name.middle, name.end))
    strange = _not_of_body(grid, body, (root, middle, end))
    middle, end = (np.where(strange[:, None], np.nan, points) for points in (middle, end))
    smooth = [band(points, grid.rate, 0, min(5.0, grid.rate / 2.2)) for points in (root, middle, end)]
    angle = joint_angle(*smooth)
    reach = (smooth[2] - smooth[0]) / body.unit
    speed = np.hypot(*slope(reach, grid.rate).T)
    at_face = _at_face(grid, body, name)
    moving_limit = max(limit("moving_speed"), 8 * float(body.noise[name.end]))
    bare = LimbMeasures(
        name=name,
        angle=angle,
        end=(end - root) / body.unit,
        middle=(middle - root) / body.unit,
        speed=speed,
        at_face=at_face,
        moving=np.nan_to_num(speed) > moving_limit,
        moving_limit=moving_limit,
        holds=(),
        noise=float(max(body.noise[name.end], body.noise[name.middle] if name.kind == "leg" else 0.0)),
        hiding=_limb_hiding(grid, name, strange),
    )
    return replace(bare, holds=_holds(grid, body, bare, smooth))


def _not_of_body(grid: Grid, body: BodyMeasures, joints: tuple[Floats, Floats, Floats]) -> Mask:
    """A mask (n,) of rows in which the limb is not the patient's: a bone too long for this body, or a hand or
    foot that jumped away and back faster than any limb."""
    root, middle, end = joints
    bones = np.maximum(np.hypot(*(middle - root).T), np.hypot(*(end - middle).T)) / body.unit
    result = np.nan_to_num(bones) > limit("longest_bone")
    place = (end - root) / body.unit
    step = np.hypot(*np.diff(place, axis=0).T)
    jumped = np.nan_to_num(step) > max(limit("fastest_limb") / grid.rate, limit("tonic_travel"))
    rows = np.flatnonzero(jumped) + 1
    for row in rows:
        result[row - 1 : row + 1] = True
    for left, back in pairwise(rows):
        away = np.hypot(*(place[left - 1] - place[back]))
        if back - left <= grid.rows(1.0) and away < limit("tonic_travel"):
            result[left:back] = True
    return np.asarray(result)


def _limb_hiding(grid: Grid, name: LimbName, strange: Mask) -> Codes:
    """Why the limb was not seen (n,): by its end, else its middle joint, else its root's being out of the
    picture."""
    root, middle, end = (grid.hiding[:, joint] for joint in (name.root, name.middle, name.end))
    result = np.where(end > 0, end, middle)
    lost = ~np.isfinite(grid.joints[:, name.root, 0])
    result = np.where((result == 0) & lost, np.maximum(root, Hiding.NOT_FOUND), result)
    return np.where(strange & (result == 0), Hiding.NOT_OF_BODY, result).astype(np.uint8)


def joint_angle(root: Floats, middle: Floats, end: Floats) -> Floats:
    """The angle at `middle` (n,) in degrees, 180 when the limb is straight."""
    one, other = root - middle, end - middle
    length = np.hypot(*one.T) * np.hypot(*other.T)
    cosine = (one * other).sum(axis=1) / np.maximum(length, 1e-9)
    return np.asarray(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


def _at_face(grid: Grid, body: BodyMeasures, name: LimbName) -> Mask:
    """A mask (n,) of the hand near ear, mouth or nose: holding a phone, eating, wiping."""
    if name.kind != "arm":
        return np.zeros(len(grid.times), dtype=bool)
    fingers = (Joint.LEFT_INDEX, Joint.LEFT_WRIST) if name.side is Laterality.LEFT else (
        Joint.RIGHT_INDEX,
        Joint.RIGHT_WRIST,
    )  # fmt: skip
    face = (Joint.NOSE, Joint.LEFT_EAR, Joint.RIGHT_EAR, Joint.MOUTH_LEFT, Joint.MOUTH_RIGHT)
    near = np.zeros(len(grid.times), dtype=bool)
    for finger in fingers:
        for part in face:
            distance = np.hypot(*(body.joint(finger) - body.joint(part)).T) / body.unit
            near |= np.nan_to_num(distance, nan=9.0) < limit("hand_at_face")
    return near


def _holds(
    grid: Grid, body: BodyMeasures, arm: LimbMeasures, joints: list[Floats]
) -> tuple[HeldPosture, ...]:
    """The stretches in which angle and hand are still, except for a fine tremor."""
    slow = min(1.5, grid.rate / 2.2)
    turn = np.abs(slope(band(arm.angle, grid.rate, 0, slow), grid.rate))
    drift = np.hypot(*slope(band(arm.end, grid.rate, 0, slow), grid.rate).T)
    still = (turn < limit("held_angle_speed")) & (drift < limit("held_hand_speed"))
    still &= np.isfinite(arm.angle)
    length = np.hypot(*(joints[2] - joints[0]).T) / np.sin(np.radians(np.maximum(arm.angle, 20)) / 2)
    longest = percentile(length, 95)
    heights = (height(body, arm.end), height(body, arm.middle))
    across = _before_chest(body, arm)
    return tuple(
        _hold(grid, arm, rows, length=length / longest, heights=heights, across=across)
        for rows in _continued(grid, arm, runs(still))
        if rows[1] - rows[0] >= grid.rows(limit("shortest_hold"))
    )


def _before_chest(body: BodyMeasures, arm: LimbMeasures) -> Mask:
    """A mask (n,) of the bent arm's hand below and between the shoulders."""
    if arm.name.kind != "arm":
        return np.zeros(len(arm.angle), dtype=bool)
    left, right = body.joint(Joint.LEFT_SHOULDER), body.joint(Joint.RIGHT_SHOULDER)
    line = (left - right) / np.maximum(np.hypot(*(left - right).T), 1e-6)[:, None]
    along = (arm.end * line).sum(axis=1)
    inward = -along if arm.name.side is Laterality.LEFT else along
    return np.asarray((np.nan_to_num(inward, nan=-9) > -0.1) & (np.nan_to_num(arm.angle, nan=180) < 110))


def _continued(grid: Grid, arm: LimbMeasures, found: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The stretches, joined over short movements that left the limb in place."""
    result: list[tuple[int, int]] = []
    for start, stop in found:
        if result and start - result[-1][1] <= grid.rows(limit("unrest_in_hold")):
            before, now = slice(*result[-1]), slice(start, stop)
            turned = abs(float(np.nanmedian(arm.angle[before]) - np.nanmedian(arm.angle[now])))
            moved = np.hypot(*(np.nanmedian(arm.end[before], axis=0) - np.nanmedian(arm.end[now], axis=0)))
            if turned < limit("posture_change") and moved < limit("tonic_travel"):
                result[-1] = (result[-1][0], stop)
                continue
        result.append((start, stop))
    return result


def height(body: BodyMeasures, place: Floats) -> Floats:
    """The height (n,) of a place above the limb's root along the trunk, in shoulder widths; independent of
    whether the patient sits, lies, or is filmed from the side of the bed."""
    lines = body.shoulders - body.hips
    seen = np.isfinite(lines).all(axis=1)
    trunk = np.median(lines[seen], axis=0) if seen.any() else np.full(2, np.nan)
    up = trunk / max(float(np.hypot(*trunk)), 1e-6) if np.isfinite(trunk).all() else np.array([0.0, -1.0])
    return np.asarray(place @ up)


def _hold(
    grid: Grid,
    arm: LimbMeasures,
    rows: tuple[int, int],
    *,
    length: Floats,
    heights: tuple[Floats, Floats],
    across: Mask,
) -> HeldPosture:
    start, stop = rows
    high, middle = heights
    lead = slice(max(0, start - grid.rows(1.5)), start + grid.rows(0.3))
    early = slice(max(0, start - grid.rows(4.0)), max(0, start - grid.rows(0.8)))
    before = arm.angle[early]
    travel = np.hypot(*(arm.end[lead] - np.nanmedian(arm.end[start:stop], axis=0)).T)
    edge = min(grid.rows(0.4), (stop - start) // 5)
    swing = band(arm.end[start + edge : stop - edge], grid.rate, 0.3, min(6.0, grid.rate / 2.2))
    return HeldPosture(
        span=Span(float(grid.times[start]), float(grid.times[stop - 1])),
        rows=rows,
        angle=float(np.nanmedian(arm.angle[start:stop])),
        before=float(np.nanmedian(before)) if np.isfinite(before).any() else float("nan"),
        onset_speed=float(np.nan_to_num(percentile(arm.speed[lead], 95))),
        travel=float(np.nanmax(travel)) if np.isfinite(travel).any() else 0.0,
        lift=float(np.nanmedian(high[start:stop]) - percentile(high, 20)),
        middle_lift=float(np.nanmedian(middle[start:stop]) - percentile(middle, 20)),
        sway=float(2 * np.sqrt(2) * np.sqrt(np.nanmean((swing**2).sum(axis=1)))),
        at_face=float(arm.at_face[start:stop].mean()),
        before_chest=bool(across[start:stop].mean() > 0.5),
        length=float(np.nan_to_num(np.nanmedian(length[start:stop]), nan=1.0)),
    )


def onsets(arm: LimbMeasures, grid: Grid) -> list[tuple[float, float]]:
    """Onsets of movement out of stillness: time (s) and peak speed in the second after (shoulder
    widths/s)."""
    quiet = grid.rows(limit("quiet_before_onset"))
    found = []
    for start, stop in runs(closed(arm.moving, grid.rows(0.15))):
        before = slice(max(0, start - quiet), start)
        after = slice(start, start + grid.rows(0.3))
        known = arm.end_seen[before].all() and arm.end_seen[after].all()
        if start < quiet or arm.moving[before].any() or not known:
            continue
        peak = float(np.nanmax(arm.speed[start : min(stop + 1, start + grid.rows(1.0))]))
        found.append((float(grid.times[start]), peak))
    return found
