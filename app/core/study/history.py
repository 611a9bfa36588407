"""The history of a study: append-only rows, each chained to the one before by SHA-256."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from app.core.bounded_json import canonical
from app.core.errors import UserError
from app.core.study import values
from app.core.study.rows import text_of
from app.core.study.schema import seed, utc_now
from app.core.study.unreadable_rows import good_rows

READING, REVEAL, RESTORE, UNSEALED = "reading", "reveal", "restore", "unsealed"
"""What a row of the history is about (its subject) when it is no edit's: a whole reading, a reveal, the
whole study restored from a copy, sealed answers given away."""


class Operation(StrEnum):
    """How a change came about."""

    EDIT = "edit"
    UNDO = "undo"
    REDO = "redo"
    READING_KEPT = "reading_kept"
    REVEALED = "revealed"
    RESTORED = "restored"
    UNSEALED = "unsealed"


COLUMNS = (
    "seq, at, who, operation, subject, recording, reader, feature, old, new, target, why, previous, hash"
)


@dataclass(frozen=True, slots=True)
class Subject:
    """The thing that is changed: of a recording, of a reader's reading of it, or of the study itself.

    `recording` is its fingerprint ("" for the study) and `reader` the reader's key, not the numbers
    of rows: the history can be read by itself. `feature` is the name of a setting for a setting.
    """

    kind: str
    recording: str
    reader: str | None = None
    feature: str | None = None


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One row of the history.

    `at` in UTC (ISO 8601, microseconds); `old` and `new` are JSON; `target` is the row that an undo takes
    back or a redo brings back, and for an edit the first one of those that it was made together with (None
    when that is itself); `previous` is the hash of the row before.
    """

    seq: int
    at: str
    who: str
    operation: str
    subject: str
    recording: str
    reader: str | None
    feature: str | None
    old: str
    new: str
    target: int | None
    why: str
    previous: str
    hash: str

    def hash_of_content(self) -> str:
        """What `hash` must be: SHA-256 of the canonical JSON of everything else, in order."""
        return _hash(
            [
                self.seq, self.at, self.who, self.operation, self.subject, self.recording, self.reader,
                self.feature, self.old, self.new, self.target, self.why, self.previous,
            ]
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Broken:
    """One place where the history is not what was written: its row, and what is wrong."""

    seq: int
    what: str


def _hash(values: list[Any]) -> str:
    return hashlib.sha256(canonical(values).encode("ascii")).hexdigest()


class HistoryWriter:
    """Adds rows inside the caller's transaction; the end of the block writes where the history ends now.

    Raises UserError when it is not known where it ends.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        head_seq, self._previous = _head(connection)
        (last,) = connection.execute("SELECT coalesce(max(seq), 0) FROM history").fetchone()
        # After a row was dropped the head still counts it, so that the gap stays visible for ever.
        self._last = max(head_seq, last)
        self._added = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if self._added and error is None:
            self._connection.executemany(
                "UPDATE meta SET value = ? WHERE key = ?",
                [(str(self._last), "history_seq"), (self._previous, "history_hash")],
            )

    def add(
        self,
        subject: Subject,
        *,
        who: str,
        operation: Operation,
        old: str,
        new: str,
        target: int | None = None,
        why: str = "",
    ) -> HistoryEntry:
        """Add a row. Raises UserError for one that is larger than can be read again."""
        seq = _number(self._last + 1)
        at = utc_now()
        values: list[Any] = [
            seq, at, who, operation.value, subject.kind, subject.recording, subject.reader,
            subject.feature, old, new, target, text_of(why), self._previous,
        ]  # fmt: skip
        row: list[Any] = [*values, _hash(values)]
        entry = HistoryEntry(*row)
        _check_can_be_read(entry)
        self._connection.execute(_INSERT, row)
        self._last, self._previous, self._added = seq, entry.hash, True
        return entry


def _check_can_be_read(entry: HistoryEntry) -> None:
    try:
        check_columns(entry)
    except ValueError as error:
        raise UserError(TOO_LARGE) from error


TOO_LARGE = "This was not kept, because it is more than a study can hold in one change."

_INSERT = f"INSERT INTO history ({COLUMNS}) VALUES ({', '.join('?' * 14)})"


def append(
    connection: sqlite3.Connection,
    subject: Subject,
    *,
    who: str,
    operation: Operation,
    old: str,
    new: str,
    why: str = "",
) -> HistoryEntry:
    """Add one row inside the caller's transaction, as `HistoryWriter.add` does."""
    with HistoryWriter(connection) as written:
        return written.add(subject, who=who, operation=operation, old=old, new=new, why=why)


def _head(connection: sqlite3.Connection) -> tuple[int, str]:
    meta = _meta(connection)
    try:
        return _number(int(meta["history_seq"])), meta["history_hash"]
    except (KeyError, ValueError) as error:
        raise UserError(_NO_END) from error


_NO_END = "The study is damaged: the end of its history is not known."


def _number(seq: int) -> int:
    """The number of a row. Raises UserError for one that no row can have, so that none can follow it."""
    try:
        return values.number(seq)
    except ValueError as error:
        raise UserError(_NO_END) from error


def _meta(connection: sqlite3.Connection) -> dict[str, str]:
    found = connection.execute("SELECT key, value FROM meta").fetchall()
    return dict(
        good_rows(
            connection,
            found,
            lambda key, value: (values.name(key), values.name(value)),
            lambda *_row: "what the study says of itself",
        )
    )


def entries(
    connection: sqlite3.Connection,
    recording: str | None = None,
    *,
    conditions: Sequence[tuple[str, tuple[Any, ...]]] = (),
) -> Iterator[HistoryEntry]:
    """The rows of the history in order, of one recording (by fingerprint) or of all.

    `conditions` are further ones in SQL, each with its values.
    """
    every = [*conditions, *([] if recording is None else [("recording = ?", (recording,))])]
    where = " AND ".join(condition for condition, _values in every) or "1"
    values = [value for _condition, some in every for value in some]
    found = connection.execute(f"SELECT {COLUMNS} FROM history WHERE {where} ORDER BY seq", values)
    return (HistoryEntry(*row) for row in found)


def undoable(connection: sqlite3.Connection, recording: str, who: str) -> Iterator[int]:
    """The author's own edits of a recording that stand (seq), the next to undo first."""
    settled: set[int] = set()
    for seq, operation, target in _latest_first(connection, recording, who):
        if operation == Operation.EDIT:
            if seq not in settled:
                yield seq
        elif target is not None and target not in settled:
            settled.add(target)
            if operation == Operation.REDO:
                yield target


def redoable(connection: sqlite3.Connection, recording: str, who: str) -> Iterator[int]:
    """The author's own edits that were undone since their last new edit (seq), the next to redo first."""
    settled: set[int] = set()
    for _seq, operation, target in _latest_first(connection, recording, who):
        if operation == Operation.EDIT:
            break
        if target is not None and target not in settled:
            settled.add(target)
            if operation == Operation.UNDO:
                yield target


class EditGroups:
    """The edits that were made together; each group is read once.

    They follow one another, and all but the first name the first one as their `target`.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._known: dict[tuple[int, str], range] = {}

    def made_together(self, seq: int) -> range:
        """The edits (seq, rising) that were made together with an edit, itself among them."""
        try:
            # What an undo names as its target can be any text, which SQLite may not even take as a value.
            who, target = self._author_and_target(values.number(seq))
            alone = range(seq, seq + 1)
            first = seq if target is None else values.number(target)
        except ValueError:
            return range(0)  # nothing that this program writes
        if (first, who) not in self._known:
            self._known[first, who] = self._from(first, who)
        members = self._known[first, who]
        return members if seq in members else alone

    def _author_and_target(self, seq: int) -> tuple[str, int | None]:
        row = self._connection.execute("SELECT who, target FROM history WHERE seq = ?", (seq,)).fetchone()
        return row if row is not None else ("", None)

    def _from(self, first: int, who: str) -> range:
        after = first
        found = self._connection.execute(
            "SELECT seq, operation, target, who FROM history WHERE seq >= ? ORDER BY seq", (first,)
        )
        for number, *row in found:
            # The author counts too: nobody undoes what somebody else has done.
            if number != after or row != [Operation.EDIT, None if after == first else first, who]:
                break
            after += 1
        return range(first, after)


def undone_of(connection: sqlite3.Connection, edits: Sequence[int]) -> frozenset[int]:
    """Those of the edits (seq) that are undone now."""
    if not edits:
        return frozenset()
    found = connection.execute(
        "SELECT target, operation FROM history WHERE seq > ? AND target BETWEEN ? AND ? "
        "AND operation IN ('undo', 'redo') ORDER BY seq",
        (edits[0], edits[0], edits[-1]),
    )
    latest = dict(found)
    return frozenset(seq for seq in edits if latest.get(seq) == Operation.UNDO)


def _latest_first(
    connection: sqlite3.Connection, recording: str, who: str
) -> Iterator[tuple[int, str, int | None]]:
    """The author's rows, the latest first, also those from before they were renamed."""
    for name, after, until in _names(connection, who):
        page = [(until + 1, "", None)]
        # In pages: what is undone is mostly among the latest of thousands.
        while page:
            page = connection.execute(
                "SELECT seq, operation, target FROM history "
                "WHERE recording = ? AND who = ? AND seq > ? AND seq < ? ORDER BY seq DESC LIMIT ?",
                (recording, name, after, page[-1][0], _PAGE),
            ).fetchall()
            yield from page


def _names(connection: sqlite3.Connection, who: str) -> Iterator[tuple[str, int, int]]:
    """What the author was called, the latest name first, and after which row until which one."""
    name, until = who, _LAST
    renamed = connection.execute(
        "SELECT seq, old, new FROM history WHERE recording = '' AND subject = 'person' "
        "AND old <> 'null' AND new <> 'null' ORDER BY seq DESC"
    ).fetchall()
    names = good_rows(connection, renamed, _renaming, lambda seq, *_row: f"row {seq} of the history")
    for seq, old, new in names:
        if new == name:
            yield name, seq, until
            name, until = old, seq
        elif old == name:
            # Before this row the name was somebody else's.
            yield name, seq, until
            return
    yield name, 0, until


def _renaming(seq: int, old: object, new: object) -> tuple[int, str, str]:
    return seq, values.name(values.json_of(old)), values.name(values.json_of(new))


_PAGE = 200

_LAST = 2**62
"""Later than any row."""


def entries_of(connection: sqlite3.Connection, seqs: Sequence[int]) -> Iterator[HistoryEntry]:
    """These rows of the history, which rise or fall one after another. They can hold anything."""
    first, last = min(seqs), max(seqs)
    order = "ASC" if seqs[0] == first else "DESC"
    wanted = frozenset(seqs)
    found = connection.execute(
        f"SELECT {COLUMNS} FROM history WHERE seq BETWEEN ? AND ? ORDER BY seq {order}", (first, last)
    )
    return (HistoryEntry(*row) for row in found if row[0] in wanted)


def check_columns(entry: HistoryEntry) -> None:
    """Raises ValueError when a row holds values that this program never writes."""
    values.number(entry.seq)
    values.moment(entry.at)
    for text in (entry.who, entry.operation, entry.subject, entry.recording, entry.previous, entry.hash):
        values.name(text)
    values.maybe(values.name, entry.feature)
    values.maybe(values.text, entry.reader)
    values.maybe(values.number, entry.target)
    for text in (entry.why, entry.old, entry.new):
        values.text(text, values.LARGEST_JSON)


def _says_what_was_written(row: HistoryEntry) -> bool:
    try:
        return row.hash_of_content() == row.hash
    except (ValueError, TypeError):
        return False  # a value that no JSON can hold


def broken_chain(connection: sqlite3.Connection, rows: Iterable[HistoryEntry]) -> Iterator[Broken]:
    """Every place where a row was changed, dropped or slipped in.

    It finds what happens to a file by accident or by a hand that does not know the chain; who
    rewrites the whole chain and its head leaves no trace in the file itself.
    """
    meta = _meta(connection)
    seq, link = 0, seed(meta.get("study_id", ""))
    for row in rows:
        if row.seq != seq + 1:
            yield Broken(seq + 1, f"rows {seq + 1} to {row.seq - 1} are missing")
        elif row.previous != link:
            yield Broken(row.seq, f"row {row.seq} does not follow from the row before")
        if not _says_what_was_written(row):
            yield Broken(row.seq, f"row {row.seq} was changed")
        seq, link = row.seq, row.hash
    if (meta.get("history_seq"), meta.get("history_hash")) != (str(seq), link):
        yield Broken(seq + 1, f"the rows after {seq} are missing, or row {seq} was slipped in")
