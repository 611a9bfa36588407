"""What each kind of edit changes: how its state is read, written down in the history, and kept."""

from __future__ import annotations

import sqlite3
from abc import ABC, abstractmethod
from typing import Any, Generic, TypeVar

from app.core.errors import UserError
from app.core.picture_box import Box
from app.core.reading import ReaderIdentity, Reading, RecordingIdentity
from app.core.semiology import Answer
from app.core.study import rows, sealing, tables
from app.core.study.cameras import Cameras, cameras_from_json, cameras_to_json
from app.core.study.edits import (
    Decide,
    Decision,
    LockReading,
    RateExplanation,
    Rating,
    SetCameras,
    SetMark,
    SetNote,
    SetPatientBox,
)
from app.core.study.full import FullReading
from app.core.study.history import HistoryEntry, Subject
from app.core.study.marks import Mark, MarkKind

E = TypeVar("E")


class NoLonger(UserError):  # noqa: N818 - as Conflict
    """The edit cannot be made any more, whatever the state; an undo or redo passes it over."""


class Kind(ABC, Generic[E]):
    """One row of the table of edits. Everything happens inside the caller's transaction."""

    subject: str

    @abstractmethod
    def state(self, connection: sqlite3.Connection, edit: E) -> object:
        """What the study says now of the thing that the edit changes; to compare with `before`."""

    def check(self, connection: sqlite3.Connection, edit: E) -> None:
        """Raises UserError when the edit may not be made, NoLonger when it never may again."""

    def enter(self, connection: sqlite3.Connection, edit: E) -> None:
        """Make what the history's row must name, before it is written."""

    @abstractmethod
    def about(self, connection: sqlite3.Connection, edit: E) -> Subject:
        """What the history's row is about."""

    @abstractmethod
    def texts(self, connection: sqlite3.Connection, edit: E) -> tuple[str, str]:
        """Old and new as JSON."""

    @abstractmethod
    def put(self, connection: sqlite3.Connection, edit: E, at: str) -> None:
        """Keep the new state."""

    @abstractmethod
    def edit_of(self, connection: sqlite3.Connection, recording_id: int, entry: HistoryEntry) -> E:
        """The edit that a row of the history records. Raises LookupError when its reader is gone."""


class OfReader(Kind[E]):
    """An edit of one reader's reading of a recording: `edit.recording_id`, `edit.reader`."""

    def check(self, connection: sqlite3.Connection, edit: Any) -> None:
        sealing.check_open_for_changes(connection, edit.recording_id, edit.reader)

    def enter(self, connection: sqlite3.Connection, edit: Any) -> None:
        tables.put_reader(connection, edit.reader)

    def about(self, connection: sqlite3.Connection, edit: Any) -> Subject:
        return Subject(
            self.subject,
            tables.recording(connection, edit.recording_id).fingerprint,
            tables.key_of(connection, tables.put_reader(connection, edit.reader)),
            getattr(edit, "feature", None),
        )


def reader_of(connection: sqlite3.Connection, entry: HistoryEntry) -> ReaderIdentity:
    """Whose reading a row of the history is about. Raises LookupError when they are gone."""
    return tables.reader(connection, entry.reader or "")


class _Note(OfReader[SetNote]):
    subject = "note"

    def state(self, connection: sqlite3.Connection, edit: SetNote) -> str:
        return tables.notes(connection, edit.recording_id, edit.reader, edit.feature).get(edit.feature, "")

    def texts(self, _connection: sqlite3.Connection, edit: SetNote) -> tuple[str, str]:
        return rows.canonical(edit.before), rows.canonical(edit.after)

    def put(self, connection: sqlite3.Connection, edit: SetNote, at: str) -> None:
        number = tables.put_reading(connection, edit.recording_id, edit.reader, at)
        tables.put_note(connection, edit.recording_id, number, edit.feature, edit.after)

    def edit_of(self, connection: sqlite3.Connection, recording_id: int, entry: HistoryEntry) -> SetNote:
        before, after = rows.text_from_json(entry.old), rows.text_from_json(entry.new)
        return SetNote(recording_id, reader_of(connection, entry), entry.feature or "", before, after)


class _Mark(OfReader[SetMark]):
    subject = "mark"

    def state(self, connection: sqlite3.Connection, edit: SetMark) -> Mark | None:
        """`before` if it is there and nothing is in the way of `after`; else what is in the way."""
        marks = tables.marks(connection, edit.recording_id, edit.reader)
        others = [mark for mark in marks if mark != edit.before]
        in_the_way = (
            mark
            for mark in others
            if mark == edit.after
            or (edit.after and mark.kind is edit.after.kind and mark.kind is not MarkKind.PHASE)
        )
        return next(in_the_way, edit.before if edit.before in marks else None)

    def texts(self, _connection: sqlite3.Connection, edit: SetMark) -> tuple[str, str]:
        return rows.mark_to_json(edit.before), rows.mark_to_json(edit.after)

    def put(self, connection: sqlite3.Connection, edit: SetMark, at: str) -> None:
        number = tables.put_reading(connection, edit.recording_id, edit.reader, at)
        if edit.before is not None:
            connection.execute(
                "DELETE FROM marks WHERE recording_id = ? AND reader_id = ? "
                "AND kind = ? AND seconds = ? AND label = ?",
                (edit.recording_id, number, edit.before.kind.value, edit.before.seconds, edit.before.label),
            )
        if edit.after is not None:
            connection.execute(
                "INSERT INTO marks (recording_id, reader_id, kind, seconds, label) VALUES (?, ?, ?, ?, ?)",
                (edit.recording_id, number, edit.after.kind.value, edit.after.seconds, edit.after.label),
            )

    def edit_of(self, connection: sqlite3.Connection, recording_id: int, entry: HistoryEntry) -> SetMark:
        before, after = rows.mark_from_json(entry.old), rows.mark_from_json(entry.new)
        return SetMark(recording_id, reader_of(connection, entry), before, after)


class _Lock(OfReader[LockReading]):
    subject = "lock"

    def state(self, connection: sqlite3.Connection, edit: LockReading) -> bool:
        row = self._row(connection, edit)
        return row is not None and row[0] is not None

    def check(self, connection: sqlite3.Connection, edit: LockReading) -> None:
        row = self._row(connection, edit)
        if not edit.after and row is not None and row[1] is not None:
            raise NoLonger("The others' answers were revealed, so this reading stays locked.")

    def _row(self, connection: sqlite3.Connection, edit: LockReading) -> tuple[str | None, str | None] | None:
        row: tuple[str | None, str | None] | None = connection.execute(
            "SELECT locked, revealed FROM readings WHERE recording_id = ? AND reader_id = ?",
            (edit.recording_id, tables.reader_id(connection, edit.reader)),
        ).fetchone()
        return row

    def texts(self, connection: sqlite3.Connection, edit: LockReading) -> tuple[str, str]:
        if not edit.after:
            return rows.canonical({}), rows.canonical(None)
        return rows.canonical(None), _now_said(connection, edit)

    def put(self, connection: sqlite3.Connection, edit: LockReading, at: str) -> None:
        blind = sealing.read_blind(connection, edit.recording_id, edit.reader)
        number = tables.put_reading(connection, edit.recording_id, edit.reader, at)
        # What was once open is not blind after another lock.
        connection.execute(
            "UPDATE readings SET locked = ?, blind = CASE WHEN ? THEN ? ELSE nullif(blind, 1) END "
            "WHERE recording_id = ? AND reader_id = ?",
            (at if edit.after else None, edit.after, blind, edit.recording_id, number),
        )

    def edit_of(self, connection: sqlite3.Connection, recording_id: int, entry: HistoryEntry) -> LockReading:
        return LockReading(
            recording_id, reader_of(connection, entry), entry.old != "null", entry.new != "null"
        )


def _now_said(connection: sqlite3.Connection, edit: LockReading) -> str:
    answers = tables.answers(connection, edit.recording_id, edit.reader)
    full = FullReading(
        Reading(RecordingIdentity("", "", 0.0), edit.reader, answers),
        tables.notes(connection, edit.recording_id, edit.reader),
        tables.marks(connection, edit.recording_id, edit.reader),
    )
    blind = sealing.read_blind(connection, edit.recording_id, edit.reader)
    return rows.full_to_json(full, blind=blind)


class _Decision(OfReader[Decide]):
    subject = "decision"

    def state(self, connection: sqlite3.Connection, edit: Decide) -> Decision:
        answers = tables.answers(connection, edit.recording_id, edit.reader, edit.feature)
        notes = tables.notes(connection, edit.recording_id, edit.reader, edit.feature)
        return Decision(answers.get(edit.feature, Answer(edit.feature)), notes.get(edit.feature, ""))

    def texts(self, _connection: sqlite3.Connection, edit: Decide) -> tuple[str, str]:
        return rows.decision_to_json(edit.before), rows.decision_to_json(edit.after)

    def put(self, connection: sqlite3.Connection, edit: Decide, at: str) -> None:
        tables.put_answers(connection, edit.recording_id, edit.reader, [edit.after.answer], at)
        number = tables.put_reading(connection, edit.recording_id, edit.reader, at)
        tables.put_note(connection, edit.recording_id, number, edit.feature, edit.after.note)

    def edit_of(self, _connection: sqlite3.Connection, recording_id: int, entry: HistoryEntry) -> Decide:
        before, after = rows.decision_from_json(entry.old), rows.decision_from_json(entry.new)
        return Decide(recording_id, before, after)


class _Rating(OfReader[RateExplanation]):
    subject = "rating"

    def check(self, connection: sqlite3.Connection, edit: RateExplanation) -> None:
        """An explanation can be rated whether or not its reading is locked; it must be there."""
        if edit.after is not None and not tables.has_reading(connection, edit.recording_id, edit.reader):
            raise NoLonger("There is no reading whose explanation could be rated.")

    def state(self, connection: sqlite3.Connection, edit: RateExplanation) -> Rating | None:
        row = connection.execute(
            "SELECT score, note FROM ratings "
            "WHERE recording_id = ? AND reader_id = ? AND feature = ? AND rater_id = ?",
            self._place(connection, edit),
        ).fetchone()
        return None if row is None else tables.rating_of(connection, row)

    def _place(self, connection: sqlite3.Connection, edit: RateExplanation) -> tuple[Any, ...]:
        reader, rater = (tables.reader_id(connection, one) for one in (edit.reader, edit.rater))
        return edit.recording_id, reader, edit.feature, rater

    def enter(self, connection: sqlite3.Connection, edit: RateExplanation) -> None:
        tables.put_reader(connection, edit.rater)

    def texts(self, connection: sqlite3.Connection, edit: RateExplanation) -> tuple[str, str]:
        rater = tables.key_of(connection, tables.put_reader(connection, edit.rater))
        return rows.rating_to_json(edit.before, rater), rows.rating_to_json(edit.after, rater)

    def put(self, connection: sqlite3.Connection, edit: RateExplanation, _at: str) -> None:
        place = self._place(connection, edit)
        connection.execute(
            "DELETE FROM ratings WHERE recording_id = ? AND reader_id = ? AND feature = ? AND rater_id = ?",
            place,
        )
        if edit.after is not None:
            answers = tables.answers(connection, edit.recording_id, edit.reader, edit.feature)
            explanation = answers.get(edit.feature, Answer(edit.feature)).explanation
            connection.execute(
                "INSERT INTO ratings (recording_id, reader_id, feature, rater_id, score, note, explanation) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (*place, edit.after.score, edit.after.note, explanation),
            )

    def edit_of(
        self, connection: sqlite3.Connection, recording_id: int, entry: HistoryEntry
    ) -> RateExplanation:
        before, after = rows.rating_from_json(entry.old), rows.rating_from_json(entry.new)
        rater = tables.reader(connection, rows.rater_key(entry.old, entry.new))
        return RateExplanation(
            recording_id, reader_of(connection, entry), entry.feature or "", rater, before, after
        )


class _PatientBox(Kind[SetPatientBox]):
    subject = "patient_box"

    def state(self, connection: sqlite3.Connection, edit: SetPatientBox) -> Box | None:
        return rows.box_from_json(tables.recording(connection, edit.recording_id).patient_box)

    def about(self, connection: sqlite3.Connection, edit: SetPatientBox) -> Subject:
        return Subject(self.subject, tables.recording(connection, edit.recording_id).fingerprint)

    def texts(self, _connection: sqlite3.Connection, edit: SetPatientBox) -> tuple[str, str]:
        return rows.box_to_json(edit.before), rows.box_to_json(edit.after)

    def put(self, connection: sqlite3.Connection, edit: SetPatientBox, _at: str) -> None:
        box = None if edit.after is None else rows.box_to_json(edit.after)
        tables.put_patient_box(connection, edit.recording_id, box)

    def edit_of(
        self, _connection: sqlite3.Connection, recording_id: int, entry: HistoryEntry
    ) -> SetPatientBox:
        return SetPatientBox(recording_id, rows.box_from_json(entry.old), rows.box_from_json(entry.new))


class _Cameras(Kind[SetCameras]):
    subject = "cameras"

    def state(self, connection: sqlite3.Connection, edit: SetCameras) -> Cameras:
        return tables.cameras(connection, edit.recording_id)

    def about(self, connection: sqlite3.Connection, edit: SetCameras) -> Subject:
        return Subject(self.subject, tables.recording(connection, edit.recording_id).fingerprint)

    def texts(self, _connection: sqlite3.Connection, edit: SetCameras) -> tuple[str, str]:
        return cameras_to_json(edit.before), cameras_to_json(edit.after)

    def put(self, connection: sqlite3.Connection, edit: SetCameras, _at: str) -> None:
        text = cameras_to_json(edit.after) if edit.after else None
        tables.put_cameras(connection, edit.recording_id, text)

    def edit_of(self, _connection: sqlite3.Connection, recording_id: int, entry: HistoryEntry) -> SetCameras:
        return SetCameras(recording_id, cameras_from_json(entry.old), cameras_from_json(entry.new))


OF_RECORDINGS: dict[type, Kind[Any]] = {
    SetNote: _Note(),
    SetMark: _Mark(),
    LockReading: _Lock(),
    Decide: _Decision(),
    RateExplanation: _Rating(),
    SetPatientBox: _PatientBox(),
    SetCameras: _Cameras(),
}
"""The edits of one recording but those of its answers."""
