"""Painting of the nurse and of the objects in the patient's hands: a phone, a cup."""

from __future__ import annotations

import numpy as np

from app.core.phantom.head import head_matrix, place_head
from app.core.phantom.painting import Canvas, blob, rod, shade, shifted, smooth_curve
from app.core.phantom.posture import BodyJoints, LimbJoints, Posture, outward
from app.core.phantom.script import Event, PatientAppearance
from app.core.phantom.time_functions import smoothstep
from app.core.semiology import Laterality

_SKIN = (132, 164, 208)
_SCRUBS = (150, 134, 66)
_OUTSIDE, _BESIDE = 560.0, 262.0
_LIGHT = np.array([-0.4, -0.9])


def nurse_position(event: Event, seconds: float) -> tuple[float, float]:
    """The nurse's distance from the midline (scene units, outward) and the reach of the arm (0–1)."""
    span = event.span
    share = (seconds - span.start) / max(span.duration, 1e-6)
    near = min(smoothstep(share / 0.3), smoothstep((1 - share) / 0.3))
    reach = min(smoothstep((share - 0.26) / 0.14), smoothstep((0.74 - share) / 0.14))
    return _OUTSIDE + (_BESIDE - _OUTSIDE) * near, reach


def draw_nurse(canvas: Canvas, event: Event, seconds: float) -> None:
    """Paint the nurse's body and head, behind the patient's arms."""
    side = outward(event.side or Laterality.LEFT)
    away, _ = nurse_position(event, seconds)
    x = side * away
    for offset in (-20.0, 20.0):
        rod(
            canvas,
            np.array([x + offset, 330.0]),
            np.array([x + offset, 520.0]),
            (27, 23),
            (120, 108, 60),
            _LIGHT,
            layers=5,
        )
    shape = np.array(
        [
            (-22, 146), (-48, 154), (-62, 172), (-58, 230), (-50, 280), (-56, 350),
            (0, 362), (56, 350), (50, 280), (58, 230), (62, 172), (48, 154), (22, 146),
        ],
        dtype=np.float64,
    )  # fmt: skip
    rod(canvas, np.array([x, 120.0]), np.array([x, 150.0]), (16, 18), _SKIN, _LIGHT, layers=4)
    blob(canvas, smooth_curve(shifted(shape, x, 0), steps=4), _SCRUBS, _LIGHT, layers=6, depth=0.8)
    neck = np.array([(-16.0, 146), (0, 172), (16, 146), (0, 140)])
    canvas.fill(smooth_curve(shifted(neck, x, 0), steps=4), shade(_SKIN, -0.08))
    far = np.array([(x + side * 56, 178.0), (x + side * 66, 258.0), (x + side * 52, 330.0)])
    rod(canvas, far[1], far[2], (13, 9), _SKIN, _LIGHT, layers=5)
    rod(canvas, far[0], far[1], (17, 14), _SCRUBS, _LIGHT, layers=5)
    appearance = PatientAppearance(skin=_SKIN, hair=(34, 44, 66), hair_style="cropped", light_side=-0.4)
    posture = Posture(yaw=-side * 46.0, pitch=14.0, gaze_x=-side * 0.6, gaze_y=0.6)
    place_head(
        canvas.image, posture, appearance, head_matrix(np.array([x, 86.0]), 0.0, canvas.matrix, canvas.scale)
    )


def draw_nurse_arm(canvas: Canvas, event: Event, seconds: float, touched: LimbJoints) -> None:
    """Paint the nurse's arm that touches the patient's forearm, in front of it."""
    side = outward(event.side or Laterality.LEFT)
    away, reach = nurse_position(event, seconds)
    shoulder = np.array([side * (away - 52), 180.0])
    rest = np.array([side * (away - 44), 318.0])
    target = touched.middle + (touched.end - touched.middle) * 0.4 + [side * 12.0, -4.0]
    hand = rest + (target - rest) * reach
    elbow = (shoulder + hand) / 2 + np.array([side * 4.0, 34.0 * reach])
    rod(canvas, elbow, hand, (13, 9), _SKIN, _LIGHT, layers=5)
    rod(canvas, shoulder, elbow, (17, 14), _SCRUBS, _LIGHT, layers=5)
    for offset in (-5.0, 0.0, 5.0):
        tip = hand + np.array([-side * 15.0, offset + 4])
        rod(canvas, shifted(hand, 0, offset), tip, (4.4, 3.2), _SKIN, _LIGHT, layers=3)


def draw_phone(canvas: Canvas, limb: LimbJoints) -> None:
    """Paint a phone in the hand, its screen towards the patient's face."""
    along = (limb.tip - limb.end) / max(1e-6, float(np.hypot(*(limb.tip - limb.end))))
    across = np.array([-along[1], along[0]])
    middle = limb.end + along * 24
    corners = np.array([(-12.0, -23.0), (12, -23), (12, 23), (-12, 23)])
    outline = np.array([middle + across * x + along * y for x, y in corners])
    canvas.fill(outline, (46, 42, 40))
    canvas.line(outline, (96, 92, 90), 1.2, closed=True)
    lens = middle + across * 7 + along * 17
    canvas.fill(
        np.array([shifted(lens, -2, -2), shifted(lens, 2, -2), shifted(lens, 2, 2), shifted(lens, -2, 2)]),
        (90, 84, 80),
    )


def draw_cup(canvas: Canvas, limb: LimbJoints) -> None:
    """Paint a cup in the hand."""
    middle = limb.end + (limb.tip - limb.end) * 0.6
    outline = middle + np.array([(-12.0, -18), (12, -18), (9.5, 15), (-9.5, 15)])
    blob(canvas, outline, (214, 206, 190), _LIGHT, layers=3, depth=0.7)


def draw_held_objects(canvas: Canvas, body: BodyJoints, posture: Posture) -> None:
    """Paint the objects that the patient holds."""
    if posture.phone is not None:
        draw_phone(canvas, body.arms[posture.phone])
    if posture.cup is not None:
        draw_cup(canvas, body.arms[posture.cup])
