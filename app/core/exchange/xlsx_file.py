"""Tables as XLSX, read and written with openpyxl (which parses with defusedxml)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from app.core.errors import UserError
from app.core.exchange.bundle import Bundle, Imported
from app.core.exchange.codec import NamedFile, Source
from app.core.exchange.fidelity import cell_text, microseconds
from app.core.exchange.phrases import neutralise, restore_text
from app.core.exchange.table_columns import CellValue

LARGEST_UNPACKED = 256 * 2**20
MOST_ROWS, MOST_COLUMNS = 200_000, 500


@dataclass(frozen=True, slots=True)
class XlsxTable:
    """One of the two tables as a codec; the first sheet of a workbook is read."""

    to_rows: Callable[[Bundle], Iterable[tuple[CellValue, ...]]]
    from_rows: Callable[[list[list[str]]], Imported]

    def write(self, bundle: Bundle, stem: str) -> tuple[NamedFile, ...]:
        from openpyxl import Workbook

        book = Workbook(write_only=True)
        sheet = book.create_sheet("readings")
        sheet.freeze_panes = "A2"
        for row in self.to_rows(bundle):
            sheet.append([_cell(sheet, cell) for cell in row])
        file = io.BytesIO()
        book.save(file)
        return (NamedFile(f"{stem}.xlsx", file.getvalue()),)

    def read(self, source: Source) -> Imported:
        return self.from_rows(list(xlsx_rows(source)))


def _cell(sheet: Any, cell: CellValue) -> Any:
    if isinstance(cell, float):
        return microseconds(cell)
    if not isinstance(cell, str):
        return cell
    from openpyxl.cell import WriteOnlyCell

    written = WriteOnlyCell(sheet, neutralise(cell_text(cell)))
    written.data_type = "s"  # never a formula, whatever it begins with
    return written


def xlsx_rows(source: Source) -> Iterator[list[str]]:
    """The rows of the first sheet of a workbook as text. Raises UserError."""
    from openpyxl import load_workbook

    _check_size(source)
    try:
        book = load_workbook(io.BytesIO(source.content), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what a file says of its size may be anything
        rows = sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS)
        found = [[_text(cell) for cell in row] for row, _ in zip(rows, range(MOST_ROWS + 1), strict=False)]
    except Exception as error:
        raise UserError(f"“{source.name}” is not a workbook that can be read.") from error
    if len(found) > MOST_ROWS:
        raise UserError(f"“{source.name}” has more than {MOST_ROWS:,} rows and was not read.")
    yield from found


def _check_size(source: Source) -> None:
    """Raise UserError for what would unpack to more than memory should hold."""
    try:
        with zipfile.ZipFile(io.BytesIO(source.content)) as packed:
            unpacked = sum(item.file_size for item in packed.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise UserError(f"“{source.name}” is not a workbook that can be read.") from error
    if unpacked > LARGEST_UNPACKED:
        raise UserError(
            f"“{source.name}” unpacks to more than {LARGEST_UNPACKED // 2**20} MiB; it was not read."
        )


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return restore_text(cell) if isinstance(cell, str) else str(cell)
