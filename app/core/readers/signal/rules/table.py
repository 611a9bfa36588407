"""The table of rules by feature."""

from __future__ import annotations

from collections.abc import Callable

from app.core.readers.signal.measures.measures import Measures
from app.core.readers.signal.rules import (
    asymmetry,
    clonic_jerks,
    context,
    eyes,
    face,
    movement,
    posture,
    sound,
)
from app.core.semiology import Answer

Rule = Callable[[Measures], Answer]

RULES: dict[str, Rule] = {
    "occur_during_sleep": context.occur_during_sleep,
    "arm_flexion": posture.arm_flexion,
    "arm_straightening": posture.arm_straightening,
    "arms_move_simultaneously": movement.arms_move_simultaneously,
    "figure4": posture.figure4,
    "tonic": posture.tonic,
    "clonic": clonic_jerks.clonic,
    "limb_automatisms": movement.limb_automatisms,
    "asynchronous_movement": movement.asynchronous_movement,
    "pelvic_thrusting": movement.pelvic_thrusting,
    "full_body_shaking": movement.full_body_shaking,
    "blank_stare": eyes.blank_stare,
    "close_eyes": eyes.close_eyes,
    "eye_blinking": eyes.eye_blinking,
    "face_pulling": asymmetry.face_pulling,
    "face_twitching": asymmetry.face_twitching,
    "head_turning": face.head_turning,
    "oral_automatisms": face.oral_automatisms,
    "verbal_responsiveness": sound.verbal_responsiveness,
    "ictal_vocalization": sound.ictal_vocalization,
}
"""One small function per feature, in the order of the checklist."""
