"""What is drawn over the traces of an EEG: spans and marks of the session, annotations, scale, measures."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter

from app.core.eeg.displayed_file import annotations_between
from app.core.eeg.page_scale import UNIT_UNKNOWN, UNKNOWN_UNIT, PageScale, scale_bar
from app.core.study.seizure_marks import mark_name
from app.ui.session.eeg_display import EegDisplay
from app.ui.session.eeg_selection import EegSelection
from app.ui.session.session import Session
from app.ui.views.eeg_paint import (
    PageCanvas,
    PageFlag,
    length_text,
    paint_band,
    paint_box,
    paint_flags,
    paint_marks,
    paint_scale_bar,
)

_WIDEST = 90.0
"""Pixels of the scale bar."""


def paint_spans(painter: QPainter, canvas: PageCanvas, session: Session) -> None:
    """Shade where there is no picture, the evidence of the selected feature, and the loop."""
    file = session.eeg.file
    if file is None:
        return
    begun, ended = (file.sync.to_eeg(seconds) for seconds in (0.0, session.opened.duration))
    shade = QColor(canvas.theme.stage)
    shade.setAlpha(110)
    for area in (canvas.part(canvas.start, begun), canvas.part(ended, canvas.start + canvas.seconds)):
        painter.fillRect(area, shade)
    evidence = session.answers.mine.answer(session.selection.feature).evidence
    loop = [session.loop.span] if session.loop.span is not None else []
    bands = [(span, canvas.theme.mine) for span in evidence] + [(span, canvas.theme.text) for span in loop]
    for span, colour in bands:
        area = canvas.part(file.sync.to_eeg(span.start), file.sync.to_eeg(span.end))
        if area.width() > 0:
            paint_band(painter, area, colour, 22)


def paint_events(painter: QPainter, canvas: PageCanvas, session: Session) -> None:
    """Flags of the file's annotations above, of the person's marks below."""
    file = session.eeg.file
    if file is None:
        return
    first, last = canvas.start, canvas.start + canvas.seconds
    notes = annotations_between(file.annotations, first, last)
    flags = [PageFlag(note.onset, note.text, note.duration or 0.0) for note in notes]
    paint_flags(painter, canvas, flags, canvas.plot.top() + 2)
    marks = [
        PageFlag(file.sync.to_eeg(mark.seconds), mark_name(mark)) for mark in session.answers.my_reading.marks
    ]
    shown = [mark for mark in marks if first <= mark.seconds <= last]
    paint_marks(painter, canvas, shown, canvas.plot.bottom() - 2)


def paint_point(painter: QPainter, canvas: PageCanvas, seconds: float) -> None:
    """The moment that was chosen while the picture is held: a line in the colour of marks, with a word."""
    x = round(canvas.x(seconds)) + 0.5
    painter.setPen(QColor(canvas.theme.mine))
    painter.drawLine(QPointF(x, canvas.plot.top()), QPointF(x, canvas.plot.bottom()))
    paint_box(painter, QPointF(x + 4, canvas.plot.top() + 22), ["chosen moment"], canvas)


def paint_scale(painter: QPainter, canvas: PageCanvas, display: EegDisplay, dots_per_inch: float) -> float:
    """The scale bar of the chosen row, else of the first of the usual kind, in the axis. Gives where the axis
    ends before it."""
    if not display.rows:
        return canvas.plot.right()
    kinds = [row.kind for row in display.rows]
    chosen = display.keys.index(display.row) if display.row in display.keys else kinds.index(display.kind)
    scale = PageScale(dots_per_inch, display.sensitivities()[chosen])
    area = QRectF(canvas.plot.left(), 0, canvas.plot.width(), canvas.plot.top() - 1)
    widest = min(_WIDEST, canvas.plot.width() / 3)
    bar = scale_bar(scale, canvas.pixels_per_second, tallest=area.height() - 7, widest=widest)
    return paint_scale_bar(painter, canvas, area, bar, display.rows[chosen].unit or UNKNOWN_UNIT)


def paint_selection(
    painter: QPainter, canvas: PageCanvas, selection: EegSelection, middle: float | None
) -> None:
    """The selected stretch, and its measures beside the row at the height `middle`."""
    assert selection.span is not None
    area = canvas.part(*selection.span)
    if area.width() <= 0:
        return  # on another page
    paint_band(painter, area, canvas.theme.signal, 26)
    if middle is not None:
        paint_box(painter, QPointF(area.right() + 6, middle + 8), _measures(selection), canvas)


def _measures(selection: EegSelection) -> list[str]:
    """The lines of the box next to a selection."""
    assert selection.span is not None
    found, unit = selection.measurement(), selection.unit()
    lines = [f"{selection.row}  {length_text(selection.span[1] - selection.span[0])}"]
    if found is None:
        return [*lines, "nothing to measure here"]
    remark = "" if unit else f" {UNIT_UNKNOWN}"
    lines.append(f"{found.amplitude:.4g} {unit or UNKNOWN_UNIT} peak to peak{remark}")
    if found.frequency is not None:
        lines.append(f"{found.frequency:.1f} Hz by its waves")
    if found.strongest is not None:
        lines.append(f"{found.strongest:.1f} Hz strongest")
    if found.gap:
        lines.append(f"without {length_text(found.gap)} of gap")
    return lines
