"""The picture: letterboxed and crisp, the pose over it, the patient's box drawn with the mouse."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from app.core.jobs import Progress
from app.ui.session import Changed, Session
from app.ui.views.focus_ring import by_keyboard, paint_ring
from app.ui.views.overlay import (
    area_box,
    box_area,
    fresh_row,
    missing,
    paint_box,
    paint_note,
    paint_pose,
)
from app.ui.views.picture_fit import Zoom, decoded_size, fitted, panned_by, zoomed_at

_REPAINTS = (
    Changed.FRAME | Changed.POSE | Changed.OVERLAY | Changed.PATIENT | Changed.THEME | Changed.RECORDING
)
_WHEEL_PER_DOUBLING = 360.0
_INVITATION = "Open a recording, or drop a file here"


class VideoView(QWidget):
    """The frame on screen. The wheel zooms, a drag moves a zoomed picture; a click does nothing.

    The window decides what `open_requested`, `demo_requested` and `full_screen_requested` do.
    """

    open_requested = Signal()
    demo_requested = Signal()
    full_screen_requested = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._zoom = Zoom()
        self._asked = QSize()
        self._drag: QPointF | None = None
        self._ring = False
        self._band: QRectF | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(240, 160)
        self.setAccessibleName("Picture")
        self._empty = _EmptyState(self)
        self._empty.open_button.clicked.connect(self.open_requested)
        self._empty.demo_button.clicked.connect(self.demo_requested)
        self._reset = QToolButton(self)
        self._reset.setToolTip("Show the whole picture")
        self._reset.clicked.connect(self.reset_zoom)
        self._reset.hide()
        session.changed.connect(self._on_changed)
        self._empty.show_work(session.work)
        self._arrange()

    def sizeHint(self) -> QSize:
        return QSize(640, 360)

    def reset_zoom(self) -> None:
        """Show the whole picture again."""
        self._set_zoom(Zoom())

    # what is where

    @property
    def picture_size(self) -> QSize | None:
        """The displayed size of the recording's picture; None without one."""
        recording = self._session.recording
        if recording is None or recording.video is None:
            return None
        return QSize(recording.video.width, recording.video.height)

    @property
    def picture_area(self) -> QRectF:
        """Where the whole frame lies in the view; empty without a picture."""
        size = self.picture_size
        if size is None:
            return QRectF()
        return fitted(size, self.size(), self.devicePixelRatioF(), self._zoom)

    # the session

    def _on_changed(self, changed: Changed) -> None:
        if changed & Changed.RECORDING:
            self._zoom = Zoom()
            self._asked = QSize()
            self._arrange()
        if changed & Changed.PATIENT:
            self._begin_or_end_drawing()
        if changed & (Changed.WORK | Changed.RECORDING):
            self._empty.show_work(self._session.work)
        if changed & Changed.THEME:
            self._empty.recolour(self._session.theme.muted)
        if changed & _REPAINTS:
            self.update()

    def _begin_or_end_drawing(self) -> None:
        drawing = self._session.drawing_patient
        self._band = None
        self.setCursor(Qt.CursorShape.CrossCursor if drawing else Qt.CursorShape.ArrowCursor)
        if drawing:
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _arrange(self) -> None:
        """Lay out what depends on the view's size, and ask for frames of the size that is painted."""
        self._empty.setVisible(self._session.recording is None)
        self._empty.setGeometry(self.rect())
        self._reset.setVisible(self._zoom.active)
        self._reset.setText(f"{self._zoom.factor:.1f}×  show all")
        self._reset.adjustSize()
        self._reset.move(self.width() - self._reset.width() - 10, 10)
        size = self.picture_size
        if size is None:
            return
        asked = decoded_size(size, self.picture_area, self.devicePixelRatioF(), self._zoom)
        if asked != self._asked:
            self._asked = asked
            self._session.set_picture_size(asked.width(), asked.height())

    def _set_zoom(self, zoom: Zoom) -> None:
        self._zoom = zoom
        self._arrange()
        self.update()

    # painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._session.theme.stage))
        area = self.picture_area
        if area.isEmpty():
            self._paint_words(painter)
            return
        self._paint_frame(painter, area)
        self._paint_overlay(painter, area)
        self._paint_patient(painter, area)
        if self._ring:
            paint_ring(painter, self, self._session.theme)

    def _paint_words(self, painter: QPainter) -> None:
        if self._session.recording is not None:
            painter.setPen(QColor(self._session.theme.muted))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "No picture in this recording")

    def _paint_frame(self, painter: QPainter, area: QRectF) -> None:
        image = self._session.image
        if image is None or image.isNull():
            return
        ratio = self.devicePixelRatioF()
        device = QRectF(area.left() * ratio, area.top() * ratio, area.width() * ratio, area.height() * ratio)
        painter.save()
        painter.scale(1 / ratio, 1 / ratio)  # device pixels, so that a frame of the asked size is copied
        if image.size() == device.size().toSize():
            painter.drawImage(device.topLeft(), image)
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(device, image)
        painter.restore()

    def _paint_overlay(self, painter: QPainter, area: QRectF) -> None:
        track, overlay = self._session.pose, self._session.overlay
        row = fresh_row(track, self._session.frame_time)
        if track is None or row is None or self._session.image is None:
            return
        painter.save()
        painter.setClipRect(area)
        paint_pose(painter, area, track, row, overlay)
        painter.restore()
        words = missing(track, row, overlay)
        if words and not self._session.drawing_patient:
            paint_note(painter, area & QRectF(self.rect()), words)

    def _paint_patient(self, painter: QPainter, area: QRectF) -> None:
        session = self._session
        if self._band is not None:
            self._paint_band(painter, area, self._band & area)
        elif session.patient is not None and (session.drawing_patient or session.overlay.skeleton):
            paint_box(painter, box_area(session.patient, area), "patient")
        if session.drawing_patient:
            words = "Drag a box round the patient · Esc to leave it"
            paint_note(painter, area & QRectF(self.rect()), words)

    def _paint_band(self, painter: QPainter, area: QRectF, band: QRectF) -> None:
        """Darken everything but the box while it is drawn."""
        shade = QColor(0, 0, 0, 110)
        for part in (
            QRectF(area.left(), area.top(), area.width(), band.top() - area.top()),
            QRectF(area.left(), band.bottom(), area.width(), area.bottom() - band.bottom()),
            QRectF(area.left(), band.top(), band.left() - area.left(), band.height()),
            QRectF(band.right(), band.top(), area.right() - band.right(), band.height()),
        ):
            painter.fillRect(part, shade)
        paint_box(painter, band, "patient")

    # events of Qt

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._ring = by_keyboard(event)
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._ring = False
        super().focusOutEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._arrange()
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
            and self._session.drawing_patient
        ):
            event.accept()  # while a box is drawn, Esc is ours and no action's
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._session.drawing_patient:
            self._drag = self._band = None
            self._session.draw_patient(False)
        else:
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self.picture_area.isEmpty():
            return
        self._drag = event.position()
        if self._session.drawing_patient:
            self._band = QRectF(self._drag, self._drag)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag is None:
            return
        position = event.position()
        if self._band is not None:
            self._band = QRectF(self._drag, position).normalized()
            self.update()
        elif self._zoom.active:
            moved = position - self._drag
            self._drag = position
            self._set_zoom(panned_by(self._zoom, moved, self.picture_area, self.size()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        band, self._band, self._drag = self._band, None, None
        if band is not None:
            box = area_box(band, self.picture_area)
            if box is not None:
                self._session.set_patient(box)
            self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        drawing = self._session.drawing_patient
        if event.button() == Qt.MouseButton.LeftButton and self.picture_size is not None and not drawing:
            self.full_screen_requested.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta().y()
        if not turned or self.picture_area.isEmpty():
            event.ignore()
            return
        factor = 2.0 ** (turned / _WHEEL_PER_DOUBLING)
        area = self.picture_area
        self._set_zoom(zoomed_at(self._zoom, factor, event.position(), area, self.size()))
        event.accept()


class _EmptyState(QWidget):
    """What to do when nothing is open, or what is being done about it."""

    def __init__(self, parent: VideoView) -> None:
        super().__init__(parent)
        self._words = QLabel(_INVITATION)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.open_button = QPushButton("Open a recording…")
        self.demo_button = QPushButton("Open the demonstration")
        self.demo_button.setToolTip("A generated patient whose semiology is known exactly")
        buttons = QHBoxLayout()
        buttons.addStretch()
        buttons.addWidget(self.open_button)
        buttons.addWidget(self.demo_button)
        buttons.addStretch()
        column = QVBoxLayout(self)
        column.setSpacing(16)
        column.addStretch()
        column.addWidget(self._words)
        column.addLayout(buttons)
        column.addStretch()
        self.recolour(parent._session.theme.muted)

    def show_work(self, work: Progress | None) -> None:
        """Say what runs and how far it is; without work, invite."""
        self.open_button.setVisible(work is None)
        self.demo_button.setVisible(work is None)
        self._words.setText(_INVITATION if work is None else f"{work.what} … {work.done:.0%}")

    def recolour(self, colour: str) -> None:
        palette = self._words.palette()
        palette.setColor(self._words.foregroundRole(), QColor(colour))
        self._words.setPalette(palette)
