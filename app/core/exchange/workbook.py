"""Workbooks as people leave them: several sheets, merged cells, formulas, times of a spreadsheet."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import islice
from typing import Any

from app.core.errors import UserError
from app.core.exchange.codec import Source
from app.core.exchange.phrases import restore_text, shorten
from app.core.exchange.table import (
    MOST_ABOVE,
    NOT_CALCULATED,
    FoundTable,
    count_titles,
    find_titles,
    table_of_rows,
)

LARGEST_UNPACKED = 256 * 2**20
MOST_ROWS, MOST_COLUMNS = 200_000, 500
_DAY_ONE = datetime(1899, 12, 30)  # noqa: DTZ001 - spreadsheets have no time zones
"""What spreadsheets count days from."""
_TIMES = (datetime, time, timedelta)


@dataclass(frozen=True, slots=True)
class _WorkbookSheet:
    title: str
    visible: bool
    rows: Sequence[Sequence[str]]

    @property
    def titles(self) -> int:
        """How many titles of columns its best row has."""
        return count_titles(self.rows[find_titles(self.rows)]) if self.rows else 0


def read_workbook(source: Source) -> FoundTable:
    """The table in the sheet with the most titles of columns, rather a shown one. Raises UserError."""
    sheets = _sheets(source)
    if not sheets:
        raise UserError(f"“{source.name}” has no sheet with cells.")
    best = max(sheets, key=lambda one: (one.titles, one.visible))
    hidden = "" if best.visible else "hidden "
    read = f"The labels were read from the {hidden}sheet “{shorten(best.title)}”."
    asides = () if best is sheets[0] else (read,)
    return table_of_rows(best.rows, remarks=tuple(_left_out(sheets, best)), asides=asides)


def _left_out(sheets: Sequence[_WorkbookSheet], best: _WorkbookSheet) -> Iterable[str]:
    for other in sheets:
        if other is not best and best.titles > 1 and other.titles >= best.titles:
            yield f"The sheet “{shorten(other.title)}” has such titles too and was left out."


def _sheets(source: Source) -> list[_WorkbookSheet]:
    try:
        found = _all_cells(source) if _check_size(source) else _plain_cells(source)
    except UserError:
        raise
    except Exception as error:  # a file of somebody else, in libraries with faults of many kinds
        raise UserError(f"“{source.name}” is not a workbook that can be read.") from error
    if any(len(sheet.rows) > MOST_ROWS for sheet in found):
        raise UserError(f"“{source.name}” has more than {MOST_ROWS:,} rows and was not read.")
    return found


def _check_size(source: Source) -> bool:
    """Whether a sheet has formulas or merged cells, which take longer to read.

    Raises UserError for what would unpack to more than memory should hold, and what the library raises for
    damaged, encrypted, cut or wrongly packed files.
    """
    with zipfile.ZipFile(io.BytesIO(source.content)) as packed:
        items = packed.infolist()
        if sum(item.file_size for item in items) > LARGEST_UNPACKED:
            raise UserError(
                f"“{source.name}” unpacks to more than {LARGEST_UNPACKED // 2**20} MiB; it was not read."
            )
        sheets = (packed.read(item) for item in items if item.filename.startswith("xl/worksheets/sheet"))
        return any(mark in sheet for sheet in sheets for mark in (b"<f>", b"<f ", b"<mergeCell "))


def _plain_cells(source: Source) -> list[_WorkbookSheet]:
    """The sheets of a workbook without formulas and merged cells."""
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(source.content), read_only=True, data_only=True, keep_links=False)
    found = []
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # what a file says of its size may be anything
        width = _width(sheet)
        rows = sheet.iter_rows(max_col=width, values_only=True)
        kept = list(islice(rows, MOST_ROWS + 1))
        if any(isinstance(value, _TIMES) for row in kept for value in row):
            # Only whole cells, which take longer, say in which form a time is shown.
            cells = islice(sheet.iter_rows(max_col=width), MOST_ROWS + 1)
            texts = [[_text(cell.value, cell) for cell in row] for row in cells]
        else:
            texts = [[_text(value) for value in row] for row in kept]
        found.append(_WorkbookSheet(sheet.title, sheet.sheet_state == "visible", texts))
    return found


def _width(sheet: Any) -> int:
    """The columns that the first rows use, among which the titles are; rows are read as wide as asked."""
    rows = islice(sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True), MOST_ABOVE)
    used = (place for row in rows for place, value in enumerate(row, 1) if value is not None)
    return max(used, default=1)


def _all_cells(source: Source) -> list[_WorkbookSheet]:
    """The same of any workbook: merged cells have their text everywhere, formulas their stored results."""
    from openpyxl import load_workbook

    content = source.content
    stored = load_workbook(io.BytesIO(content), data_only=True, keep_links=False)
    written = load_workbook(io.BytesIO(content), keep_links=False)
    return [
        _WorkbookSheet(sheet.title, sheet.sheet_state == "visible", _filled(sheet, written[sheet.title]))
        for sheet in stored.worksheets
    ]


def _filled(stored: Any, written: Any) -> list[list[str]]:
    """The cells of a sheet, from its stored results and the formulas as they were written."""
    rows = [
        [_result_text(cell, formula) for cell, formula in zip(cells, formulas, strict=True)]
        for cells, formulas in zip(_rows_of(stored, stored), _rows_of(written, stored), strict=True)
    ]
    for merged in stored.merged_cells.ranges:
        _fill(rows, merged.min_row - 1, merged.max_row, merged.min_col - 1, merged.max_col)
    return rows


def _rows_of(sheet: Any, extent: Any) -> Any:
    most = min(extent.max_row, MOST_ROWS + 1), min(extent.max_column, MOST_COLUMNS)
    return sheet.iter_rows(max_row=most[0], max_col=most[1])


def _fill(rows: list[list[str]], top: int, bottom: int, left: int, right: int) -> None:
    """Give all cells of a merged range the text of its first."""
    if top >= len(rows) or left >= len(rows[top]):
        return
    text = rows[top][left]
    for row in rows[top:bottom]:
        row[left:right] = [text] * len(row[left:right])


def _result_text(cell: Any, formula: Any) -> str:
    """The result of a cell as text; a formula's result that is an empty text is one, no result is none."""
    if formula.data_type == "f" and cell.value is None and cell.data_type != "str":
        return NOT_CALCULATED
    return _text(cell.value, cell)


def _text(value: Any, cell: Any = None) -> str:
    """A value as text; `cell` says in which form a time is shown."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, _TIMES):
        return _time_text(value, str(cell.number_format))
    return restore_text(value) if isinstance(value, str) else str(value)


def _time_text(value: datetime | time | timedelta, shown: str) -> str:
    """A time of a spreadsheet in seconds; with its form where that shows none, so that it is no time."""
    if isinstance(value, datetime):
        if (value - _DAY_ONE).days > 2:
            return str(value)  # a date
        value = value - _DAY_ONE
    elif isinstance(value, time):
        value = datetime.combine(_DAY_ONE, value) - _DAY_ONE
    if "s" not in shown.lower():
        return f"{value} ({shown})"
    return repr(value.total_seconds())
