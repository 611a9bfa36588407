"""The features as HED-SCORE 2.1 annotations, so that other studies' tools can find them.

Tags of the library schema score_2.1.0, which is merged with HED 8.4.0; the ids stand in semiology.csv.
Where HED-SCORE has no tag for it the feature is an “other manifestation” with its name, and where
its tag says more than the answer does (which elbow was extended) the name is given instead.
"""

from __future__ import annotations

from collections.abc import Mapping

HED_VERSION = "score_2.1.0"

HED: Mapping[str, str] = {
    "occur_during_sleep": "Initial-ictal-phase, Asleep",
    "arm_flexion": "(Semiology-postural, Upper-extremity), Description/Arm held bent",
    "arm_straightening": "(Semiology-postural, Upper-extremity), Description/Arm held straight",
    "arms_move_simultaneously": "Semiology-manifestation-other/Both arms begin to move together",
    "figure4": "Semiology-manifestation-other/Figure-4 posture",
    "tonic": "Semiology-tonic",
    "clonic": "Semiology-clonic",
    "limb_automatisms": "(Semiology-manual, Semiology-gestural)",
    "asynchronous_movement": "Semiology-manifestation-other/Limbs move out of step",
    "pelvic_thrusting": "Semiology-hypermotor, Description/Pelvic thrusting",
    "full_body_shaking": "Semiology-manifestation-other/Full-body shaking",
    "blank_stare": "Semiology-motor-behavioral-arrest",
    "close_eyes": "Semiology-manifestation-other/Closed eyes",
    "eye_blinking": "Semiology-eye-blinking",
    "face_pulling": "(Semiology-tonic, Face)",
    "face_twitching": "(Semiology-clonic, Face)",
    "head_turning": "Semiology-versive",
    "oral_automatisms": "Semiology-oroalimentary",
    "verbal_responsiveness": "Episode-consciousness-affected, Description/Answers when spoken to",
    "ictal_vocalization": "Semiology-vocalization",
}
"""By feature; said of a stretch only where the answer is *yes*."""
