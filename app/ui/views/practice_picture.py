"""The picture of the clip that is practised."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.ui.session.appearance import WindowAppearance
from app.ui.session.practice_clip import PracticeClip
from app.ui.views.focus_ring import by_keyboard, paint_ring
from app.ui.views.picture_fit import Zoom, decoded_size, fitted


class PracticePicture(QWidget):
    """Shows the frame of the clip, as large as fits; a click plays or pauses."""

    clicked = Signal()

    def __init__(self, clip: PracticeClip, appearance: WindowAppearance) -> None:
        super().__init__()
        self._clip = clip
        self._appearance = appearance
        self._ringed = False
        self.setMinimumSize(240, 160)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Picture of the recording")
        clip.playback.frame_shown.connect(self.update)
        clip.opened.recording_changed.connect(self._arrange)

    def sizeHint(self) -> QSize:
        return QSize(720, 420)

    @property
    def picture_area(self) -> QRectF:
        """Where the picture is painted; empty without one."""
        size = self._size
        return QRectF() if size is None else fitted(size, self.size(), self.devicePixelRatioF(), Zoom())

    @property
    def _size(self) -> QSize | None:
        recording = self._clip.opened.recording
        video = recording.video if recording is not None else None
        return QSize(video.width, video.height) if video is not None else None

    def _arrange(self) -> None:
        """Request frames in the painted size."""
        size = self._size
        if size is not None:
            asked = decoded_size(size, self.picture_area, self.devicePixelRatioF(), Zoom())
            self._clip.playback.set_picture_size(asked.width(), asked.height())
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._appearance.theme.stage))
        image, area = self._clip.playback.image, self.picture_area
        if image is not None and not area.isEmpty():
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(area, image)
        if self._ringed:
            paint_ring(painter, self, self._appearance.theme)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._ringed = by_keyboard(event)
        self.update()

    def focusOutEvent(self, _event: QFocusEvent) -> None:
        self._ringed = False
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._arrange()
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit()
