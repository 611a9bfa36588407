"""The edits of one answer: all of it, what it says beside its evidence, and some spans of its evidence."""

from __future__ import annotations

import sqlite3
from collections import Counter
from typing import Any

from app.core.semiology import Answer, Span
from app.core.study import rows, tables
from app.core.study.edits import ChangeSpans, SetAnswer, SetVerdict
from app.core.study.history import HistoryEntry
from app.core.study.kinds import Kind, OfReader, reader_of
from app.core.study.verdict import Verdict, verdict_of, with_verdict


def _place(connection: sqlite3.Connection, edit: SetAnswer | SetVerdict | ChangeSpans) -> tables.AnswerPlace:
    return edit.recording_id, tables.reader_id(connection, edit.reader), edit.feature


class _Answer(OfReader[SetAnswer]):
    subject = "answer"

    def state(self, connection: sqlite3.Connection, edit: SetAnswer) -> Answer:
        place = _place(connection, edit)
        row = tables.answer_row(connection, place)
        if row is None:
            return Answer(edit.feature)
        spans = tables.span_rows(connection, place)
        # Thousands of spans are compared faster as the rows that they are kept as.
        if (row, spans) == (rows.answer_to_row(edit.before), rows.spans_to_rows(edit.before.evidence)):
            return edit.before
        return tables.answer_at(connection, place)

    def texts(self, _connection: sqlite3.Connection, edit: SetAnswer) -> tuple[str, str]:
        return rows.answer_to_json(edit.before), rows.answer_to_json(edit.after)

    def put(self, connection: sqlite3.Connection, edit: SetAnswer, at: str) -> None:
        tables.put_answers(connection, edit.recording_id, edit.reader, [edit.after], at)

    def edit_of(self, connection: sqlite3.Connection, recording_id: int, entry: HistoryEntry) -> SetAnswer:
        before, after = rows.answer_from_json(entry.old), rows.answer_from_json(entry.new)
        return SetAnswer(recording_id, reader_of(connection, entry), before, after)


class _Spans(OfReader[ChangeSpans]):
    subject = "spans"

    def state(self, connection: sqlite3.Connection, edit: ChangeSpans) -> tuple[Span, ...] | None:
        """`before` if the evidence holds all of it; None where some is not there any more."""
        place = _place(connection, edit)
        wanted = Counter(rows.spans_to_rows(edit.before))
        held = all(tables.spans_like(connection, place, span) >= count for span, count in wanted.items())
        return edit.before if held else None

    def texts(self, _connection: sqlite3.Connection, edit: ChangeSpans) -> tuple[str, str]:
        return rows.spans_to_json(edit.before), rows.spans_to_json(edit.after)

    def put(self, connection: sqlite3.Connection, edit: ChangeSpans, at: str) -> None:
        number = tables.put_reading(connection, edit.recording_id, edit.reader, at)
        place = (edit.recording_id, number, edit.feature)
        tables.begin_answer(connection, place)
        removed, added = rows.spans_to_rows(edit.before), rows.spans_to_rows(edit.after)
        tables.put_spans(connection, place, removed, added)

    def edit_of(self, connection: sqlite3.Connection, recording_id: int, entry: HistoryEntry) -> ChangeSpans:
        before, after = rows.spans_from_json(entry.old), rows.spans_from_json(entry.new)
        return ChangeSpans(recording_id, reader_of(connection, entry), entry.feature or "", before, after)


class _Verdict(OfReader[SetVerdict]):
    subject = "verdict"

    def state(self, connection: sqlite3.Connection, edit: SetVerdict) -> Verdict:
        return verdict_of(tables.answer_at(connection, _place(connection, edit)))

    def texts(self, _connection: sqlite3.Connection, edit: SetVerdict) -> tuple[str, str]:
        return rows.verdict_to_json(edit.before), rows.verdict_to_json(edit.after)

    def put(self, connection: sqlite3.Connection, edit: SetVerdict, at: str) -> None:
        number = tables.put_reading(connection, edit.recording_id, edit.reader, at)
        row = rows.answer_to_row(with_verdict(Answer(edit.feature), edit.after))
        tables.put_answer_rows(connection, edit.recording_id, number, [row])

    def edit_of(self, connection: sqlite3.Connection, recording_id: int, entry: HistoryEntry) -> SetVerdict:
        before, after = rows.verdict_from_json(entry.old), rows.verdict_from_json(entry.new)
        return SetVerdict(recording_id, reader_of(connection, entry), entry.feature or "", before, after)


OF_ANSWERS: dict[type, Kind[Any]] = {SetAnswer: _Answer(), SetVerdict: _Verdict(), ChangeSpans: _Spans()}
"""The edits of one answer: all of it, what it says, some of its evidence."""
