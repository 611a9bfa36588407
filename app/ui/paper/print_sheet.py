"""The page: the position of the next block, the footer, and text laid out to a width.

All lengths are in twentieths of a point, fine enough for fonts of whole units.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QTextCharFormat, QTextLayout, QTextOption

from app.core.plain_text import plain

UNITS_PER_INCH = 1440.0
POINT = 20.0
_PAGE_WIDTH, _PAGE_HEIGHT = 595.28 * POINT, 841.89 * POINT
LEFT, TOP, FOOT = 46 * POINT, 42 * POINT, 52 * POINT
WIDTH = _PAGE_WIDTH - 2 * LEFT
BOTTOM = _PAGE_HEIGHT - FOOT
BODY = BOTTOM - TOP
"""Height of what a page can hold."""

INK, SOFT, RULE, FAINT = "#000000", "#4a4f55", "#b9bdc2", "#f1f2f3"
COLOURS = ("#0b5fa5", "#a34704", "#6a3d9a", "#00664a", "#8a1c4a", "#5f5200", "#444444")
"""Of the readers, by number; each at least 4.5:1 on white. The page has the same (`page.css`)."""


@dataclass(frozen=True, slots=True)
class Run:
    """Text of one style; `size` in points."""

    text: str
    size: float = 8.5
    bold: bool = False
    colour: str = INK


@dataclass(frozen=True, slots=True)
class Laid:
    """Text laid out to a width."""

    layout: QTextLayout
    height: float


def laid(runs: Sequence[Run], width: float) -> Laid:
    """The runs one after the other as one paragraph, wrapped at `width`; untrusted text as plain text."""
    texts = [plain(run.text).replace("\n", "\u2028") for run in runs]
    layout = QTextLayout("".join(texts), font(runs[0].size if runs else 8.5))
    ranges, at = [], 0
    for run, text in zip(runs, texts, strict=True):
        span = QTextLayout.FormatRange()
        # Qt counts in UTF-16.
        span.start, span.length = at, len(text.encode("utf-16-le")) // 2
        look = QTextCharFormat()
        look.setFont(font(run.size, bold=run.bold))
        look.setForeground(QColor(run.colour))
        span.format = look
        ranges.append(span)
        at += span.length
    layout.setFormats(ranges)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    height = 0.0
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        line.setPosition(QPointF(0, height))
        height += line.height() * 1.06
    layout.endLayout()
    return Laid(layout, height)


def font(size: float, *, bold: bool = False) -> QFont:
    """The system's font at `size` points, without fitting it to pixels."""
    found = QFont()
    found.setPixelSize(round(size * POINT))
    found.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    found.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return found


class Sheet:
    """The page that is drawn on; `y` is the position of the next block."""

    def __init__(self, painter: QPainter, new_page: Callable[[], bool]) -> None:
        self.painter = painter
        self._new_page = new_page
        self._chapter = ""
        self.page = 0
        self.y = TOP

    def begin(self, chapter: str) -> None:
        """Begin a chapter, on a new page."""
        if self.page:
            self.turn()
        else:
            self.page = 1
        self._chapter = chapter

    def end(self) -> None:
        self._draw_foot()

    def turn(self) -> None:
        """Go to the next page."""
        self._draw_foot()
        self._new_page()
        self.page += 1
        self.y = TOP

    def has(self, height: float) -> bool:
        return self.y + height <= BOTTOM

    def ensure(self, height: float) -> None:
        """Go to the next page unless this height is left here (or the page is empty)."""
        if not self.has(height) and self.y > TOP:
            self.turn()

    def skip(self, height: float) -> None:
        """Leave a gap, except at the top of a page."""
        self.y = min(self.y + height, BOTTOM) if self.y > TOP else self.y

    def text(self, text: Laid, left: float, top: float) -> None:
        text.layout.draw(self.painter, QPointF(left, top))

    def line(self, y: float, colour: str = RULE, width: float = 0.5) -> None:
        self.box(QRectF(LEFT, y - width * POINT / 2, WIDTH, width * POINT), colour)

    def box(self, box: QRectF, colour: str) -> None:
        self.painter.fillRect(box, QColor(colour))

    def _draw_foot(self) -> None:
        y = BOTTOM + 14 * POINT
        self.line(y - 5 * POINT)
        line = QRectF(LEFT, y, WIDTH, 14 * POINT)
        self.painter.setFont(font(7))
        self.painter.setPen(QColor(SOFT))
        metrics = self.painter.fontMetrics()
        name = plain(self._chapter, 300).replace("\n", " ")
        name = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, round(WIDTH * 0.5))
        top = Qt.AlignmentFlag.AlignTop
        self.painter.drawText(line, Qt.AlignmentFlag.AlignLeft | top, name)
        foot = f"Research use; not a medical device  ·  page {self.page}"
        self.painter.drawText(line, Qt.AlignmentFlag.AlignRight | top, foot)
