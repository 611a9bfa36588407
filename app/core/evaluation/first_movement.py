"""The first movement of an event: in which part of the body, and on which side."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from app.core.evaluation.case_grid import CaseGrid, LaidOutReader
from app.core.evaluation.labels import LabelledCase
from app.core.evaluation.patients import PatientGroups
from app.core.evaluation.sequences import onsets_of
from app.core.evaluation.timing_and_sides import FeatureSides, same_names
from app.core.semiology import FEATURES, Answer

Array = NDArray[Any]

REGIONS: Mapping[str, str] = {
    **dict.fromkeys(
        ("arm_flexion", "arm_straightening", "arms_move_simultaneously", "figure4", "limb_automatisms"),
        "arms",
    ),
    **dict.fromkeys(("tonic", "clonic", "asynchronous_movement"), "limbs"),
    "pelvic_thrusting": "pelvis",
    "full_body_shaking": "whole body",
    "head_turning": "head",
    **dict.fromkeys(("eye_blinking", "face_pulling", "face_twitching", "oral_automatisms"), "face"),
}
"""The part of the body of each feature that is a movement."""


@dataclass(frozen=True, slots=True)
class FirstMovement:
    """Of the recordings in which both mark a movement: whether the first of them is in the same `region`;
    and where both name a side of it, whether that is the same `side`. None without such a recording."""

    region: FeatureSides | None
    side: FeatureSides | None


def compare_first_movements(
    grid: CaseGrid, reader: LaidOutReader, groups: PatientGroups, draws: Array
) -> FirstMovement:
    """The first movement of the reader's against the reference's."""
    regions: list[tuple[int, Hashable, Hashable]] = []
    sides: list[tuple[int, Hashable, Hashable]] = []
    for patient, case, other in zip(groups.numbers, grid.cases, reader.cases, strict=True):
        one, said = first_movement(case), None if other is None else first_movement(other)
        if one is None or said is None:
            continue
        regions.append((int(patient), REGIONS[one.feature], REGIONS[said.feature]))
        if one.laterality is not None and said.laterality is not None:
            sides.append((int(patient), one.laterality, said.laterality))
    return FirstMovement(*(same_names(found, groups, draws) if found else None for found in (regions, sides)))


def first_movement(case: LabelledCase) -> Answer | None:
    """The answer of the movement that begins first, of several at one moment the first of the checklist."""
    onsets = onsets_of(case)
    movements = [feature.id for feature in FEATURES if feature.id in REGIONS and feature.id in onsets]
    return case.answer(min(movements, key=onsets.__getitem__)) if movements else None
