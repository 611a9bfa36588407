"""A human reader is added to the study, renamed, or removed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from app.core.errors import UserError
from app.core.reading import person
from app.core.study import reader_table, rows, values
from app.core.study.consensus import CONSENSUS
from app.core.study.edits.edit import Edit, NoLonger
from app.core.study.edits.set_reference import is_reference
from app.core.study.effects import Effects, Held
from app.core.study.history import HistoryEntry, Subject
from app.core.study.unreadable_rows import good_rows, quote


@dataclass(frozen=True, slots=True)
class SetPerson(Edit):
    """A human reader is added to the study (`before` None), renamed, or removed (`after` None).

    Renaming keeps all their readings and their history. Only who has read and rated nothing can be
    removed. Raises ValueError when both are None, and UserError for a name that nobody can have.
    """

    subject: ClassVar = "person"
    label: ClassVar = "reader"
    plural: ClassVar = "readers"

    before: str | None
    after: str | None

    def __post_init__(self) -> None:
        if self.before == self.after:
            raise ValueError("an edit changes one name")
        if CONSENSUS.name in (self.before, self.after):
            raise UserError(f"“{CONSENSUS.name}” is the name of what was decided together.")
        if self.after is not None and (self.after != self.after.strip() or not self.after.isprintable()):
            raise UserError("A name is one line of text without spaces around it.")
        if self.after == "":
            raise UserError("A reader needs a name.")

    def stored(self, connection: sqlite3.Connection) -> str | None:
        if self.before is None or reader_table.reader_id(connection, person(self.before)) is None:
            return None
        return self.before

    def check(self, connection: sqlite3.Connection) -> None:
        if self.after is None:
            _check_unused(connection, self.before or "")
        elif reader_table.reader_id(connection, person(self.after)) is not None:
            raise NoLonger(f"There is already a reader called “{self.after}”.")

    def enter(self, connection: sqlite3.Connection) -> None:
        self._number(connection)

    def _number(self, connection: sqlite3.Connection) -> int:
        return reader_table.put_reader(connection, person(self.before or self.after or ""))

    def about(self, connection: sqlite3.Connection) -> Subject:
        return Subject(self.subject, "", reader_table.key_of(connection, self._number(connection)))

    def write(self, connection: sqlite3.Connection, at: str) -> None:
        reader_table.rename_person(connection, self._number(connection), self.after)

    @staticmethod
    def state_from_json(text: str) -> str | None:
        return rows.name_from_json(text)

    @classmethod
    def from_entry(cls, connection: sqlite3.Connection, recording_id: int, entry: HistoryEntry) -> SetPerson:
        before, after = rows.name_from_json(entry.old), rows.name_from_json(entry.new)
        for name in (before, after):
            number = None if name is None else reader_table.reader_id(connection, person(name))
            if number is not None and reader_table.key_of(connection, number) != entry.reader:
                raise LookupError("that name is somebody else's now")
        return cls(before, after)

    @classmethod
    def effects(cls, entry: HistoryEntry) -> Effects:
        yield "name", _said(entry.reader or "", rows.name_from_json(entry.new))

    @classmethod
    def held(cls, connection: sqlite3.Connection) -> Iterator[Held]:
        people = connection.execute("SELECT key, name FROM readers WHERE kind = 'person'")
        return good_rows(
            connection,
            people,
            lambda key, name: (("", key, "name"), _said(key, values.name(name))),
            lambda _key, name: f"the reader {quote(name)}",
        )


def _said(key: str, name: str | None) -> str:
    """The name if it is not the first one: a person whose first name holds may have come with an answer."""
    if name is None:
        return ""
    _kind, first, *_number = values.items(values.json_of(key))
    return "" if first == name else name


def _check_unused(connection: sqlite3.Connection, name: str) -> None:
    number = reader_table.reader_id(connection, person(name))
    used = connection.execute(
        "SELECT 1 FROM readings WHERE reader_id = :id UNION ALL SELECT 1 FROM ratings WHERE rater_id = :id",
        {"id": number},
    )
    if used.fetchone() is not None:
        raise NoLonger(f"“{name}” has answered in this study and cannot be removed from it.")
    if number is not None and is_reference(connection, reader_table.key_of(connection, number)):
        raise NoLonger(f"“{name}” is the reference of this study and cannot be removed from it.")
