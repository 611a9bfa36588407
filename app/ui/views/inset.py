"""The magnified face in a corner of the picture: its area and its painting."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from app.core.recording.presentation import Corner

_SHARE, _SMALLEST, _LARGEST = 0.38, 110.0, 420.0
_MARGIN = 12.0
_EDGE, _LINE = "#101214", "#cfd4d8"


def inset_side(view: QSize) -> float:
    """The side of the inset in a view of this size, in its pixels."""
    return min(max(min(view.width(), view.height()) * _SHARE, _SMALLEST), _LARGEST)


def inset_area(picture: QRectF, view: QSize, corner: Corner) -> QRectF:
    """The area of the inset: in a corner of the visible part of the picture."""
    room = picture & QRectF(0, 0, view.width(), view.height())
    side = min(inset_side(view), room.width(), room.height())
    left = "left" in corner.value
    top = "top" in corner.value
    return QRectF(
        room.left() + _MARGIN if left else room.right() - _MARGIN - side,
        room.top() + _MARGIN if top else room.bottom() - _MARGIN - side,
        side,
        side,
    )


def paint_inset(painter: QPainter, place: QRectF, image: QImage, face: QRectF) -> None:
    """Paint `face` (shares of the image; it may reach beyond) magnified at `place`."""
    source = QRectF(
        face.left() * image.width(),
        face.top() * image.height(),
        face.width() * image.width(),
        face.height() * image.height(),
    )
    painter.save()
    painter.fillRect(place, QColor(_EDGE))
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    inside = source & QRectF(image.rect())
    if not inside.isEmpty() and source.width() > 0:
        scale = place.width() / source.width()
        target = QRectF(
            place.left() + (inside.left() - source.left()) * scale,
            place.top() + (inside.top() - source.top()) * scale,
            inside.width() * scale,
            inside.height() * scale,
        )
        painter.drawImage(target, image, inside)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(QPen(QColor(_EDGE), 3))
    painter.drawRect(place)
    painter.setPen(QPen(QColor(_LINE), 1))
    painter.drawRect(place)
    painter.restore()
