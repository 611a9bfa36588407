"""The soft shadow that the patient casts on the bed."""

from __future__ import annotations

import cv2
import numpy as np

from app.core.phantom.body import light_of
from app.core.phantom.painting import Canvas, Points, blur, capsule_outline, ellipse_outline, polygon
from app.core.phantom.posture import SIDES, BodyJoints
from app.core.phantom.script import PatientAppearance

_COARSE = 4


def cast_shadow(canvas: Canvas, body: BodyJoints, appearance: PatientAppearance) -> None:
    """Darken the picture softly next to and below the body; to be painted before the body."""
    height, width = canvas.image.shape[:2]
    coarse = np.full((height // _COARSE, width // _COARSE), 255, np.uint8)
    offset = -light_of(appearance) * np.array([9.0, 7.0])
    for shape in _shapes(body):
        polygon(coarse, canvas.pixels(shape + offset) / _COARSE, (176,))
    soft = blur(coarse, 7.0 * canvas.scale / _COARSE)
    full = cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR)
    cv2.multiply(canvas.image, cv2.merge([full, full, full]), dst=canvas.image, scale=1 / 255)


def _shapes(body: BodyJoints) -> list[Points]:
    shapes = [
        ellipse_outline(body.head, 36, 46),
        capsule_outline(body.neck, body.neck + np.array([0.0, 150.0]), 62, 58),
    ]
    for side in SIDES:
        arm, leg = body.arms[side], body.legs[side]
        shapes += [
            capsule_outline(arm.root, arm.middle, 18, 14),
            capsule_outline(arm.middle, arm.tip, 14, 10),
        ]
        shapes += [
            capsule_outline(leg.root, leg.middle, 34, 26),
            capsule_outline(leg.middle, leg.tip, 26, 16),
        ]
    return shapes
