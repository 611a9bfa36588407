"""Kinds of scripted events: the features that each shows, the lookalikes, and a description of each."""

from __future__ import annotations

from app.core.phantom.script import Event

IMPLIED: dict[tuple[str, str], tuple[str, ...]] = {
    ("tonic", "extension"): ("tonic", "arm_straightening"),
    ("tonic", "flexion"): ("tonic", "arm_flexion"),
    ("figure4", ""): ("figure4", "arm_flexion", "arm_straightening", "tonic"),
    ("asleep", ""): ("occur_during_sleep",),
}
"""Features that an event of this kind and variant shows, where that is not just its own kind."""

TOGETHER_KINDS = ("tonic", "clonic", "full_body_shaking")
"""Kinds that start both arms at once when they take both sides."""

LOOKALIKES: dict[str, str] = {
    "talking": "talking",
    "phone": "holding a phone",
    "reaching": "reaching",
    "turning": "turning to a voice",
    "nurse": "a nurse touching an arm",
    "eating": "eating",
    "drinking": "drinking",
    "pushing": "pushing with one arm",
    "scratching": "scratching",
    "gesturing": "gesturing",
}
"""Kinds that resemble a feature without being one, each with its description."""

_NAMES = {
    "tonic": "stiffening held",
    "clonic": "jerks",
    "figure4": "one arm straight, the other bent, held",
    "arm_flexion": "elbow held bent",
    "arm_straightening": "elbow held straight",
    "arms_move_simultaneously": "both arms start to move together",
    "limb_automatisms": "repeated small hand movements",
    "asynchronous_movement": "limbs shaking out of step",
    "full_body_shaking": "arms, legs and trunk shaking together",
    "pelvic_thrusting": "rhythmic hip movement",
    "asleep": "asleep when the recording starts",
    "blank_stare": "eyes open, gaze fixed, no blinks",
    "close_eyes": "eyes closed",
    "eye_blinking": "rapid blinking",
    "face_pulling": "corner of the mouth drawn and held",
    "face_twitching": "brief jerks of the face",
    "head_turning": "head turned and held",
    "oral_automatisms": "chewing",
    "ictal_vocalization": "groan",
}


def describe_event(event: Event) -> str:
    """A clause about an event: what happens, side, rate (Hz) and span (s)."""
    name = "cry" if event.variant == "cry" else _NAMES.get(event.kind, event.kind)
    side = f", {event.side.value}" if event.side else ""
    if event.rate and event.end_rate and abs(event.rate - event.end_rate) > 0.05:
        rate = f", {event.rate:.1f} Hz slowing to {event.end_rate:.1f} Hz"
    elif event.rate:
        rate = f", {event.rate:.1f} Hz"
    else:
        rate = ""
    return f"{name}{side}{rate}, {event.span.start:.1f}–{event.span.end:.1f} s"
