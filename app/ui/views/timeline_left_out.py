"""Painting of the stretches that are left out of the answers, along the ruler of the timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter

from app.core.timeline.time_axis import RULER_HEIGHT, TimeScale
from app.ui.theme import Theme

if TYPE_CHECKING:
    from app.core.enhance.pose_track import PoseTrack

_HEIGHT = 5.0


def paint_left_out(painter: QPainter, track: PoseTrack | None, scale: TimeScale, theme: Theme) -> None:
    """Hatch the stretches in which it is not certain that the patient was followed."""
    if track is None:
        return
    from app.core.enhance.left_out import left_out

    for one in left_out(track):
        for span in one.spans:
            if span.overlaps(scale.span):
                left, right = max(scale.x(span.start), scale.left), min(scale.x(span.end), scale.right)
                area = QRectF(left, RULER_HEIGHT - 1 - _HEIGHT, max(2.0, right - left), _HEIGHT)
                painter.fillRect(area, QBrush(QColor(theme.muted), Qt.BrushStyle.BDiagPattern))
