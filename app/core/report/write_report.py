"""Writing a report into a file, HTML or PDF by its suffix; the caller provides what draws a PDF."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.core.errors import UserError
from app.core.exports import exporting_to
from app.core.report.blocks import Document
from app.core.report.html import write_html

WritePdf = Callable[[Path, Document], None]

ENDINGS = (".html", ".htm", ".pdf")


def write_report(path: Path, document: Document, write_pdf: WritePdf, *, replace: bool = True) -> None:
    """Write the report to `path`, whole or not at all; as HTML without `replace` only where nothing is, as
    PDF as `write_pdf` does. Raises UserError, and Cancelled as the chapters do."""
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise UserError(f"A report is a page: let the name end in .html or .pdf, not in “{ending}”.")
    with exporting_to(path.parent):
        if ending == ".pdf":
            write_pdf(path, document)
        else:
            write_html(path, document, replace=replace)
