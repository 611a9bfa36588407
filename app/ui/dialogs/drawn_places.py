"""Places in the picture that a person draws by hand, to be covered in every frame of a clip."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.core.deidentify.drawn_covers import DrawnCovers
from app.core.picture_box import Box
from app.ui.views.picture_fit import Zoom, fitted

_LEAST = 0.01
"""Side of the smallest place that counts, as a share of the picture's: less is a slip of the hand."""
_NEW = Box(0.4, 0.4, 0.6, 0.6)
"""Where a place is that is made with the keyboard."""
_STEP = 0.01
"""Share of the picture by which a key moves a place or one of its edges."""
_ARROWS = {
    Qt.Key.Key_Left: (-_STEP, 0.0),
    Qt.Key.Key_Right: (_STEP, 0.0),
    Qt.Key.Key_Up: (0.0, -_STEP),
    Qt.Key.Key_Down: (0.0, _STEP),
}
KEYS = (
    "Drag over the picture to cover a place, or press Insert. A click or Space chooses a place; the arrows "
    "move it, with Shift they change its size; Delete takes it away."
)
_COVER, _EDGE, _CHOSEN = QColor(30, 30, 30, 225), QColor(235, 235, 235), QColor(255, 200, 60)


class DrawnPlaces(QWidget):
    """A frame on which places are drawn, with the pointer or with keys (`KEYS`)."""

    changed = Signal()

    def __init__(self, covers: DrawnCovers, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Places that are covered in every frame")
        self.setAccessibleDescription(KEYS)
        self.setToolTip(KEYS)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setMinimumSize(240, 135)
        self._covers = covers
        self._image = QImage()
        self._chosen = -1
        self._begun: QPointF | None = None
        self._drawn: Box | None = None

    @property
    def places(self) -> tuple[Box, ...]:
        """The places, in shares of the picture, in the order in which they were drawn."""
        return self._covers.places

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to take back."""
        return self._covers.can_undo

    def show_frame(self, image: QImage | None) -> None:
        """Show the frame on which is drawn; without one nothing can be drawn."""
        self._image = image or QImage()
        self.update()

    def remove(self) -> None:
        """Take the chosen place away, without one the last."""
        if self.places:
            self._covers.remove(self._chosen)
            self._chosen = -1
            self._tell()

    def undo(self) -> None:
        """Take the last change of the places back."""
        if self._covers.can_undo:
            self._covers.undo()
            self._chosen = -1
            self._tell()

    def sizeHint(self) -> QSize:
        return QSize(400, 225)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and not self._image.isNull():
            self._begun = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._begun is not None:
            self._drawn = self._box(self._begun, event.position())
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        begun, self._begun, self._drawn = self._begun, None, None
        if begun is None:
            return
        box = self._box(begun, event.position())
        if box is not None and min(box.right - box.left, box.bottom - box.top) >= _LEAST:
            self._add(box)
        else:
            self._choose(begun)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, large = Qt.Key(event.key()), event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if key in (Qt.Key.Key_Insert, Qt.Key.Key_Plus) and not self._image.isNull():
            self._add(_NEW)
        elif key is Qt.Key.Key_Space and self.places:
            self._chosen = (self._chosen + 1) % len(self.places)
            self.update()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self.places:
            self.remove()
        elif key in _ARROWS and self._chosen >= 0:
            self._move(*_ARROWS[key], size=bool(large))
        else:
            super().keyPressEvent(event)

    def _add(self, box: Box) -> None:
        self._covers.add(box)
        self._chosen = len(self.places) - 1
        self._tell()

    def _move(self, across: float, down: float, *, size: bool) -> None:
        """Move the chosen place, or only its right and lower edges; it stays in the picture."""
        box = self.places[self._chosen]
        if size:
            right, bottom = (
                max(box.right + across, box.left + _LEAST),
                max(box.bottom + down, box.top + _LEAST),
            )
            moved = Box(box.left, box.top, min(right, 1.0), min(bottom, 1.0))
        else:
            across, down = _kept(box.left, box.right, across), _kept(box.top, box.bottom, down)
            moved = Box(box.left + across, box.top + down, box.right + across, box.bottom + down)
        self._covers.move(self._chosen, moved)
        self._tell()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if self._image.isNull():
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "No picture is shown yet.")
            return
        painter.drawImage(self._shown(), self._image)
        for number, box in enumerate(self.places):
            self._paint(painter, box, chosen=number == self._chosen)
        if self._drawn is not None:
            self._paint(painter, self._drawn, chosen=True)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            # Light within dark, so that it is seen on every picture.
            for colour, width in ((Qt.GlobalColor.black, 4), (Qt.GlobalColor.white, 2)):
                painter.setPen(QPen(colour, width))
                painter.drawRect(self._shown().adjusted(2, 2, -2, -2))

    def _paint(self, painter: QPainter, box: Box, *, chosen: bool) -> None:
        shown = self._shown()
        place = QRectF(
            shown.left() + box.left * shown.width(),
            shown.top() + box.top * shown.height(),
            (box.right - box.left) * shown.width(),
            (box.bottom - box.top) * shown.height(),
        )
        painter.setBrush(_COVER)
        painter.setPen(QPen(_CHOSEN if chosen else _EDGE, 2 if chosen else 1))
        painter.drawRect(place)

    def _choose(self, at: QPointF) -> None:
        x, y = self._share(at)
        hit = [n for n, box in enumerate(self.places) if _holds(box, x, y)]
        self._chosen = hit[-1] if hit else -1

    def _box(self, one: QPointF, other: QPointF) -> Box | None:
        """The box between two points; None where they are on one line."""
        (x, y), (u, v) = self._share(one), self._share(other)
        return Box(min(x, u), min(y, v), max(x, u), max(y, v)) if x != u and y != v else None

    def _share(self, at: QPointF) -> tuple[float, float]:
        shown = self._shown()
        x, y = (at.x() - shown.left()) / shown.width(), (at.y() - shown.top()) / shown.height()
        return min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)

    def _shown(self) -> QRectF:
        return fitted(self._image.size(), self.size(), self.devicePixelRatioF(), Zoom())

    def _tell(self) -> None:
        self.update()
        self.changed.emit()


def _kept(start: float, end: float, step: float) -> float:
    """As much of the step as leaves all that is from `start` to `end` between 0 and 1."""
    return min(max(step, -start), 1.0 - end)


def _holds(box: Box, x: float, y: float) -> bool:
    return box.left <= x <= box.right and box.top <= y <= box.bottom
