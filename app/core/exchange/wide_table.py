"""The wide table: one row per recording and reader, one column per feature: 1, 0, na or blank."""

from __future__ import annotations

from collections.abc import Iterator

from app.core.errors import UserError
from app.core.exchange.bundle import Bundle, CollectedAnswers, Imported
from app.core.exchange.phrases import FEATURE_ALIASES, presence_of
from app.core.exchange.table_columns import CellValue, Columns, identity_cells, identity_of
from app.core.semiology import FEATURES, Answer, Presence

_IDENTITY = (
    "recording", "sha256", "duration", "reader", "reader_kind", "reader_version", "reader_details",
)  # fmt: skip

HEADER = (*_IDENTITY, *(feature.id for feature in FEATURES))

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


def from_rows(rows: list[list[str]]) -> Imported:
    """The inverse of `to_rows`, for tables of other programs too. Raises UserError."""
    columns = Columns.of(rows, needed=("recording",), known=_IDENTITY, features=dict(FEATURE_ALIASES))
    features = [feature.id for feature in FEATURES if feature.id in columns]
    if not features:
        raise UserError("The first row of the table names none of the 20 features.")
    gathering = CollectedAnswers()
    read: set[int] = set()
    for row in columns.rows():
        answers = gathering.reading(*identity_of(row))
        if id(answers) in read:
            raise UserError(f"Row {row.number} is a second row of the same recording and reader.")
        read.add(id(answers))
        for feature in features:
            answers[feature] = Answer(feature, presence_of(row[feature], row.place(feature)))
    return Imported(gathering.bundle(), frozenset({"presence"}), columns.remarks)
