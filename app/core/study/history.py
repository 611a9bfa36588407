"""The history of a study: append-only rows, each chained to the one before by SHA-256."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from app.core.errors import UserError
from app.core.study.edits import Operation
from app.core.study.rows import answer_from_row, answers_from_json, answers_to_json, canonical
from app.core.study.schema import now, seed

ANSWER, PATIENT_BOX, READING = "answer", "patient_box", "reading"
"""What a row of the history can be about (its subject)."""

_COLUMNS = (
    "seq, at, who, operation, subject, recording, reader, feature, old, new, target, why, previous, hash"
)


_Place = tuple[str, str | None, str]
"""fingerprint of the recording, key of the reader, feature (or the patient box)."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is changed: a recording's patient box, one answer to it, or a reader's whole reading of it.

    `recording` is its fingerprint and `reader` the reader's key, not the numbers of rows: the history
    can be read by itself.
    """

    kind: str
    recording: str
    reader: str | None = None
    feature: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the history.

    `at` in UTC (ISO 8601, microseconds); `old` and `new` are JSON; `target` is the row that an undo
    takes back or a redo brings back; `previous` is the hash of the row before.
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
    """One place where the history is not what was written: the row it shows at, and what is wrong."""

    seq: int
    what: str


def _hash(values: list[Any]) -> str:
    return hashlib.sha256(canonical(values).encode("ascii")).hexdigest()


def append(
    connection: sqlite3.Connection,
    subject: Subject,
    *,
    who: str,
    operation: Operation,
    old: str,
    new: str,
    target: int | None = None,
) -> tuple[int, str]:
    """Add a row inside the caller's transaction; its seq, and when it was."""
    head_seq, previous = _head(connection)
    (last,) = connection.execute("SELECT coalesce(max(seq), 0) FROM history").fetchone()
    # After a row was dropped the head still counts it, so that the gap stays visible for ever.
    seq = max(head_seq, last) + 1
    at = now()
    values: list[Any] = [
        seq, at, who, operation.value, subject.kind, subject.recording, subject.reader,
        subject.feature, old, new, target, "", previous,
    ]  # fmt: skip
    digest = _hash(values)
    connection.execute(
        f"INSERT INTO history ({_COLUMNS}) VALUES ({', '.join('?' * 14)})",
        [*values, digest],
    )
    connection.executemany(
        "UPDATE meta SET value = ? WHERE key = ?", [(str(seq), "history_seq"), (digest, "history_hash")]
    )
    return seq, at


def _head(connection: sqlite3.Connection) -> tuple[int, str]:
    meta = dict(connection.execute("SELECT key, value FROM meta"))
    try:
        return int(meta["history_seq"]), meta["history_hash"]
    except (KeyError, ValueError) as error:
        raise UserError("The study is damaged: the end of its history is not known.") from error


def entries(connection: sqlite3.Connection, recording: str | None = None) -> Iterator[Entry]:
    """The rows of the history in order, of one recording (by fingerprint) or of all."""
    where = "" if recording is None else "WHERE recording = ?"
    found = connection.execute(
        f"SELECT {_COLUMNS} FROM history {where} ORDER BY seq", () if recording is None else (recording,)
    )
    return (Entry(*row) for row in found)


def undoable(connection: sqlite3.Connection, recording: str, who: str) -> tuple[int, ...]:
    """The author's own edits of a recording that stand (seq), the next to undo first."""
    settled: set[int] = set()
    found: list[int] = []
    for seq, operation, target in _latest_first(connection, recording, who):
        if target is not None and target not in settled:
            settled.add(target)
            if operation == Operation.REDO:
                found.append(target)
        elif operation == Operation.EDIT and seq not in settled:
            found.append(seq)
    return tuple(found)


def redoable(connection: sqlite3.Connection, recording: str, who: str) -> tuple[int, ...]:
    """The author's own edits that were undone since their last new edit (seq), the next to redo first."""
    settled: set[int] = set()
    found: list[int] = []
    for _seq, operation, target in _latest_first(connection, recording, who):
        if operation == Operation.EDIT:
            break
        if target is not None and target not in settled:
            settled.add(target)
            if operation == Operation.UNDO:
                found.append(target)
    return tuple(found)


def _latest_first(
    connection: sqlite3.Connection, recording: str, who: str
) -> list[tuple[int, str, int | None]]:
    return connection.execute(
        "SELECT seq, operation, target FROM history WHERE recording = ? AND who = ? ORDER BY seq DESC",
        (recording, who),
    ).fetchall()


def entry(connection: sqlite3.Connection, seq: int) -> Entry:
    """One row of the history. Raises LookupError when there is none."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM history WHERE seq = ?", (seq,)).fetchone()
    if row is None:
        raise LookupError(f"the history has no row {seq}")
    return Entry(*row)


def verify(connection: sqlite3.Connection) -> tuple[Broken, ...]:
    """Every place where a row was changed, dropped or slipped in, and every answer that bypassed it.

    It finds what happens to a file by accident or by a hand that does not know the chain; who
    rewrites the whole chain and its head leaves no trace in the file itself.
    """
    rows = tuple(entries(connection))
    return (*_broken_chain(connection, rows), *_broken_state(connection, rows))


def _broken_chain(connection: sqlite3.Connection, rows: tuple[Entry, ...]) -> Iterator[Broken]:
    meta = dict(connection.execute("SELECT key, value FROM meta"))
    seq, link = 0, seed(meta.get("study_id", ""))
    for row in rows:
        if row.seq != seq + 1:
            yield Broken(seq + 1, f"rows {seq + 1} to {row.seq - 1} are missing")
        elif row.previous != link:
            yield Broken(row.seq, f"row {row.seq} does not follow from the row before")
        if row.hash_of_content() != row.hash:
            yield Broken(row.seq, f"row {row.seq} was changed")
        seq, link = row.seq, row.hash
    if (meta.get("history_seq"), meta.get("history_hash")) != (str(seq), link):
        yield Broken(seq + 1, f"the rows after {seq} are missing, or row {seq} was slipped in")


def _broken_state(connection: sqlite3.Connection, rows: Iterable[Entry]) -> Iterator[Broken]:
    """Where the present answers are not those that the history leads to."""
    expected: dict[_Place, tuple[str, int]] = {}
    for row in rows:
        try:
            for feature, new in _effects(row):
                expected[row.recording, row.reader, feature] = (new, row.seq)
        except (ValueError, TypeError, AttributeError, UserError):
            yield Broken(row.seq, f"row {row.seq} cannot be read")
    try:
        present = _present(connection)
    except UserError:
        yield Broken(0, "the present answers cannot be read")
        return
    for place in sorted(expected.keys() | present.keys(), key=str):
        should, seq = expected.get(place, ("", 0))
        if present.get(place, "") != should:
            yield Broken(seq, f"the present {place[2]} is not what the history says")


def _effects(row: Entry) -> Iterator[tuple[str, str]]:
    if row.subject == READING:
        before, after = answers_from_json(row.old), answers_from_json(row.new)
        for feature in before.keys() | after.keys():
            yield feature, _said({feature: after[feature]} if feature in after else {})
    elif row.subject == ANSWER:
        answer = answers_from_json(f"[{row.new}]")
        yield str(row.feature), _said(answer)
    else:
        yield PATIENT_BOX, "" if row.new == "null" else row.new


def _said(answers: dict[str, Any]) -> str:
    text = answers_to_json(answers)
    return "" if text == "[]" else text


def _present(connection: sqlite3.Connection) -> dict[_Place, str]:
    found: dict[_Place, str] = {}
    for fingerprint, key, *row in connection.execute(
        "SELECT fingerprint, key, feature, presence, confidence, laterality, explanation, evidence "
        "FROM answers JOIN recordings ON recordings.id = recording_id JOIN readers ON readers.id = reader_id"
    ):
        answer = answer_from_row((row[0], row[1], row[2], row[3], row[4], row[5]))
        found[fingerprint, key, answer.feature] = _said({answer.feature: answer})
    for fingerprint, box in connection.execute(
        "SELECT fingerprint, patient_box FROM recordings WHERE patient_box IS NOT NULL"
    ):
        found[fingerprint, None, PATIENT_BOX] = box
    return found
