"""The sheet of yes/no questions that helps a person to rate how faithful an explanation is.

Each question is about one particular that an explanation of this feature can name. What it does not name, or
what cannot be seen, stays open.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.core.semiology import FEATURE, Group
from app.core.study.rating import Particular, Sheet

_QUESTIONS: Mapping[Particular, str] = {
    Particular.PART: "Does the body part that it names show it?",
    Particular.SIDE: "Is the side that it names the patient's own side where it is seen?",
    Particular.SUSTAINED: "Does it last, or is it held, as the explanation says?",
    Particular.RHYTHM: "Does it repeat, and as quickly, as the explanation says?",
}
NAMES: Mapping[Particular, str] = {
    Particular.PART: "Body part",
    Particular.SIDE: "Side",
    Particular.SUSTAINED: "Sustained",
    Particular.RHYTHM: "Rhythm",
}
_WITHOUT_PART = frozenset({"occur_during_sleep", "blank_stare", "close_eyes", "eye_blinking"})
_SIDED = frozenset(
    {
        "arm_flexion", "arm_straightening", "figure4", "tonic", "clonic", "limb_automatisms",
        "asynchronous_movement", "face_pulling", "face_twitching", "head_turning",
    }
)  # fmt: skip
_SUSTAINED = frozenset(
    {
        "occur_during_sleep", "arm_flexion", "arm_straightening", "figure4", "tonic", "blank_stare",
        "close_eyes", "face_pulling", "head_turning", "ictal_vocalization",
    }
)  # fmt: skip
_RHYTHMIC = frozenset(
    {
        "clonic", "limb_automatisms", "asynchronous_movement", "arms_move_simultaneously",
        "pelvic_thrusting", "full_body_shaking", "eye_blinking", "face_twitching", "oral_automatisms",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SheetQuestion:
    """A question of the sheet: what it is about, its short name, and its text."""

    particular: Particular
    name: str
    text: str


def sheet_questions(feature: str) -> tuple[SheetQuestion, ...]:
    """The questions for explanations of a feature, in order; none for a feature without particulars."""
    has_part = FEATURE[feature].group is not Group.SOUND and feature not in _WITHOUT_PART
    asked = {
        Particular.PART: has_part,
        Particular.SIDE: feature in _SIDED,
        Particular.SUSTAINED: feature in _SUSTAINED,
        Particular.RHYTHM: feature in _RHYTHMIC,
    }
    return tuple(SheetQuestion(one, NAMES[one], _QUESTIONS[one]) for one in Particular if asked[one])


def count_sheets(sheets: Iterable[Sheet]) -> dict[Particular, tuple[int, int]]:
    """By particular how often it held and how often it was answered, of those that were."""
    found: dict[Particular, tuple[int, int]] = {}
    for sheet in sheets:
        for particular, holds in sheet:
            yes, answered = found.get(particular, (0, 0))
            found[particular] = yes + holds, answered + 1
    return {particular: found[particular] for particular in Particular if particular in found}


def sheet_words(sheet: Sheet) -> str:
    """`2 of 3 hold`; "" for an empty sheet."""
    return f"{sum(holds for _one, holds in sheet)} of {len(sheet)} hold" if sheet else ""
