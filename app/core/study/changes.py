"""How a change is written: the new state and its row of the history, inside the caller's transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from app.core.errors import UserError
from app.core.reading import ReaderIdentity, Reading
from app.core.semiology import Answer
from app.core.study import history, rows, sealing, tables
from app.core.study.edits import Change, Conflict, Edit, Operation
from app.core.study.history import Entry, Subject
from app.core.study.kinds import NoLonger
from app.core.study.left_out import tell
from app.core.study.study_kinds import KINDS, kind_of


def make(connection: sqlite3.Connection, edit: Edit, who: str, why: str) -> Change:
    """Make an edit that starts from what the study says now. Raises Conflict when it does not."""
    kind = KINDS[type(edit)]
    if kind.state(connection, edit) != edit.before:
        raise Conflict(
            "This was changed meanwhile by another program; nothing was overwritten: "
            "look at it again and repeat your change."
        )
    kind.check(connection, edit)
    return _write(connection, edit, who, Operation.EDIT, why=why)


def made_since(connection: sqlite3.Connection, seq: int, who: str) -> Iterator[Change]:
    """The author's changes after a row of the history, in order; `edit` is None where it cannot be told."""
    numbers = {row.fingerprint: row.id for row in tables.recordings(connection)}
    conditions = [("seq > ?", (seq,)), ("who = ?", (who,))]
    for entry in history.entries(connection, conditions=conditions):
        number = numbers.get(entry.recording, 0)
        edit = _edit_or_none(connection, number, entry)
        yield Change(entry.seq, entry.at, entry.who, Operation(entry.operation), number, edit)


def _edit_or_none(connection: sqlite3.Connection, recording_id: int, entry: Entry) -> Edit | None:
    if entry.operation not in _OF_EDITS:
        return None
    try:
        return edit_of(connection, recording_id, entry)
    except (LookupError, ValueError, UserError):
        return None


_OF_EDITS = frozenset({Operation.EDIT, Operation.UNDO, Operation.REDO})


def again(
    connection: sqlite3.Connection, recording_id: int, seq: int, who: str, operation: Operation
) -> Change | None:
    """Undo or redo the edit of a row of the history; None when what it starts from is not there any more."""
    try:
        edit = edit_of(connection, recording_id, history.entry(connection, seq))
        if operation is Operation.UNDO:
            edit = edit.inverse()
        kind = KINDS[type(edit)]
        if kind.state(connection, edit) != edit.before:
            return None
        kind.check(connection, edit)
    except (NoLonger, LookupError):
        return None
    except ValueError:
        # A row that this program did not write like that: it cannot be taken back.
        tell(connection, f"row {seq} of the history")
        return None
    return _write(connection, edit, who, operation, seq)


def _write(
    connection: sqlite3.Connection,
    edit: Edit,
    who: str,
    operation: Operation,
    target: int | None = None,
    *,
    why: str = "",
) -> Change:
    kind = KINDS[type(edit)]
    recording_id = getattr(edit, "recording_id", 0)
    kind.enter(connection, edit)
    old, new = kind.texts(connection, edit)
    seq, at = history.append(
        connection,
        kind.about(connection, edit),
        who=who,
        operation=operation,
        old=old,
        new=new,
        target=target,
        why=why,
    )
    kind.put(connection, edit, at)
    return Change(seq, at, who, operation, recording_id, edit)


def edit_of(connection: sqlite3.Connection, recording_id: int, entry: Entry) -> Edit:
    """The edit that a row of the history records. Raises LookupError when its reader is gone."""
    edit: Edit = kind_of(entry).edit_of(connection, recording_id, entry)
    return edit


def keep(
    connection: sqlite3.Connection, recording_id: int, reading: Reading, who: str, why: str
) -> Change | None:
    """Put a reader's whole reading in place of its former one; None when nothing would change."""
    fingerprint = tables.recording(connection, recording_id).fingerprint
    before = tables.answers(connection, recording_id, reading.reader)
    after = rows.given(reading)
    if before == after and tables.has_reading(connection, recording_id, reading.reader):
        return None
    sealing.check_open_for_changes(connection, recording_id, reading.reader)
    number = tables.put_reader(connection, reading.reader)
    seq, at = history.append(
        connection,
        Subject(history.READING, fingerprint, tables.key_of(connection, number)),
        who=who,
        operation=Operation.READING_KEPT,
        old=rows.answers_to_json(before),
        new=rows.answers_to_json(after),
        why=why,
    )
    written = [after.get(feature, Answer(feature)) for feature in before.keys() | after.keys()]
    tables.put_answers(connection, recording_id, reading.reader, written, at)
    return Change(seq, at, who, Operation.READING_KEPT, recording_id, None)


def reveal(
    connection: sqlite3.Connection, recording_id: int, viewer: ReaderIdentity, who: str
) -> Change | None:
    """Write down that the others' answers are shown to the viewer from now on; None when they are already.

    Raises UserError unless the viewer's own reading is locked.
    """
    number = tables.reader_id(connection, viewer)
    row = connection.execute(
        "SELECT locked, revealed FROM readings WHERE recording_id = ? AND reader_id = ?",
        (recording_id, number),
    ).fetchone()
    if row is None or row[0] is None or number is None:
        raise UserError("Lock your own reading first; then the others' answers can be revealed.")
    if row[1] is not None:
        return None
    others = connection.execute(
        "SELECT key FROM readings JOIN readers ON readers.id = reader_id "
        "WHERE recording_id = ? AND reader_id <> ? ORDER BY reader_id",
        (recording_id, number),
    ).fetchall()
    seq, at = history.append(
        connection,
        Subject(
            history.REVEAL,
            tables.recording(connection, recording_id).fingerprint,
            tables.key_of(connection, number),
        ),
        who=who,
        operation=Operation.REVEALED,
        old="null",
        new=rows.canonical([key for (key,) in others]),
    )
    connection.execute(
        "UPDATE readings SET revealed = ? WHERE recording_id = ? AND reader_id = ?",
        (at, recording_id, number),
    )
    return Change(seq, at, who, Operation.REVEALED, recording_id, None)
