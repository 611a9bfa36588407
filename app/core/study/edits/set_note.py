"""A reader's free note beside an answer is changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from app.core.reading import ReaderIdentity
from app.core.study import answer_table, reading_table, rows, values
from app.core.study.edits.edit import FeatureEdit, check_feature
from app.core.study.effects import OF_READING, Effects, Held, note_on
from app.core.study.history import HistoryEntry
from app.core.study.unreadable_rows import good_rows, quote


@dataclass(frozen=True, slots=True)
class SetNote(FeatureEdit):
    """A reader's free note beside the answer to one feature becomes `after`; "" is no note.

    Raises ValueError for an unknown feature and for text that no file can hold.
    """

    subject: ClassVar = "note"
    label: ClassVar = "note"
    plural: ClassVar = "notes"

    recording_id: int
    reader: ReaderIdentity
    feature: str
    before: str
    after: str

    def __post_init__(self) -> None:
        check_feature(self.feature)
        self.after.encode("utf-8")

    def stored(self, connection: sqlite3.Connection) -> str:
        notes = answer_table.notes(connection, self.recording_id, self.reader, self.feature)
        return notes.get(self.feature, "")

    def write(self, connection: sqlite3.Connection, at: str) -> None:
        number = reading_table.put_reading(connection, self.recording_id, self.reader, at)
        answer_table.put_note(connection, self.recording_id, number, self.feature, self.after)

    @staticmethod
    def state_from_json(text: str) -> str:
        return rows.text_from_json(text)

    @classmethod
    def effects(cls, entry: HistoryEntry) -> Effects:
        yield note_on(entry.feature), rows.text_from_json(entry.new)

    @classmethod
    def held(cls, connection: sqlite3.Connection) -> Iterator[Held]:
        """Every note, also those on what was decided together."""
        found = connection.execute(
            f"SELECT fingerprint, key, feature, note FROM answers {OF_READING} WHERE note <> ''"
        )
        return good_rows(connection, found, _note_held, lambda *row: f"the note on {quote(row[2])}")


def _note_held(fingerprint: str, key: str, feature: object, note: object) -> Held:
    return (fingerprint, key, note_on(values.feature(feature))), values.text(note)
