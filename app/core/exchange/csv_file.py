"""Tables as CSV: UTF-8 with its mark, so that spreadsheets see it; commas, quotes where needed."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from app.core.errors import UserError
from app.core.exchange.bundle import Bundle, Imported
from app.core.exchange.codec import LARGEST, NamedFile, Source
from app.core.exchange.meaning import NOTHING_MAPPED, Meaning
from app.core.exchange.phrases import neutralise_everywhere, restore_everywhere
from app.core.exchange.table import MOST_ABOVE, FoundTable, count_titles, table_of_rows
from app.core.exchange.table_columns import CellValue
from app.core.exchange.text_file import any_text

_SEPARATORS = ",;\t"
_SEPARATOR_LINE = re.compile('"?sep=(.)"?', re.IGNORECASE)
_QUOTED = re.compile('"[^"]*"')


@dataclass(frozen=True, slots=True)
class CsvTable:
    """One of the two tables as a codec."""

    to_rows: Callable[[Bundle], Iterable[tuple[CellValue, ...]]]
    from_table: Callable[[FoundTable, Meaning], Imported]

    def write(self, bundle: Bundle, stem: str) -> tuple[NamedFile, ...]:
        return (NamedFile(f"{stem}.csv", rows_to_csv(self.to_rows(bundle))),)

    def read(self, source: Source, meaning: Meaning = NOTHING_MAPPED) -> Imported:
        return self.from_table(read_csv(source), meaning)


def rows_to_csv(rows: Iterable[Sequence[CellValue]]) -> bytes:
    """The content of a table's file; no cell can be taken for a formula."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([_text(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig", "replace")


def _text(cell: CellValue) -> str:
    if isinstance(cell, str):
        return neutralise_everywhere(cell)
    return "" if cell is None else repr(cell)


def read_csv(source: Source) -> FoundTable:
    """The table in a text with commas, semicolons or tabs between its cells. Raises UserError."""
    text, asides = any_text(source)
    separator = _separator(text)
    rows = list(_rows(source.name, text, separator))
    if rows and (_SEPARATOR_LINE.fullmatch(text.split("\n", 1)[0].strip("\r"))):
        rows[0] = []
    return table_of_rows(rows, decimal_comma=separator == ";", asides=asides)


def csv_rows(source: Source) -> Iterator[Sequence[str]]:
    """The rows of a text with commas, semicolons or tabs between its cells. Raises UserError."""
    text, _ = any_text(source)
    yield from _rows(source.name, text, _separator(text))


def _rows(name: str, text: str, separator: str) -> Iterator[list[str]]:
    csv.field_size_limit(LARGEST)
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True):
            yield [restore_everywhere(cell) for cell in row]
    except csv.Error as error:
        raise UserError(f"“{name}” is not a table that can be read.") from error


def _separator(text: str) -> str:
    """The separator that the first line names (`sep=;`), else the one by which most titles are known; of
    several the most frequent outside quotes."""
    first = text.split("\n", 1)[0].strip("\r")
    named = _SEPARATOR_LINE.fullmatch(first)
    if named:
        return named[1]
    outside = _QUOTED.sub("", next((line for line in text.split("\n", MOST_ABOVE) if line.strip()), ""))
    return max(_SEPARATORS, key=lambda one: (_titles(text, one), outside.count(one)))


def _titles(text: str, separator: str) -> int:
    """The most titles of columns in one of the first rows with this separator."""
    lines = io.StringIO(text, newline="")
    try:
        return max(map(count_titles, islice(csv.reader(lines, delimiter=separator), MOST_ABOVE)), default=0)
    except csv.Error:  # the right separator is read again, and then the fault is named
        return 0
