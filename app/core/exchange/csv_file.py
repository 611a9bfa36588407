"""Tables as CSV: UTF-8 with its mark, so that spreadsheets see it; commas, quotes where needed."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from app.core.errors import UserError
from app.core.exchange.bundle import Bundle, Imported
from app.core.exchange.codec import LARGEST, NamedFile, Source
from app.core.exchange.phrases import neutralise_everywhere, restore_everywhere
from app.core.exchange.table_columns import CellValue


@dataclass(frozen=True, slots=True)
class CsvTable:
    """One of the two tables as a codec."""

    to_rows: Callable[[Bundle], Iterable[tuple[CellValue, ...]]]
    from_rows: Callable[[list[list[str]]], Imported]

    def write(self, bundle: Bundle, stem: str) -> tuple[NamedFile, ...]:
        text = io.StringIO(newline="")
        csv.writer(text).writerows([_text(cell) for cell in row] for row in self.to_rows(bundle))
        return (NamedFile(f"{stem}.csv", text.getvalue().encode("utf-8-sig", "replace")),)

    def read(self, source: Source) -> Imported:
        return self.from_rows(list(csv_rows(source)))


def _text(cell: CellValue) -> str:
    if isinstance(cell, str):
        return neutralise_everywhere(cell)
    return "" if cell is None else repr(cell)


def csv_rows(source: Source) -> Iterator[list[str]]:
    """The rows of a text with commas, semicolons or tabs between its cells. Raises UserError."""
    try:
        text = source.content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(f"“{source.name}” is not text in UTF-8; save it as “CSV UTF-8”.") from error
    csv.field_size_limit(LARGEST)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
        for row in reader:
            yield [restore_everywhere(cell) for cell in row]
    except csv.Error as error:
        raise UserError(f"“{source.name}” is not a table that can be read.") from error


def _delimiter(text: str) -> str:
    """What parts the titles of the first line; spreadsheets write what the country is used to."""
    first = text.split("\n", 1)[0]
    return max(",;\t", key=first.count)
