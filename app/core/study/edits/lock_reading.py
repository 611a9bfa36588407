"""A person closes their reading, or opens it again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from app.core.bounded_json import canonical
from app.core.reading import ReaderIdentity, Reading, RecordingIdentity
from app.core.study import answer_table, reader_table, reading_table, rows, sealing, values
from app.core.study.edits.edit import NoLonger, ReadingEdit, reader_of
from app.core.study.effects import OF_READING, Effects, Held
from app.core.study.full_reading import FullReading
from app.core.study.history import HistoryEntry
from app.core.study.transaction_memory import forget
from app.core.study.unreadable_rows import good_rows


@dataclass(frozen=True, slots=True)
class LockReading(ReadingEdit):
    """A person closes their reading; from False to True, and back as long as nothing was revealed.

    What it says then is kept with the edit (`Study.answers_at_lock`). Until the reveal a locked
    reading takes no changes.
    """

    subject: ClassVar = "lock"
    label: ClassVar = "lock"
    plural: ClassVar = "locks"

    recording_id: int
    reader: ReaderIdentity
    before: bool = False
    after: bool = True

    def __post_init__(self) -> None:
        if self.before is self.after:
            raise ValueError("an edit locks or unlocks")

    def stored(self, connection: sqlite3.Connection) -> bool:
        locked, _revealed = self._moments(connection)
        return locked is not None

    def check(self, connection: sqlite3.Connection) -> None:
        _locked, revealed = self._moments(connection)
        if not self.after and revealed is not None:
            raise NoLonger("The others' answers were revealed, so this reading stays locked.")

    def _moments(self, connection: sqlite3.Connection) -> tuple[str | None, str | None]:
        """When the reading was locked, and when the others' were revealed to its reader."""
        row = connection.execute(
            "SELECT locked, revealed FROM readings WHERE recording_id = ? AND reader_id = ?",
            (self.recording_id, reader_table.reader_id(connection, self.reader)),
        ).fetchone()
        return (None, None) if row is None else (row[0], row[1])

    def texts(self, connection: sqlite3.Connection) -> tuple[str, str]:
        if not self.after:
            return canonical({}), canonical(None)
        return canonical(None), self._said_now(connection)

    def _said_now(self, connection: sqlite3.Connection) -> str:
        place = self.recording_id, self.reader
        answers = answer_table.answers(connection, *place)
        full = FullReading(
            Reading(RecordingIdentity("", "", 0.0), self.reader, answers),
            answer_table.notes(connection, *place),
            reading_table.marks(connection, *place),
        )
        return rows.full_to_json(full, blind=sealing.read_blind(connection, *place))

    def write(self, connection: sqlite3.Connection, at: str) -> None:
        blind = sealing.read_blind(connection, self.recording_id, self.reader)
        number = reading_table.put_reading(connection, self.recording_id, self.reader, at)
        forget(connection)
        # What was once open is not blind after another lock.
        connection.execute(
            "UPDATE readings SET locked = ?, blind = CASE WHEN ? THEN ? ELSE nullif(blind, 1) END "
            "WHERE recording_id = ? AND reader_id = ?",
            (at if self.after else None, self.after, blind, self.recording_id, number),
        )

    @staticmethod
    def state_from_json(text: str) -> bool:
        return rows.truth_from_json(text)

    @classmethod
    def from_entry(
        cls, connection: sqlite3.Connection, recording_id: int, entry: HistoryEntry
    ) -> LockReading:
        reader = reader_of(connection, entry)
        return cls(recording_id, reader, entry.old != "null", entry.new != "null")

    @staticmethod
    def describe(value: Any) -> str:
        return "locked, read blind" if value.get("blind") else "locked"

    @classmethod
    def effects(cls, entry: HistoryEntry) -> Effects:
        locked = values.json_of(entry.new, values.PARTS_OF_READING)
        yield "lock", _said(entry.at, bool(values.fields(locked)["blind"])) if locked else ""

    @classmethod
    def held(cls, connection: sqlite3.Connection) -> Iterator[Held]:
        found = connection.execute(
            f"SELECT fingerprint, key, locked, blind FROM readings {OF_READING} WHERE locked IS NOT NULL"
        )
        return good_rows(connection, found, _lock_held, lambda *_row: "whether a reading is locked")


def _lock_held(fingerprint: str, key: str, locked: object, blind: object) -> Held:
    said = _said(values.moment(locked), bool(values.maybe(values.flag, blind)))
    return (fingerprint, key, "lock"), said


def _said(at: str, blind: bool) -> str:
    return f"{at} {'blind' if blind else 'open'}"
