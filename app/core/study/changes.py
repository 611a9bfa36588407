"""How a change is written: the new state and its row of the history, inside the caller's transaction."""

from __future__ import annotations

import sqlite3

from app.core.enhance.pose_track import Box
from app.core.reading import Reading
from app.core.semiology import Answer
from app.core.study import history, rows, tables
from app.core.study.edits import Change, Edit, Operation, SetAnswer, SetPatientBox
from app.core.study.history import Entry, Subject


def state(connection: sqlite3.Connection, edit: Edit) -> Answer | Box | None:
    """What the study says now of the thing that the edit changes."""
    if isinstance(edit, SetAnswer):
        answers = tables.answers(connection, edit.recording_id, edit.reader, edit.feature)
        return answers.get(edit.feature, Answer(edit.feature))
    return rows.box_from_json(tables.recording(connection, edit.recording_id).patient_box)


def write(
    connection: sqlite3.Connection, edit: Edit, who: str, operation: Operation, target: int | None = None
) -> Change:
    """Make the edit; `target` is the row of the history that an undo or redo is about."""
    fingerprint = tables.recording(connection, edit.recording_id).fingerprint
    if isinstance(edit, SetAnswer):
        subject = Subject(history.ANSWER, fingerprint, rows.reader_key(edit.reader), edit.feature)
        old, new = rows.answer_to_json(edit.before), rows.answer_to_json(edit.after)
    else:
        subject = Subject(history.PATIENT_BOX, fingerprint)
        old, new = rows.box_to_json(edit.before), rows.box_to_json(edit.after)
    seq, at = history.append(
        connection, subject, who=who, operation=operation, old=old, new=new, target=target
    )
    if isinstance(edit, SetAnswer):
        tables.put_answers(connection, edit.recording_id, edit.reader, [edit.after], at)
    else:
        tables.put_patient_box(connection, edit.recording_id, None if edit.after is None else new)
    return Change(seq, at, who, operation, edit.recording_id, edit)


def keep(connection: sqlite3.Connection, recording_id: int, reading: Reading, who: str) -> Change | None:
    """Put a reader's whole reading in place of its former one; None when nothing would change."""
    fingerprint = tables.recording(connection, recording_id).fingerprint
    before = tables.answers(connection, recording_id, reading.reader)
    after = rows.given(reading)
    if before == after and tables.has_reading(connection, recording_id, reading.reader):
        return None
    seq, at = history.append(
        connection,
        Subject(history.READING, fingerprint, rows.reader_key(reading.reader)),
        who=who,
        operation=Operation.READING_KEPT,
        old=rows.answers_to_json(before),
        new=rows.answers_to_json(after),
    )
    written = [after.get(feature, Answer(feature)) for feature in before.keys() | after.keys()]
    tables.put_answers(connection, recording_id, reading.reader, written, at)
    return Change(seq, at, who, Operation.READING_KEPT, recording_id, None)


def edit_of(connection: sqlite3.Connection, recording_id: int, entry: Entry) -> Edit:
    """The edit that a row of the history records. Raises LookupError when its reader is gone."""
    if entry.subject == history.PATIENT_BOX:
        return SetPatientBox(recording_id, rows.box_from_json(entry.old), rows.box_from_json(entry.new))
    return SetAnswer(
        recording_id,
        tables.reader(connection, entry.reader or ""),
        rows.answer_from_json(entry.old),
        rows.answer_from_json(entry.new),
    )
