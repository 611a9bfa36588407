"""The movement strip: how much moves in the picture, and in the patient's limbs, over the recording."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHideEvent, QMouseEvent, QPainter, QPolygonF, QShowEvent
from PySide6.QtWidgets import QWidget

from app.core.timeline.clock_text import clock
from app.core.timeline.traces import TraceCurve, curve_columns
from app.ui.session.session import Session
from app.ui.views.time_panel import TimePanel
from app.ui.views.trace_paint import number

_FULL = 99.5
"""The percentile of a movement that fills the strip: one jolt of the camera must not flatten the rest."""
AGAIN = "Double-click to search for movement again"


class MovementView(TimePanel):
    """A filled area for the picture, a line for the limbs; a click goes there."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._sizes: dict[TraceCurve, float] = {}
        self.setAccessibleName("Movement")
        self.setMinimumHeight(36)
        session.analysis.movement.changed.connect(self._show)
        self._show()

    def sizeHint(self) -> QSize:
        return QSize(640, 52)

    def _show(self) -> None:
        movement = self.session.analysis.movement
        shown = (movement.picture, movement.limbs)
        self._sizes = {curve: size for curve, size in self._sizes.items() if curve in shown}
        self.setAccessibleDescription(self.words() or "Movement over the recording. Click to go there.")
        self.refresh()

    def words(self) -> str:
        """The sentence in place of the picture's movement; "" when it is there."""
        recording, movement = self.session.opened.recording, self.session.analysis.movement
        if recording is None:
            return "Movement in an open recording is shown here"
        if recording.video is None:
            return "No picture in this recording"
        if movement.picture is not None:
            return ""
        if movement.progress is not None:
            left = movement.progress.remaining
            rest = "" if left is None else f", about {clock(left, 0)} left"
            return f"{movement.progress.what}… {movement.progress.done:.0%}{rest}"
        return f"{movement.problem} {AGAIN}." if movement.problem else "Movement is being looked for…"

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.session.analysis.movement.want(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.session.analysis.movement.want(False)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.session.analysis.movement.problem:
            self.session.analysis.movement.compute_again()
        super().mouseDoubleClickEvent(event)

    def words_at(self, position: QPointF) -> str:
        """What moves at a place."""
        scale, movement = self.scale_of_time, self.session.analysis.movement
        if position.x() < scale.left or self.session.opened.duration <= 0:
            return (
                "Area: mean change of the picture within 0.2 s. Line: mean speed of the patient's elbows, "
                "wrists, knees and ankles. Only to find where to look."
            )
        seconds = scale.seconds(position.x())
        parts = [clock(seconds, 1)]
        for curve, words in (
            (movement.picture, "picture {} levels"),
            (movement.limbs, "limbs {} shoulder widths/s"),
        ):
            value = None if curve is None else _nearest(curve, seconds)
            if value is not None:
                parts.append(words.format(number(value)))
        return "  ".join(parts)

    # painting

    def paint_ground(self, painter: QPainter, size: QSize) -> None:
        scale, movement = self.scale_of_time, self.session.analysis.movement
        area = QRectF(scale.left, 0, scale.width, size.height())
        words, limbs = self.words(), movement.limbs
        if self.session.opened.recording is None:
            self._paint_empty(painter, QRectF(self.rect()), words)
        else:
            self.paint_grid(painter, 0, size.height())
            if movement.picture is not None:
                self._paint_area(painter, movement.picture, area)
            if limbs is not None:
                self._paint_line(painter, limbs, area)
            if words:
                self._paint_empty(painter, area, words)
            self._paint_title(painter, "Movement", "▬ picture" if limbs is None else "▬ picture  ─ limbs")
        self._paint_focus(painter)

    def _columns(self, painter: QPainter, curve: TraceCurve, area: QRectF) -> npt.NDArray[np.float64]:
        """The y of the highest value in each pixel column, NaN without one."""
        ratio = painter.device().devicePixelRatio()
        columns = max(1, round(area.width() * ratio))
        _low, high = curve_columns(curve, self.visible_span, columns)
        share = np.clip(high.astype(np.float64) / self._size(curve), 0.0, 1.0)
        return area.bottom() - 2 - np.sqrt(share) * (area.height() - 6)

    def _size(self, curve: TraceCurve) -> float:
        if curve not in self._sizes:
            known = curve.values[np.isfinite(curve.values)]
            full = float(np.percentile(known, _FULL)) if len(known) else 0.0
            self._sizes[curve] = max(full, 1e-6)
        return self._sizes[curve]

    def _paint_area(self, painter: QPainter, curve: TraceCurve, area: QRectF) -> None:
        ys = self._columns(painter, curve, area)
        colour = QColor(self.theme.muted)
        colour.setAlpha(150)
        ratio = painter.device().devicePixelRatio()
        known = np.flatnonzero(np.isfinite(ys))
        for run in np.split(known, np.flatnonzero(np.diff(known) > 1) + 1):
            if len(run):
                xs = area.left() + run / ratio
                points = [QPointF(x, y) for x, y in zip(xs.tolist(), ys[run].tolist(), strict=True)]
                ends = [QPointF(xs[-1] + 1 / ratio, area.bottom()), QPointF(xs[0], area.bottom())]
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colour)
                painter.drawPolygon(QPolygonF([*points, *ends]))

    def _paint_line(self, painter: QPainter, curve: TraceCurve, area: QRectF) -> None:
        ys = self._columns(painter, curve, area)
        ratio = painter.device().devicePixelRatio()
        painter.setPen(QColor(self.theme.text))
        known = np.flatnonzero(np.isfinite(ys))
        for run in np.split(known, np.flatnonzero(np.diff(known) > 1) + 1):
            if len(run):
                xs = area.left() + run / ratio
                painter.drawPolyline(
                    QPolygonF([QPointF(x, y) for x, y in zip(xs.tolist(), ys[run].tolist(), strict=True)])
                )


def _nearest(curve: TraceCurve, seconds: float) -> float | None:
    """The value nearest in time: of a long recording there is one every few seconds."""
    if not len(curve.times):
        return None
    row = int(np.argmin(np.abs(curve.times - seconds)))
    value = float(curve.values[row])
    return value if np.isfinite(value) else None
