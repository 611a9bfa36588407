"""What a window paints and where: it is painted once more, onto a device that writes down texts and signs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QPaintDevice,
    QPaintEngine,
    QPaintEngineState,
    QPainter,
    QPainterPath,
    QTextItem,
)
from PySide6.QtWidgets import QApplication, QWidget

_DPI = 96
_SIGN = (5.0, 20.0)
"""Sides (pixels) of the square of a path that counts as a sign: an icon's part, a glyph, a mark."""

_SEEN, _NARROWEST = 0.8, 8
"""How much of its height and how many pixels of its width must be seen: of a row or column that is scrolled
away there is less to measure."""


@dataclass(frozen=True, slots=True)
class Painted:
    """A text, or a sign (`text` is ""): who painted it, its colour, and where in the window it is seen."""

    widget: QWidget
    text: str
    colour: QColor
    place: QRect


def painted_by(window: QWidget) -> list[Painted]:
    """Every text and sign that the window would paint now, in its order, as far as it can be seen."""
    device = _Device(window)
    painting = _PaintingWidget(window, device.engine)
    application = QApplication.instance()
    assert application is not None
    application.installEventFilter(painting)
    try:
        window.render(device, QPoint(0, 0))
    finally:
        application.removeEventFilter(painting)
    return [found for found in device.engine.found if not found.place.isEmpty()]


class _Engine(QPaintEngine):
    """Draws nothing; writes down texts and signs."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(QPaintEngine.PaintEngineFeature.AllFeatures)
        self.widget = window
        self.found: list[Painted] = []

    def begin(self, _device: QPaintDevice) -> bool:
        return True

    def end(self) -> bool:
        return True

    def type(self) -> QPaintEngine.Type:
        return QPaintEngine.Type.User

    def updateState(self, _state: QPaintEngineState) -> None:
        """The painter is asked when something is drawn."""

    def drawTextItem(self, at: Any, item: QTextItem) -> None:  # a QPointF, in the stubs also others
        # A full stop alone has no pixel that is all ink.
        if any(letter.isalnum() for letter in item.text()):
            box = QRectF(at.x(), at.y() - item.ascent(), item.width(), item.ascent() + item.descent())
            self._found(item.text(), self.painter().pen().color(), box)

    def drawPath(self, path: QPainterPath) -> None:
        painter = self.painter()
        box = path.boundingRect()
        drawn = painter.deviceTransform().mapRect(box)
        smooth = painter.renderHints() & QPainter.RenderHint.Antialiasing
        if smooth and _SIGN[0] <= max(drawn.width(), drawn.height()) <= _SIGN[1]:
            pen, brush = painter.pen(), painter.brush()
            colour = brush.color() if pen.style() is Qt.PenStyle.NoPen else pen.color()
            if colour.alphaF() > 0:  # the frame that a focus will have is drawn transparent
                self._found("", colour, box)

    def _found(self, text: str, colour: QColor, box: QRectF) -> None:
        painter = self.painter()
        place = painter.deviceTransform().mapRect(box).toAlignedRect()
        width, height = place.width(), place.height()
        seen = self.systemClip().boundingRect()
        if not seen.isEmpty():
            place &= seen
        if painter.hasClipping():
            place &= painter.deviceTransform().mapRect(painter.clipBoundingRect()).toAlignedRect()
        if place.height() < _SEEN * height or place.width() < min(width, _NARROWEST):
            return
        opaque = QColor(colour)
        opaque.setAlphaF(colour.alphaF() * painter.opacity())
        self.found.append(Painted(self.widget, text, opaque, place))

    def drawPolygon(self, *_shape: object, **_named: object) -> None:
        """Nothing."""

    drawPixmap = drawTiledPixmap = drawImage = drawPolygon  # noqa: N815 - Qt's names
    drawRects = drawLines = drawEllipse = drawPoints = drawPolygon  # noqa: N815 - Qt's names


class _PaintingWidget(QObject):
    """Tells the engine which widget is painting."""

    def __init__(self, window: QWidget, engine: _Engine) -> None:
        super().__init__(window)
        self._engine = engine

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Paint and isinstance(watched, QWidget):
            self._engine.widget = watched
        return False


class _Device(QPaintDevice):
    """As large as the window, one pixel a point."""

    def __init__(self, window: QWidget) -> None:
        super().__init__()
        self.engine = _Engine(window)
        metric = QPaintDevice.PaintDeviceMetric
        self._numbers = {
            metric.PdmWidth: window.width(),
            metric.PdmHeight: window.height(),
            metric.PdmDepth: 32,
            metric.PdmNumColors: 1 << 24,
            metric.PdmDevicePixelRatio: 1,
            metric.PdmDevicePixelRatioScaled: round(QPaintDevice.devicePixelRatioFScale()),
        }

    def paintEngine(self) -> QPaintEngine:
        return self.engine

    def metric(self, what: QPaintDevice.PaintDeviceMetric) -> int:
        return self._numbers.get(what, _DPI)
