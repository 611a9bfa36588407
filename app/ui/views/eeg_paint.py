"""Painting of an EEG page: time grid, axis, names of rows, gaps, annotations, scale bar, measures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPen

from app.core.eeg.page_scale import ScaleBar
from app.core.eeg.row_layout import GridSteps, RowLayout, multiples
from app.core.plain_text import plain
from app.ui.theme import Theme, small_font
from app.ui.views.eeg_colours import COLOURS

AXIS_LINE = 15
"""Height of a line of the axis."""

_LONGEST_FLAG = 160
_MARGIN = 8.0


@dataclass(frozen=True, slots=True)
class PageCanvas:
    """The plot's place in pixels of the panel, the page's start and length in seconds on the EEG's clock, and
    the colours."""

    plot: QRectF
    start: float
    seconds: float
    theme: Theme

    @property
    def pixels_per_second(self) -> float:
        return self.plot.width() / self.seconds

    def x(self, seconds: float) -> float:
        """The place of a moment."""
        return self.plot.left() + (seconds - self.start) * self.pixels_per_second

    def xs(self, moments: Sequence[float]) -> list[float]:
        """The places of many moments."""
        left, scale, start = self.plot.left(), self.pixels_per_second, self.start
        return [left + (seconds - start) * scale for seconds in moments]

    def seconds_at(self, x: float) -> float:
        """The moment at a place."""
        return self.start + (x - self.plot.left()) / self.pixels_per_second

    def part(self, first: float, last: float) -> QRectF:
        """The place of a stretch, as far as it is on the page."""
        left = max(self.x(first), self.plot.left())
        right = min(self.x(last), self.plot.right())
        return QRectF(left, self.plot.top(), max(right - left, 0.0), self.plot.height())


@dataclass(frozen=True, slots=True)
class PageFlag:
    """A moment with a few words: on the EEG's clock, with the length of what begins there, 0 for none."""

    seconds: float
    text: str
    duration: float = 0.0


def paint_grid(painter: QPainter, canvas: PageCanvas, steps: GridSteps, offset: float) -> None:
    """The lines of whole seconds of a clock that shows `offset` at 0 of the EEG's."""
    colours = COLOURS[canvas.theme.mode]
    start = canvas.start + offset
    top, bottom = canvas.plot.top(), canvas.plot.bottom()
    for step, colour in ((steps.faint, colours.faint), (steps.strong, colours.strong)):
        moments = multiples(step, start, start + canvas.seconds)
        xs = [round(x) + 0.5 for x in canvas.xs([one - offset for one in moments])]
        painter.setPen(QPen(QColor(colour), 1))
        painter.drawLines([QLineF(x, top, x, bottom) for x in xs])


def paint_axis(
    painter: QPainter,
    canvas: PageCanvas,
    top: float,
    labels: Sequence[tuple[float, str]],
    end: float | None = None,
    *,
    room: float = -2.0,
) -> None:
    """One line of the axis: texts at moments on the EEG's clock, as far as to `end` (pixels); the first may
    begin by `room` (pixels) before the plot, so that it leaves room for the second."""
    metrics = QFontMetricsF(painter.font())
    right, base = canvas.plot.right(), top + metrics.ascent()
    least = canvas.plot.left() - room
    free = least - 1
    for x, (_, text) in zip(canvas.xs([moment for moment, _ in labels]), labels, strict=True):
        width = metrics.horizontalAdvance(text)
        left = min(max(x - width / 2, least), right - width)
        if left > free and (end is None or left + width < end):
            painter.drawText(QPointF(left, base), text)
            free = left + width + 6


def paint_names(
    painter: QPainter,
    layout: RowLayout,
    names: Sequence[tuple[str, QColor, str]],
    area: QRectF,
    *,
    chosen: int | None,
    theme: Theme,
) -> None:
    """The names of rows in their colours with a remark each, as many as there is room for."""
    painter.setFont(small_font())
    metrics = QFontMetricsF(painter.font())
    free = area.top() - metrics.height()
    for number, (name, colour, remark) in enumerate(names):
        middle = area.top() + layout.middles[number]
        box = QRectF(area.left(), middle - layout.pitch / 2, area.width(), layout.pitch)
        if number == chosen:
            painter.fillRect(box, QColor(theme.selection))
        # Of rows that are lower than a line of text every second or third has a name.
        if middle - metrics.height() * 0.4 < free and number != chosen:
            continue
        line = QRectF(area.left(), middle - metrics.height() / 2, area.width(), metrics.height())
        # The names of the first and the last row are whole, however low these are.
        line.moveBottom(min(line.bottom(), area.bottom()))
        line.moveTop(max(line.top(), area.top()))
        free = line.center().y() + metrics.height() * 0.4
        _paint_name(painter, line, (name, remark), colour, theme)


def _paint_name(painter: QPainter, box: QRectF, texts: tuple[str, str], colour: QColor, theme: Theme) -> None:
    metrics = QFontMetricsF(painter.font())
    high = box.adjusted(_MARGIN, 0, -4, 0)
    name, remark = texts
    painter.setPen(colour)
    shown = metrics.elidedText(name, Qt.TextElideMode.ElideRight, high.width())
    painter.drawText(high, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
    if remark and metrics.horizontalAdvance(shown + remark) + 10 < high.width():
        painter.setPen(QColor(theme.muted))
        painter.drawText(high, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, remark)


def paint_gaps(
    painter: QPainter, canvas: PageCanvas, gaps: Sequence[tuple[float, float]], word: str = "gap"
) -> None:
    """Gaps, or what is missing for the reason of another word, hatched, with their length."""
    colour = QColor(canvas.theme.edge)
    colour.setAlpha(190)
    painter.setFont(small_font())
    for first, last in gaps:
        part = canvas.part(first, last)
        part.setWidth(max(part.width(), 1.0))
        painter.fillRect(part, QBrush(colour, Qt.BrushStyle.BDiagPattern))
        text = f"{word} {length_text(last - first)}"
        metrics = QFontMetricsF(painter.font())
        # Next to a gap that is too narrow for its length, where there is room.
        room = part if metrics.horizontalAdvance(text) + 10 < part.width() else None
        left = part.center().x() - metrics.horizontalAdvance(text) / 2 if room else part.right() + 4
        box = QRectF(left - 3, part.bottom() - 20, metrics.horizontalAdvance(text) + 6, 16)
        if box.right() < canvas.plot.right():
            painter.fillRect(box, QColor(canvas.theme.panel))
            painter.setPen(QColor(canvas.theme.muted))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def paint_beyond(painter: QPainter, canvas: PageCanvas, duration: float) -> None:
    """What is before the first sample and after the last is hatched: there is no EEG."""
    colour = QColor(canvas.theme.edge)
    colour.setAlpha(130)
    painter.setFont(small_font())
    for part in (canvas.part(canvas.start, 0.0), canvas.part(duration, canvas.start + canvas.seconds)):
        painter.fillRect(part, QBrush(colour, Qt.BrushStyle.FDiagPattern))
        if part.width() > 60:
            box = QRectF(part.center().x() - 26, part.bottom() - 20, 52, 16)
            painter.fillRect(box, QColor(canvas.theme.panel))
            painter.setPen(QColor(canvas.theme.muted))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "no EEG")


def length_text(seconds: float) -> str:
    """A length in its usual unit: `0.25 s`, `12.5 s`, `3 min 20 s`, `2 h 5 min`."""
    if seconds < 60:
        return f"{seconds:.2f} s" if seconds < 1 else f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def paint_flags(painter: QPainter, canvas: PageCanvas, flags: Sequence[PageFlag], top: float) -> None:
    """Annotations of the file: a flag with its text at the top of the plot, a line down, a bar as long as it
    lasts; a text that has no room is left out, its line stays."""
    painter.setFont(small_font())
    metrics = QFontMetricsF(painter.font())
    colour, line = QColor(canvas.theme.muted), QColor(canvas.theme.edge)
    free = canvas.plot.left()
    for flag in flags:
        x = round(canvas.x(flag.seconds))
        painter.setPen(QPen(line, 1, Qt.PenStyle.DotLine))
        if x >= canvas.plot.left():
            painter.drawLine(QPointF(x + 0.5, top), QPointF(x + 0.5, canvas.plot.bottom()))
        part = canvas.part(flag.seconds, flag.seconds + flag.duration)
        painter.fillRect(QRectF(part.left(), top, part.width(), 2), line)
        text = metrics.elidedText(plain(flag.text, 200), Qt.TextElideMode.ElideRight, _LONGEST_FLAG)
        width = metrics.horizontalAdvance(text) + 8
        box = QRectF(max(x, canvas.plot.left()), top, width, metrics.height())
        if box.left() >= free and box.right() <= canvas.plot.right() + 4:
            painter.fillRect(box, QColor(canvas.theme.raised))
            painter.setPen(colour)
            painter.drawText(QPointF(box.left() + 4, top + metrics.ascent()), text)
            free = box.right() + 2


def paint_marks(painter: QPainter, canvas: PageCanvas, marks: Sequence[PageFlag], bottom: float) -> None:
    """Onset, end and phases as dashed lines, with a flag at the foot."""
    painter.setFont(small_font())
    metrics = QFontMetricsF(painter.font())
    pen = QPen(QColor(canvas.theme.mine), 1)
    pen.setDashPattern([4, 3])
    for mark in marks:
        x = round(canvas.x(mark.seconds)) + 0.5
        painter.setPen(pen)
        painter.drawLine(QPointF(x, canvas.plot.top()), QPointF(x, bottom))
        text = metrics.elidedText(plain(mark.text, 60), Qt.TextElideMode.ElideRight, _LONGEST_FLAG)
        box = QRectF(x, bottom - metrics.height() - 1, metrics.horizontalAdvance(text) + 8, metrics.height())
        painter.setPen(QPen(QColor(canvas.theme.mine), 1))
        painter.setBrush(QColor(canvas.theme.panel))
        painter.drawRect(box)
        painter.drawText(QPointF(box.left() + 4, box.top() + metrics.ascent()), text)


def paint_scale_bar(painter: QPainter, canvas: PageCanvas, area: QRectF, bar: ScaleBar, unit: str) -> float:
    """The bar at the right end of the axis, where it covers no trace: so many µV up, so many seconds along.
    Gives where labels have to end before it."""
    painter.setFont(small_font())
    painter.setPen(QColor(canvas.theme.text))
    metrics = QFontMetricsF(painter.font())
    texts = [f"{bar.microvolts:g} {unit}", f"{bar.seconds:g} s"]
    if area.height() < 2 * metrics.height():
        texts = ["  ".join(texts)]
    right, bottom = area.right() - 6, area.bottom() - 4
    left = right - max(bar.width, 2)
    painter.fillRect(QRectF(left, bottom - bar.height, 2, bar.height), painter.pen().color())
    painter.fillRect(QRectF(left, bottom - 2, bar.width, 2), painter.pen().color())
    widest = max(metrics.horizontalAdvance(text) for text in texts)
    for number, text in enumerate(reversed(texts)):
        y = bottom - number * metrics.height() - metrics.descent() + 2
        painter.drawText(QPointF(left - 6 - metrics.horizontalAdvance(text), y), text)
    return left - 18 - widest


def paint_band(painter: QPainter, area: QRectF, colour: str, alpha: int = 26) -> None:
    """A stretch shaded, with an edge on both sides."""
    shade = QColor(colour)
    shade.setAlpha(alpha)
    painter.fillRect(area, shade)
    shade.setAlpha(min(4 * alpha, 255))
    for x in (area.left(), area.right() - 1):
        painter.fillRect(QRectF(round(x), area.top(), 1, area.height()), shade)


def paint_box(painter: QPainter, corner: QPointF, lines: Sequence[str], canvas: PageCanvas) -> None:
    """Lines of text in a small box that stays within the plot."""
    painter.setFont(small_font())
    metrics = QFontMetricsF(painter.font())
    width = max(metrics.horizontalAdvance(line) for line in lines) + 16
    height = metrics.height() * len(lines) + 10
    left = min(max(corner.x(), canvas.plot.left() + 4), canvas.plot.right() - width - 4)
    top = min(max(corner.y(), canvas.plot.top() + 4), canvas.plot.bottom() - height - 4)
    box = QRectF(left, top, width, height)
    painter.setPen(QPen(QColor(canvas.theme.edge), 1))
    painter.setBrush(QColor(canvas.theme.raised))
    painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))
    painter.setPen(QColor(canvas.theme.text))
    for number, line in enumerate(lines):
        painter.drawText(QPointF(left + 8, top + 5 + number * metrics.height() + metrics.ascent()), line)
