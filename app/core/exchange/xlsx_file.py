"""Tables as XLSX, read and written with openpyxl (which parses with defusedxml)."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from app.core.exchange.bundle import Bundle, Imported
from app.core.exchange.codec import NamedFile, Source
from app.core.exchange.fidelity import cell_text, microseconds
from app.core.exchange.meaning import NOTHING_MAPPED, Meaning
from app.core.exchange.phrases import neutralise
from app.core.exchange.table import FoundTable
from app.core.exchange.table_columns import CellValue
from app.core.exchange.workbook import read_workbook


@dataclass(frozen=True, slots=True)
class XlsxTable:
    """One of the two tables as a codec; of a workbook the sheet that has the titles is read."""

    to_rows: Callable[[Bundle], Iterable[tuple[CellValue, ...]]]
    from_table: Callable[[FoundTable, Meaning], Imported]

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

    def read(self, source: Source, meaning: Meaning = NOTHING_MAPPED) -> Imported:
        return self.from_table(read_workbook(source), meaning)


def _cell(sheet: Any, cell: CellValue) -> Any:
    if isinstance(cell, float):
        return microseconds(cell)
    if not isinstance(cell, str):
        return cell
    from openpyxl.cell import WriteOnlyCell

    written = WriteOnlyCell(sheet, neutralise(cell_text(cell)))
    written.data_type = "s"  # never a formula, whatever it begins with
    return written
