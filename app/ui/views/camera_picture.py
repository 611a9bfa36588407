"""The picture in a further camera's tile: rotated, zoomed with the wheel, moved by dragging."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QToolButton, QWidget

from app.core.plain_text import plain
from app.ui.session.session import Session
from app.ui.theme import small_font
from app.ui.views.developing import Developer, shown_size
from app.ui.views.picture_fit import Zoom, decoded_size, fitted, panned_by, zoomed_at

if TYPE_CHECKING:
    from app.ui.player.cameras import Companion

_WHEEL_PER_DOUBLING = 360.0


class CameraPicture(QWidget):
    """Shows the picture of the camera, or the reason for none; requests frames in the painted size."""

    clicked = Signal()

    def __init__(self, session: Session, camera: Companion, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._camera = camera
        self._developer = Developer()
        self._zoom = Zoom()
        self._press: QPointF | None = None
        self._moved = False
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._reset = QToolButton(self)
        self._reset.setToolTip("Show the whole picture")
        self._reset.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._reset.setFont(small_font())
        self._reset.clicked.connect(self.reset_zoom)
        self._reset.hide()
        camera.changed.connect(self.update)

    @property
    def picture_area(self) -> QRectF:
        """The area of the whole picture; empty without one."""
        size = self._size
        return QRectF() if size is None else fitted(size, self.size(), self.devicePixelRatioF(), self._zoom)

    @property
    def _size(self) -> QSize | None:
        """The picture's size after rotation."""
        video = self._camera.recording.video if self._camera.recording is not None else None
        if video is None:
            return None
        look = self._session.cameras.look_of(self._camera)
        return shown_size(QSize(video.width, video.height), look.orientation)

    def reset_zoom(self) -> None:
        """Show the whole picture again."""
        self._set_zoom(Zoom())

    def arrange(self) -> None:
        """Request frames in the painted size, after a change of size, rotation or zoom."""
        size = self._size
        if size is not None:
            ratio, look = self.devicePixelRatioF(), self._session.cameras.look_of(self._camera)
            asked = shown_size(decoded_size(size, self.picture_area, ratio, self._zoom), look.orientation)
            self._camera.set_size(asked.width(), asked.height())
        self._reset.setVisible(self._zoom.active)
        self._reset.setText(f"{self._zoom.factor:.1f}×  show all")
        self._reset.adjustSize()
        self._reset.move(self.width() - self._reset.width() - 6, 6)
        self.update()

    def _set_zoom(self, zoom: Zoom) -> None:
        self._zoom = zoom
        self.arrange()

    # events of Qt

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._session.appearance.theme
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.stage))
        if self._camera.image is not None:
            self._paint_picture(painter)
            return
        painter.setPen(QColor(theme.muted))
        painter.setFont(small_font())
        middle = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(self.rect().adjusted(8, 4, -8, -4), int(middle), plain(self._camera.words, 300))

    def _paint_picture(self, painter: QPainter) -> None:
        image, area, ratio = self._camera.image, self.picture_area, self.devicePixelRatioF()
        if image is None or area.isEmpty():
            return
        image = self._developer.developed(image, self._session.cameras.look_of(self._camera))
        device = QRectF(area.left() * ratio, area.top() * ratio, area.width() * ratio, area.height() * ratio)
        painter.scale(1 / ratio, 1 / ratio)  # device pixels, so that a frame of the asked size is copied
        if image.size() == device.size().toSize():
            painter.drawImage(device.topLeft(), image)
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(device, image)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.arrange()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self.arrange()
        return super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned, area = event.angleDelta().y(), self.picture_area
        if not turned or area.isEmpty():
            event.ignore()
            return
        factor = 2.0 ** (turned / _WHEEL_PER_DOUBLING)
        self._set_zoom(zoomed_at(self._zoom, factor, event.position(), area, self.size()))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._press, self._moved = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._press is None:
            return
        moved = event.position() - self._press
        if not self._moved and moved.manhattanLength() < QApplication.startDragDistance():
            return
        self._moved = True
        if self._zoom.active:
            self._press = event.position()
            self._set_zoom(panned_by(self._zoom, moved, self.picture_area, self.size()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        pressed, self._press = self._press, None
        if pressed is not None and not self._moved:
            self.clicked.emit()
