"""What a reader's answer says is changed; its evidence stays."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any, ClassVar

from app.core.bounded_json import canonical
from app.core.reading import ReaderIdentity, answer_extras, extras_from
from app.core.semiology import FEATURES, Answer
from app.core.study import answer_table, reader_table, reading_table, rows, values
from app.core.study.edits.edit import FeatureEdit
from app.core.study.edits.set_answer import describe_answer
from app.core.study.effects import Effects, answer_effects
from app.core.study.history import HistoryEntry
from app.core.study.verdict import Verdict, verdict_of, with_verdict


@dataclass(frozen=True, slots=True)
class SetVerdict(FeatureEdit):
    """What one reader's answer to a feature says becomes `after`; its evidence, however much, stays.

    Raises ValueError for an unknown feature and for what no answer can say.
    """

    subject: ClassVar = "verdict"
    label: ClassVar = "answer"
    plural: ClassVar = "answers"

    recording_id: int
    reader: ReaderIdentity
    feature: str
    before: Verdict
    after: Verdict

    def __post_init__(self) -> None:
        with_verdict(Answer(self.feature), self.after)

    def stored(self, connection: sqlite3.Connection) -> Verdict:
        place = self.recording_id, reader_table.reader_id(connection, self.reader), self.feature
        return verdict_of(answer_table.answer_at(connection, place))

    def write(self, connection: sqlite3.Connection, at: str) -> None:
        number = reading_table.put_reading(connection, self.recording_id, self.reader, at)
        row = rows.answer_to_row(with_verdict(Answer(self.feature), self.after))
        answer_table.put_answer_rows(connection, self.recording_id, number, [row])

    @staticmethod
    def state_to_json(state: Any) -> str:
        return _to_json(state)

    @staticmethod
    def state_from_json(text: str) -> Verdict:
        return _from_json(text)

    @staticmethod
    def describe(value: Any) -> str:
        return describe_answer({**value, "evidence": []})

    @classmethod
    def effects(cls, entry: HistoryEntry) -> Effects:
        bare = with_verdict(Answer(str(entry.feature)), _from_json(entry.new))
        yield next(answer_effects(bare))


def _to_json(verdict: Verdict) -> str:
    return canonical(
        {
            "presence": verdict.presence and verdict.presence.value,
            "confidence": verdict.confidence,
            "laterality": verdict.laterality and verdict.laterality.value,
            "explanation": verdict.explanation,
            **answer_extras(with_verdict(Answer(FEATURES[0].id), verdict)),
        }
    )


def _from_json(text: str) -> Verdict:
    row = values.fields(values.json_of(text))
    return Verdict(
        values.maybe(rows.presence_of, row.get("presence")),
        values.maybe(values.number, row.get("confidence")),
        values.maybe(rows.laterality_of, row.get("laterality")),
        values.text(row.get("explanation")),
        *extras_from(rows.first_parts(row)),
    )
