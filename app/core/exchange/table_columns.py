"""The columns of a table: their accepted names, a row's recording and reader, the place of a cell."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.core.errors import UserError
from app.core.exchange.phrases import normalise_name, parse_json, reader_from_dict, seconds_of, shorten
from app.core.reading import ReaderIdentity, Reading, RecordingIdentity, person

CellValue = str | int | float | None

ALIASES: dict[str, tuple[str, ...]] = {
    "recording": ("recording", "recording name", "file", "file name", "video", "video name", "clip"),
    "sha256": ("sha256",),
    "duration": ("duration", "duration s"),
    "reader": ("reader", "reader name", "annotator", "rater", "coder", "observer"),
    "reader_kind": ("reader kind",),
    "reader_version": ("reader version",),
    "reader_details": ("reader details",),
    "feature": ("feature", "feature name", "semiology"),
    "presence": ("presence", "present", "answer", "value"),
    "confidence": ("confidence",),
    "laterality": ("laterality", "side"),
    "start": ("start", "onset", "start s", "span start"),
    "end": ("end", "offset", "end s", "span end"),
    "explanation": ("explanation", "note", "comment", "reason"),
}  # fmt: skip
"""The columns by every name that is understood, in any case, with spaces, underscores or hyphens."""

_BY_ALIAS = {normalise_name(alias): column for column, aliases in ALIASES.items() for alias in aliases}


@dataclass(frozen=True, slots=True)
class ParsedRow:
    """One row of a table; a column that the table does not have is empty."""

    number: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def place(self, column: str) -> str:
        """The place of the cell, as the beginning of a sentence."""
        return f"Row {self.number}, column {column},"


@dataclass(frozen=True, slots=True)
class Columns:
    """The header of a table, understood, and its rows below."""

    index: dict[str, int]
    body: list[list[str]]
    remarks: tuple[str, ...]

    @classmethod
    def of(
        cls,
        rows: list[list[str]],
        *,
        needed: Sequence[str],
        known: Sequence[str],
        features: dict[str, str] | None = None,
    ) -> Columns:
        """The columns `known`, and those called like one of `features` (by normal name).

        Raises UserError when one that is `needed` is missing or two are the same; what is unknown
        becomes a remark.
        """
        header = rows[0] if rows else []
        index: dict[str, int] = {}
        unknown = []
        for place, title in enumerate(header):
            column = (features or {}).get(normalise_name(title)) or _BY_ALIAS.get(normalise_name(title))
            if column is None or (column not in known and column not in (features or {}).values()):
                unknown += [shorten(title)] if title.strip() else []
            elif column in index:
                raise UserError(f"The table has two columns for {column}.")
            else:
                index[column] = place
        missing = [column for column in needed if column not in index]
        if missing:
            raise UserError(f"The first row of the table names no column “{missing[0]}”.")
        remarks = tuple(f"The column “{title}” is not known and was left out." for title in unknown)
        return cls(index, rows[1:], remarks)

    def __contains__(self, column: str) -> bool:
        return column in self.index

    def rows(self) -> Iterator[ParsedRow]:
        """The rows that hold anything; the first below the header has number 2, as in a spreadsheet."""
        for number, cells in enumerate(self.body, 2):
            if any(cell.strip() for cell in cells):
                yield ParsedRow(
                    number,
                    {column: cells[at] for column, at in self.index.items() if at < len(cells)},
                )


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
    duration = seconds_of(row["duration"], row.place("duration")) if row["duration"].strip() else 0.0
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
