"""A reading with its reader's notes and marks, and the differences of two states of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.core.reading import Reading
from app.core.semiology import FEATURES, Answer
from app.core.study.marks import Mark


@dataclass(frozen=True, slots=True)
class FullReading:
    """A reading, its reader's notes by feature (empty ones left out) and marks in order of time."""

    reading: Reading
    notes: Mapping[str, str] = field(default_factory=dict)
    marks: tuple[Mark, ...] = ()

    def note(self, feature: str) -> str:
        return self.notes.get(feature, "")


@dataclass(frozen=True, slots=True)
class Difference:
    """One feature whose answer or note has changed."""

    feature: str
    before: Answer
    after: Answer
    note_before: str
    note_after: str


def differences(before: FullReading, after: FullReading) -> tuple[Difference, ...]:
    """The features that changed between two states of a reading, in the order of the checklist.

    What a reader changed after the reveal is the difference from `Study.answers_at_lock` to
    `Study.full_reading`.
    """
    found = (
        Difference(
            feature.id,
            before.reading.answer(feature.id),
            after.reading.answer(feature.id),
            before.note(feature.id),
            after.note(feature.id),
        )
        for feature in FEATURES
    )
    return tuple(one for one in found if (one.before, one.note_before) != (one.after, one.note_after))
