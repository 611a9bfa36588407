"""A person's rating of how faithful an explanation is."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.study import values


@dataclass(frozen=True, slots=True)
class Rating:
    """How faithful an explanation is: 1 (not at all) to 5 (wholly), with the rater's note.

    Raises ValueError for another score and for a note that no file can hold.
    """

    score: int
    note: str = ""

    def __post_init__(self) -> None:
        if self.score not in range(1, 6):
            raise ValueError(f"not a score from 1 to 5: {self.score}")
        self.note.encode("utf-8")


def rating_from_row(score: object, note: object) -> Rating:
    """The rating that a row of the table holds. Raises ValueError for what this program never writes."""
    return Rating(values.number(score), values.text(note))
