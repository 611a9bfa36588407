"""The window's icons: one set of paths on a grid of 20, painted at any size in the theme's colours."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPainterPath, QPen, QPixmap

from app.ui.theme import Theme

_GRID = 20.0
_STROKE = 1.5


def _line(*points: tuple[float, float]) -> QPainterPath:
    path = QPainterPath(QPointF(*points[0]))
    for point in points[1:]:
        path.lineTo(*point)
    return path


def _shape(*points: tuple[float, float]) -> QPainterPath:
    path = _line(*points)
    path.closeSubpath()
    return path


def _circle(x: float, y: float, radius: float) -> QPainterPath:
    path = QPainterPath()
    path.addEllipse(QPointF(x, y), radius, radius)
    return path


def _oval(x: float, y: float, across: float, down: float) -> QPainterPath:
    path = QPainterPath()
    path.addEllipse(QPointF(x, y), across, down)
    return path


def _arc(x: float, y: float, radius: float, start: float, sweep: float) -> QPainterPath:
    area = QRectF(x - radius, y - radius, 2 * radius, 2 * radius)
    path = QPainterPath()
    path.arcMoveTo(area, start)
    path.arcTo(area, start, sweep)
    return path


def _curve(start: tuple[float, float], *rest: float) -> QPainterPath:
    path = QPainterPath(QPointF(*start))
    path.cubicTo(*rest)
    return path


_SPEAKER = _shape((3, 8), (5.6, 8), (9.5, 4.6), (9.5, 15.4), (5.6, 12), (3, 12))

# name → (filled shapes, stroked lines)
_ICONS: dict[str, tuple[list[QPainterPath], list[QPainterPath]]] = {
    "play": ([_shape((6, 3.6), (16.4, 10), (6, 16.4))], []),
    "pause": (
        [
            _shape((5.4, 4), (8.6, 4), (8.6, 16), (5.4, 16)),
            _shape((11.4, 4), (14.6, 4), (14.6, 16), (11.4, 16)),
        ],
        [],
    ),
    "step_back": (
        [_shape((13.6, 4.8), (13.6, 15.2), (6, 10))],
        [_line((4.6, 5), (4.6, 15))],
    ),
    "step_forward": (
        [_shape((6.4, 4.8), (6.4, 15.2), (14, 10))],
        [_line((15.4, 5), (15.4, 15))],
    ),
    "sound": ([_SPEAKER], [_arc(9, 10, 4, -45, 90), _arc(9, 10, 7.2, -45, 90)]),
    "muted": (
        [_SPEAKER],
        [_line((12.6, 7.6), (17.4, 12.4)), _line((17.4, 7.6), (12.6, 12.4))],
    ),
    "loop": (
        [_shape((13, 2.2), (17, 5.2), (13, 8.2)), _shape((7, 11.8), (3, 14.8), (7, 17.8))],
        [
            _line((3.4, 10), (3.4, 7.4), (5.4, 5.2), (13.4, 5.2)),
            _line((16.6, 10), (16.6, 12.6), (14.6, 14.8), (6.6, 14.8)),
        ],
    ),
    "skeleton": (
        [_circle(10, 3.8, 2)],
        [
            _line((10, 6), (10, 11.6)),
            _line((4, 10.4), (6.6, 7.6), (13.4, 7.6), (16, 10.4)),
            _line((6, 17.4), (7.4, 14), (10, 11.6), (12.6, 14), (14, 17.4)),
        ],
    ),
    "face": (
        [_circle(7.3, 8.6, 1), _circle(12.7, 8.6, 1)],
        [_oval(10, 10, 6, 7.4), _curve((7.4, 13), 8.8, 14.4, 11.2, 14.4, 12.6, 13)],
    ),
    "trails": (
        [_circle(15.6, 5.4, 2)],
        [
            _curve((3, 15.6), 7.6, 17.6, 6.6, 9.2, 10, 9.2),
            _curve((10, 9.2), 12.4, 9.2, 12.6, 8.6, 14, 7),
        ],
    ),
    "patient": (
        [_circle(10, 8, 1.9)],
        [
            *(_line((2.8, 6.4), (2.8, 2.8), (6.4, 2.8)), _line((13.6, 2.8), (17.2, 2.8), (17.2, 6.4))),
            *(_line((17.2, 13.6), (17.2, 17.2), (13.6, 17.2)), _line((6.4, 17.2), (2.8, 17.2), (2.8, 13.6))),
            _curve((6.2, 14.6), 6.6, 10.8, 13.4, 10.8, 13.8, 14.6),
        ],
    ),
}


class _Engine(QIconEngine):
    """Paints the paths at the size and device pixel ratio that Qt requests."""

    def __init__(self, name: str, theme: Theme) -> None:
        super().__init__()
        self._name = name
        self._theme = theme

    def paint(self, painter: QPainter, area: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        quiet = state is QIcon.State.Off and mode is not QIcon.Mode.Active
        colour = QColor(self._theme.muted if quiet else self._theme.text)
        if mode is QIcon.Mode.Disabled:
            colour = QColor(self._theme.edge)
        filled, lines = _ICONS[self._name]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = min(area.width(), area.height())
        painter.translate(area.x() + (area.width() - side) / 2, area.y() + (area.height() - side) / 2)
        painter.scale(side / _GRID, side / _GRID)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        for path in filled:
            painter.drawPath(path)
        pen = QPen(colour, _STROKE)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        for path in lines:
            painter.strokePath(path, pen)
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        picture = QPixmap(size)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
        painter.end()
        return picture

    def clone(self) -> QIconEngine:
        return _Engine(self._name, self._theme)


def icon(name: str, theme: Theme) -> QIcon:
    """An icon of the set in the theme's colours; an unknown name is a bug (KeyError)."""
    if name not in _ICONS:
        raise KeyError(name)
    return QIcon(_Engine(name, theme))
