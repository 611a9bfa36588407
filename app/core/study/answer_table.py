"""The tables of answers, evidence and notes, read and written inside the caller's transaction."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable
from functools import partial
from typing import Any

from app.core.reading import ReaderIdentity
from app.core.semiology import Answer, Span
from app.core.study import reader_table, reading_table, rows, values
from app.core.study.unreadable_rows import good_rows, quote, report_shortened, value_or_none

AnswerPlace = tuple[int, int | None, str]
"""Whose answer to what: the numbers of recording and reader, the feature."""


def answers(
    connection: sqlite3.Connection, recording_id: int, identity: ReaderIdentity, feature: str | None = None
) -> dict[str, Answer]:
    """What the reader has answered, by feature, of one feature or of all; without empty answers."""
    place: tuple[Any, ...] = (recording_id, reader_table.reader_id(connection, identity))
    where = "WHERE recording_id = ? AND reader_id = ?"
    if feature is not None:
        where, place = f"{where} AND feature = ?", (*place, feature)
    whose = f"{quote(identity.name)} in recording {recording_id}"
    held = connection.execute(
        f"SELECT feature, begins, ends FROM spans {where} ORDER BY feature, begins, ends", place
    ).fetchall()
    spans: dict[str, list[Span]] = {}
    for of, span in good_rows(connection, held, _span_of, lambda of, *_row: _what_span(of, whose)):
        spans.setdefault(of, []).append(span)
    found = connection.execute(f"SELECT {rows.ANSWER_COLUMNS} FROM answers {where}", place).fetchall()

    def what(of: object, *_row: object) -> str:
        return f"the answer to {quote(of)} of {whose}"

    def read(*row: Any) -> Answer:
        held = spans.get(row[0], ())
        return rows.answer_from_row(row, held, lambda: report_shortened(connection, what(row[0])))

    given = good_rows(connection, found, read, what)
    return {answer.feature: answer for answer in given if answer != Answer(answer.feature)}


def _span_of(of: object, begins: object, ends: object) -> tuple[str, Span]:
    return values.feature(of), rows.span_from_row(begins, ends)


def _what_span(of: object, whose: str) -> str:
    return f"a span of the evidence for {quote(of)} of {whose}"


def answer_at(connection: sqlite3.Connection, place: AnswerPlace) -> Answer:
    """One answer; unanswered where there is none, or none that can be read."""
    recording_id, _reader, feature = place
    row = answer_row(connection, place)
    if row is None:
        return Answer(feature)
    spans = good_rows(
        connection,
        span_rows(connection, place),
        rows.span_from_row,
        lambda *_row: _what_span(feature, f"recording {recording_id}"),
    )
    what = f"an answer to {quote(feature)} in recording {recording_id}"
    shortened = partial(report_shortened, connection, what)
    read = partial(rows.answer_from_row, spans=tuple(spans), shortened=shortened)
    return value_or_none(connection, read, row, what) or Answer(feature)


def answer_row(connection: sqlite3.Connection, place: AnswerPlace) -> rows.AnswerRow | None:
    """The stored row of one answer, None where there never was one."""
    row: rows.AnswerRow | None = connection.execute(
        f"SELECT {rows.ANSWER_COLUMNS} FROM answers WHERE recording_id = ? AND reader_id = ? AND feature = ?",
        place,
    ).fetchone()
    return row


def span_rows(connection: sqlite3.Connection, place: AnswerPlace) -> list[rows.SpanRow]:
    """The stored evidence of one answer, in order; a value that is not a number is skipped."""
    return connection.execute(
        "SELECT begins, ends FROM spans WHERE recording_id = ? AND reader_id = ? AND feature = ? "
        "AND typeof(begins) = 'real' AND typeof(ends) = 'real' ORDER BY begins, ends",
        place,
    ).fetchall()


def spans_like(connection: sqlite3.Connection, place: AnswerPlace, span: rows.SpanRow) -> int:
    """How often the evidence of one answer holds this very span."""
    found = connection.execute(
        "SELECT count(*) FROM spans "
        "WHERE recording_id = ? AND reader_id = ? AND feature = ? AND begins = ? AND ends = ?",
        (*place, *span),
    )
    return int(found.fetchone()[0])


def notes(
    connection: sqlite3.Connection, recording_id: int, identity: ReaderIdentity, feature: str | None = None
) -> dict[str, str]:
    """The reader's notes by feature, without empty ones."""
    found = connection.execute(
        "SELECT feature, note FROM answers "
        "WHERE recording_id = ? AND reader_id = ? AND feature = coalesce(?, feature) AND note <> ''",
        (recording_id, reader_table.reader_id(connection, identity), feature),
    )
    whose = f"{quote(identity.name)} in recording {recording_id}"
    kept = good_rows(
        connection,
        found.fetchall(),
        lambda of, note: (values.feature(of), values.text(note)),
        lambda of, *_row: f"the note on {quote(of)} of {whose}",
    )
    return dict(kept)


def put_answers(
    connection: sqlite3.Connection,
    recording_id: int,
    identity: ReaderIdentity,
    written: Iterable[Answer],
    at: str,
) -> None:
    """Store the answers in place of those of the same features; the reading begins with its first one."""
    number, kept = reading_table.put_reading(connection, recording_id, identity, at), tuple(written)
    put_answer_rows(connection, recording_id, number, [rows.answer_to_row(answer) for answer in kept])
    for answer in kept:
        place = (recording_id, number, answer.feature)
        held = span_rows(connection, place)
        wanted = rows.spans_to_rows(answer.evidence)
        if held != wanted:
            replace_spans(connection, place, held, wanted)


def put_answer_rows(
    connection: sqlite3.Connection, recording_id: int, reader_number: int, written: Iterable[rows.AnswerRow]
) -> None:
    """Store what answers say; their evidence and notes stay. The reading must have begun."""
    connection.executemany(
        f"INSERT INTO answers (recording_id, reader_id, {rows.ANSWER_COLUMNS}) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (recording_id, reader_id, feature) DO UPDATE SET presence = excluded.presence, "
        "confidence = excluded.confidence, laterality = excluded.laterality, "
        "explanation = excluded.explanation, extras = excluded.extras",
        [(recording_id, reader_number, *row) for row in written],
    )


def replace_spans(
    connection: sqlite3.Connection, place: AnswerPlace, held: list[rows.SpanRow], wanted: list[rows.SpanRow]
) -> None:
    """Store the wanted spans as the evidence of one answer in place of those that it holds."""
    before, after = Counter(held), Counter(wanted)
    put_spans(connection, place, (before - after).elements(), (after - before).elements())


_ADD_SPAN = "INSERT INTO spans (recording_id, reader_id, feature, begins, ends) VALUES (?, ?, ?, ?, ?)"


def put_spans(
    connection: sqlite3.Connection,
    place: AnswerPlace,
    removed: Iterable[rows.SpanRow],
    added: Iterable[rows.SpanRow],
) -> None:
    """Remove spans from the evidence of one answer, once each, and add others."""
    connection.executemany(
        "DELETE FROM spans WHERE rowid = (SELECT rowid FROM spans WHERE recording_id = ? "
        "AND reader_id = ? AND feature = ? AND begins = ? AND ends = ? LIMIT 1)",
        [(*place, *span) for span in removed],
    )
    connection.executemany(_ADD_SPAN, [(*place, *span) for span in added])


def begin_answer(connection: sqlite3.Connection, place: AnswerPlace) -> None:
    """Add the row of a feature that has no answer yet; the reading must have begun."""
    connection.execute(
        "INSERT INTO answers (recording_id, reader_id, feature, explanation) VALUES (?, ?, ?, '') "
        "ON CONFLICT DO NOTHING",
        place,
    )


def put_note(
    connection: sqlite3.Connection, recording_id: int, reader_number: int, feature: str, note: str
) -> None:
    """Store the note on an answer, which may be empty; the reading must have begun."""
    connection.execute(
        "INSERT INTO answers (recording_id, reader_id, feature, explanation, note) VALUES (?, ?, ?, '', ?) "
        "ON CONFLICT (recording_id, reader_id, feature) DO UPDATE SET note = excluded.note",
        (recording_id, reader_number, feature, note),
    )
