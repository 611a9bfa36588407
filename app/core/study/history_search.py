"""Rows of the history: filtered, in pages, and described on one line each."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.core.reading import ReaderIdentity
from app.core.study import reader_table, recording_table, sealing, values
from app.core.study.edits import ChangeSpans, SetAnswer, SetMark, SetNote, SetVerdict
from app.core.study.history import COLUMNS, READING, REVEAL, HistoryEntry, Operation, check_columns
from app.core.study.recorded_changes import recorded_kind
from app.core.study.unreadable_rows import good_rows

PAGE = 200

_OPERATIONS: dict[str, str] = {Operation.UNDO: "undone", Operation.REDO: "redone"}


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """Which rows of the history; None and "" are no condition.

    `since` and `until` are moments in UTC (ISO 8601), both included; `text` stands somewhere in old,
    new or why (capital and small letters of ASCII alike); `subject` is one of the kinds in docs/formats.md.
    """

    recording_id: int | None = None
    who: str | None = None
    reader: ReaderIdentity | None = None
    feature: str | None = None
    operation: str | None = None
    subject: str | None = None
    since: str | None = None
    until: str | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One row of the history with the names that hold now; "" where it does not apply.

    `after_unblinding`: a change of what was locked blind, made after the others' answers were revealed.
    """

    entry: HistoryEntry
    recording: str
    reader: str
    after_unblinding: bool = False

    @property
    def what(self) -> str:
        """What was changed and, when it was, that it was undone or redone, or made after unblinding."""
        kind = recorded_kind(self.entry.subject, self.entry.feature)
        label = self.entry.subject if kind is None else kind.label
        when = "after unblinding" if self.after_unblinding else None
        return ", ".join(filter(None, (label, _OPERATIONS.get(self.entry.operation), when)))

    @property
    def old(self) -> str:
        """The former value as text."""
        return describe(self.entry, self.entry.old)

    @property
    def new(self) -> str:
        """The new value as text."""
        return describe(self.entry, self.entry.new)


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Rows with the latest first; `next` continues after them, None at the end."""

    rows: tuple[HistoryRow, ...]
    next: int | None


def page(
    connection: sqlite3.Connection,
    wanted: HistoryFilter,
    *,
    limit: int = PAGE,
    before: int | None = None,
    viewers: Sequence[ReaderIdentity],
) -> HistoryPage:
    """At most `limit` rows that all of the viewers may see, older than row `before`."""
    conditions, values = _conditions(connection, wanted)
    if before is not None:
        conditions.append("seq < ?")
        values.append(before)
    for condition, value in seen_by(connection, viewers):
        conditions.append(condition)
        values.extend(value)
    where = " AND ".join(conditions) or "1"
    found = connection.execute(
        f"SELECT {_PREFIXED}, coalesce(recordings.name, ''), coalesce(readers.name, '') FROM history "
        "LEFT JOIN recordings ON recordings.fingerprint = history.recording "
        "LEFT JOIN readers ON readers.key = history.reader "
        f"WHERE {where} ORDER BY seq DESC LIMIT ?",
        (*values, limit + 1),
    ).fetchall()
    rows = good_rows(connection, found[:limit], _row, _what)
    return HistoryPage(
        _with_unblinding(connection, tuple(rows)), int(found[limit - 1][0]) if len(found) > limit else None
    )


def _row(*row: Any) -> HistoryRow:
    """Raises ValueError when the row is not what this program writes."""
    recording, reader = (values.name(name) for name in row[-2:])
    return HistoryRow(_checked(HistoryEntry(*row[:-2])), recording, reader)


def _with_unblinding(connection: sqlite3.Connection, rows: tuple[HistoryRow, ...]) -> tuple[HistoryRow, ...]:
    """The same rows, with which of them came after unblinding; each reading is asked for once."""
    said = [row.entry for row in rows if row.entry.subject in _OF_A_READING]
    reveals = {
        place: _unblinded_at(connection, *place)
        for place in {(entry.recording, entry.reader) for entry in said}
    }
    after = {entry.seq for entry in said if entry.seq > (reveals[entry.recording, entry.reader] or entry.seq)}
    return tuple(replace(row, after_unblinding=True) if row.entry.seq in after else row for row in rows)


def _unblinded_at(connection: sqlite3.Connection, recording: str, reader: str | None) -> int | None:
    """The row of the reveal to a reader (key) who has locked blind, None without one."""
    blind = connection.execute(
        "SELECT 1 FROM readings JOIN recordings ON recordings.id = recording_id "
        "JOIN readers ON readers.id = reader_id "
        "WHERE fingerprint = ? AND key = ? AND blind = 1 AND locked IS NOT NULL AND revealed IS NOT NULL",
        (recording, reader),
    ).fetchone()
    if blind is None:
        return None
    (seq,) = connection.execute(
        "SELECT min(seq) FROM history WHERE recording = ? AND reader = ? AND subject = ?",
        (recording, reader, REVEAL),
    ).fetchone()
    return None if seq is None else int(seq)


def _what(seq: object, *_rest: object) -> str:
    return f"row {seq!r:.40} of the history"


def readable(connection: sqlite3.Connection, entries: Iterable[HistoryEntry]) -> Iterator[HistoryEntry]:
    """The rows that are what this program writes."""
    return good_rows(connection, ((entry,) for entry in entries), _checked, lambda entry: _what(entry.seq))


def _checked(entry: HistoryEntry) -> HistoryEntry:
    """The same row. Raises ValueError when it is not what this program writes."""
    check_columns(entry)
    try:
        # The row may be described later, and nothing may fail then.
        describe(entry, entry.old)
        describe(entry, entry.new)
    except (TypeError, LookupError, AttributeError) as error:
        raise ValueError("what was changed cannot be described") from error
    return entry


_PREFIXED = ", ".join(f"history.{column.strip()}" for column in COLUMNS.split(","))

_OF_A_READING = {*(one.subject for one in (SetAnswer, SetVerdict, ChangeSpans, SetNote, SetMark)), READING}
"""The subjects of what a reader says; a rating is what another says of it."""


def seen_by(
    connection: sqlite3.Connection, viewers: Sequence[ReaderIdentity]
) -> list[tuple[str, tuple[Any, ...]]]:
    """The conditions under which all viewers may see a row, each with its values; none when all may be seen.

    Rows of the others' readings of a recording that is sealed to a viewer are left out whole: also
    who changed which feature, and why, would tell something. So are all ratings of explanations there, and
    patient data, which hold the diagnosis.
    """
    return [condition for viewer in viewers for condition in _seen_by(connection, viewer)]


def _seen_by(connection: sqlite3.Connection, viewer: ReaderIdentity) -> list[tuple[str, tuple[Any, ...]]]:
    opened = sealing.open_recordings(connection, viewer)
    if opened is None:
        return []
    number = reader_table.reader_id(connection, viewer)
    key = "" if number is None else reader_table.key_of(connection, number)
    fingerprints = json.dumps([recording_table.fingerprint_of(connection, one) for one in sorted(opened)])
    return [
        (
            "((history.reader IS NULL AND history.subject <> 'patient_data') "
            "OR (history.reader = ? AND history.subject <> 'rating') "
            "OR history.recording = '' OR history.recording IN (SELECT value FROM json_each(?)))",
            (key, fingerprints),
        )
    ]


def _conditions(connection: sqlite3.Connection, wanted: HistoryFilter) -> tuple[list[str], list[Any]]:
    recording = (
        None
        if wanted.recording_id is None
        else recording_table.fingerprint_of(connection, wanted.recording_id)
    )
    number = None if wanted.reader is None else reader_table.reader_id(connection, wanted.reader)
    key = None if wanted.reader is None else reader_table.key_of(connection, number) if number else ""
    # Old and new stand as JSON of ASCII, why as it is.
    patterns = _like(json.dumps(wanted.text)[1:-1]), _like(wanted.text)
    table = (
        ("history.recording = ?", recording),
        ("who = ?", wanted.who),
        ("history.reader = ?", key),
        ("feature = ?", wanted.feature),
        ("operation = ?", wanted.operation),
        ("subject = ?", wanted.subject),
        ("at >= ?", wanted.since),
        ("at <= ?", wanted.until),
    )
    used: list[tuple[str, Any]] = [(condition, value) for condition, value in table if value is not None]
    conditions, values = [condition for condition, _value in used], [value for _condition, value in used]
    if wanted.text:
        conditions.append(r"(old || ' ' || new LIKE ? ESCAPE '\' OR why LIKE ? ESCAPE '\')")
        values.extend(patterns)
    return conditions, values


def _like(text: str) -> str:
    """A pattern for LIKE that finds the text anywhere, with its own signs for themselves."""
    for character in ("\\", "%", "_"):
        text = text.replace(character, "\\" + character)
    return f"%{text}%"


def describe(entry: HistoryEntry, text: str) -> str:
    """A row's `old` or `new` as one line of plain text; "" for nothing."""
    value = values.json_of(text, values.PARTS_OF_READING if entry.subject in _READINGS else values.MOST_PARTS)
    kind = recorded_kind(entry.subject, entry.feature)
    if value is None:
        return ""
    return str(value) if kind is None else kind.describe(value)


_READINGS = frozenset({"lock", "reading"})
"""Subjects whose rows hold all answers of a reader."""
