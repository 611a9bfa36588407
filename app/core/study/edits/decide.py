"""Readers agree on one feature: an answer of the reader `CONSENSUS` with a note on why."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from typing import Any, ClassVar

from app.core.bounded_json import canonical
from app.core.reading import ReaderIdentity, answer_to_dict
from app.core.semiology import Answer
from app.core.study import answer_table, reading_table, rows, values
from app.core.study.consensus import CONSENSUS
from app.core.study.edits.edit import ReadingEdit
from app.core.study.edits.set_answer import describe_answer
from app.core.study.effects import Effects, answer_effects, note_on
from app.core.study.history import HistoryEntry


@dataclass(frozen=True, slots=True)
class Decision:
    """What was agreed on for one feature, and why."""

    answer: Answer
    note: str = ""


@dataclass(frozen=True, slots=True)
class Decide(ReadingEdit):
    """The consensus on one feature becomes `after`, written as an answer of the reader `CONSENSUS`.

    Raises ValueError when `before` and `after` are on different features, and for a note that no
    file can hold.
    """

    subject: ClassVar = "decision"
    label: ClassVar = "consensus"
    plural: ClassVar = "decisions"

    recording_id: int
    before: Decision
    after: Decision
    reader: ReaderIdentity = field(default=CONSENSUS, init=False)

    def __post_init__(self) -> None:
        if self.before.answer.feature != self.after.answer.feature:
            raise ValueError("an edit decides one feature")
        self.after.note.encode("utf-8")

    @property
    def feature(self) -> str:
        return self.after.answer.feature

    def stored(self, connection: sqlite3.Connection) -> Decision:
        place = self.recording_id, CONSENSUS, self.feature
        answers, notes = answer_table.answers(connection, *place), answer_table.notes(connection, *place)
        return Decision(answers.get(self.feature, Answer(self.feature)), notes.get(self.feature, ""))

    def write(self, connection: sqlite3.Connection, at: str) -> None:
        answer_table.put_answers(connection, self.recording_id, CONSENSUS, [self.after.answer], at)
        number = reading_table.put_reading(connection, self.recording_id, CONSENSUS, at)
        answer_table.put_note(connection, self.recording_id, number, self.feature, self.after.note)

    @staticmethod
    def state_to_json(state: Any) -> str:
        return _to_json(state)

    @staticmethod
    def state_from_json(text: str) -> Decision:
        return _from_json(text)

    @classmethod
    def from_entry(cls, connection: sqlite3.Connection, recording_id: int, entry: HistoryEntry) -> Decide:
        return cls(recording_id, _from_json(entry.old), _from_json(entry.new))

    @staticmethod
    def describe(value: Any) -> str:
        return " · ".join(filter(None, (describe_answer(value["answer"]), value["note"])))

    @classmethod
    def effects(cls, entry: HistoryEntry) -> Effects:
        decision = _from_json(entry.new)
        yield from answer_effects(decision.answer)
        yield note_on(entry.feature), decision.note


def _to_json(decision: Decision) -> str:
    return canonical({"answer": answer_to_dict(decision.answer), "note": decision.note})


def _from_json(text: str) -> Decision:
    row = values.fields(values.json_of(text))
    return Decision(rows.answer_of(row.get("answer")), values.text(row.get("note")))
