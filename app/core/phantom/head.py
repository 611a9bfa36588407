"""Painting of the head as a solid whose features turn with it, so that a face mesh measures yaw and pitch.

Head coordinates: the unit is the height from crown to chin; x to the patient's left, y down, z forward,
origin in the middle of the head.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from app.core.phantom.face import draw_brows, draw_eyes, draw_mouth, draw_nose, soft_shade, surface
from app.core.phantom.head_patch import CENTRE, PATCH, UNIT, HeadPatch
from app.core.phantom.painting import Image, Points, blur, mix_colours, polygon, shade, smooth_curve
from app.core.phantom.posture import HEAD_HEIGHT, Posture
from app.core.phantom.script import PatientAppearance


def rotation(yaw: float, pitch: float) -> Points:
    """The rotation matrix (3, 3) of a head turned `yaw` degrees to the patient's left and `pitch` degrees
    down."""
    a, b = np.deg2rad(yaw), np.deg2rad(pitch)
    turn = np.array([[np.cos(a), 0.0, np.sin(a)], [0.0, 1.0, 0.0], [-np.sin(a), 0.0, np.cos(a)]])
    nod = np.array([[1.0, 0.0, 0.0], [0.0, np.cos(b), np.sin(b)], [0.0, -np.sin(b), np.cos(b)]])
    return np.asarray(nod @ turn)


@lru_cache(maxsize=8)
def _skull(grow: float) -> Points:
    theta, phi = np.meshgrid(np.linspace(0, np.pi, 11), np.linspace(0, 2 * np.pi, 24, endpoint=False))
    radius = np.array([0.345, 0.375, 0.40]) * grow
    unit = np.stack([np.sin(theta) * np.cos(phi), np.cos(theta), np.sin(theta) * np.sin(phi)], axis=-1)
    return np.asarray(unit.reshape(-1, 3) * radius + [0.0, -0.125, -0.03])


def _jaw(posture: Posture) -> Points:
    """The lower outline of the face, from the patient's right ear over the chin to the left ear."""
    drop = 0.085 * posture.jaw
    side = 0.03 * posture.jaw_side
    half = np.array(
        [
            (0.335, 0.02, 0.06),
            (0.325, 0.14, 0.07),
            (0.305, 0.25, 0.09),
            (0.262, 0.355, 0.14),
            (0.185, 0.445, 0.22),
            (0.095, 0.492, 0.28),
        ]
    )
    half[:, 1] += drop * np.array([0, 0.05, 0.15, 0.5, 0.9, 1.0])
    right = half * np.array([-1.0, 1.0, 1.0])
    chin = np.array([[0.0, 0.503 + drop, 0.30]])
    jaw = np.concatenate([right, chin, half[::-1]])
    jaw[3:10, 0] += side
    return np.asarray(jaw)


def _forehead() -> Points:
    return np.array(
        [
            (0.328, -0.05, 0.08),
            (0.305, -0.17, 0.13),
            (0.245, -0.275, 0.19),
            (0.13, -0.325, 0.25),
            (0.0, -0.335, 0.27),
            (-0.13, -0.325, 0.25),
            (-0.245, -0.275, 0.19),
            (-0.305, -0.17, 0.13),
            (-0.328, -0.05, 0.08),
        ]
    )


_CHEEKS = np.concatenate(
    [
        surface(side * across, np.linspace(-0.2, 0.34, 6))
        for side in (-1.0, 1.0)
        for across in (np.full(6, 0.2), np.array([0.22, 0.25, 0.27, 0.28, 0.265, 0.22]))
    ]
)
"""(n, 3) points of brow and cheek that form the outline of a turned head."""


def _hull(points: Points) -> Points:
    return np.asarray(cv2.convexHull(points.astype(np.float32))[:, 0], dtype=np.float64)


def paint_head(posture: Posture, appearance: PatientAppearance) -> tuple[Image, Image]:
    """The head, upright: its picture (PATCH, PATCH, 3) and its coverage (PATCH, PATCH)."""
    image = np.empty((PATCH, PATCH, 3), np.uint8)
    image[:] = appearance.hair
    patch = HeadPatch(image, rotation(posture.yaw, posture.pitch), appearance)
    hair, face = _outlines(patch, posture)
    coverage = np.zeros((PATCH, PATCH), np.uint8)
    polygon(coverage, hair, (255,))
    polygon(coverage, face, (255,))
    _hair_back(patch, hair)
    _ears(patch, posture, coverage)
    patch.fill(face, shade(appearance.skin, 0.0))
    soft_shade(patch, posture, face)
    draw_nose(patch)
    draw_eyes(patch, posture)
    draw_brows(patch, posture)
    draw_mouth(patch, posture)
    _hair_front(patch)
    return image, coverage


def _outlines(patch: HeadPatch, posture: Posture) -> tuple[Points, Points]:
    grow = 1.06 if patch.appearance.hair_style == "cropped" else 1.10
    skull = patch.pixels(_skull(grow))
    if patch.appearance.hair_style == "long":
        skull = np.concatenate([skull, patch.pixels(_LONG_HAIR)])
    face = patch.pixels(np.concatenate([_jaw(posture), _forehead(), _CHEEKS]))
    return smooth_curve(_hull(skull)[::2], steps=4), smooth_curve(_hull(face), steps=4)


_LONG_HAIR = np.array(
    [(x, y, z) for x in (-0.36, 0.36) for y, z in ((0.0, -0.1), (0.2, -0.08), (0.38, -0.05))]
    + [(x, 0.46, -0.04) for x in (-0.28, 0.28)]
)


def _hair_back(patch: HeadPatch, outline: Points) -> None:
    centre = outline.mean(axis=0)
    for share, tone in ((1.0, -0.25), (0.94, 0.0), (0.8, 0.06), (0.6, 0.1)):
        offset = np.array([patch.appearance.light_side * 10, -16.0]) * (1 - share)
        patch.fill(centre + (outline - centre) * share + offset, shade(patch.appearance.hair, tone))


def _ears(patch: HeadPatch, posture: Posture, coverage: Image) -> None:
    if patch.appearance.hair_style == "long":
        return
    outer = np.array(
        [(0.0, -0.055), (0.035, -0.075), (0.06, -0.03), (0.052, 0.05), (0.022, 0.115), (0.0, 0.1)]
    )
    for side in (-1.0, 1.0):
        if side * posture.yaw > 28:
            continue
        ear = np.column_stack([side * (0.335 + outer[:, 0]), outer[:, 1] + 0.04, -0.05 - outer[:, 0] * 0.6])
        shape = smooth_curve(patch.pixels(ear), steps=4)
        polygon(coverage, shape, (255,))
        patch.fill(shape, shade(patch.appearance.skin, -0.12))
        inner = shape.mean(axis=0) + (shape - shape.mean(axis=0)) * 0.55
        patch.fill(inner, mix_colours(patch.appearance.skin, (70, 80, 140), 0.3))


def _hair_front(patch: HeadPatch) -> None:
    """Paint the hair over the forehead with its highlight."""
    front = _forehead()
    fringe = {"short": 0.03, "long": 0.05, "cropped": 0.0, "side": 0.075}.get(
        patch.appearance.hair_style, 0.03
    )
    line = front.copy()
    line[:, 1] += fringe * np.array([0.6, 1, 1, 0.8, 0.6, 0.8, 1, 1, 0.6])
    if patch.appearance.hair_style == "side":
        line[2:6, 1] -= np.array([0.07, 0.09, 0.05, 0.0])
    crown = front * [1.07, 1.0, 0.9]
    crown[:, 1] -= 0.055
    seen = (line @ patch.turn.T)[:, 2] > 0.07
    line, crown = line[seen], crown[seen]
    shape = np.concatenate([patch.pixels(line), patch.pixels(crown)[::-1]])
    patch.fill(smooth_curve(shape, steps=3), shade(patch.appearance.hair, 0.02))
    edge = smooth_curve(patch.pixels(line), closed=False, steps=4)
    patch.line(edge, shade(patch.appearance.hair, -0.2), 2)
    for lift, tone in ((0.10, 0.10), (0.15, 0.14), (0.2, 0.1)):
        strand = front[2:7][seen[2:7]] * [0.95, 1.0, 0.95]
        strand[:, 1] -= lift
        patch.line(
            smooth_curve(patch.pixels(strand), closed=False, steps=4), shade(patch.appearance.hair, tone), 2
        )


def head_matrix(centre: Points, roll: float, to_pixels: Points, scale: float) -> Points:
    """(2, 3) affine from patch pixels to picture pixels for a head at `centre` (scene units)."""
    anchor = to_pixels @ np.array([centre[0], centre[1], 1.0])
    place = anchor[:2] / anchor[2]
    ahead = to_pixels @ np.array([centre[0] + 10.0, centre[1], 1.0])
    along = ahead[:2] / ahead[2] - place
    turn = np.arctan2(along[1], along[0]) + np.deg2rad(roll)
    size = scale * HEAD_HEIGHT / UNIT * float(np.hypot(*along)) / (10.0 * scale)
    cos, sin = np.cos(turn) * size, np.sin(turn) * size
    linear = np.array([[cos, -sin], [sin, cos]])
    return np.column_stack([linear, place - linear @ CENTRE])


def place_head(picture: Image, posture: Posture, appearance: PatientAppearance, matrix: Points) -> None:
    """Paint the head into the picture; `matrix` (2, 3) as from `head_matrix`."""
    image, coverage = paint_head(posture, appearance)
    corners = np.array([(0, 0, 1), (PATCH, 0, 1), (PATCH, PATCH, 1), (0, PATCH, 1)], dtype=np.float64)
    reach = corners @ matrix.T
    height, width = picture.shape[:2]
    left, top = np.maximum(np.floor(reach.min(axis=0)).astype(int), 0)
    right, bottom = np.minimum(np.ceil(reach.max(axis=0)).astype(int) + 1, (width, height))
    if right - left < 2 or bottom - top < 2:
        return
    local = matrix.copy()
    local[:, 2] -= (left, top)
    shrink = float(np.hypot(*matrix[:, 0]))
    if shrink < 0.75:
        sigma = 0.38 / shrink
        image, coverage = blur(image, sigma), blur(coverage, sigma)
    size = (int(right - left), int(bottom - top))
    warped = cv2.warpAffine(image, local, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    alpha = cv2.warpAffine(coverage, local, size, flags=cv2.INTER_LINEAR)
    share = cv2.merge([alpha, alpha, alpha])
    target = picture[top:bottom, left:right]
    ahead = cv2.multiply(warped, share, scale=1 / 255)
    behind = cv2.multiply(target, cv2.bitwise_not(share), scale=1 / 255)
    cv2.add(ahead, behind, dst=target)
