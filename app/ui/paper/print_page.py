"""A report as PDF on A4: the blocks of a report, page by page, with nothing torn by the end of a page."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF
from PySide6.QtGui import QFontDatabase, QGuiApplication, QPageLayout, QPageSize, QPainter, QPdfWriter

from app import __version__
from app.core.atomic import write_atomically
from app.core.errors import UserError
from app.core.plain_text import plain
from app.core.report.blocks import Document, Paragraph, TextTone
from app.core.report.document import NOTICE, footnote
from app.ui.paper.print_blocks import draw_blocks
from app.ui.paper.print_sheet import UNITS_PER_INCH, Sheet

_RESOLUTION = 600


def write_pdf(path: Path, document: Document, *, replace: bool = True) -> None:
    """Write the report, from any thread of a Qt application, without `replace` only where nothing is.

    Raises UserError, and as the chapters do.
    """
    if not QFontDatabase.families():
        raise UserError("This computer has no fonts, so no PDF can be made; write the report as HTML.")
    content = pdf_of(document)
    if not content.startswith(b"%PDF"):
        raise UserError(f"“{path.name}” could not be made as PDF.")
    write_atomically(path, content, replace=replace)


def pdf_of(document: Document) -> bytes:
    """The report as a PDF file's content."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(_RESOLUTION)
    size, upright = QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait
    writer.setPageLayout(QPageLayout(size, upright, QMarginsF(0, 0, 0, 0)))
    writer.setTitle(plain(document.title, 200))
    writer.setCreator(f"Semioscope {__version__}")
    painter = QPainter(writer)
    try:
        painter.scale(_RESOLUTION / UNITS_PER_INCH, _RESOLUTION / UNITS_PER_INCH)
        sheet = Sheet(painter, writer.newPage)
        _draw(sheet, document)
    finally:
        painter.end()
    buffer.close()
    return bytes(buffer.data().data())


def _draw(sheet: Sheet, document: Document) -> None:
    for number, chapter in enumerate(document.chapters):
        sheet.begin(chapter.title)
        first = (Paragraph(NOTICE, TextTone.NOTICE),) if number == 0 else ()
        last = (Paragraph(footnote(document.made), TextTone.SOFT),) if number == document.count - 1 else ()
        draw_blocks(sheet, (*first, *chapter.blocks, *last))
    sheet.end()


def without_a_window() -> QGuiApplication:
    """The application object that drawing text needs without a window or display; keep a reference."""
    existing = QGuiApplication.instance()
    if isinstance(existing, QGuiApplication):
        return existing
    return QGuiApplication(["semioscope", "-platform", "offscreen"])
