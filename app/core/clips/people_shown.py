"""Who is seen in the pictures of a clip, as it was measured when the clip was made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, fields


@dataclass(frozen=True, slots=True)
class PeopleShown:
    """Numbers of pictures of a clip, or of several.

    In `patient_shown` the patient's head was found and is not covered, in `patient_covered` it is covered;
    in `others_covered` at least one other head is. In `uncertain` it was not certain that all heads are
    covered, so everything but the patient is coarse, in `blank` of these the whole picture. In `overlapping`
    another face is over the patient's own, which is shown, so it may be seen in part. In `in_box` the patient
    was not found and the box is shown that a person drew for them, so the patient's face may be seen in it.
    """

    pictures: int = 0
    patient_shown: int = 0
    patient_covered: int = 0
    others_covered: int = 0
    uncertain: int = 0
    blank: int = 0
    overlapping: int = 0
    in_box: int = 0

    def __add__(self, other: PeopleShown) -> PeopleShown:
        return PeopleShown(
            *(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True))
        )


def total(counts: Iterable[PeopleShown]) -> PeopleShown:
    """The sum of several counts."""
    return sum(counts, PeopleShown())


def people_from(row: Mapping[str, object]) -> PeopleShown:
    """The inverse of `asdict`. Raises TypeError or ValueError for anything else than counts."""
    numbers = [row.get(field.name, 0) for field in fields(PeopleShown)]
    counts = [number for number in numbers if isinstance(number, int) and not isinstance(number, bool)]
    if len(counts) < len(numbers):
        raise TypeError("not counts")
    if min(counts) < 0:
        raise ValueError("a count below zero")
    return PeopleShown(*counts)
