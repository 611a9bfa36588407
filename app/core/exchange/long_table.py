"""The long table: one row per recording, reader, feature and span; a feature without spans has one row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from app.core.errors import UserError
from app.core.exchange.bundle import Bundle, Imported
from app.core.exchange.collected_answers import CollectedAnswers, SaidByReader
from app.core.exchange.meaning import NOTHING_MAPPED, Meaning
from app.core.exchange.phrases import (
    MISSING_IN_R,
    confidence_kind_of,
    confidence_of,
    laterality_of,
    presence_of,
    shorten,
)
from app.core.exchange.table import FoundTable
from app.core.exchange.table_columns import (
    IDENTITY_COLUMNS,
    CellValue,
    Columns,
    ParsedRow,
    identity_cells,
    identity_of,
    say_missing_in_r,
    say_not_calculated,
)
from app.core.semiology import FEATURES, Answer, Span

HEADER = (
    *IDENTITY_COLUMNS,
    "feature", "presence", "confidence", "laterality", "start", "end", "explanation", "confidence_kind",
    "after_unblinding",
)  # fmt: skip

CHANGED = "changed"
"""The cell of an answer that was changed after unblinding. It is counted, and nothing else follows from it:
what was locked stands in the history of the study alone."""

_FIELD_COLUMNS = {
    "presence": "presence",
    "confidence": "confidence",
    "laterality": "laterality",
    "evidence": "start",
    "explanation": "explanation",
}


def to_rows(bundle: Bundle) -> Iterator[tuple[CellValue, ...]]:
    """The header and all rows; times in seconds."""
    yield HEADER
    for reading, beside in (pair for entry in bundle.recordings for pair in entry.with_beside()):
        who = identity_cells(reading)
        for feature in FEATURES:
            changed = CHANGED if feature.id in beside.changed else None
            for cells in _answer_cells(reading.answer(feature.id)):
                yield (*who, *cells, changed)


def _answer_cells(answer: Answer) -> Iterator[tuple[CellValue, ...]]:
    for span in answer.evidence or (None,):
        yield (
            answer.feature,
            answer.presence.value if answer.presence else None,
            answer.confidence,
            answer.laterality.value if answer.laterality else None,
            span.start if span else None,
            span.end if span else None,
            answer.explanation,
            None if answer.confidence is None else answer.confidence_kind.value,
        )


def from_table(table: FoundTable, meaning: Meaning = NOTHING_MAPPED) -> Imported:
    """The inverse of `to_rows`, for tables of other programs too. Raises UserError."""
    columns = Columns.of(table, needed=("recording", "feature"), known=HEADER)
    if "start" in columns and "end" not in columns:
        raise UserError("The table has a column for the start of spans and none for their end.")
    fields = frozenset(field for field, column in _FIELD_COLUMNS.items() if column in columns)
    found = _Rows(CollectedAnswers(fields), meaning)
    for row in columns.rows():
        found.add(row)
    unknown = (
        f"“{shorten(name)}” is none of the 20 features; its rows were left out." for name in found.unknown
    )
    remarks = (*columns.remarks, *found.remarks, *unknown)
    asides = (*table.asides, *say_missing_in_r(found.missing))
    return Imported(
        found.collected.bundle(), remarks, tuple(found.unknown), asides=asides, changed=len(found.changed)
    )


@dataclass(slots=True)
class _Rows:
    """The rows of a table while it is read."""

    collected: CollectedAnswers
    meaning: Meaning
    remarks: list[str] = field(default_factory=list)
    unknown: dict[str, None] = field(default_factory=dict)
    missing: int = 0
    changed: set[tuple[str, ...]] = field(default_factory=set)
    """Recording, reader and feature of what was changed after unblinding: an answer has a row a span."""
    _known: dict[tuple[str, ...], SaidByReader] = field(default_factory=dict)

    def add(self, row: ParsedRow) -> None:
        empty = row.not_calculated()
        if empty:
            self.remarks.append(say_not_calculated(row, empty))
            return
        who = tuple(row[column] for column in IDENTITY_COLUMNS)
        said = self._reading(who, row)
        name = row["feature"]
        feature = self.meaning.feature_named(name)
        self.missing += row["presence"].strip() == MISSING_IN_R
        if feature is not None:
            said.add(_answer(row, feature), f"row {row.number}")
            if row["after_unblinding"].strip().casefold() == CHANGED:
                self.changed.add((*who, feature))
        elif name.strip() and not self.meaning.is_left_out(name):
            self.unknown.setdefault(name.strip())

    def _reading(self, who: tuple[str, ...], row: ParsedRow) -> SaidByReader:
        if who not in self._known:
            self._known[who] = self.collected.reading(*identity_of(row))
        return self._known[who]


def _answer(row: ParsedRow, feature: str) -> Answer:
    return Answer(
        feature,
        presence_of(row["presence"], row.place("presence")),
        confidence_of(row["confidence"], row.place("confidence")),
        _span(row),
        laterality_of(row["laterality"], row.place("laterality")),
        row["explanation"],
        confidence_kind_of(row["confidence_kind"], row.place("confidence_kind")),
    )


def _span(row: ParsedRow) -> tuple[Span, ...]:
    if _is_missing(row["start"]) and _is_missing(row["end"]):
        return ()
    start, end = row.seconds("start"), row.seconds("end")
    if end < start:
        raise UserError(f"{row.place('end')} ends a span before it starts.")
    return (Span(start, end),)


def _is_missing(word: str) -> bool:
    return word.strip().casefold() in ("", "na", "n/a", "#n/a", "nan")
