"""The patient's posture at a time of a script: the spontaneous movements of an awake person, then every
event."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from app.core.phantom.activity_motion import ACTIVITY_MOTIONS
from app.core.phantom.face_motion import FACE_MOTIONS
from app.core.phantom.limb_motion import LIMB_MOTIONS, Motion
from app.core.phantom.posture import Posture
from app.core.phantom.script import Event, PhantomScript
from app.core.phantom.time_functions import irregular_course, pseudo_random, smoothstep, swing, towards

MOTIONS: dict[str, Motion] = {**LIMB_MOTIONS, **FACE_MOTIONS, **ACTIVITY_MOTIONS}
"""Every kind of event that moves the patient. Simultaneous events are applied in this order."""

_ORDER = {kind: number for number, kind in enumerate(MOTIONS)}
_NO_BLINKS = ("blank_stare", "asleep", "close_eyes", "eye_blinking", "postictal")
_BLINK = 0.24


def posture_at(script: PhantomScript, seconds: float) -> Posture:
    """The posture at `seconds` on the script's clock."""
    posture = Posture()
    _move_awake_patient(posture, script, seconds)
    for event in _active(script, seconds):
        MOTIONS[event.kind](posture, event, seconds)
    return posture


def _active(script: PhantomScript, seconds: float) -> list[Event]:
    found = [
        event
        for event in script.events
        if event.kind in MOTIONS and event.span.start <= seconds < event.span.end + _tail(event)
    ]
    return sorted(found, key=lambda event: _ORDER[event.kind])


def _tail(event: Event) -> float:
    return 0.5 if event.kind == "asleep" else 0.0


def _move_awake_patient(posture: Posture, script: PhantomScript, t: float) -> None:
    """Add breathing, small shifts of head and limbs, glances and ordinary blinks."""
    seed = script.seed
    posture.breath = 0.5 + 0.5 * swing(0.25 * t)
    calm = _freedom(script, t)
    posture.yaw = calm * (4.5 * irregular_course(t, seed + 1, 0.07) + 5.0 * _glance(seed, t))
    posture.pitch = calm * 2.5 * irregular_course(t, seed + 2, 0.09)
    posture.roll = calm * 2.2 * irregular_course(t, seed + 3, 0.06)
    posture.gaze_x = calm * (0.9 * _glance(seed, t) + 0.1 * irregular_course(t, seed + 4, 0.2))
    posture.gaze_y = calm * 0.35 * _glance(seed + 50, t)
    posture.trunk_x = 1.0 * irregular_course(t, seed + 5, 0.04)
    for number, (side, arm) in enumerate(posture.arms.items()):
        arm.away += calm * 1.6 * irregular_course(t, seed + 10 + number, 0.05)
        arm.bend += calm * 4.0 * irregular_course(t, seed + 20 + number, 0.06)
        arm.grip += calm * 0.1 * irregular_course(t, seed + 25 + number, 0.1)
        posture.legs[side].spread += calm * 2.5 * irregular_course(t, seed + 30 + number, 0.04)
    lid = 1 - _ordinary_blink(script, t)
    for half in posture.face.values():
        half.lid = lid


def _freedom(script: PhantomScript, t: float) -> float:
    """The extent of spontaneous movement: 1 without an event, down to 0.25 during one."""
    share = 1.0
    for event in script.events:
        if event.kind in ("blank_stare", "tonic", "clonic", "head_turning", "asleep", "postictal"):
            inside = min(smoothstep((t - event.span.start) / 0.5), 1 - smoothstep((t - event.span.end) / 0.5))
            share = min(share, towards(1.0, 0.0 if event.kind != "clonic" else 0.4, inside))
    return share


def _glance(seed: int, t: float) -> float:
    """The direction of gaze, −1…1: a new one every one to two seconds, reached in a tenth of a second."""
    step = 1.6
    number = int(t / step)
    start = number * step + 0.6 * pseudo_random(seed + 60, number)
    before = pseudo_random(seed + 61, number - 1) * 2 - 1
    now = pseudo_random(seed + 61, number) * 2 - 1
    return towards(before, now, smoothstep((t - start) / 0.12))


@lru_cache(maxsize=8)
def blink_times(script: PhantomScript) -> tuple[float, ...]:
    """The onsets (s) of ordinary blinks, every 2.6–5 s, none during events that involve the eyes."""
    generator = np.random.default_rng(script.seed + 991)
    held = script.of_kind(*_NO_BLINKS)
    times: list[float] = []
    t = 1.0 + 2.0 * float(generator.random())
    while t < script.duration:
        if not any(event.span.start - 0.3 <= t <= event.span.end for event in held):
            times.append(t)
        t += 2.6 + 2.4 * float(generator.random())
    return tuple(times)


def _ordinary_blink(script: PhantomScript, t: float) -> float:
    closed = 0.0
    for start in blink_times(script):
        if start <= t <= start + _BLINK:
            closed = max(closed, smoothstep(1 - abs((t - start) / _BLINK - 0.45) / 0.45))
    return closed
