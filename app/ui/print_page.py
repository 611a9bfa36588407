"""A report's page as PDF: the same words and pictures on A4, through Qt's own rich text."""

from __future__ import annotations

import base64
import re
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRectF, QThread
from PySide6.QtGui import QImage, QImageWriter, QPageLayout, QPageSize, QPainter, QPdfWriter, QTextDocument
from PySide6.QtSvg import QSvgRenderer

from app.core.atomic import write_atomically
from app.core.errors import UserError

_SVG = re.compile(r"<svg .*?</svg>", re.DOTALL)
_STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)
_SIZE = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')
_INK = (
    "<style>text{fill:#444;font-size:12px;font-family:sans-serif} .name{fill:#000} .grid{stroke:#bbb} "
    ".mine{fill:#a34704} .reader{fill:#174f8d}</style>"
)
_PRINT = (
    "body{font-size:9pt;color:#000} h1{font-size:15pt} h2{font-size:11pt} .small,.off,th,dt,figcaption,footer"
    "{color:#444;font-size:8pt} .mine{color:#a34704} .reader{color:#174f8d} .yes{font-weight:600}"
    " td,th{padding:2px 6px}"
)
_WIDTH, _PICTURE = 660, 300
"""Pixels of the text's width, and of a picture in it."""


def print_page(html: str, path: Path) -> None:
    """Write the page as PDF, from any thread. Raises UserError when it cannot be written."""
    printing = _Printing(printable(html), path.stem)
    printing.start()
    printing.wait()
    if not printing.content.startswith(b"%PDF"):
        raise UserError(f"“{path.name}” could not be made as PDF.")
    write_atomically(path, printing.content)


class _Printing(QThread):
    """Rich text wants a thread of Qt's own."""

    def __init__(self, html: str, title: str) -> None:
        super().__init__()
        self._html, self._title = html, title
        self.content = b""

    def run(self) -> None:
        document = QTextDocument()
        document.setDefaultStyleSheet(_PRINT)
        document.setHtml(self._html)
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        writer = QPdfWriter(buffer)
        margins = QMarginsF(14, 14, 14, 14)
        size = QPageSize(QPageSize.PageSizeId.A4)
        upright = QPageLayout.Orientation.Portrait
        writer.setPageLayout(QPageLayout(size, upright, margins, QPageLayout.Unit.Millimeter))
        writer.setTitle(self._title)
        document.print_(writer)
        del writer
        buffer.close()
        self.content = bytes(buffer.data().data())


def printable(html: str) -> str:
    """The page as Qt's rich text understands it: drawings as pictures, pictures of one width."""
    html = _SVG.sub(lambda found: _picture_of(found.group(0)), _STYLE.sub("", html))
    html = re.sub(
        r'(<img src="data:image/jpeg[^"]*") width="\d+" height="\d+"', rf'\1 width="{_PICTURE}"', html
    )
    html = html.replace("<dl>", "<table>").replace("</dl>", "</table>")
    html = html.replace("<dt>", "<tr><td>").replace("</dt><dd>", "</td><td>").replace("</dd>", "</td></tr>")
    return html.replace("<figure>", "<p>").replace("</figure>", "</p>").replace("<figcaption>", "<br>")


def _picture_of(svg: str) -> str:
    size = _SIZE.search(svg)
    wide, high = (float(size.group(1)), float(size.group(2))) if size else (960.0, 400.0)
    inked = svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1).replace(">", f">{_INK}", 1)
    renderer = QSvgRenderer(QByteArray(inked.encode("utf-8")))
    image = QImage(round(wide * 2), round(high * 2), QImage.Format.Format_RGB32)
    image.fill(0xFFFFFFFF)
    painter = QPainter(image)
    renderer.render(painter, QRectF(0, 0, wide * 2, high * 2))
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    data = base64.b64encode(bytes(buffer.data().data())).decode("ascii")
    return f'<img src="data:image/png;base64,{data}" width="{_WIDTH}" height="{round(_WIDTH * high / wide)}">'
