"""Drawing of the blocks of a report on paper; rows, pictures and drawings are never split."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPen

from app.core.report.blocks import (
    Block,
    DrawnChart,
    EegFigure,
    Facts,
    Heading,
    Paragraph,
    Pictures,
    ReportCell,
    ReportRow,
    Table,
    TextTone,
    Timeline,
)
from app.core.report.pictures import Picture
from app.core.report.timeline_layout import TimelineDrawing, lay_out_timeline
from app.core.semiology import FEATURE
from app.core.times import clock
from app.ui.paper.print_sheet import (
    BODY,
    COLOURS,
    FAINT,
    INK,
    LEFT,
    POINT,
    RULE,
    SOFT,
    WIDTH,
    Laid,
    Run,
    Sheet,
    font,
    laid,
)

_SIZES = {1: 17.0, 2: 11.5, 3: 9.5}
_BEFORE = {1: 0.0, 2: 14.0, 3: 9.0}
_PAD, _GUTTER = 2.2 * POINT, 5 * POINT
_LABELS = 118 * POINT
_UNIT = 0.78 * POINT
_LEGEND = 14 * POINT
_AXIS = 16 * POINT


def draw_blocks(sheet: Sheet, blocks: Sequence[Block]) -> None:
    """Draw the blocks one below the other, over as many pages as they need."""
    for number, block in enumerate(blocks):
        if isinstance(block, Heading):
            _heading(sheet, block, blocks[number + 1 : number + 3])
        else:
            _DRAWN[type(block)](sheet, block)


# words


def _heading(sheet: Sheet, heading: Heading, following: Sequence[Block]) -> None:
    """Draw a heading on the same page as the beginning of its block."""
    text = laid([Run(heading.text, _SIZES[heading.level], bold=True)], WIDTH)
    before = _BEFORE[heading.level] * POINT
    after = sum(_beginning(block) for block in following[:1])
    if following and isinstance(following[0], Heading | Paragraph):
        after += sum(_beginning(block) for block in following[1:])
    sheet.ensure(min(before + text.height + 6 * POINT + after, BODY))
    sheet.skip(before)
    sheet.text(text, LEFT, sheet.y)
    sheet.y += text.height + 5 * POINT


def _beginning(block: Block) -> float:
    """The height of the part of a block that stays with its heading."""
    if isinstance(block, Table):
        return _measured(block).together
    if isinstance(block, Timeline):
        return _timeline_height(lay_out_timeline(block))
    if isinstance(block, Pictures):
        return _tallest(block.shots[:2]) if block.shots else 0.0
    if isinstance(block, EegFigure | DrawnChart):
        return _eeg_height(block)
    if isinstance(block, Paragraph):
        return _words_of(block).height + 12 * POINT
    return 30 * POINT


def _words_of(words: Paragraph) -> Laid:
    notice = words.tone is TextTone.NOTICE
    colour = SOFT if words.tone is TextTone.SOFT else INK
    width = WIDTH - (16 * POINT if notice else 0)
    size = 7.5 if words.tone is TextTone.SOFT else 8.5
    return laid([Run(words.text, size, words.tone is TextTone.STRONG, colour)], width)


def _words(sheet: Sheet, words: Paragraph) -> None:
    text = _words_of(words)
    notice = words.tone is TextTone.NOTICE
    margin = 5 * POINT if notice else 0.0
    sheet.ensure(text.height + 2 * margin)
    if notice:
        sheet.box(QRectF(LEFT, sheet.y, WIDTH, text.height + 2 * margin), FAINT)
        sheet.box(QRectF(LEFT, sheet.y, 2 * POINT, text.height + 2 * margin), SOFT)
    sheet.text(text, LEFT + (8 * POINT if notice else 0), sheet.y + margin)
    sheet.y += text.height + 2 * margin + 7 * POINT


def _facts(sheet: Sheet, facts: Facts) -> None:
    terms = 82 * POINT
    for term, said in facts.rows:
        left, right = laid([Run(term, colour=SOFT)], terms), laid([Run(said)], WIDTH - terms)
        height = max(left.height, right.height)
        sheet.ensure(height)
        sheet.text(left, LEFT, sheet.y)
        sheet.text(right, LEFT + terms, sheet.y)
        sheet.y += height + 1.5 * POINT
    sheet.skip(6 * POINT)


# tables


def _widths(table: Table) -> list[float]:
    return [share * WIDTH for share in table.shares]


def _cells(cells: Sequence[ReportCell], widths: Sequence[float]) -> list[Laid]:
    shown = [sum(widths)] if len(cells) == 1 else widths
    return [laid(_runs(cell), width - _GUTTER) for cell, width in zip(cells, shown, strict=True)]


def _runs(cell: ReportCell) -> list[Run]:
    colour = SOFT if cell.tone is TextTone.SOFT else INK
    if cell.reader is not None:
        colour = COLOURS[cell.reader % len(COLOURS)]
    runs = [Run(cell.text, 8.0, cell.tone is TextTone.STRONG, colour)]
    if cell.soft:
        runs.append(Run(("\n" if cell.stacked else "  ") + cell.soft, 7.0, colour=SOFT))
    if cell.below:
        runs.append(Run("\n" + cell.below, 8.0))
    return runs


def _height(cells: Sequence[ReportCell], widths: Sequence[float]) -> float:
    return max((each.height for each in _cells(cells, widths)), default=0.0) + 2 * _PAD


@dataclass(frozen=True, slots=True)
class _Measured:
    """The measured heights of a table: head, rows, and the beginning that must not be split."""

    head: list[Laid]
    top: float
    heights: list[float]
    together: float


def _measured(table: Table) -> _Measured:
    widths = _widths(table)
    head = [laid([_head_run(cell)], width - _GUTTER) for cell, width in zip(table.head, widths, strict=True)]
    top = max(each.height for each in head) + 2 * _PAD
    heights = [_height(row.cells, widths) for row in table.rows]
    # The room that is left is for the heading above.
    whole = table.whole and top + sum(heights) <= 0.9 * BODY
    # Of two high rows the second may find no room below the heading; the first alone always does.
    first = 2 if table.rows and table.rows[0].head else 1
    return _Measured(head, top, heights, top + sum(heights if whole else heights[:first]))


def _head_run(cell: ReportCell) -> Run:
    reader = cell.reader is not None
    return Run(cell.text, 7.5, bold=reader, colour=_runs(cell)[0].colour if reader else SOFT)


def _table(sheet: Sheet, table: Table) -> None:
    widths, measured = _widths(table), _measured(table)
    head, top, heights = measured.head, measured.top, measured.heights
    sheet.ensure(measured.together)
    _draw_head(sheet, head, widths, top)
    over: ReportRow | None = None
    for number, row in enumerate(table.rows):
        # A subheading stays with the row it is over.
        wanted = heights[number] + (sum(heights[number + 1 : number + 2]) if row.head else 0.0)
        if not sheet.has(min(wanted, BODY - top)):
            sheet.turn()
            _draw_head(sheet, head, widths, top)
            if over is not None and not row.head:
                _draw_row(sheet, over, widths, _height(over.cells, widths))
        over = _continued(row) if row.head else over
        _draw_row(sheet, row, widths, heights[number])
    sheet.line(sheet.y)
    sheet.y += 8 * POINT


def _continued(head: ReportRow) -> ReportRow:
    """Draw a subheading again on the next page."""
    return replace(head, cells=(replace(head.cells[0], soft="continued"),))


def _draw_head(sheet: Sheet, head: Sequence[Laid], widths: Sequence[float], height: float) -> None:
    for each, left in zip(head, _lefts(widths), strict=True):
        sheet.text(each, left, sheet.y + height - _PAD - each.height)
    sheet.y += height


def _lefts(widths: Sequence[float]) -> list[float]:
    return [LEFT + before for before in accumulate(widths[:-1], initial=0.0)]


def _draw_row(sheet: Sheet, row: ReportRow, widths: Sequence[float], height: float) -> None:
    cells = _cells(row.cells, widths)
    if row.head:
        sheet.box(QRectF(LEFT, sheet.y, WIDTH, height), FAINT)
    sheet.line(sheet.y)
    if height > BODY:
        _draw_torn(sheet, cells, widths)
        return
    for each, left in zip(cells, _lefts(widths), strict=False):
        sheet.text(each, left, sheet.y + _PAD)
    sheet.y += height


def _draw_torn(sheet: Sheet, cells: Sequence[Laid], widths: Sequence[float]) -> None:
    """Draw a row that is higher than a page line by line, all cells together."""
    places = list(zip(cells, _lefts(widths), strict=False))
    lines = max(each.layout.lineCount() for each in cells)
    for number in range(lines):
        shown = [(each, left) for each, left in places if number < each.layout.lineCount()]
        height = max(each.layout.lineAt(number).height() for each, _left in shown) * 1.06
        sheet.ensure(height)
        for each, left in shown:
            line = each.layout.lineAt(number)
            line.draw(sheet.painter, QPointF(left, sheet.y - line.y()))
        sheet.y += height


# drawings and pictures


def _timeline_height(drawn: TimelineDrawing) -> float:
    return min(drawn.height * _UNIT + _AXIS + _LEGEND, BODY)


def _timeline(sheet: Sheet, timeline: Timeline) -> None:
    drawn = lay_out_timeline(timeline)
    sheet.ensure(_timeline_height(drawn))
    legend = [(COLOURS[number % len(COLOURS)], name) for number, name in timeline.readers]
    _legend(sheet, legend)
    unit = min(_UNIT, (BODY - _AXIS - _LEGEND * 3) / drawn.height)
    left, width, top = LEFT + _LABELS, WIDTH - _LABELS - 12 * POINT, sheet.y
    painter = sheet.painter
    painter.setPen(QPen(QColor(RULE), 0.3 * POINT))
    for y in drawn.lines:
        painter.drawLine(QPointF(LEFT, top + y * unit), QPointF(left + width, top + y * unit))
    for share, words in drawn.ticks:
        x = left + share * width
        painter.setPen(QPen(QColor(RULE), 0.4 * POINT))
        painter.drawLine(QPointF(x, top), QPointF(x, top + drawn.height * unit))
        painter.setPen(QColor(SOFT))
        painter.setFont(font(7))
        below = QRectF(x - 40 * POINT, top + drawn.height * unit + 2 * POINT, 80 * POINT, 12 * POINT)
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, words)
    painter.setPen(QColor(INK))
    painter.setFont(font(7.5))
    for label in drawn.labels:
        box = QRectF(LEFT, top + label.middle * unit - 7 * POINT, _LABELS - 6 * POINT, 14 * POINT)
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, label.text)
    for bar in drawn.bars:
        wide = max(bar.width * width, 1.2 * POINT)  # a moment is seen too
        x = min(left + bar.left * width, left + width - wide)
        sheet.box(
            QRectF(x, top + bar.top * unit, wide, bar.height * unit), COLOURS[bar.reader % len(COLOURS)]
        )
    sheet.y += drawn.height * unit + _AXIS


def _legend(sheet: Sheet, entries: Sequence[tuple[str, str]]) -> None:
    x = LEFT
    for colour, name in entries:
        text = laid([Run(name, 7.5, colour=colour)], WIDTH * 0.4)
        wide = text.layout.lineAt(0).naturalTextWidth() if text.layout.lineCount() else 0.0
        if x > LEFT and x + wide + 12 * POINT > LEFT + WIDTH:
            x, sheet.y = LEFT, sheet.y + _LEGEND
        sheet.box(QRectF(x, sheet.y + 3 * POINT, 8 * POINT, 4 * POINT), colour)
        sheet.text(text, x + 11 * POINT, sheet.y)
        x += wide + 26 * POINT
    sheet.y += _LEGEND


_COLUMN = (WIDTH - 12 * POINT) / 2


def _pictures(sheet: Sheet, pictures: Pictures) -> None:
    for first in range(0, len(pictures.shots), 2):
        pair = pictures.shots[first : first + 2]
        sheet.ensure(_tallest(pair))
        for number, shot in enumerate(pair):
            _picture(sheet, shot, LEFT + number * (_COLUMN + 12 * POINT))
        sheet.y += _tallest(pair)


def _tallest(shots: Sequence[Picture]) -> float:
    return max(_size(shot)[1] + _caption(shot).height for shot in shots) + 12 * POINT


def _size(shot: Picture) -> tuple[float, float]:
    share = min(_COLUMN / shot.width, 0.4 * BODY / shot.height)
    return shot.width * share, shot.height * share


def _caption(shot: Picture) -> Laid:
    names = ", ".join(FEATURE[feature].name for feature in shot.features)
    return laid([Run(names, 7.5, bold=True), Run(f"  at {clock(shot.seconds)}", 7.5, colour=SOFT)], _COLUMN)


def _picture(sheet: Sheet, shot: Picture, left: float) -> None:
    width, height = _size(shot)
    sheet.painter.drawImage(QRectF(left, sheet.y, width, height), QImage.fromData(shot.jpeg))
    sheet.text(_caption(shot), left, sheet.y + height + 2.5 * POINT)


def _eeg_size(image: QImage) -> tuple[float, float]:
    share = min(WIDTH / image.width(), 0.8 * BODY / image.height())
    return image.width() * share, image.height() * share


def _eeg_caption(figure: EegFigure | DrawnChart) -> Laid:
    return laid([Run(figure.caption, 7.5, colour=SOFT)], WIDTH)


def _eeg_height(figure: EegFigure | DrawnChart) -> float:
    return _eeg_size(QImage.fromData(figure.png))[1] + _eeg_caption(figure).height + 12 * POINT


def _eeg_figure(sheet: Sheet, figure: EegFigure | DrawnChart) -> None:
    image, caption = QImage.fromData(figure.png), _eeg_caption(figure)
    width, height = _eeg_size(image)
    sheet.ensure(height + caption.height + 12 * POINT)
    sheet.painter.drawImage(QRectF(LEFT, sheet.y, width, height), image)
    sheet.text(caption, LEFT, sheet.y + height + 2.5 * POINT)
    sheet.y += height + caption.height + 12 * POINT


_DRAWN: dict[type[Block], Callable[[Sheet, Any], None]] = {
    Paragraph: _words,
    Facts: _facts,
    Table: _table,
    Timeline: _timeline,
    Pictures: _pictures,
    EegFigure: _eeg_figure,
    DrawnChart: _eeg_figure,
}
