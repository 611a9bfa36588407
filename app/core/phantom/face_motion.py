"""Movements of head, eyes, face and mouth for scripted events."""

from __future__ import annotations

from app.core.phantom.limb_motion import Motion, sides_of
from app.core.phantom.posture import SIDES, Posture, outward
from app.core.phantom.script import Event
from app.core.phantom.time_functions import (
    cycles,
    envelope,
    irregular_course,
    irregular_cycles,
    jerk,
    pseudo_random,
    smoothstep,
    swing,
    towards,
)
from app.core.semiology import Laterality


def blank_stare(posture: Posture, event: Event, t: float) -> None:
    """Eyes open and fixed, head still; `motion.py` makes no blinks meanwhile."""
    share = envelope(t, event, 0.5, 0.5)
    posture.gaze_x = towards(posture.gaze_x, 0.12, share)
    posture.gaze_y = towards(posture.gaze_y, 0.0, share)
    posture.yaw = towards(posture.yaw, 0.0, share)
    posture.pitch = towards(posture.pitch, 0.0, share)
    posture.roll = towards(posture.roll, 0.0, share)
    for half in posture.face.values():
        half.lid = towards(half.lid, 1.06, share)


def close_eyes(posture: Posture, event: Event, t: float) -> None:
    share = envelope(t, event, 0.25, 0.3)
    for half in posture.face.values():
        half.lid = towards(half.lid, 0.0, share)
        if event.variant == "squeezed":
            half.cheek = towards(half.cheek, 0.8, share)
            half.brow = towards(half.brow, -0.6, share)


def asleep(posture: Posture, event: Event, t: float) -> None:
    """Eyes closed, body still, head slightly to one side, slow breathing; ends with opening of the eyes."""
    share = 1 - smoothstep((t - event.span.end) / 0.4)
    for half in posture.face.values():
        half.lid = towards(half.lid, 0.0, share)
    posture.yaw = towards(posture.yaw, 0.0, share)
    posture.roll = towards(posture.roll, 6.0 if event.seed % 2 else -6.0, share)
    posture.pitch = towards(posture.pitch, 4.0, share)
    posture.breath = towards(posture.breath, 0.5 + 0.5 * swing(0.22 * t), share)


def eye_blinking(posture: Posture, event: Event, t: float) -> None:
    share = envelope(t, event, 0.1, 0.1)
    phase = cycles(t, event) % 1.0
    width = min(0.6, 0.2 * event.rate)
    closed = smoothstep(1 - abs(phase - 0.5) / (width / 2)) * share
    for side in sides_of(event):
        posture.face[side].lid = towards(posture.face[side].lid, 0.0, closed)


def face_pulling(posture: Posture, event: Event, t: float) -> None:
    share = envelope(t, event, 0.5, 0.6) * event.amount
    for side in sides_of(event):
        half = posture.face[side]
        half.corner_out = towards(half.corner_out, 0.9, share)
        half.corner_up = towards(half.corner_up, 1.15, share)
        half.cheek = towards(half.cheek, 0.8, share)
        half.lid = half.lid * (1 - 0.3 * share)


def face_twitching(posture: Posture, event: Event, t: float) -> None:
    pull = jerk(cycles(t, event)) * envelope(t, event, 0.15, 0.15) * event.amount
    for side in sides_of(event):
        half = posture.face[side]
        half.corner_out += 0.85 * pull
        half.corner_up += 0.8 * pull
        half.cheek += 0.6 * pull
        half.lid *= 1 - 0.12 * pull


def head_turning(posture: Posture, event: Event, t: float) -> None:
    """A forced (versive) turn: slow and steady to the side, held stiffly, released slowly, with the eyes."""
    share = envelope(t, event, 1.3, 1.2)
    side = outward(event.side or Laterality.LEFT)
    posture.yaw = towards(posture.yaw, side * 40 * event.amount, share)
    posture.pitch = towards(posture.pitch, -3, share)
    posture.gaze_x = towards(posture.gaze_x, side * 0.9, share)
    posture.gaze_y = towards(posture.gaze_y, 0.0, share)


def oral_automatisms(posture: Posture, event: Event, t: float) -> None:
    """Chewing: the jaw opens a little and closes, regularly, with some sideways grinding; or smacking."""
    share = envelope(t, event, 0.5, 0.5)
    phase = cycles(t, event) + 0.08 * irregular_course(t, event.seed, 0.4)
    open_ = 0.5 - 0.5 * swing(phase + 0.25)
    posture.jaw = towards(posture.jaw, 0.42 * event.amount * open_, share)
    posture.jaw_side += 0.7 * share * swing(phase * 0.5)
    if event.variant == "smack":
        posture.pucker = towards(posture.pucker, 0.9 * (1 - open_), share)


def speaking(posture: Posture, event: Event, t: float) -> None:
    """Talking: quick irregular opening of the mouth in syllables and pauses, with small nods and brows."""
    share = envelope(t, event, 0.1, 0.15)
    phase = irregular_cycles(t, event, 0.6)
    phrase = smoothstep(2.4 * (irregular_course(t, event.seed + 5, 0.33) + 0.42))
    size = 0.25 + 0.55 * pseudo_random(event.seed, int(phase) + 9)
    posture.jaw = max(posture.jaw, share * phrase * size * (0.5 - 0.5 * swing(phase + 0.25)))
    posture.pucker += 0.5 * share * phrase * max(0.0, irregular_course(t, event.seed + 8, 1.1))
    posture.pitch += 2.2 * share * irregular_course(t, event.seed + 1, 0.5)
    posture.yaw += 3.5 * share * irregular_course(t, event.seed + 2, 0.3)
    for side in SIDES:
        posture.face[side].brow += 0.35 * share * max(0.0, irregular_course(t, event.seed + 4, 0.4))
        posture.face[side].corner_up += 0.16 * share


def mumbling(posture: Posture, event: Event, t: float) -> None:
    share = envelope(t, event, 0.1, 0.2)
    posture.jaw = max(posture.jaw, 0.16 * share * (0.5 - 0.5 * swing(cycles(t, event) + 0.25)))


def vocalizing(posture: Posture, event: Event, t: float) -> None:
    """The mouth stays open while a groan or a cry lasts."""
    share = envelope(t, event, 0.25, 0.3)
    posture.jaw = max(posture.jaw, (0.62 if event.variant == "cry" else 0.36) * share)


def turn_to_voice(posture: Posture, event: Event, t: float) -> None:
    """A brief, easy glance to one side: the eyes first, then the head, and back."""
    eyes = envelope(t, event, 0.2, 0.3)
    share = envelope(t, event, 0.45, 0.5)
    side = outward(event.side or Laterality.LEFT)
    posture.gaze_x = towards(posture.gaze_x, side * 0.8, eyes)
    posture.yaw = towards(posture.yaw, side * 24 * event.amount, share)


FACE_MOTIONS: dict[str, Motion] = {
    "asleep": asleep,
    "blank_stare": blank_stare,
    "close_eyes": close_eyes,
    "eye_blinking": eye_blinking,
    "face_pulling": face_pulling,
    "face_twitching": face_twitching,
    "head_turning": head_turning,
    "oral_automatisms": oral_automatisms,
    "talking": speaking,
    "reply": speaking,
    "mumbling": mumbling,
    "ictal_vocalization": vocalizing,
    "turning": turn_to_voice,
}
