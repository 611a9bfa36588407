"""Everybody's lanes in the timeline, and where others have marked the seizure."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from app.core.plain_text import plain
from app.core.reading import Reading
from app.core.timeline.time_axis import RULER_HEIGHT, TimeScale
from app.ui.session.session import Session
from app.ui.theme import small_font
from app.ui.views.reader_chooser import reader_name

_MOST_LANES = 5
"""More could not be distinguished in a row; the others are in the checklist."""
_LONGEST = 110


def readings_of_lanes(session: Session) -> tuple[Reading, ...]:
    """The readings that have a lane, from the top: the person's, the shown one, and further ones."""
    answers = session.answers
    return (*answers.in_view, *answers.further)[:_MOST_LANES]


def paint_others_marks(painter: QPainter, session: Session, scale: TimeScale, bottom: float) -> None:
    """The others' onsets, phases and ends as dotted lines, named at their foot."""
    painter.setFont(small_font())
    metrics = QFontMetricsF(painter.font())
    step = 0
    for reading in session.answers.others:
        for mark in session.answers.marks_of(reading.reader):
            if not scale.span.contains(mark.seconds):
                continue
            colour = QColor(session.appearance.theme.beside(reading.reader.kind))
            x = round(scale.x(mark.seconds)) + 0.5
            painter.setPen(QPen(colour, 1, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(x, RULER_HEIGHT), QPointF(x, bottom))
            words = f"{reader_name(reading.reader)}: {plain(mark.label, 40) or mark.kind}"
            shown = metrics.elidedText(words, Qt.TextElideMode.ElideMiddle, _LONGEST)
            painter.setPen(colour)
            # Names of marks that lie together stand one above the other.
            painter.drawText(QPointF(x + 3, bottom - 4 - (step % 3) * metrics.height()), shown)
            step += 1
