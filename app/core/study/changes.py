"""How a change is written: the new state and its row of the history, inside the caller's transaction."""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Iterable, Iterator, Sequence

from app.core.bounded_json import canonical
from app.core.errors import UserError
from app.core.reading import ReaderIdentity, Reading
from app.core.semiology import Answer
from app.core.study import (
    answer_table,
    history,
    reader_table,
    reading_table,
    recording_table,
    rows,
    sealing,
)
from app.core.study.change_group import Change, ChangeGroup, NotChanged
from app.core.study.edits import EDITS, Conflict, Edit, NoLonger
from app.core.study.history import HistoryEntry, HistoryWriter, Operation, Subject
from app.core.study.recorded_change import Recorded
from app.core.study.recorded_changes import ReadingKept
from app.core.study.transaction_memory import forget
from app.core.study.unreadable_rows import WRONG, report_unreadable


def make_together(connection: sqlite3.Connection, edits: Iterable[Edit], who: str, why: str) -> ChangeGroup:
    """Make edits that start from what the study says now, as one group.

    Raises Conflict when one of them does not.
    """
    made: list[Change] = []
    with HistoryWriter(connection) as written:
        for edit in edits:
            _check_start(connection, edit)
            first = made[0].seq if made else None
            made.append(
                _write(connection, written, edit, who=who, operation=Operation.EDIT, target=first, why=why)
            )
    return ChangeGroup(Operation.EDIT, tuple(made), (), why)


def _check_start(connection: sqlite3.Connection, edit: Edit) -> None:
    if edit.stored(connection) != edit.before:
        raise Conflict(
            "This was changed meanwhile by another program; nothing was overwritten: "
            "look at it again and repeat your change."
        )
    edit.check(connection)


def made_since(connection: sqlite3.Connection, seq: int, who: str) -> Iterator[Change]:
    """The author's changes after a row of the history, in order; `edit` is None where it is unreadable."""
    numbers = {row.fingerprint: row.id for row in recording_table.recordings(connection)}
    conditions = [("seq > ?", (seq,)), ("who = ?", (who,))]
    for entry in history.entries(connection, conditions=conditions):
        number = numbers.get(entry.recording, 0)
        edit = _edit_or_none(connection, number, entry)
        yield Change(entry.seq, entry.at, entry.who, Operation(entry.operation), number, edit)


def _edit_or_none(connection: sqlite3.Connection, recording_id: int, entry: HistoryEntry) -> Edit | None:
    if entry.operation not in _OF_EDITS:
        return None
    try:
        return edit_of(connection, recording_id, entry)
    except (LookupError, ValueError, UserError):
        return None


_OF_EDITS = frozenset({Operation.EDIT, Operation.UNDO, Operation.REDO})


def undo_or_redo(
    connection: sqlite3.Connection, place: str, who: str, operation: Operation
) -> ChangeGroup | None:
    """Undo or redo the author's own latest group that can be, of a recording (fingerprint) or the study ("").

    Of a group what can be is undone or redone, in all its recordings. None when there is no such group.
    """
    candidates = history.undoable if operation is Operation.UNDO else history.redoable
    groups = history.EditGroups(connection)
    tried: set[int] = set()
    for seq in candidates(connection, place, who):
        if seq in tried:
            continue
        members = groups.made_together(seq)
        tried.update(members)
        group = _again(connection, _standing(connection, members, operation), who, operation)
        if group.changes:
            return group
    return None


def _standing(connection: sqlite3.Connection, members: range, operation: Operation) -> list[int]:
    """Those of a group that are to be undone (the last one first) or redone."""
    if len(members) == 1:
        return list(members)
    undone = history.undone_of(connection, members)
    if operation is Operation.REDO:
        return [seq for seq in members if seq in undone]
    return [seq for seq in reversed(members) if seq not in undone]


def _again(
    connection: sqlite3.Connection, members: Sequence[int], who: str, operation: Operation
) -> ChangeGroup:
    """What could be undone or redone of a group, and what stays.

    Raises UserError when nothing could, and why is not that it starts from what is no longer there.
    """
    if not members:
        return ChangeGroup(operation, ())
    with HistoryWriter(connection) as written:
        step = _Step(connection, written, who, operation)
        for entry in history.entries_of(connection, members):
            step.take(entry)
    if step.forbidden is not None and not step.made:
        raise step.forbidden
    return ChangeGroup(operation, tuple(step.made), tuple(step.left), step.why)


class _Step:
    """An undo or redo of a group: what was `made` of it, and what is `left` as it is.

    `forbidden` is why something may not be changed now, `why` what the history says of the group.
    """

    def __init__(
        self, connection: sqlite3.Connection, written: HistoryWriter, who: str, operation: Operation
    ) -> None:
        self._connection = connection
        self._written = written
        self._who = who
        self._operation = operation
        self.made: list[Change] = []
        self.left: list[NotChanged] = []
        self.forbidden: UserError | None = None
        self.why = ""

    def take(self, entry: HistoryEntry) -> None:
        """Undo or redo the edit of a row, or note why that cannot be."""
        try:
            history.check_columns(entry)
            self.why = entry.why
            number = _recording_number(self._connection, entry)
        except ValueError:
            self._leave_unreadable(0, entry)
        except (LookupError, UserError) as error:
            # Of this recording nothing can be undone now; the others of the group must not wait for it.
            self._leave(0, entry, str(error))
        else:
            self._take(number, entry)

    def _take(self, number: int, entry: HistoryEntry) -> None:
        try:
            self.made.append(self._changed(number, entry))
        except (Conflict, NoLonger, LookupError) as error:
            self._leave(number, entry, str(error))
        except ValueError:
            # A row that this program did not write like that: it cannot be taken back.
            self._leave_unreadable(number, entry)
        except UserError as error:
            self.forbidden = self.forbidden or error
            self._leave(number, entry, str(error))

    def _changed(self, number: int, entry: HistoryEntry) -> Change:
        """Raises Conflict when what the edit starts from is no longer there."""
        edit = edit_of(self._connection, number, entry)
        if self._operation is Operation.UNDO:
            edit = edit.inverse()
        if edit.stored(self._connection) != edit.before:
            raise Conflict(_MEANWHILE)
        edit.check(self._connection)
        return _write(
            self._connection, self._written, edit, who=self._who, operation=self._operation, target=entry.seq
        )

    def _leave(self, number: int, entry: HistoryEntry, why: str) -> None:
        why = f"{why[:1].upper()}{why[1:].rstrip('.')}."
        feature = entry.feature if isinstance(entry.feature, str) else None
        self.left.append(NotChanged(number, feature, why))

    def _leave_unreadable(self, number: int, entry: HistoryEntry) -> None:
        report_unreadable(self._connection, f"row {entry.seq} of the history")
        self._leave(number, entry, f"Row {entry.seq} of the history cannot be read.")


_MEANWHILE = "It was changed meanwhile."


def _recording_number(connection: sqlite3.Connection, entry: HistoryEntry) -> int:
    """The number of the recording that a row is about, 0 for the study.

    Raises LookupError without it, UserError when what the study says of it cannot be read.
    """
    if not entry.recording:
        return 0
    found = recording_table.find_number(connection, entry.recording)
    if found is None:
        raise LookupError("The study no longer holds the recording.")
    return found


def _write(
    connection: sqlite3.Connection,
    written: HistoryWriter,
    edit: Edit,
    *,
    who: str,
    operation: Operation,
    target: int | None,
    why: str = "",
) -> Change:
    edit.enter(connection)
    old, new = edit.texts(connection)
    row = written.add(
        edit.about(connection), who=who, operation=operation, old=old, new=new, target=target, why=why
    )
    _check_can_be_read(type(edit), row)
    edit.write(connection, row.at)
    return Change(row.seq, row.at, who, operation, getattr(edit, "recording_id", 0), edit)


def _check_can_be_read(kind: type[Recorded], row: HistoryEntry) -> None:
    """Raises UserError for a row that could not be read again, with which undo and the check of the study
    would be lost: one with more, or later times, than is taken from a file."""
    try:
        deque(kind.effects(row), maxlen=0)
    except WRONG as error:
        raise UserError(history.TOO_LARGE) from error


def edit_of(connection: sqlite3.Connection, recording_id: int, entry: HistoryEntry) -> Edit:
    """The edit that a row records. Raises LookupError when it is none, or its reader is gone."""
    for kind in EDITS:
        if kind.subject == entry.subject and kind.is_named(entry.feature):
            return kind.from_entry(connection, recording_id, entry)
    raise LookupError("the row records no edit")


def keep(
    connection: sqlite3.Connection, recording_id: int, reading: Reading, who: str, why: str
) -> Change | None:
    """Put a reader's whole reading in place of its former one; None when nothing would change."""
    fingerprint = recording_table.fingerprint_of(connection, recording_id)
    before = answer_table.answers(connection, recording_id, reading.reader)
    after = rows.given(reading)
    if before == after and reading_table.has_reading(connection, recording_id, reading.reader):
        return None
    sealing.check_open_for_changes(connection, recording_id, reading.reader)
    number = reader_table.put_reader(connection, reading.reader)
    row = history.append(
        connection,
        Subject(history.READING, fingerprint, reader_table.key_of(connection, number)),
        who=who,
        operation=Operation.READING_KEPT,
        old=rows.answers_to_json(before),
        new=rows.answers_to_json(after),
        why=why,
    )
    _check_can_be_read(ReadingKept, row)
    written = [after.get(feature, Answer(feature)) for feature in before.keys() | after.keys()]
    answer_table.put_answers(connection, recording_id, reading.reader, written, row.at)
    return Change(row.seq, row.at, who, Operation.READING_KEPT, recording_id, None)


def reveal(
    connection: sqlite3.Connection, recording_id: int, viewer: ReaderIdentity, who: str
) -> Change | None:
    """Write down that the others' answers are shown to the viewer from now on; None when they are already.

    Raises UserError unless the viewer's own reading is locked.
    """
    number = reader_table.reader_id(connection, viewer)
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
    shown = history.append(
        connection,
        Subject(
            history.REVEAL,
            recording_table.fingerprint_of(connection, recording_id),
            reader_table.key_of(connection, number),
        ),
        who=who,
        operation=Operation.REVEALED,
        old="null",
        new=canonical([key for (key,) in others]),
    )
    forget(connection)
    connection.execute(
        "UPDATE readings SET revealed = ? WHERE recording_id = ? AND reader_id = ?",
        (shown.at, recording_id, number),
    )
    return Change(shown.seq, shown.at, who, Operation.REVEALED, recording_id, None)
