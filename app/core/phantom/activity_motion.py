"""Movements of ordinary activity: phone, reaching, eating, drinking, pushing, scratching."""

from __future__ import annotations

from app.core.phantom.limb_motion import Motion
from app.core.phantom.posture import Arm, Posture, outward
from app.core.phantom.script import Event
from app.core.phantom.time_functions import envelope, irregular_course, smoothstep, swing, towards
from app.core.semiology import Laterality


def _move(arm: Arm, share: float, away: float, bend: float, grip: float, *, reach: float = 1.0) -> None:
    arm.away = towards(arm.away, away, share)
    arm.bend = towards(arm.bend, bend, share)
    arm.inward = towards(arm.inward, 1.0, share)
    arm.grip = towards(arm.grip, grip, share)
    arm.wrist = towards(arm.wrist, 0.0, share)
    arm.reach = towards(arm.reach, reach, share)


def phone(posture: Posture, event: Event, t: float) -> None:
    """Looking at a phone held before the chest, thumbing it now and then."""
    side = event.side or Laterality.RIGHT
    share = envelope(t, event, 0.9, 0.9)
    _move(
        posture.arms[side],
        share,
        27 + irregular_course(t, event.seed, 0.2),
        136 + 2 * irregular_course(t, event.seed + 1, 0.25),
        0.8,
    )
    posture.pitch = towards(posture.pitch, 7 + 2 * irregular_course(t, event.seed + 2, 0.15), share)
    posture.gaze_y = towards(posture.gaze_y, 0.7 + 0.1 * swing(0.35 * t), share)
    posture.gaze_x = towards(posture.gaze_x, outward(side) * 0.2 + 0.12 * swing(0.6 * t), share)
    if share > 0.35:
        posture.phone = side


def reaching(posture: Posture, event: Event, t: float) -> None:
    """Reaching for something beside the bed and coming back with it: one smooth way out, one back."""
    side = event.side or Laterality.LEFT
    share = envelope(t, event, event.span.duration * 0.48, event.span.duration * 0.48)
    _move(
        posture.arms[side],
        share,
        66,
        16,
        0.15 + 0.5 * smoothstep((t - event.span.start) / event.span.duration),
    )
    posture.gaze_x = towards(posture.gaze_x, outward(side) * 0.7, share)
    posture.yaw = towards(posture.yaw, outward(side) * 13, share)
    posture.lean += outward(side) * 2.5 * share


def eating(posture: Posture, event: Event, t: float) -> None:
    """The hand goes to the mouth every few seconds; chewing in between, with pauses and looks around."""
    side = event.side or Laterality.RIGHT
    share = envelope(t, event, 0.6, 0.6)
    period = 4.6
    phase = ((t - event.span.start) % period) / period
    lifted = smoothstep(phase / 0.2) * (1 - smoothstep((phase - 0.3) / 0.2))
    _move(
        posture.arms[side],
        share,
        24,
        towards(58, 158, lifted),
        0.75,
        reach=towards(1.0, 0.6, lifted),
    )
    bite = smoothstep(1 - abs(phase - 0.25) / 0.1)
    chewing = smoothstep((phase - 0.4) / 0.08) * (1 - smoothstep((phase - 0.78) / 0.1))
    irregular = 1.7 * t + 0.6 * irregular_course(t, event.seed, 0.5)
    posture.jaw = max(posture.jaw, share * (0.5 * bite + 0.16 * chewing * (0.5 - 0.5 * swing(irregular))))
    posture.pitch += 5 * share * lifted


def drinking(posture: Posture, event: Event, t: float) -> None:
    """A cup from the side to the mouth, a sip, and down again."""
    side = event.side or Laterality.RIGHT
    share = envelope(t, event, event.span.duration * 0.36, event.span.duration * 0.36)
    _move(posture.arms[side], share, 25, 158, 0.85, reach=0.62)
    posture.pitch -= 5 * smoothstep((share - 0.8) / 0.2)
    posture.jaw = max(posture.jaw, 0.12 * smoothstep((share - 0.85) / 0.15))
    if share > 0.05:
        posture.cup = side


def pushing(posture: Posture, event: Event, t: float) -> None:
    """Pushing with one bent arm against something, as in arm wrestling: effort with slow give and take."""
    side = event.side or Laterality.RIGHT
    share = envelope(t, event, 0.9, 0.9)
    give = irregular_course(t, event.seed, 0.22)
    _move(posture.arms[side], share, 40 + 9 * give, 78 + 16 * give, 0.95)
    posture.trunk_x += 4 * share * irregular_course(t, event.seed + 1, 0.2)
    posture.lean += outward(side) * share * (1.5 + 1.2 * give)
    posture.yaw += outward(side) * 8 * share
    for half in posture.face.values():
        half.cheek += 0.25 * share
        half.corner_out += 0.2 * share * (0.5 + 0.5 * give)


def scratching(posture: Posture, event: Event, t: float) -> None:
    """A short scratch of the other forearm or a wipe of the nose."""
    side = event.side or Laterality.LEFT
    share = envelope(t, event, 0.5, 0.5)
    _move(posture.arms[side], share, 22, 156, 0.6, reach=0.62)
    posture.arms[side].bend += 3.0 * share * swing(3.2 * t)


def gesturing(posture: Posture, event: Event, t: float) -> None:
    """Hand gestures that accompany speech."""
    side = event.side or Laterality.LEFT
    share = envelope(t, event, 0.5, 0.6)
    _move(
        posture.arms[side],
        share * 0.9,
        26 + 10 * irregular_course(t, event.seed, 0.35),
        72 + 22 * irregular_course(t, event.seed + 1, 0.45),
        0.2 + 0.2 * irregular_course(t, event.seed + 2, 0.5),
    )


ACTIVITY_MOTIONS: dict[str, Motion] = {
    "phone": phone,
    "reaching": reaching,
    "eating": eating,
    "drinking": drinking,
    "pushing": pushing,
    "scratching": scratching,
    "gesturing": gesturing,
}
