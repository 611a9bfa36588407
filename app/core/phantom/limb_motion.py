"""Movements of arms, legs and trunk for scripted events."""

from __future__ import annotations

from collections.abc import Callable

from app.core.phantom.posture import SIDES, Arm, Posture, outward
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

Motion = Callable[[Posture, Event, float], None]


def sides_of(event: Event) -> tuple[Laterality, ...]:
    """The sides of an event; both for an event without a side."""
    return SIDES if event.side in (None, Laterality.BOTH) else (event.side,)


def other(side: Laterality) -> Laterality:
    return Laterality.RIGHT if side is Laterality.LEFT else Laterality.LEFT


def _set_arm(
    arm: Arm,
    share: float,
    *,
    away: float,
    bend: float,
    inward: float = 1.0,
    grip: float = 0.25,
    wrist: float = 0.0,
) -> None:
    arm.away = towards(arm.away, away, share)
    arm.bend = towards(arm.bend, bend, share)
    arm.inward = towards(arm.inward, inward, share)
    arm.grip = towards(arm.grip, grip, share)
    arm.wrist = towards(arm.wrist, wrist, share)


def tonic(posture: Posture, event: Event, t: float) -> None:
    """Arms lifted and stiff, straight or bent by the event's variant; legs extended; trunk arched."""
    share = envelope(t, event, 0.7, 0.6)
    for side in sides_of(event):
        if event.variant == "flexion":
            _set_arm(posture.arms[side], share, away=58, bend=112, inward=-1.0, grip=1.0, wrist=-20)
        elif event.variant == "halfway":
            _set_arm(posture.arms[side], share, away=46, bend=52, inward=1.0, grip=1.0, wrist=22)
        else:
            _set_arm(posture.arms[side], share, away=52, bend=4, inward=1.0, grip=0.95, wrist=18)
        leg = posture.legs[side]
        leg.slide = towards(leg.slide, -3, share)
        leg.lift = towards(leg.lift, -5, share)
        leg.point = towards(leg.point, 1.0, share)
        leg.spread = towards(leg.spread, 12.0, share)
        posture.face[side].brow += 0.4 * share
    posture.pitch = towards(posture.pitch, -7, share)
    posture.breath *= 1 - share


def clonic(posture: Posture, event: Event, t: float) -> None:
    """Stereotyped jerks of the arm (and, on both sides, of the legs) that slow down before they stop."""
    share = envelope(t, event, 0.15, 0.15)
    pull = jerk(cycles(t, event)) * share * event.amount
    lift = envelope(t, event, 0.6, 0.9)
    for side in sides_of(event):
        arm = posture.arms[side]
        _set_arm(arm, lift, away=40, bend=48, inward=1.0, grip=0.9)
        arm.bend += 42 * pull
        arm.away += 9 * pull
        if event.side in (None, Laterality.BOTH):
            posture.legs[side].lift += 13 * pull
            posture.legs[side].slide += 7 * pull
    if event.side in (None, Laterality.BOTH):
        posture.trunk_y -= 3.4 * pull
        posture.pitch += 5 * pull


def figure4(posture: Posture, event: Event, t: float) -> None:
    """The arm on the event's side straight, the other bent across the chest; the bent arm starts later and
    ends earlier, so that the arms do not move together."""
    straight = event.side or Laterality.LEFT
    late = smoothstep((t - event.span.start - 1.2) / 0.7) * smoothstep((event.span.end - 1.2 - t) / 0.7)
    share = envelope(t, event, 0.8, 0.8)
    _set_arm(posture.arms[straight], share, away=66, bend=3, grip=0.85, wrist=10)
    _set_arm(posture.arms[other(straight)], late, away=42, bend=122, grip=0.95, wrist=15)


def held_arm(posture: Posture, event: Event, t: float) -> None:
    """One arm (or both) held bent or straight, swaying slightly because it is not stiff."""
    share = envelope(t, event, 0.7, 0.7)
    sway = 5.0 * swing(0.55 * t + pseudo_random(event.seed, 2))
    for side in sides_of(event):
        if event.kind == "arm_flexion":
            _set_arm(posture.arms[side], share, away=34 + sway, bend=112 + 0.6 * sway, grip=0.7)
        else:
            _set_arm(posture.arms[side], share, away=58 + sway, bend=5, grip=0.35)


def arms_together(posture: Posture, event: Event, t: float) -> None:
    """Both arms start at once, rise, and sink again."""
    share = envelope(t, event, 0.6, 1.0)
    for side in SIDES:
        away = 60 if event.variant != "forward" else 44
        _set_arm(
            posture.arms[side], share, away=away, bend=54, inward=-0.4 if event.variant != "forward" else 1
        )


def limb_automatisms(posture: Posture, event: Event, t: float) -> None:
    """Small irregular repeated movements of the hand: picking at the sheet, rubbing the thigh, patting."""
    share = envelope(t, event, 0.6, 0.6)
    phase = irregular_cycles(t, event)
    for side in sides_of(event):
        arm = posture.arms[side]
        _set_arm(arm, share, away=32, bend=44, grip=0.4)
        if event.variant == "rub":
            arm.bend += share * event.amount * (14 * swing(phase) + 2 * irregular_course(t, event.seed))
            arm.away += share * 4.0 * swing(phase + 0.2)
        else:
            arm.bend += (
                share * event.amount * (13.0 * swing(phase) + 2 * irregular_course(t, event.seed + 1, 0.3))
            )
            arm.away += share * 3.0 * swing(phase + 0.3)
            arm.wrist += share * 14 * swing(phase + 0.25)
            arm.grip += share * 0.38 * swing(phase + 0.1)


_LIMB_RATES = {Laterality.LEFT: (1.0, 0.77), Laterality.RIGHT: (0.68, 1.18)}


def asynchronous(posture: Posture, event: Event, t: float) -> None:
    """Each limb shakes with its own rate, amplitude and phase, waxing and waning; no two start together."""
    for number, side in enumerate(SIDES):
        arm_factor, leg_factor = _LIMB_RATES[side]
        late = smoothstep((t - event.span.start - 1.1 * number) / 0.4)
        early = smoothstep((event.span.end - 1.1 * (1 - number) - t) / 0.5)
        share = envelope(t, event, 0.4, 0.5) * late * early
        size = event.amount * share * (0.8 + 0.35 * irregular_course(t, event.seed + number, 0.35))
        phase = (
            cycles(t, event) * arm_factor
            + 0.3 * irregular_course(t, event.seed + 7 + number, 0.4)
            + 0.37 * number
        )
        arm = posture.arms[side]
        _set_arm(arm, share, away=34, bend=52, grip=0.6)
        arm.bend += 24 * size * swing(phase)
        arm.away += 8 * size * swing(phase + 0.2)
        leg = (
            cycles(t, event) * leg_factor
            + 0.25 * irregular_course(t, event.seed + 11 + number, 0.4)
            + 0.6 * number
        )
        posture.legs[side].lift += 9 * size * (1 + swing(leg))
        posture.legs[side].spread += 5 * size * swing(leg + 0.3)


def full_body_shaking(posture: Posture, event: Event, t: float) -> None:
    """Arms, legs and trunk shake together, fast, unevenly and without slowing."""
    share = envelope(t, event, 0.3, 0.4)
    size = share * event.amount * (0.85 + 0.2 * irregular_course(t, event.seed, 0.5))
    phase = cycles(t, event) + 0.3 * irregular_course(t, event.seed + 3, 0.6)
    beat = swing(phase)
    for side in SIDES:
        arm = posture.arms[side]
        _set_arm(arm, share, away=37, bend=50, grip=0.85)
        arm.bend += 24 * size * beat
        arm.away += 11 * size * beat
        posture.legs[side].lift += 13 * size * (1 + beat)
        posture.legs[side].spread += 8.0 * size * beat
        posture.legs[side].slide += 6.0 * size * (1 + beat)
    posture.trunk_x += 10.0 * size * swing(phase + 0.1)
    posture.lean += 1.6 * size * beat


def pelvic_thrusting(posture: Posture, event: Event, t: float) -> None:
    """The hips push forward and fall back; shoulders and feet stay in place."""
    share = envelope(t, event, 0.3, 0.4)
    push = 0.5 - 0.5 * swing(cycles(t, event) + 0.25)
    posture.thrust += 26 * share * event.amount * push
    for side in SIDES:
        posture.legs[side].lift += 4 * share * push


def postictal(posture: Posture, event: Event, t: float) -> None:
    """Limp, with deep slow breathing."""
    share = envelope(t, event, 1.6, 0.1)
    posture.breath = towards(posture.breath, 1.0 + 1.1 * swing(0.32 * t), share)
    posture.roll = towards(posture.roll, 7, share)
    posture.pitch = towards(posture.pitch, 6, share)
    for side in SIDES:
        _set_arm(posture.arms[side], share, away=27, bend=22, grip=0.2)
        posture.legs[side].spread = towards(posture.legs[side].spread, 9, share)
        half = posture.face[side]
        half.lid = towards(half.lid, 0.0, smoothstep((t - event.span.start - 1.5) / 2.0) * share)
    posture.jaw = towards(posture.jaw, 0.16, share)


def nurse_touch(posture: Posture, event: Event, t: float) -> None:
    """The touched arm is moved a little."""
    side = event.side or Laterality.LEFT
    middle = envelope(t, event, event.span.duration * 0.42, event.span.duration * 0.42)
    if middle > 0.95:
        posture.arms[side].away += 1.5 * outward(side) * swing(0.8 * t)


LIMB_MOTIONS: dict[str, Motion] = {
    "tonic": tonic,
    "clonic": clonic,
    "figure4": figure4,
    "arm_flexion": held_arm,
    "arm_straightening": held_arm,
    "arms_move_simultaneously": arms_together,
    "limb_automatisms": limb_automatisms,
    "asynchronous_movement": asynchronous,
    "full_body_shaking": full_body_shaking,
    "pelvic_thrusting": pelvic_thrusting,
    "postictal": postictal,
    "nurse": nurse_touch,
}
