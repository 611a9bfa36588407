"""A reader marks a moment of the seizure: its onset, its end, or where a phase begins."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from app.core.reading import ReaderIdentity
from app.core.study import reading_table, rows
from app.core.study.edits.edit import ReadingEdit
from app.core.study.effects import OF_READING, Effects, Held
from app.core.study.history import HistoryEntry
from app.core.study.marks import Mark, MarkKind
from app.core.study.unreadable_rows import good_rows


@dataclass(frozen=True, slots=True)
class SetMark(ReadingEdit):
    """A reader's mark is set (`before` None), moved or renamed, or removed (`after` None).

    Raises ValueError when both are None or of different kinds.
    """

    subject: ClassVar = "mark"
    label: ClassVar = "mark"
    plural: ClassVar = "marks"

    recording_id: int
    reader: ReaderIdentity
    before: Mark | None
    after: Mark | None

    def __post_init__(self) -> None:
        kinds = {mark.kind for mark in (self.before, self.after) if mark is not None}
        if len(kinds) != 1:
            raise ValueError("an edit changes one mark")

    def stored(self, connection: sqlite3.Connection) -> Mark | None:
        """`before` if it is there and nothing is in the way of `after`; else what is in the way."""
        marks = reading_table.marks(connection, self.recording_id, self.reader)
        in_the_way = (mark for mark in marks if mark != self.before and self._cannot_be_beside(mark))
        return next(in_the_way, self.before if self.before in marks else None)

    def _cannot_be_beside(self, mark: Mark) -> bool:
        """Whether `after` is the same mark, or of a kind that a reading has once at most."""
        if self.after is None:
            return False
        return mark == self.after or (mark.kind is self.after.kind and mark.kind is not MarkKind.PHASE)

    def write(self, connection: sqlite3.Connection, at: str) -> None:
        number = reading_table.put_reading(connection, self.recording_id, self.reader, at)
        if self.before is not None:
            connection.execute(
                "DELETE FROM marks WHERE recording_id = ? AND reader_id = ? "
                "AND kind = ? AND seconds = ? AND label = ?",
                (self.recording_id, number, self.before.kind.value, self.before.seconds, self.before.label),
            )
        if self.after is not None:
            connection.execute(
                "INSERT INTO marks (recording_id, reader_id, kind, seconds, label) VALUES (?, ?, ?, ?, ?)",
                (self.recording_id, number, self.after.kind.value, self.after.seconds, self.after.label),
            )

    @staticmethod
    def state_to_json(state: Any) -> str:
        return rows.mark_to_json(state)

    @staticmethod
    def state_from_json(text: str) -> Mark | None:
        return rows.mark_from_json(text)

    @staticmethod
    def describe(value: Any) -> str:
        return f"{value['kind']} {value['seconds']:.2f} s {value['label']}".strip()

    @classmethod
    def effects(cls, entry: HistoryEntry) -> Effects:
        for text, kept in ((entry.old, False), (entry.new, True)):
            if rows.mark_from_json(text) is not None:
                yield f"mark {text}", text if kept else ""

    @classmethod
    def held(cls, connection: sqlite3.Connection) -> Iterator[Held]:
        found = connection.execute(
            f"SELECT fingerprint, key, marks.kind, seconds, label FROM marks {OF_READING}"
        )
        return good_rows(connection, found, _mark_held, lambda *_row: "a mark")


def _mark_held(fingerprint: str, key: str, *row: object) -> Held:
    text = rows.mark_to_json(rows.mark_from_row(*row))
    return (fingerprint, key, f"mark {text}"), text
