"""Draws the patient below the head: gown, arms, hands, legs, and the blanket."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.core.phantom.painting import (
    Canvas,
    Points,
    blob,
    capsule_outline,
    chain,
    ellipse_outline,
    rod,
    shade,
    shifted,
    smooth_curve,
)
from app.core.phantom.posture import SIDES, BodyJoints, LimbJoints, Posture, outward
from app.core.phantom.script import Colour, PatientAppearance
from app.core.semiology import Laterality


def light_of(appearance: PatientAppearance) -> Points:
    """The direction of the light in the picture, a unit vector (2,)."""
    direction = np.array([appearance.light_side, -0.9])
    return np.asarray(direction / np.hypot(*direction))


def draw_legs(canvas: Canvas, body: BodyJoints, appearance: PatientAppearance) -> None:
    """Trousers and bare feet."""
    light = light_of(appearance)
    for side in SIDES:
        leg = body.legs[side]
        _foot(canvas, leg, appearance, light)
        build = 0.5 + 0.5 * appearance.build
        radii = [radius * build for radius in (32, 24, 18, 15)]
        calf = leg.middle + (leg.end - leg.middle) * 0.4 + np.array([outward(side) * 3.0, 0.0])
        chain(canvas, (leg.root, leg.middle, calf, leg.end), radii, appearance.trousers, light, layers=9)
        _knee_folds(canvas, leg, appearance.trousers)


def _foot(canvas: Canvas, leg: LimbJoints, appearance: PatientAppearance, light: Points) -> None:
    rod(canvas, leg.end, leg.tip, (10.5, 12.5), appearance.skin, light, layers=5)
    along = (leg.tip - leg.end) / np.hypot(*(leg.tip - leg.end))
    across = np.array([-along[1], along[0]])
    for number, offset in enumerate((-8.5, -4.2, 0.0, 4.2, 8.4)):
        inner = number if leg.tip[0] < 0 else 4 - number
        toe = leg.tip + across * offset + along * (7.5 + 0.8 * inner)
        blob(
            canvas,
            ellipse_outline(toe, 2.6 + 0.22 * inner, 3.8, count=14),
            appearance.skin,
            light,
            layers=3,
            depth=0.6,
        )


def _knee_folds(canvas: Canvas, leg: LimbJoints, colour: Colour) -> None:
    for offset in (-6.0, 2.0, 9.0):
        middle = leg.middle + np.array([0.0, offset])
        fold = smooth_curve(
            np.array([shifted(middle, -13, -3), shifted(middle, -4, 1.5), shifted(middle, 7, -0.5)]),
            closed=False,
            steps=5,
        )
        canvas.line(fold, shade(colour, -0.16), 1.0)


def draw_torso(canvas: Canvas, body: BodyJoints, posture: Posture, appearance: PatientAppearance) -> None:
    """Gown, neck and collar."""
    blob(canvas, _gown_outline(body), appearance.gown, light_of(appearance), layers=10, depth=0.45)
    _gown_details(canvas, body, appearance)
    _neckline(canvas, body, posture, appearance)


def _gown_outline(body: BodyJoints) -> Points:
    left, right = body.arms[Laterality.LEFT].root, body.arms[Laterality.RIGHT].root
    hip_left, hip_right = body.legs[Laterality.LEFT].root, body.legs[Laterality.RIGHT].root
    neck = body.neck
    rows = [
        shifted(neck, 0, -6),
        shifted(neck, 20, -9),
        neck * 0.42 + left * 0.58 + [0, -13],
        shifted(left, 5, -9),
        shifted(left, 3, 22),
        left * 0.55 + hip_left * 0.45 + [10, 0],
        shifted(hip_left, 21, -22),
        shifted(hip_left, 27, 10),
        shifted(hip_left, 28, 34),
        shifted(hip_left, 22, 41),
        (hip_left + hip_right) / 2 + [0, 45],
        shifted(hip_right, -22, 41),
        shifted(hip_right, -28, 34),
        shifted(hip_right, -27, 10),
        shifted(hip_right, -21, -22),
        right * 0.55 + hip_right * 0.45 + [-10, 0],
        shifted(right, -3, 22),
        shifted(right, -5, -9),
        neck * 0.42 + right * 0.58 + [0, -13],
        shifted(neck, -20, -9),
    ]
    return smooth_curve(np.array(rows, dtype=np.float64), steps=4)


_FOLDS: tuple[tuple[tuple[float, float], ...], ...] = (
    ((0.96, 0.22), (0.74, 0.24), (0.52, 0.34)),
    ((-0.96, 0.22), (-0.72, 0.26), (-0.56, 0.36)),
    ((0.62, 0.78), (0.30, 0.90), (0.08, 1.12)),
    ((-0.66, 0.80), (-0.36, 0.92), (-0.14, 1.16)),
    ((0.50, 0.52), (0.28, 0.64), (0.10, 0.70)),
)


def _gown_details(canvas: Canvas, body: BodyJoints, appearance: PatientAppearance) -> None:
    top = (body.arms[Laterality.LEFT].root + body.arms[Laterality.RIGHT].root) / 2
    half = (body.arms[Laterality.LEFT].root - body.arms[Laterality.RIGHT].root) / 2
    hips = (body.legs[Laterality.LEFT].root + body.legs[Laterality.RIGHT].root) / 2
    down = hips - top
    hem = smooth_curve(hips + np.array([(-60.0, 36), (-30, 39), (0, 40), (30, 39), (60, 36)]), closed=False)
    canvas.line(hem, shade(appearance.gown, -0.2), 1.2)
    for fold in _FOLDS:
        points = smooth_curve(np.array([top + half * x + down * y for x, y in fold]), closed=False, steps=6)
        canvas.line(points, shade(appearance.gown, -0.1), 1.8)
        canvas.line(shifted(points, -1.8, 0.4), shade(appearance.gown, 0.13), 1.2)
    dot = shade(appearance.gown, -0.24)
    for row in range(1, 9):
        for column in range(-3, 4):
            x = (column + 0.5 * (row % 2)) * 0.25
            place = top + half * x + down * (0.1 + row * 0.13)
            if row > 2 or abs(x) > 0.36:
                canvas.fill(ellipse_outline(place, 1.1, 1.1, count=6), dot)


def _neckline(canvas: Canvas, body: BodyJoints, posture: Posture, appearance: PatientAppearance) -> None:
    """Neck and collar: the neck flares into the shoulders, in the shadow of the chin."""
    neck, light = body.neck, light_of(appearance)
    collar = np.array([(-22.0, -9), (-14, 7), (0, 20), (14, 7), (22, -9), (0, -16)])
    canvas.fill(smooth_curve(neck + collar), shade(appearance.skin, -0.16))
    head_base = body.head + np.array([np.sin(np.deg2rad(posture.yaw)) * 4.0, 14.0])
    flare = neck + np.array([0.0, -9.0])
    throat = neck + np.array([0.0, 2.0])
    chain(canvas, (head_base, flare, throat), (17.0, 17.5, 15.0), appearance.skin, light, layers=9)
    chin = ellipse_outline(np.array([head_base[0], body.head[1] + 36.0]), 16.0, 14.0)
    canvas.fill(chin, shade(appearance.skin, -0.2))
    canvas.fill(
        ellipse_outline(np.array([head_base[0], body.head[1] + 34.0]), 15.0, 11.0),
        shade(appearance.skin, -0.27),
    )
    for side in (-1.0, 1.0):
        bone = neck + np.array([(side * 3.0, 11.0), (side * 9.0, 5.0), (side * 17.0, -1.0)])
        canvas.line(smooth_curve(bone, closed=False), shade(appearance.skin, -0.24), 1.0)
    edge = smooth_curve(neck + np.array([(-23.0, -10), (-14, 8), (0, 21), (14, 8), (23, -10)]), closed=False)
    canvas.line(edge, shade(appearance.gown, -0.3), 2.8)
    canvas.line(edge + np.array([0.0, -0.9]), shade(appearance.gown, 0.25), 1.3)


def draw_upper_arms(canvas: Canvas, body: BodyJoints, appearance: PatientAppearance) -> None:
    """Upper arms with short sleeves; the gown is painted over their seams."""
    light = light_of(appearance)
    build = 0.5 + 0.5 * appearance.build
    for side in SIDES:
        limb = body.arms[side]
        bare = limb.root + (limb.middle - limb.root) * 0.4
        chain(canvas, (bare, limb.middle), (15.5 * build, 13 * build), appearance.skin, light, layers=8)
        end = limb.root + (limb.middle - limb.root) * 0.56
        top = limb.root + np.array([-2.0 * outward(side), 6.0])
        chain(canvas, (top, end), (20 * build, 18.5 * build), appearance.gown, light, layers=9)
        _cuff(canvas, limb, end, 18.5 * build, appearance)


def draw_forearm(
    canvas: Canvas, limb: LimbJoints, grip: float, side: Laterality, appearance: PatientAppearance
) -> None:
    """The bare arm from below the sleeve to the hand, in front of the trunk."""
    light = light_of(appearance)
    build = 0.5 + 0.5 * appearance.build
    draw_hand(canvas, limb, grip, side, appearance)
    above = limb.root + (limb.middle - limb.root) * 0.8
    belly = limb.middle + (limb.end - limb.middle) * 0.3
    radii = [radius * build for radius in (13.4, 12.8, 12.6, 8.6)]
    chain(canvas, (above, limb.middle, belly, limb.end), radii, appearance.skin, light, layers=9)


def _cuff(
    canvas: Canvas, limb: LimbJoints, end: Points, radius: float, appearance: PatientAppearance
) -> None:
    along = (limb.middle - limb.root) / max(1e-6, float(np.hypot(*(limb.middle - limb.root))))
    across = np.array([-along[1], along[0]])
    t = np.linspace(-np.pi / 2, np.pi / 2, 9)
    curve = end + np.outer(np.sin(t), across) * radius + np.outer(np.cos(t), along) * radius * 0.9
    canvas.line(curve, shade(appearance.gown, -0.3), 1.4)
    canvas.line(curve - along * 2.6, shade(appearance.gown, 0.14), 1.0)


_FINGERS = ((-6.4, 0.80, 0.10), (-2.2, 0.98, 0.02), (2.2, 0.95, -0.05), (6.2, 0.78, -0.14))
"""Offset across the palm, length, and spread of each finger, from the index to the little one."""


def draw_hand(
    canvas: Canvas, limb: LimbJoints, grip: float, side: Laterality, appearance: PatientAppearance
) -> None:
    """Palm, four fingers and a thumb; `grip` 1 is a fist."""
    skin, light = appearance.skin, light_of(appearance)
    along = (limb.tip - limb.end) / max(1e-6, float(np.hypot(*(limb.tip - limb.end))))
    across = np.array([-along[1], along[0]]) * (-outward(side))
    palm_end = limb.end + along * 19.0
    length = 23.0 * (1.0 - 0.68 * grip)
    for offset, share, spread in _FINGERS:
        base = palm_end + across * offset * 0.95
        tip = base + (along + across * spread * -1.5 * (1 - grip)) * length * share
        rod(canvas, base, tip, (3.5, 2.7), skin, light, layers=4)
    rod(canvas, limb.end + along * 4.0, palm_end, (8.6, 10.2), skin, light, layers=5)
    thumb = limb.end + along * 7.0 - across * 8.0
    rod(
        canvas,
        thumb,
        thumb + along * (12.0 - 3 * grip) - across * (6.5 - 9.0 * grip),
        (4.0, 3.0),
        skin,
        light,
        layers=4,
    )


def draw_blanket(canvas: Canvas, body: BodyJoints, appearance: PatientAppearance) -> None:
    """A blanket from the waist down, raised over knees and feet."""
    light = light_of(appearance)
    left, right = body.legs[Laterality.LEFT], body.legs[Laterality.RIGHT]
    top = (left.root[1] + right.root[1]) / 2 + 8
    rows: Sequence[Sequence[float]] = [
        (0.0, top - 2),
        (70.0, top),
        (120.0, top + 12),
        (150.0, 392.0),
        (176.0, 500.0),
        (-176.0, 500.0),
        (-150.0, 392.0),
        (-120.0, top + 12),
        (-70.0, top),
    ]
    blob(canvas, smooth_curve(np.array(rows)), appearance.blanket_colour, light, layers=5, depth=0.35)
    for leg in (left, right):
        for start, end, radius in ((shifted(leg.root, 0, 34), leg.middle, 28.0), (leg.middle, leg.end, 25.0)):
            for share, tone in ((1.0, 0.02), (0.66, 0.07), (0.34, 0.12)):
                shape = capsule_outline(
                    shifted(start, 0, 8), shifted(end, 0, 4), radius * share, radius * share * 0.9
                )
                canvas.fill(shape, shade(appearance.blanket_colour, tone))
    hem = smooth_curve(
        np.array([(-122.0, top + 13), (-70, top + 1), (0, top - 1), (70, top + 1), (122, top + 13)]), False
    )
    canvas.line(shifted(hem, 0, 5), shade(appearance.blanket_colour, -0.2), 2.0)
    canvas.line(hem, shade(appearance.blanket_colour, 0.45), 7.0)
