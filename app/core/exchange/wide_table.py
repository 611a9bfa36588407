"""The wide table: one row per recording and reader, one column per feature: 1, 0, na or blank."""

from __future__ import annotations

from collections.abc import Iterator

from app.core.errors import UserError
from app.core.exchange.bundle import Bundle, Imported
from app.core.exchange.collected_answers import CollectedAnswers
from app.core.exchange.meaning import NOTHING_MAPPED, Meaning
from app.core.exchange.phrases import FEATURE_ALIASES, MISSING_IN_R, presence_of
from app.core.exchange.table import FoundTable
from app.core.exchange.table_columns import (
    IDENTITY_COLUMNS,
    CellValue,
    Columns,
    identity_cells,
    identity_of,
    say_missing_in_r,
    say_not_calculated,
)
from app.core.semiology import FEATURES, Answer, Presence

HEADER = (*IDENTITY_COLUMNS, *(feature.id for feature in FEATURES))

_CELLS: dict[Presence | None, CellValue] = {
    Presence.YES: 1,
    Presence.NO: 0,
    Presence.NOT_ASSESSABLE: "na",
    None: None,
}


def to_rows(bundle: Bundle) -> Iterator[tuple[CellValue, ...]]:
    """The header and all rows."""
    yield HEADER
    for reading in bundle.readings:
        presences = (_CELLS[reading.answer(feature.id).presence] for feature in FEATURES)
        yield (*identity_cells(reading), *presences)


def from_table(table: FoundTable, meaning: Meaning = NOTHING_MAPPED) -> Imported:
    """The inverse of `to_rows`, for tables of other programs too. Raises UserError."""
    titles = dict(FEATURE_ALIASES) | {name: one for name, one in meaning.features.items() if one}
    columns = Columns.of(table, needed=("recording",), known=IDENTITY_COLUMNS, features=titles)
    features = [feature.id for feature in FEATURES if feature.id in columns]
    if not features:
        raise UserError("The first row of the table names none of the 20 features.")
    collected = CollectedAnswers(frozenset({"presence"}))
    remarks, missing = list[str](), 0
    for row in columns.rows():
        empty = row.not_calculated()
        if empty:
            remarks.append(say_not_calculated(row, empty))
        if any(column in IDENTITY_COLUMNS for column in empty):
            continue
        said = collected.reading(*identity_of(row))
        for feature in features:
            if feature not in empty:
                missing += row[feature].strip() == MISSING_IN_R
                answer = Answer(feature, presence_of(row[feature], row.place(feature)))
                said.add(answer, f"row {row.number}")
    asides = (*table.asides, *say_missing_in_r(missing))
    return Imported(collected.bundle(), (*columns.remarks, *remarks), columns.unknown, asides=asides)
