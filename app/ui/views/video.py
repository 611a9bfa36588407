"""The picture: letterboxed and crisp, the pose over it, the patient's box drawn with the mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
from PySide6.QtWidgets import QToolButton, QWidget

from app.core.recording.presentation import Aim, Presentation
from app.ui.session.session import Session
from app.ui.views.developing import Developer, shown_area, shown_size
from app.ui.views.empty_state import EmptyState
from app.ui.views.focus_ring import by_keyboard, paint_ring
from app.ui.views.inset import inset_area, inset_side, paint_inset
from app.ui.views.picture_fit import Zoom, decoded_size, fitted, panned_by, zoomed_at, zoomed_to
from app.ui.views.picture_words import gap_words, not_found_words, opening_words

if TYPE_CHECKING:
    from app.ui.views.aim import Path, Paths

_WHEEL_PER_DOUBLING = 360.0


class VideoView(QWidget):
    """The frame on screen. The wheel zooms, a drag moves a zoomed picture; a click does nothing.

    The window decides what `full_screen_requested` does.
    """

    full_screen_requested = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._zoom = Zoom()
        self._aim = Aim.WHOLE
        self._paths: Paths | None = None
        self._developer = Developer()
        self._asked = QSize()
        self._drag: QPointF | None = None
        self._ring = False
        self._band: QRectF | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(240, 160)
        self.setAccessibleName("Picture")
        self._empty = EmptyState(session.appearance.theme.muted, self)
        self._reset = QToolButton(self)
        self._reset.setToolTip("Show the whole picture")
        self._reset.clicked.connect(self.reset_zoom)
        self._reset.hide()
        session.picture.presentation_changed.connect(self._on_presentation)
        session.picture.overlay_changed.connect(self.update)
        session.playback.frame_shown.connect(self._on_frame)
        session.playback.moved.connect(self._on_moved)
        session.analysis.pose_found.connect(self._on_pose)
        session.analysis.work_changed.connect(self._on_work)
        session.patient.changed.connect(self.update)
        session.patient.drawing_changed.connect(self._on_drawing)
        session.opened.recording_changed.connect(self._on_recording)
        session.appearance.theme_changed.connect(self._recolour)
        self._empty.show_work(session.analysis.work)
        self._arrange()

    def sizeHint(self) -> QSize:
        return QSize(640, 360)

    def reset_zoom(self) -> None:
        """Show the whole picture again."""
        self._session.picture.aim(Aim.WHOLE)
        self._set_zoom(Zoom())

    # what is where

    @property
    def _presentation(self) -> Presentation:
        return self._session.picture.presentation

    @property
    def picture_size(self) -> QSize | None:
        """The size of the recording's picture after rotation; None without one."""
        stored = self._stored_size
        return None if stored is None else shown_size(stored, self._presentation.orientation)

    @property
    def _stored_size(self) -> QSize | None:
        recording, preview = self._session.opened.recording, self._session.opened.preview
        if preview is not None:
            return QSize(*preview.size)
        if recording is None or recording.video is None:
            return None
        return QSize(recording.video.width, recording.video.height)

    @property
    def picture_area(self) -> QRectF:
        """The area of the whole frame in the view; empty without a picture."""
        size = self.picture_size
        if size is None:
            return QRectF()
        return fitted(size, self.size(), self.devicePixelRatioF(), self._zoom)

    def _path(self, aim: Aim) -> Path | None:
        """The path of the zoom target; None while it has not been found."""
        track = self._session.analysis.pose
        if track is None or aim is Aim.WHOLE:
            return None
        from app.ui.views.aim import Paths

        if self._paths is None or self._paths.track is not track:
            self._paths = Paths(track)
        return self._paths.face if aim is Aim.FACE else self._paths.body

    def _aimed(self, aim: Aim) -> QRectF | None:
        """The present place of the target, in shares of the shown picture."""
        path, stored = self._path(aim), self._stored_size
        if path is None or stored is None:
            return None
        return shown_area(
            path.area(self._session.playback.frame_time),
            stored,
            self._presentation.orientation,
        )

    # the session

    def _on_presentation(self) -> None:
        self._take_presentation()
        self._follow()
        self.update()

    def _on_frame(self) -> None:
        self._follow()
        if self._session.opened.preview is not None:
            self._arrange()
        self.update()

    def _on_moved(self) -> None:
        recording = self._session.opened.recording
        if recording is not None and recording.gaps:
            self.update()  # the frame stays the same in a gap, the note on it does not

    def _on_pose(self) -> None:
        self._follow()
        if self._presentation.inset:
            self._arrange()
        self.update()

    def _on_work(self) -> None:
        self._empty.show_work(self._session.analysis.work)
        if self._session.opened.preview is not None:
            self._arrange()
            self.update()

    def _on_recording(self) -> None:
        self._take_presentation()
        self._zoom = Zoom()
        self._asked = QSize()
        self._arrange()
        self._on_drawing()
        self._on_work()
        self.update()

    def _on_drawing(self) -> None:
        drawing = self._session.patient.drawing
        self._band = None
        self.setCursor(Qt.CursorShape.CrossCursor if drawing else Qt.CursorShape.ArrowCursor)
        if drawing:
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.update()

    def _recolour(self) -> None:
        self._empty.recolour(self._session.appearance.theme.muted)
        self.update()

    def _take_presentation(self) -> None:
        """Turn, mirror, aim; without an aim the whole picture is shown."""
        before, self._aim = self._aim, self._presentation.aim
        if before is not Aim.WHOLE and self._aim is Aim.WHOLE:
            self._zoom = Zoom()
        self._arrange()

    def _follow(self) -> None:
        if self._aim is Aim.WHOLE:
            return
        place, size = self._aimed(self._aim), self.picture_size
        if place is not None and size is not None:
            zoom = zoomed_to(place, size, self.size(), self.devicePixelRatioF())
            if zoom != self._zoom:
                self._set_zoom(zoom)

    def _let_go(self) -> None:
        """The person moves the picture by hand: nothing is followed from then on, what is seen stays."""
        if self._aim is not Aim.WHOLE:
            self._aim = Aim.WHOLE
            self._session.picture.aim(Aim.WHOLE)

    def _arrange(self) -> None:
        """Lay out what depends on the view's size, and ask for frames of the size that is painted."""
        self._empty.setVisible(
            self._session.opened.recording is None and self._session.opened.preview is None
        )
        self._empty.setGeometry(self.rect())
        self._reset.setVisible(self._zoom.active)
        self._reset.setText(f"{self._zoom.factor:.1f}×  show all")
        self._reset.adjustSize()
        self._reset.move(self.width() - self._reset.width() - 10, 10)
        size = self.picture_size
        if size is None:
            return
        asked = decoded_size(size, self.picture_area, self.devicePixelRatioF(), self._zoom)
        asked = shown_size(self._sharp_inset(asked), self._presentation.orientation)
        if asked != self._asked:
            self._asked = asked
            self._session.playback.set_picture_size(asked.width(), asked.height())

    def _sharp_inset(self, asked: QSize) -> QSize:
        """The size to decode with an inset: as many pixels as the magnified face can show."""
        size, path = self.picture_size, self._path(Aim.FACE)
        if not self._presentation.inset or size is None or path is None:
            return asked
        wanted = min(1.0, inset_side(self.size()) * self.devicePixelRatioF() / path.side)
        sharp = QSize(round(size.width() * wanted), round(size.height() * wanted))
        return sharp if sharp.width() > asked.width() else asked

    def _set_zoom(self, zoom: Zoom) -> None:
        self._zoom = zoom
        self._arrange()
        self.update()

    # painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._session.appearance.theme.stage))
        area = self.picture_area
        if area.isEmpty():
            self._paint_words(painter)
        else:
            self._paint_picture(painter, area)

    def _paint_picture(self, painter: QPainter, area: QRectF) -> None:
        from app.ui.views.overlay import paint_note
        from app.ui.views.picture_paint import paint_look_words, paint_overlay

        self._paint_frame(painter, area)
        shown = area & QRectF(self.rect())
        words = ""
        if self._session.playback.image is not None:
            words = paint_overlay(painter, area, self._session, self._session.playback.frame_time)
        self._paint_patient(painter, area)
        self._paint_inset(painter, area)
        paint_look_words(painter, shown, self._presentation)
        words = self._not_found() or opening_words(self._session) or gap_words(self._session) or words
        if words and not self._session.patient.drawing:
            paint_note(painter, shown, words)
        if self._ring:
            paint_ring(painter, self, self._session.appearance.theme)

    def _not_found(self) -> str:
        wanted = Aim.FACE if self._presentation.inset else self._aim
        found = wanted is Aim.WHOLE or self._path(wanted) is not None
        return "" if found else not_found_words(self._session, wanted)

    def _paint_words(self, painter: QPainter) -> None:
        if self._session.opened.recording is not None:
            painter.setPen(QColor(self._session.appearance.theme.muted))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "No picture in this recording")

    def _paint_frame(self, painter: QPainter, area: QRectF) -> None:
        image = self._session.playback.image
        if image is None or image.isNull():
            return
        image = self._developer.developed(image, self._presentation)
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

    def _paint_inset(self, painter: QPainter, area: QRectF) -> None:
        image, face = self._session.playback.image, self._aimed(Aim.FACE)
        if self._presentation.inset and image is not None and face is not None:
            place = inset_area(area, self.size(), self._presentation.corner)
            paint_inset(painter, place, self._developer.developed(image, self._presentation), face)

    def _paint_patient(self, painter: QPainter, area: QRectF) -> None:
        from app.ui.views.overlay import paint_note
        from app.ui.views.picture_paint import paint_band, paint_patient_box

        session = self._session
        if self._band is not None:
            paint_band(painter, area, self._band & area)
        else:
            paint_patient_box(painter, area, session)
        if session.patient.drawing:
            words = "Drag a box around the patient · Esc to leave it"
            paint_note(painter, area & QRectF(self.rect()), words)

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
            and self._session.patient.drawing
        ):
            event.accept()  # while a box is drawn, Esc is ours and no action's
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._session.patient.drawing:
            self._drag = self._band = None
            self._session.patient.draw(False)
        else:
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self.picture_area.isEmpty():
            return
        self._drag = event.position()
        if self._session.patient.drawing:
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
            self._let_go()
            self._set_zoom(panned_by(self._zoom, moved, self.picture_area, self.size()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        band, self._band, self._drag = self._band, None, None
        if band is not None:
            from app.ui.views.overlay import area_box

            box = area_box(band, self.picture_area, self._presentation.orientation)
            if box is not None:
                self._session.patient.set(box)
            self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        drawing = self._session.patient.drawing
        if event.button() == Qt.MouseButton.LeftButton and self.picture_size is not None and not drawing:
            self.full_screen_requested.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta().y()
        if not turned or self.picture_area.isEmpty():
            event.ignore()
            return
        factor = 2.0 ** (turned / _WHEEL_PER_DOUBLING)
        area = self.picture_area
        self._let_go()
        self._set_zoom(zoomed_at(self._zoom, factor, event.position(), area, self.size()))
        event.accept()
