"""The edits of the study itself: its persons and its settings."""

from __future__ import annotations

import sqlite3
from typing import Any

from app.core.errors import UserError
from app.core.reading import ReaderIdentity, ReaderKind
from app.core.study import rows, sealing, tables, values
from app.core.study.answer_kinds import OF_ANSWERS
from app.core.study.edits import (
    SetBlindByDefault,
    SetPerson,
    SetReference,
    SetSavedFilter,
)
from app.core.study.history import HistoryEntry, Subject
from app.core.study.kinds import OF_RECORDINGS, E, Kind, NoLonger
from app.core.study.left_out import good_rows, quoted, report_unreadable

REFERENCE = "reference"
FILTER = "filter "
"""How the setting of a saved filter begins; its name follows."""


def person(name: str) -> ReaderIdentity:
    """The human reader of that name."""
    return ReaderIdentity(ReaderKind.PERSON, name, "1")


class _Person(Kind[SetPerson]):
    subject = "person"

    def state(self, connection: sqlite3.Connection, edit: SetPerson) -> str | None:
        if edit.before is None or tables.reader_id(connection, person(edit.before)) is None:
            return None
        return edit.before

    def check(self, connection: sqlite3.Connection, edit: SetPerson) -> None:
        if edit.after is None:
            _check_unused(connection, edit.before or "")
        elif tables.reader_id(connection, person(edit.after)) is not None:
            raise NoLonger(f"There is already a reader called “{edit.after}”.")

    def enter(self, connection: sqlite3.Connection, edit: SetPerson) -> None:
        tables.put_reader(connection, person(edit.before or edit.after or ""))

    def about(self, connection: sqlite3.Connection, edit: SetPerson) -> Subject:
        number = tables.put_reader(connection, person(edit.before or edit.after or ""))
        return Subject(self.subject, "", tables.key_of(connection, number))

    def texts(self, _connection: sqlite3.Connection, edit: SetPerson) -> tuple[str, str]:
        return rows.canonical(edit.before), rows.canonical(edit.after)

    def put(self, connection: sqlite3.Connection, edit: SetPerson, _at: str) -> None:
        number = tables.put_reader(connection, person(edit.before or edit.after or ""))
        if edit.after is None:
            connection.execute("DELETE FROM readers WHERE id = ?", (number,))
        else:
            connection.execute("UPDATE readers SET name = ? WHERE id = ?", (edit.after, number))

    def edit_of(self, connection: sqlite3.Connection, _recording_id: int, entry: HistoryEntry) -> SetPerson:
        before, after = rows.name_from_json(entry.old), rows.name_from_json(entry.new)
        for name in (before, after):
            number = None if name is None else tables.reader_id(connection, person(name))
            if number is not None and tables.key_of(connection, number) != entry.reader:
                raise LookupError("that name is somebody else's now")
        return SetPerson(before, after)


def _check_unused(connection: sqlite3.Connection, name: str) -> None:
    number = tables.reader_id(connection, person(name))
    used = connection.execute(
        "SELECT 1 FROM readings WHERE reader_id = :id UNION ALL SELECT 1 FROM ratings WHERE rater_id = :id",
        {"id": number},
    )
    if used.fetchone() is not None:
        raise NoLonger(f"“{name}” has answered in this study and cannot be removed from it.")
    key = None if number is None else tables.key_of(connection, number)
    if key is not None and tables.setting(connection, REFERENCE) == rows.canonical(key):
        raise NoLonger(f"“{name}” is the reference of this study and cannot be removed from it.")


class _Setting(Kind[E]):
    """A setting of the study: its name stands in the history's column of the feature."""

    subject = "setting"

    def name(self, edit: E) -> str:
        raise NotImplementedError

    def value(self, connection: sqlite3.Connection, value: Any) -> str:
        """As JSON."""
        return rows.canonical(value)

    def about(self, _connection: sqlite3.Connection, edit: E) -> Subject:
        return Subject(self.subject, "", None, self.name(edit))

    def texts(self, connection: sqlite3.Connection, edit: Any) -> tuple[str, str]:
        return self.value(connection, edit.before), self.value(connection, edit.after)

    def put(self, connection: sqlite3.Connection, edit: Any, _at: str) -> None:
        value = None if edit.after is None else self.value(connection, edit.after)
        tables.put_setting(connection, self.name(edit), value)


class _Blind(_Setting[SetBlindByDefault]):
    def name(self, _edit: SetBlindByDefault) -> str:
        return sealing.BLIND_BY_DEFAULT

    def state(self, connection: sqlite3.Connection, _edit: SetBlindByDefault) -> bool:
        return sealing.blind_by_default(connection)

    def edit_of(
        self, _connection: sqlite3.Connection, _recording_id: int, entry: HistoryEntry
    ) -> SetBlindByDefault:
        return SetBlindByDefault(rows.truth_from_json(entry.old), rows.truth_from_json(entry.new))


class _Reference(_Setting[SetReference]):
    def name(self, _edit: SetReference) -> str:
        return REFERENCE

    def value(self, connection: sqlite3.Connection, value: Any) -> str:
        """The reader's key, which stays when they are renamed."""
        number = None if value is None else tables.reader_id(connection, value)
        return rows.canonical(None if number is None else tables.key_of(connection, number))

    def check(self, connection: sqlite3.Connection, edit: SetReference) -> None:
        if edit.after is not None and tables.reader_id(connection, edit.after) is None:
            raise UserError("This study has no such reader that could be its reference.")

    def state(self, connection: sqlite3.Connection, _edit: SetReference) -> ReaderIdentity | None:
        return reference(connection)

    def edit_of(
        self, connection: sqlite3.Connection, _recording_id: int, entry: HistoryEntry
    ) -> SetReference:
        keys = (rows.name_from_json(entry.old), rows.name_from_json(entry.new))
        before, after = (None if key is None else tables.reader(connection, key) for key in keys)
        return SetReference(before, after)


def reference(connection: sqlite3.Connection) -> ReaderIdentity | None:
    """The reader that others are scored against."""
    key = tables.read_setting(connection, REFERENCE, rows.name_from_json)
    try:
        return None if key is None else tables.reader(connection, key)
    except LookupError:
        report_unreadable(connection, "who the reference is")
        return None


def saved_filters(connection: sqlite3.Connection) -> dict[str, str]:
    """The saved filters of the worklist by name."""
    found = connection.execute("SELECT name, value FROM settings ORDER BY name").fetchall()
    kept = good_rows(
        connection,
        found,
        lambda name, value: (values.name(name), values.text(value)),
        lambda name, *_row: f"the setting {quoted(name)}",
    )
    filters = [(name, value) for name, value in kept if name.startswith(FILTER)]
    return dict(
        good_rows(
            connection,
            filters,
            lambda name, value: (name.removeprefix(FILTER), rows.text_from_json(value)),
            lambda name, *_row: f"the setting {quoted(name)}",
        )
    )


class _SavedFilter(_Setting[SetSavedFilter]):
    def name(self, edit: SetSavedFilter) -> str:
        return FILTER + edit.name

    def state(self, connection: sqlite3.Connection, edit: SetSavedFilter) -> str | None:
        return tables.read_setting(connection, self.name(edit), rows.text_from_json)

    def edit_of(
        self, _connection: sqlite3.Connection, _recording_id: int, entry: HistoryEntry
    ) -> SetSavedFilter:
        name = (entry.feature or "").removeprefix(FILTER)
        return SetSavedFilter(
            name, rows.text_or_none_from_json(entry.old), rows.text_or_none_from_json(entry.new)
        )


OF_STUDY: dict[type, Kind[Any]] = {
    SetPerson: _Person(),
    SetBlindByDefault: _Blind(),
    SetReference: _Reference(),
    SetSavedFilter: _SavedFilter(),
}
"""The edits of the study itself."""

KINDS: dict[type, Kind[Any]] = {**OF_ANSWERS, **OF_RECORDINGS, **OF_STUDY}
"""Every edit there is."""

_BY_SUBJECT = {kind.subject: kind for kind in KINDS.values() if not isinstance(kind, _Setting)}


def kind_of(entry: HistoryEntry) -> Kind[Any]:
    """The kind of the edit that a row of the history records."""
    if entry.subject != _Setting.subject:
        return _BY_SUBJECT[entry.subject]
    name = entry.feature or ""
    settings: dict[str, type] = {sealing.BLIND_BY_DEFAULT: SetBlindByDefault, REFERENCE: SetReference}
    return KINDS[settings.get(name, SetSavedFilter)]
