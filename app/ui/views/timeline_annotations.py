"""The EEG in the timeline: its annotations as small marks at the foot of the ruler, its page at the head."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF

from app.core.plain_text import breakable, plain
from app.core.timeline.clock_text import clock
from app.core.timeline.time_axis import RULER_HEIGHT, TimeScale
from app.ui.session.eeg_display import EegDisplay
from app.ui.theme import Theme

if TYPE_CHECKING:
    from app.core.eeg.displayed_file import DisplayedFile
    from app.core.eeg.eeg_recording import Annotation

_HIGH, _HALF = 6.0, 3.0
"""The height of a mark in pixels and half its width; of those that are nearer together one is painted."""

_PAGE_HIGH = 2.0
"""The height of the bar of the page in pixels."""


def paint_annotations(painter: QPainter, file: DisplayedFile | None, scale: TimeScale, theme: Theme) -> None:
    """A small triangle for each annotation, those about a seizure in a stronger colour."""
    placed = _placed(file, scale)
    if not placed:
        return
    from app.core.eeg.annotation_search import AnnotationKind, kind_of

    painter.save()
    painter.setPen(Qt.PenStyle.NoPen)
    for one, x in placed:
        seizure = kind_of(one.text) is AnnotationKind.SEIZURE
        painter.setBrush(QColor(theme.signal if seizure else theme.edge))
        top = RULER_HEIGHT - 1 - _HIGH
        corners = (QPointF(x - _HALF, top), QPointF(x + _HALF, top), QPointF(x, top + _HIGH))
        painter.drawPolygon(QPolygonF(corners))
    painter.restore()


def paint_page_extent(painter: QPainter, eeg: EegDisplay, scale: TimeScale, theme: Theme) -> None:
    """Where the EEG's page is: a bar along the upper edge of the ruler, with a tick at both ends."""
    if eeg.file is None:
        return
    sync, position = eeg.file.sync, eeg.position
    first, last = (scale.x(sync.to_recording(one)) for one in (position.start, position.end))
    left, right = max(round(first), round(scale.left)), min(round(max(last, first + 2)), round(scale.right))
    if right <= left:
        return
    colour = QColor(theme.text)
    painter.fillRect(QRectF(left, 0, right - left, _PAGE_HIGH), colour)
    for x, end in ((left, first), (right - 1, last)):
        if scale.left <= end <= scale.right:
            painter.fillRect(QRectF(x, 0, 1, 2 * _PAGE_HIGH), colour)


def annotation_words(file: DisplayedFile | None, scale: TimeScale, position: QPointF) -> str:
    """What is said of the annotation under the pointer; "" where there is none."""
    if not 0 <= RULER_HEIGHT - position.y() <= _HIGH + 4:
        return ""
    near = [(abs(x - position.x()), one) for one, x in _placed(file, scale)]
    away, one = min(near, key=lambda pair: pair[0], default=(_HALF + 3, None))
    if one is None or file is None or away > _HALF + 2:
        return ""
    from app.core.eeg.annotation_search import LONGEST_TEXT

    text = breakable(plain(one.text, LONGEST_TEXT)) or "annotation without a text"
    return f"{text}\n{clock(file.sync.to_recording(one.onset), 1)} · annotation of the EEG"


def _placed(file: DisplayedFile | None, scale: TimeScale) -> list[tuple[Annotation, float]]:
    """The annotations that are painted, with their place in pixels."""
    if file is None or not file.annotations:
        return []
    from app.core.eeg.displayed_file import annotations_apart

    start, end = (file.sync.to_eeg(one) for one in (scale.span.start, scale.span.end))
    pixel = (end - start) / max(scale.width, 1.0)
    shown = annotations_apart(file.annotations, start, end, _HALF * pixel)
    return [(one, round(scale.x(file.sync.to_recording(one.onset))) + 0.5) for one in shown]
