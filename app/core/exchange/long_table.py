"""The long table: one row per recording, reader, feature and span; a feature without spans has one row."""

from __future__ import annotations

from collections.abc import Iterator

from app.core.errors import UserError
from app.core.exchange.bundle import Bundle, CollectedAnswers, Imported
from app.core.exchange.phrases import (
    confidence_of,
    feature_named,
    laterality_of,
    presence_of,
    seconds_of,
    shorten,
)
from app.core.exchange.table_columns import CellValue, Columns, ParsedRow, identity_cells, identity_of
from app.core.semiology import FEATURES, Answer, Span

HEADER = (
    "recording", "sha256", "duration", "reader", "reader_kind", "reader_version", "reader_details",
    "feature", "presence", "confidence", "laterality", "start", "end", "explanation",
)  # fmt: skip

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
    for reading in bundle.readings:
        who = identity_cells(reading)
        for feature in FEATURES:
            answer = reading.answer(feature.id)
            for span in answer.evidence or (None,):
                yield (
                    *who,
                    feature.id,
                    answer.presence.value if answer.presence else None,
                    answer.confidence,
                    answer.laterality.value if answer.laterality else None,
                    span.start if span else None,
                    span.end if span else None,
                    answer.explanation,
                )


def from_rows(rows: list[list[str]]) -> Imported:
    """The inverse of `to_rows`, for tables of other programs too. Raises UserError."""
    columns = Columns.of(rows, needed=("recording", "feature"), known=HEADER)
    if "start" in columns and "end" not in columns:
        raise UserError("The table has a column for the start of spans and none for their end.")
    gathering = CollectedAnswers()
    unknown: dict[str, None] = {}
    for row in columns.rows():
        answers = gathering.reading(*identity_of(row))
        name = row["feature"]
        if not name.strip():
            continue
        feature = feature_named(name)
        if feature is None:
            unknown.setdefault(shorten(name))
            continue
        answer = _answer(row, feature)
        answers[feature] = _merged(answers.get(feature), answer, row)
    fields = frozenset(field for field, column in _FIELD_COLUMNS.items() if column in columns)
    remarks = tuple(f"“{name}” is none of the 20 features; its rows were left out." for name in unknown)
    return Imported(gathering.bundle(), fields, columns.remarks + remarks)


def _answer(row: ParsedRow, feature: str) -> Answer:
    return Answer(
        feature,
        presence_of(row["presence"], row.place("presence")),
        confidence_of(row["confidence"], row.place("confidence")),
        _span(row),
        laterality_of(row["laterality"], row.place("laterality")),
        row["explanation"],
    )


def _span(row: ParsedRow) -> tuple[Span, ...]:
    if not row["start"].strip() and not row["end"].strip():
        return ()
    start = seconds_of(row["start"], row.place("start"))
    end = seconds_of(row["end"], row.place("end"))
    if end < start:
        raise UserError(f"{row.place('end')} ends a span before it starts.")
    return (Span(start, end),)


def _merged(before: Answer | None, now: Answer, row: ParsedRow) -> Answer:
    """Two rows of one feature are two spans of one answer; they must not say different things."""
    if before is None:
        return now
    spans = before.evidence + now.evidence
    same = Answer(now.feature, now.presence, now.confidence, spans, now.laterality, now.explanation)
    if same != Answer(
        before.feature, before.presence, before.confidence, spans, before.laterality, before.explanation
    ):
        raise UserError(f"{row.place('feature')} says something else of {now.feature} than a row above.")
    if not now.evidence:
        raise UserError(f"{row.place('feature')} answers {now.feature} a second time.")
    return same
