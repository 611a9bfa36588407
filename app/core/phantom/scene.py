"""The composition of one picture: room, bed, patient, nurse and objects."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from app.core.phantom.body import draw_blanket, draw_forearm, draw_legs, draw_torso, draw_upper_arms
from app.core.phantom.head import head_matrix, place_head
from app.core.phantom.nurse_and_objects import draw_held_objects, draw_nurse, draw_nurse_arm
from app.core.phantom.painting import Canvas, Image, canvas_matrix, mix_colours
from app.core.phantom.posture import SIDES, Posture, joints
from app.core.phantom.room import room_picture
from app.core.phantom.script import PatientAppearance, PhantomScript
from app.core.phantom.shadow import cast_shadow
from app.core.semiology import Laterality


@lru_cache(maxsize=4)
def apply_camera_light(appearance: PatientAppearance) -> PatientAppearance:
    """The appearance with the colours that the camera sees: near-infrared light passes pigment, so that every
    skin is bright; hair stays dark and cloth turns to an even grey."""
    if not appearance.infrared:
        return appearance
    return replace(
        appearance,
        skin=mix_colours(appearance.skin, (214, 222, 232), 0.8),
        hair=mix_colours(appearance.hair, (40, 40, 40), 0.6),
        gown=mix_colours(appearance.gown, (150, 150, 150), 0.5),
        trousers=mix_colours(appearance.trousers, (110, 110, 110), 0.5),
        bedding=mix_colours(appearance.bedding, (176, 176, 176), 0.8),
        iris=(60, 60, 60),
    )


def draw_scene(script: PhantomScript, posture: Posture, seconds: float = 0.0) -> Image:
    """The picture (height, width, 3) BGR of a posture, before the camera's light and noise; `seconds` is the
    time on the script's clock, which determines the nurse's position."""
    appearance, camera, size = apply_camera_light(script.appearance), script.camera, script.size
    matrix, scale = canvas_matrix(camera, size)
    picture = room_picture(appearance, camera, size).copy()
    canvas = Canvas(picture, matrix, scale)
    body = joints(posture, appearance.build)
    nurses = [event for event in script.events if event.kind == "nurse" and event.span.contains(seconds)]
    for nurse in nurses:
        draw_nurse(canvas, nurse, seconds)
    cast_shadow(canvas, body, appearance)
    draw_legs(canvas, body, appearance)
    draw_upper_arms(canvas, body, appearance)
    draw_torso(canvas, body, posture, appearance)
    if appearance.blanket:
        draw_blanket(canvas, body, appearance)
    for side in SIDES:
        draw_forearm(canvas, body.arms[side], posture.arms[side].grip, side, appearance)
    draw_held_objects(canvas, body, posture)
    for nurse in nurses:
        draw_nurse_arm(canvas, nurse, seconds, body.arms[nurse.side or Laterality.LEFT])
    place_head(picture, posture, appearance, head_matrix(body.head, posture.roll + body.lean, matrix, scale))
    return picture
