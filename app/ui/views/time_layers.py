"""The two layers of a time panel: everything that stands still, kept as a picture, and the cursor over it."""

from __future__ import annotations

import math
from collections.abc import Callable

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap, QPolygonF
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from app.ui.views.time_axis import RULER_HEIGHT


class Ground(pg.GraphicsObject):  # type: ignore[misc]  # pyqtgraph brings no types
    """Everything but the cursor, kept as a picture so that a moving cursor repaints nothing."""

    def __init__(self, paint: Callable[[QPainter, QSize], None]) -> None:
        super().__init__()
        self._paint_ground = paint
        self._size = QSize(1, 1)
        self._kept: QPixmap | None = None
        self._stale: list[QRectF] = []

    def resize(self, size: QSize) -> None:
        self.prepareGeometryChange()
        self._size = size
        self.refresh()

    def refresh(self) -> None:
        """Paint anew at the next occasion."""
        self._kept = None
        self._stale.clear()
        self.update()

    def refresh_part(self, part: QRectF) -> None:
        """Paint anew what lies in `part`, in pixels of the panel; `paint` is asked with that clip."""
        if self._kept is not None:
            self._stale.append(_on_pixels(part, self._kept.devicePixelRatio()))
            self.update(self._stale[-1])

    def boundingRect(self) -> QRectF:
        return QRectF(0, 0, self._size.width(), self._size.height())

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        ratio = widget.devicePixelRatioF() if widget else 1.0
        if self._kept is None or self._kept.devicePixelRatio() != ratio:
            self._kept = self._painted(ratio)
        elif self._stale:
            self._paint_parts(self._kept)
        self._stale.clear()
        painter.drawPixmap(QPointF(0, 0), self._kept)

    def _painted(self, ratio: float) -> QPixmap:
        picture = QPixmap(self._size * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        self._paint_ground(painter, self._size)
        painter.end()
        return picture

    def _paint_parts(self, picture: QPixmap) -> None:
        painter = QPainter(picture)
        for part in self._stale:
            painter.save()
            painter.setClipRect(part)
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
            painter.fillRect(part, Qt.GlobalColor.transparent)
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
            self._paint_ground(painter, self._size)
            painter.restore()
        painter.end()


def _on_pixels(part: QRectF, ratio: float) -> QRectF:
    """The part with whole pixels of the screen at its edges, where one is not one of the panel."""
    left, top = math.floor(part.left() * ratio) / ratio, math.floor(part.top() * ratio) / ratio
    right, bottom = math.ceil(part.right() * ratio) / ratio, math.ceil(part.bottom() * ratio) / ratio
    return QRectF(left, top, right - left, bottom - top)


class Cursor(pg.GraphicsObject):  # type: ignore[misc]  # pyqtgraph brings no types
    """The line through all panels where the clock stands; with a head where there is a ruler."""

    REACH = 6

    def __init__(self, *, head: bool) -> None:
        super().__init__()
        self._head = head
        self._height = 1
        self.colour = QColor()
        self.setZValue(10)

    def resize(self, height: int) -> None:
        self.prepareGeometryChange()
        self._height = height

    def boundingRect(self) -> QRectF:
        return QRectF(-self.REACH, 0, 2 * self.REACH + 1, self._height)

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        if not self._head:
            painter.fillRect(QRectF(0, 0, 1, self._height), self.colour)
            return
        bottom, reach = RULER_HEIGHT - 1, self.REACH - 1
        painter.fillRect(QRectF(0, bottom - 1, 1, self._height - bottom + 1), self.colour)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.colour)
        middle = 0.5
        painter.drawPolygon(
            QPolygonF(
                [
                    QPointF(middle - reach, bottom - 9),
                    QPointF(middle + reach, bottom - 9),
                    QPointF(middle + reach, bottom - 5),
                    QPointF(middle, bottom),
                    QPointF(middle - reach, bottom - 5),
                ]
            )
        )
