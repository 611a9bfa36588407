"""Some spans of a reader's evidence are added, moved or removed; the rest of the answer stays.

The cost is the same however many spans there are; `app.core.study.spans` gives what a change leads to.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from app.core.bounded_json import canonical
from app.core.reading import ReaderIdentity
from app.core.semiology import Span
from app.core.study import answer_table, reader_table, reading_table, rows, values
from app.core.study.edits.edit import FeatureEdit, check_feature
from app.core.study.effects import Effects, SpansChange, evidence_of
from app.core.study.history import HistoryEntry


@dataclass(frozen=True, slots=True)
class ChangeSpans(FeatureEdit):
    """In one reader's evidence for a feature the spans `before` become the spans `after`.

    A new span has no `before`, a removed one no `after`; the other spans and the rest of the answer
    stay as they are. Raises ValueError for an unknown feature and when nothing would change.
    """

    subject: ClassVar = "spans"
    label: ClassVar = "spans"
    plural: ClassVar = "changes of spans"

    recording_id: int
    reader: ReaderIdentity
    feature: str
    before: tuple[Span, ...]
    after: tuple[Span, ...]

    def __post_init__(self) -> None:
        check_feature(self.feature)
        object.__setattr__(self, "before", tuple(sorted(self.before)))
        object.__setattr__(self, "after", tuple(sorted(self.after)))
        if self.before == self.after:
            raise ValueError("an edit changes a span")

    def stored(self, connection: sqlite3.Connection) -> tuple[Span, ...] | None:
        """`before` if the evidence holds all of it; None where some is no longer there."""
        place = self.recording_id, reader_table.reader_id(connection, self.reader), self.feature
        wanted = Counter(rows.spans_to_rows(self.before))
        held = (answer_table.spans_like(connection, place, span) >= count for span, count in wanted.items())
        return self.before if all(held) else None

    def write(self, connection: sqlite3.Connection, at: str) -> None:
        number = reading_table.put_reading(connection, self.recording_id, self.reader, at)
        place = (self.recording_id, number, self.feature)
        answer_table.begin_answer(connection, place)
        removed, added = rows.spans_to_rows(self.before), rows.spans_to_rows(self.after)
        answer_table.put_spans(connection, place, removed, added)

    @staticmethod
    def state_to_json(state: Any) -> str:
        return _to_json(state)

    @staticmethod
    def state_from_json(text: str) -> tuple[Span, ...]:
        return _from_json(text)

    @staticmethod
    def describe(value: Any) -> str:
        return describe_spans(value)

    @classmethod
    def effects(cls, entry: HistoryEntry) -> Effects:
        removed, added = (Counter(rows.spans_to_rows(_from_json(text))) for text in (entry.old, entry.new))
        yield evidence_of(str(entry.feature)), SpansChange(removed, added)


def _to_json(spans: Iterable[Span]) -> str:
    return canonical([[float(span.start), float(span.end)] for span in spans])


def _from_json(text: str) -> tuple[Span, ...]:
    return tuple(_span(pair) for pair in values.items(values.json_of(text)))


def _span(pair: object) -> Span:
    begins, ends = values.items(pair)
    return rows.span_from_row(begins, ends)


def describe_spans(spans: Sequence[Sequence[float]]) -> str:
    """Starts and ends in seconds on one line, three of them at most."""
    shown = ", ".join(f"{start:.2f}–{end:.2f} s" for start, end in spans[:3])
    return f"{shown} · and {len(spans) - 3} more spans" if len(spans) > 3 else shown
