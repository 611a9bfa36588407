"""A report into a file, as HTML or PDF by the name it gets; how PDF is drawn is brought by the caller."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.core.errors import UserError
from app.core.exports import exporting_to
from app.core.report.blocks import Document
from app.core.report.html import write_html

WritePdf = Callable[[Path, Document], None]

ENDINGS = (".html", ".htm", ".pdf")


def write_report(path: Path, document: Document, write_pdf: WritePdf) -> None:
    """Write the report to `path`, whole or not at all. Raises UserError, and Cancelled as the chapters do."""
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise UserError(f"A report is a page: let the name end in .html or .pdf, not in “{ending}”.")
    with exporting_to(path.parent):
        if ending == ".pdf":
            write_pdf(path, document)
        else:
            write_html(path, document)
