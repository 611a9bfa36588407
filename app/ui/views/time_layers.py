"""The two layers of a time panel: everything that stands still, kept as a picture, and the cursor over it."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap, QPolygonF
from PySide6.QtWidgets import QWidget

from app.core.timeline.time_axis import RULER_HEIGHT


class Ground:
    """Everything but the cursor, kept as a picture so that a moving cursor repaints nothing."""

    def __init__(self, panel: QWidget, paint: Callable[[QPainter, QSize], None]) -> None:
        self._panel = panel
        self._paint_ground = paint
        self._kept: QPixmap | None = None
        self._memory = QPixmap()
        self._stale: list[QRectF] = []
        self.colour = QColor()

    def refresh(self) -> None:
        """Repaint at the next event loop."""
        self._kept = None
        self._stale.clear()
        self._panel.update()

    def refresh_part(self, part: QRectF) -> None:
        """Paint anew what lies in `part`, in pixels of the panel; `paint` is asked with that clip."""
        if self._kept is None:
            return
        stale = _on_pixels(part, self._kept.devicePixelRatio())
        # Rows that touch are painted together, but not what lies between parts that only meet at a corner.
        for other in tuple(self._stale):
            if _area(stale | other) <= _area(stale) + _area(other):
                self._stale.remove(other)
                stale |= other
        self._stale.append(stale)
        self._panel.update(stale.toAlignedRect())

    def paint(self, painter: QPainter) -> None:
        ratio = self._panel.devicePixelRatioF()
        if self._kept is None or self._kept.devicePixelRatio() != ratio:
            self._kept = self._painted(ratio)
        elif self._stale:
            self._paint_parts(self._kept)
        self._stale.clear()
        painter.drawPixmap(QPointF(0, 0), self._kept)

    def _painted(self, ratio: float) -> QPixmap:
        size = self._panel.size() * ratio
        if self._memory.size() != size or self._memory.devicePixelRatio() != ratio:
            self._memory = QPixmap(size)
            self._memory.setDevicePixelRatio(ratio)
        picture = self._memory
        picture.fill(self.colour)
        painter = QPainter(picture)
        self._paint_ground(painter, self._panel.size())
        painter.end()
        return picture

    def _paint_parts(self, picture: QPixmap) -> None:
        painter = QPainter(picture)
        for part in self._stale:
            painter.save()
            painter.setClipRect(part)
            painter.fillRect(part, self.colour)
            self._paint_ground(painter, self._panel.size())
            painter.restore()
        painter.end()


def _area(part: QRectF) -> float:
    return part.width() * part.height()


def _on_pixels(part: QRectF, ratio: float) -> QRectF:
    """The part with whole pixels of the screen at its edges, where one is not one of the panel."""
    left, top = math.floor(part.left() * ratio) / ratio, math.floor(part.top() * ratio) / ratio
    right, bottom = math.ceil(part.right() * ratio) / ratio, math.ceil(part.bottom() * ratio) / ratio
    return QRectF(left, top, right - left, bottom - top)


class Cursor:
    """The line through all panels where the clock stands; with a head where there is a ruler."""

    REACH = 6

    def __init__(self, panel: QWidget, *, head: bool) -> None:
        self._panel = panel
        self._head = head
        self._x: float | None = None
        self._top = QPolygonF()
        self.colour = QColor()

    def place(self, x: float | None) -> None:
        """Move to `x`, in pixels of the panel; None hides it."""
        if x != self._x:
            self._update()
            self._x = x
            self._top = QPolygonF() if x is None else _head(x + 0.5, self.REACH - 1)
            self._update()

    def _update(self) -> None:
        if self._x is not None:
            box = QRectF(self._x - self.REACH, 0, 2 * self.REACH + 1, self._panel.height())
            self._panel.update(box.toAlignedRect())

    def paint(self, painter: QPainter) -> None:
        if self._x is None:
            return
        top = RULER_HEIGHT - 2 if self._head else 0
        painter.fillRect(QRectF(self._x, top, 1, self._panel.height() - top), self.colour)
        if self._head:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.colour)
            painter.drawPolygon(self._top)


def _head(middle: float, reach: float) -> QPolygonF:
    """The cursor's head, which points down from the ruler to its line."""
    bottom = RULER_HEIGHT - 1
    return QPolygonF(
        [
            QPointF(middle - reach, bottom - 9),
            QPointF(middle + reach, bottom - 9),
            QPointF(middle + reach, bottom - 5),
            QPointF(middle, bottom),
            QPointF(middle - reach, bottom - 5),
        ]
    )
