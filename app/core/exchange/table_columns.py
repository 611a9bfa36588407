"""The columns of a table: which are known, a row's recording and reader, the place of a cell."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.core.errors import UserError
from app.core.exchange.phrases import normalise_name, parse_json, reader_from_dict, seconds_of, shorten
from app.core.exchange.table import COLUMN_ALIASES, NOT_CALCULATED, FoundTable
from app.core.reading import ReaderIdentity, Reading, RecordingIdentity, person

CellValue = str | int | float | None

IDENTITY_COLUMNS = (
    "recording", "sha256", "duration", "reader", "reader_kind", "reader_version", "reader_details",
)  # fmt: skip
"""Recording and reader: the first columns of both tables."""


@dataclass(frozen=True, slots=True)
class ParsedRow:
    """One row of a table; a column that the table does not have is empty."""

    number: int
    cells: dict[str, str]
    decimal_comma: bool = False

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def place(self, column: str) -> str:
        """The place of the cell, as the beginning of a sentence."""
        return f"Row {self.number}, column {column},"

    def seconds(self, column: str) -> float:
        """The time in the cell. Raises UserError."""
        return seconds_of(self[column], self.place(column), decimal_comma=self.decimal_comma)

    def not_calculated(self) -> tuple[str, ...]:
        """The columns in which the row has a formula without a result."""
        return tuple(column for column, cell in self.cells.items() if cell == NOT_CALCULATED)


def say_not_calculated(row: ParsedRow, columns: Sequence[str]) -> str:
    """A sentence on the cells of a row that hold formulas without results."""
    return (
        f"Row {row.number}, column {', '.join(columns)}: a formula that no program has calculated yet; it "
        "was left out. Open the table in a spreadsheet program, save it, and import it again."
    )


def say_missing_in_r(count: int) -> tuple[str, ...]:
    """What to say of a table with so many cells `NA`."""
    if not count:
        return ()
    return (
        f"“NA” in capitals, as R writes a blank cell, was taken for no answer (cells: {count}); not "
        "assessable is written “na”.",
    )


@dataclass(frozen=True, slots=True)
class Columns:
    """The titles of a table, understood, and the table; `unknown` are the titles that are not."""

    index: dict[str, int]
    table: FoundTable
    unknown: tuple[str, ...]

    @classmethod
    def of(
        cls,
        table: FoundTable,
        *,
        needed: Sequence[str],
        known: Sequence[str],
        features: Mapping[str, str] | None = None,
    ) -> Columns:
        """The columns `known`, and those called like one of `features` (by normal name).

        Raises UserError when one that is `needed` is missing or two are the same; what is unknown
        becomes a remark.
        """
        index: dict[str, int] = {}
        unknown = []
        for place, title in enumerate(table.titles):
            column = _column(title, known, features or {})
            if column is None:
                unknown += [title.strip()] if title.strip() else []
            elif column in index:
                raise UserError(f"The table has two columns for {column}.")
            else:
                index[column] = place
        missing = [column for column in needed if column not in index]
        if missing:
            raise UserError(f"The first row of the table names no column “{missing[0]}”{_says(table)}.")
        return cls(index, table, tuple(unknown))

    @property
    def remarks(self) -> tuple[str, ...]:
        """What was left out of the table, and the columns that are not known."""
        unknown = (f"The column “{shorten(one)}” is not known and was left out." for one in self.unknown)
        return (*self.table.remarks, *unknown)

    def __contains__(self, column: str) -> bool:
        return column in self.index

    def rows(self) -> Iterator[ParsedRow]:
        """The rows that hold anything, numbered as in a spreadsheet."""
        places = tuple(self.index.items())
        for number, cells in self.table.numbered():
            found = {column: cells[at] for column, at in places if at < len(cells)}
            yield ParsedRow(number, found, self.table.decimal_comma)


def _column(title: str, known: Sequence[str], features: Mapping[str, str]) -> str | None:
    name = normalise_name(title)
    if name in features:
        return features[name]
    column = COLUMN_ALIASES.get(name)
    return column if column in known else None


def _says(table: FoundTable) -> str:
    """What the first line says, to find it by."""
    words = [shorten(cell.strip()) for cell in table.titles if cell.strip()]
    return f"; it says “{words[0]}”" if words else ""


def identity_cells(reading: Reading) -> tuple[CellValue, ...]:
    """Recording and reader: the first seven columns of both tables."""
    recording, reader = reading.recording, reading.reader
    details = json.dumps(dict(reader.details), ensure_ascii=False, sort_keys=True) if reader.details else None
    return (
        recording.name,
        recording.sha256,
        recording.duration,
        reader.name,
        reader.kind.value,
        reader.version,
        details,
    )


def identity_of(row: ParsedRow) -> tuple[RecordingIdentity, ReaderIdentity]:
    """The recording and the reader of a row. Raises UserError."""
    if not row["recording"].strip():
        raise UserError(f"{row.place('recording')} names no recording.")
    duration = row.seconds("duration") if row["duration"].strip() else 0.0
    return RecordingIdentity(row["recording"], row["sha256"].strip(), duration), _reader(row)


def _reader(row: ParsedRow) -> ReaderIdentity:
    if not row["reader_kind"].strip():
        return person(row["reader"])
    details = parse_json(row["reader_details"] or "{}", row.place("reader_details"))
    data = {
        "kind": row["reader_kind"],
        "name": row["reader"],
        "version": row["reader_version"],
        "details": details,
    }
    return reader_from_dict(data, f"Row {row.number}")
