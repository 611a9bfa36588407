"""Painting of the face on a head patch: shading, nose, eyes with lids and irises, brows, mouth."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from app.core.phantom.head_patch import HeadPatch
from app.core.phantom.painting import (
    Points,
    blur,
    ellipse_outline,
    mix_colours,
    polygon,
    shade,
    shifted,
    smooth_curve,
)
from app.core.phantom.posture import SIDES, FaceHalf, Posture, outward
from app.core.phantom.script import Colour

_ROSE: Colour = (92, 88, 176)
_DEEP: Colour = (34, 40, 66)


def surface(x: Points, y: Points) -> Points:
    """(n, 3) points of the face's surface at (x, y)."""
    rest = np.clip(1 - np.abs(x / 0.37) ** 2.4 - np.abs(y / 0.56) ** 2.4, 0.02, 1.0)
    return np.column_stack([x, y, 0.40 * rest ** (1 / 2.4)])


def _on_face(patch: HeadPatch, rows: list[tuple[float, float]] | Points, lift: float = 0.0) -> Points:
    points = np.asarray(rows, dtype=np.float64)
    place = surface(points[:, 0], points[:, 1])
    place[:, 2] += lift
    return patch.pixels(place)


_SPOTS: tuple[tuple[float, float, float, float, float], ...] = (
    # x, y, half width, half height, darkness (negative: a highlight)
    (0.15, -0.01, 0.095, 0.06, 0.22),
    (-0.15, -0.01, 0.095, 0.06, 0.22),
    (0.052, 0.02, 0.03, 0.06, 0.26),
    (-0.052, 0.02, 0.03, 0.06, 0.26),
    (0.06, 0.17, 0.024, 0.05, 0.22),
    (-0.06, 0.17, 0.024, 0.05, 0.22),
    (0.0, 0.245, 0.07, 0.018, 0.34),
    (0.0, 0.40, 0.075, 0.02, 0.24),
    (0.13, 0.27, 0.02, 0.06, 0.14),
    (-0.13, 0.27, 0.02, 0.06, 0.14),
    (0.27, 0.24, 0.07, 0.16, 0.20),
    (-0.27, 0.24, 0.07, 0.16, 0.20),
    (0.29, -0.10, 0.05, 0.16, 0.18),
    (-0.29, -0.10, 0.05, 0.16, 0.18),
    (0.0, -0.20, 0.17, 0.07, -0.10),
    (0.0, 0.09, 0.018, 0.10, -0.22),
    (0.0, 0.175, 0.03, 0.026, -0.22),
    (0.185, 0.125, 0.06, 0.045, -0.14),
    (-0.185, 0.125, 0.06, 0.045, -0.14),
    (0.0, 0.455, 0.055, 0.026, -0.12),
    (0.15, -0.115, 0.075, 0.016, -0.10),
    (-0.15, -0.115, 0.075, 0.016, -0.10),
)


def soft_shade(patch: HeadPatch, posture: Posture, outline: Points) -> None:
    """Paint the blurred shading of the face: sockets, cheeks, nose, chin, and the fall-off to its sides."""
    size = patch.image.shape[0] // 2
    tone = np.full((size, size), 128, np.uint8)
    centre = outline.mean(axis=0)
    side = patch.appearance.light_side
    for share, level in ((1.02, 100), (0.93, 116), (0.8, 126), (0.62, 131)):
        inner = centre + (outline - centre) * share + np.array([side * 26, -18.0]) * (1 - share)
        polygon(tone, inner / 2, (level,))
    spots = patch.pixels(_spots(round(50 * posture.jaw))) / 2
    for number, spot in enumerate(_SPOTS):
        part = spots[number * _SPOT_POINTS : (number + 1) * _SPOT_POINTS]
        polygon(tone, part, (128 * (1 - spot[4]),))
    full = cv2.resize(blur(tone, 3.2), (size * 2, size * 2), interpolation=cv2.INTER_LINEAR)
    cv2.multiply(patch.image, cv2.merge([full, full, full]), dst=patch.image, scale=1 / 128)


_SPOT_POINTS = 14


@lru_cache(maxsize=64)
def _spots(fiftieths: int) -> Points:
    """(n, 2) outlines of all spots in head coordinates, for a jaw that is open by `fiftieths` / 50."""
    outlines: list[Points] = []
    for x, y, half_width, half_height, _ in _SPOTS:
        if abs(x) < 0.01 and 0.05 < y < 0.2:
            outlines.append(_nose_ridge(x, y, half_width, half_height))
        else:
            down = 0.085 * fiftieths / 50 * (0.6 if y > 0.35 else 0.0)
            flat = ellipse_outline(np.array([x, y + down]), half_width, half_height, count=_SPOT_POINTS)
            outlines.append(surface(flat[:, 0], flat[:, 1]))
    return np.concatenate(outlines)


def _nose_ridge(x: float, y: float, half_width: float, half_height: float) -> Points:
    flat = ellipse_outline(np.array([x, y]), half_width, half_height, count=_SPOT_POINTS)
    return np.column_stack([flat, 0.40 + 0.11 * np.clip((flat[:, 1] + 0.04) / 0.22, 0, 1)])


def draw_nose(patch: HeadPatch) -> None:
    """Paint tip, wings and nostrils, raised above the face so that they move most when the head turns."""
    skin = patch.appearance.skin
    for side in (-1.0, 1.0):
        wing = np.array(
            [
                (0.035, 0.165, 0.46),
                (0.058, 0.175, 0.43),
                (0.068, 0.205, 0.41),
                (0.05, 0.225, 0.42),
                (0.03, 0.222, 0.45),
            ]
        ) * [side, 1, 1]
        patch.line(smooth_curve(patch.pixels(wing), closed=False), shade(skin, -0.26), 2)
        nostril = np.array(
            [(0.014, 0.222, 0.465), (0.032, 0.214, 0.455), (0.046, 0.221, 0.44), (0.03, 0.229, 0.45)]
        )
        patch.fill(
            smooth_curve(patch.pixels(nostril * [side, 1, 1]), steps=4), mix_colours(skin, _DEEP, 0.72)
        )
    base = np.array([(-0.02, 0.235, 0.455), (0.0, 0.24, 0.465), (0.02, 0.235, 0.455)])
    patch.line(smooth_curve(patch.pixels(base), closed=False), shade(skin, -0.26), 2)
    shadow = -np.sign(patch.appearance.light_side) or 1.0
    bridge = np.array([(0.03, -0.03, 0.40), (0.024, 0.05, 0.44), (0.034, 0.13, 0.47)]) * [shadow, 1, 1]
    patch.line(smooth_curve(patch.pixels(bridge), closed=False), shade(skin, -0.14), 2)


def draw_eyes(patch: HeadPatch, posture: Posture) -> None:
    """Paint both eyes; a closed lid has a lash line and the colour of the skin."""
    for side in SIDES:
        _eye(patch, posture, outward(side), posture.face[side])


def _eye(patch: HeadPatch, posture: Posture, side: float, half: FaceHalf) -> None:
    x, y = side * 0.152, 0.012 - 0.008 * half.cheek
    lid = float(np.clip(half.lid, 0.0, 1.15))
    top, bottom = 0.043, 0.027 * (1 - 0.45 * half.cheek)
    corners = np.array([-0.074, -0.05, -0.02, 0.015, 0.048, 0.072])
    arch = np.array([0.0, 0.62, 0.98, 1.0, 0.62, 0.0])
    upper = np.column_stack([x + side * corners, y - arch * (top * lid - 0.9 * bottom * (1 - lid)) + 0.0])
    lower = np.column_stack([x + side * corners, y + arch * bottom])
    crease = np.column_stack([x + side * corners * 1.04, y - arch * 0.062 - 0.004])
    upper_px, lower_px, crease_px = (
        smooth_curve(_on_face(patch, line), closed=False, steps=4) for line in (upper, lower, crease)
    )
    _lid(patch, upper_px, lower_px, crease_px, lid)
    if lid > 0.08:
        _eyeball(patch, posture, np.array([x, y]), np.concatenate([upper_px, lower_px[::-1]]), side)
    patch.line(upper_px, mix_colours(patch.appearance.skin, _DEEP, 0.88), 3)
    patch.line(lower_px, mix_colours(patch.appearance.skin, _DEEP, 0.42), 1)


def _lid(patch: HeadPatch, upper: Points, lower: Points, crease: Points, lid: float) -> None:
    patch.fill(np.concatenate([crease, lower[::-1]]), shade(patch.appearance.skin, -0.07))
    patch.line(crease, mix_colours(patch.appearance.skin, _DEEP, 0.34), 2 if lid > 0.3 else 1)


def _eyeball(patch: HeadPatch, posture: Posture, centre: Points, opening: Points, side: float) -> None:
    left, top = np.maximum(np.floor(opening.min(axis=0)).astype(int) - 2, 0)
    right, bottom = np.ceil(opening.max(axis=0)).astype(int) + 3
    area = patch.image[top:bottom, left:right]
    if area.shape[0] < 3 or area.shape[1] < 3:
        return
    eye = np.empty_like(area)
    eye[:] = (226, 230, 234)
    offset = np.array([left, top], dtype=np.float64)
    appearance = shifted(centre, 0.034 * posture.gaze_x, 0.004 + 0.018 * posture.gaze_y)
    for radius, colour in (
        (0.0385, shade(patch.appearance.iris, -0.5)),
        (0.034, patch.appearance.iris),
        (0.017, (16, 14, 14)),
    ):
        ring = _on_face(patch, ellipse_outline(appearance, radius, radius, count=20)) - offset
        polygon(eye, ring, colour)
    glint = (
        _on_face(patch, ellipse_outline(shifted(appearance, -0.012, -0.013), 0.008, 0.008, count=8)) - offset
    )
    polygon(eye, glint, (250, 250, 250))
    mask = np.zeros(area.shape[:2], np.uint8)
    polygon(mask, opening - offset, (255,))
    rows = np.linspace(0.66, 1.04, area.shape[0])[:, None, None]
    share = mask[:, :, None] / 255.0
    area[:] = (area * (1 - share) + np.clip(eye * rows, 0, 255) * share).astype(np.uint8)


def draw_brows(patch: HeadPatch, posture: Posture) -> None:
    colour = shade(mix_colours(patch.appearance.hair, patch.appearance.skin, 0.18), -0.1)
    for side in SIDES:
        lift = 0.035 * posture.face[side].brow
        s = outward(side)
        upper = [(0.07, -0.083), (0.12, -0.108), (0.18, -0.116), (0.235, -0.088)]
        lower = [(0.235, -0.084), (0.18, -0.095), (0.12, -0.084), (0.07, -0.062)]
        outline = np.array([(s * x, y - lift) for x, y in upper + lower])
        patch.fill(smooth_curve(_on_face(patch, outline), steps=4), colour)


def draw_mouth(patch: HeadPatch, posture: Posture) -> None:
    """Paint lips, the opening between them and teeth; each corner can be pulled separately."""
    outer, inner = _lips(posture)
    skin = patch.appearance.skin
    outer_px = smooth_curve(_on_face(patch, outer, 0.025), steps=4)
    inner_px = smooth_curve(_on_face(patch, inner, 0.02), steps=4)
    rose = mix_colours(skin, _ROSE, 0.5)
    patch.fill(outer_px, shade(rose, 0.02))
    half = len(outer_px) // 2
    middle = smooth_curve(_on_face(patch, inner[:7], 0.025), closed=False, steps=4)
    patch.fill(np.concatenate([outer_px[: half + 1], middle[::-1]]), shade(rose, -0.14))
    patch.fill(inner_px, (38, 34, 66))
    if posture.jaw > 0.12:
        _teeth(patch, inner)
    patch.line(middle, mix_colours(rose, _DEEP, 0.7), 2)
    _mouth_folds(patch, posture)


def _lips(posture: Posture) -> tuple[Points, Points]:
    """Outlines of lips and opening: (n, 2) head coordinates, from the right corner over the top."""
    narrow = 1 - 0.28 * posture.pucker
    x = np.array([-0.122, -0.083, -0.035, 0.0, 0.035, 0.083, 0.122]) * narrow
    open_ = 0.085 * posture.jaw
    y = 0.325
    bow = np.array([0.0, -0.024, -0.037, -0.031, -0.037, -0.024, 0.0])
    belly = np.array([0.0, 0.026, 0.040, 0.043, 0.040, 0.026, 0.0])
    gap = np.array([0.0, 0.55, 0.93, 1.0, 0.93, 0.55, 0.0]) * open_
    upper = np.column_stack([x, y + bow - 0.10 * gap + 0.12 * open_])
    lower = np.column_stack([x + 0.03 * posture.jaw_side, y + belly + 0.9 * gap + 0.12 * open_])
    inner_upper = np.column_stack([x * 0.92, y + np.abs(bow) * 0.06 - 0.06 * gap + 0.12 * open_ + 0.002])
    inner_lower = np.column_stack([x * 0.92 + 0.03 * posture.jaw_side, y + 0.9 * gap + 0.12 * open_ + 0.004])
    for line in (upper, lower, inner_upper, inner_lower):
        _pull_corners(line, posture)
    return np.concatenate([upper, lower[-2:0:-1]]), np.concatenate([inner_upper, inner_lower[-2:0:-1]])


def _pull_corners(line: Points, posture: Posture) -> None:
    for side in SIDES:
        half, s = posture.face[side], outward(side)
        weight = np.clip(line[:, 0] * s / 0.122 + 0.15, 0, 1.15) ** 1.5
        line[:, 0] += s * weight * 0.075 * half.corner_out
        line[:, 1] -= weight * 0.075 * half.corner_up


def _teeth(patch: HeadPatch, inner: Points) -> None:
    upper, lower = inner[1:6], inner[7:][::-1]
    edge = upper + (lower[: len(upper)] - upper) * 0.3
    outline = np.concatenate([upper, edge[::-1]])
    patch.fill(_on_face(patch, outline, 0.02), (206, 216, 220))


def _mouth_folds(patch: HeadPatch, posture: Posture) -> None:
    skin = patch.appearance.skin
    for side in SIDES:
        s, half = outward(side), posture.face[side]
        strength = max(half.corner_out, half.corner_up, 0.0)
        fold = np.array(
            [
                (s * 0.085, 0.20 - 0.02 * half.cheek),
                (s * (0.125 + 0.03 * strength), 0.255 - 0.03 * strength),
                (s * (0.15 + 0.06 * strength), 0.325 - 0.06 * strength),
            ]
        )
        patch.line(
            smooth_curve(_on_face(patch, fold, 0.01), closed=False),
            shade(skin, -0.12 - 0.2 * min(1.0, strength)),
            2,
        )
