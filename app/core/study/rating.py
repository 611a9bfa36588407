"""A person's rating of how faithful an explanation is, with the sheet of questions that helped them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from app.core.bounded_json import canonical
from app.core.study import values


class Particular(StrEnum):
    """What an explanation can name besides the sign itself, each a question of the sheet."""

    PART = "part"
    SIDE = "side"
    SUSTAINED = "sustained"
    RHYTHM = "rhythm"


Sheet = tuple[tuple[Particular, bool], ...]
"""The answered questions of a sheet, in the order of `Particular`: whether what is named is there."""


@dataclass(frozen=True, slots=True)
class Rating:
    """How faithful an explanation is: 1 (not at all) to 5 (wholly), with the rater's note and sheet.

    Raises ValueError for another score, for a note that no file can hold, and for a sheet with a question
    that is not in its place.
    """

    score: int
    note: str = ""
    sheet: Sheet = ()

    def __post_init__(self) -> None:
        if self.score not in range(1, 6):
            raise ValueError(f"not a score from 1 to 5: {self.score}")
        self.note.encode("utf-8")
        order = [list(Particular).index(particular) for particular, _holds in self.sheet]
        if any(then <= one for one, then in pairwise(order)):
            raise ValueError("not a sheet: its questions are not in order")


def make_sheet(answers: Mapping[Particular, bool]) -> Sheet:
    """The sheet with these answers."""
    return tuple((particular, answers[particular]) for particular in Particular if particular in answers)


def sheet_to_dict(sheet: Sheet) -> dict[str, bool]:
    """A sheet as an object of JSON."""
    return {particular.value: holds for particular, holds in sheet}


def sheet_from_dict(value: object) -> Sheet:
    """The inverse. Raises ValueError."""
    found = values.fields(value).items()
    return make_sheet({Particular(name): values.truth(holds) for name, holds in found})


def sheet_to_column(sheet: Sheet) -> str | None:
    """What the table holds of a sheet, None for an empty one."""
    return canonical(sheet_to_dict(sheet)) if sheet else None


def rating_from_row(score: object, note: object, sheet: object) -> Rating:
    """The rating that a row of the table holds. Raises ValueError for what this program never writes."""
    answered = () if sheet is None else sheet_from_dict(values.json_of(sheet))
    return Rating(values.number(score), values.text(note), answered)
