"""Composes one picture: room, bed, patient, and whoever else is there."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from app.core.phantom.body import draw_blanket, draw_forearm, draw_legs, draw_torso, draw_upper_arms
from app.core.phantom.head import head_matrix, place_head
from app.core.phantom.nurse_and_objects import draw_nurse, draw_nurse_arm, draw_things
from app.core.phantom.painting import Canvas, Image, canvas_matrix, mixed
from app.core.phantom.posture import SIDES, Posture, joints
from app.core.phantom.room import room_picture
from app.core.phantom.script import Appearance, PhantomScript
from app.core.phantom.shadow import cast_shadow
from app.core.semiology import Laterality


@lru_cache(maxsize=4)
def under_its_light(look: Appearance) -> Appearance:
    """The appearance as the camera's light shows it: near-infrared light passes pigment, so that every skin
    is bright; hair stays dark and cloth turns to an even grey."""
    if not look.infrared:
        return look
    return replace(
        look,
        skin=mixed(look.skin, (214, 222, 232), 0.8),
        hair=mixed(look.hair, (40, 40, 40), 0.6),
        gown=mixed(look.gown, (150, 150, 150), 0.5),
        trousers=mixed(look.trousers, (110, 110, 110), 0.5),
        bedding=mixed(look.bedding, (176, 176, 176), 0.8),
        iris=(60, 60, 60),
    )


def draw_scene(script: PhantomScript, posture: Posture, seconds: float = 0.0) -> Image:
    """The picture (height, width, 3) BGR of a posture, before the camera's light and noise; `seconds` places
    whoever walks in."""
    look, camera, size = under_its_light(script.appearance), script.camera, script.size
    matrix, scale = canvas_matrix(camera, size)
    picture = room_picture(look, camera, size).copy()
    canvas = Canvas(picture, matrix, scale)
    body = joints(posture, look.build)
    nurses = [event for event in script.events if event.kind == "nurse" and event.span.contains(seconds)]
    for nurse in nurses:
        draw_nurse(canvas, nurse, seconds)
    cast_shadow(canvas, body, look)
    draw_legs(canvas, body, look)
    draw_upper_arms(canvas, body, look)
    draw_torso(canvas, body, posture, look)
    if look.blanket:
        draw_blanket(canvas, body, look)
    for side in SIDES:
        draw_forearm(canvas, body.arms[side], posture.arms[side].grip, side, look)
    draw_things(canvas, body, posture)
    for nurse in nurses:
        draw_nurse_arm(canvas, nurse, seconds, body.arms[nurse.side or Laterality.LEFT])
    place_head(picture, posture, look, head_matrix(body.head, posture.roll + body.lean, matrix, scale))
    return picture
