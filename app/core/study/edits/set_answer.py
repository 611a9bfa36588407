"""All that a reader answers to one feature is changed."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from app.core.answer_words import CONFIDENCE_NAMES, more_sides
from app.core.reading import ReaderIdentity
from app.core.semiology import Answer, ConfidenceKind
from app.core.study import answer_table, reader_table, reading_table, rows, values
from app.core.study.edits.change_spans import describe_spans
from app.core.study.edits.edit import ReadingEdit
from app.core.study.effects import (
    OF_READING,
    Effects,
    Held,
    SpanCounts,
    StatePlace,
    answer_effects,
    evidence_of,
)
from app.core.study.history import HistoryEntry
from app.core.study.unreadable_rows import good_rows, quote


@dataclass(frozen=True, slots=True)
class SetAnswer(ReadingEdit):
    """One reader's answer to one feature of one recording becomes `after`.

    Raises ValueError when `before` and `after` answer different features.
    """

    subject: ClassVar = "answer"
    label: ClassVar = "answer"
    plural: ClassVar = "answers"

    recording_id: int
    reader: ReaderIdentity
    before: Answer
    after: Answer

    def __post_init__(self) -> None:
        if self.before.feature != self.after.feature:
            raise ValueError("an edit changes the answer to one feature")

    @property
    def feature(self) -> str:
        return self.after.feature

    def stored(self, connection: sqlite3.Connection) -> Answer:
        place = self.recording_id, reader_table.reader_id(connection, self.reader), self.feature
        row = answer_table.answer_row(connection, place)
        if row is None:
            return Answer(self.feature)
        # Thousands of spans are compared faster as the rows that they are kept as.
        if row == rows.answer_to_row(self.before) and (
            answer_table.span_rows(connection, place) == rows.spans_to_rows(self.before.evidence)
        ):
            return self.before
        return answer_table.answer_at(connection, place)

    def write(self, connection: sqlite3.Connection, at: str) -> None:
        number = reading_table.put_reading(connection, self.recording_id, self.reader, at)
        answer_table.put_answer_rows(connection, self.recording_id, number, [rows.answer_to_row(self.after)])
        if self.before.evidence != self.after.evidence:
            before, after = (rows.spans_to_rows(one.evidence) for one in (self.before, self.after))
            place = (self.recording_id, number, self.feature)
            answer_table.replace_spans(connection, place, before, after)

    @staticmethod
    def state_to_json(state: Any) -> str:
        return rows.answer_to_json(state)

    @staticmethod
    def state_from_json(text: str) -> Answer:
        return rows.answer_from_json(text)

    @staticmethod
    def describe(value: Any) -> str:
        return describe_answer(value)

    @classmethod
    def effects(cls, entry: HistoryEntry) -> Effects:
        yield from answer_effects(rows.answer_from_json(entry.new))

    @classmethod
    def held(cls, connection: sqlite3.Connection) -> Iterator[Held]:
        """Every answer and its evidence, whichever kind of change has led to them."""
        found = connection.execute(
            f"SELECT fingerprint, key, {rows.ANSWER_COLUMNS} FROM answers {OF_READING}"
        )
        yield from good_rows(connection, found, _answer_held, lambda *row: f"the answer to {quote(row[2])}")
        spans = connection.execute(f"SELECT fingerprint, key, feature, begins, ends FROM spans {OF_READING}")
        evidence: dict[StatePlace, SpanCounts] = {}
        for place, span in good_rows(
            connection, spans, _span_held, lambda *row: f"a span for {quote(row[2])}"
        ):
            evidence.setdefault(place, Counter())[span] += 1
        yield from evidence.items()


def _answer_held(fingerprint: str, key: str, *row: object) -> Held:
    answer = rows.answer_from_row(row, ())
    _feature, said = next(answer_effects(answer))
    return (fingerprint, key, answer.feature), said


def _span_held(
    fingerprint: str, key: str, feature: object, begins: object, ends: object
) -> tuple[StatePlace, rows.SpanRow]:
    span = rows.span_from_row(begins, ends)
    return (fingerprint, key, evidence_of(values.feature(feature))), (span.start, span.end)


def _kind(value: Any) -> str:
    """How a confidence came about; of a stated one nothing, as in the texts of stored histories."""
    kind = value.get("confidence_kind")
    return f" {CONFIDENCE_NAMES[ConfidenceKind(kind)]}" if kind else ""


def _sides(sides: Sequence[Any]) -> str:
    """The first sides in order of time, and how many more there are."""
    named = ", then ".join(one["laterality"] for one in sides[:_SIDES_NAMED])
    return named + more_sides(len(sides) - _SIDES_NAMED)


_SIDES_NAMED = 4


def describe_answer(value: Any) -> str:
    """An answer, given as its JSON, on one line."""
    parts = (
        (value["presence"] or "unanswered").replace("_", " "),
        "" if value["confidence"] is None else f"{value['confidence']} %{_kind(value)}",
        _sides(value.get("sides", ())) or value["laterality"] or "",
        describe_spans([(span["start"], span["end"]) for span in value["evidence"]]),
        value["explanation"],
    )
    return " · ".join(" ".join(part.split()) for part in parts if part)
