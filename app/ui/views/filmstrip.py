"""The filmstrip: pictures of key frames along the time axis, to find a scene in a long recording."""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QWidget

from app.core.timeline.time_axis import TimeScale
from app.ui.session.session import Session
from app.ui.views.developing import Developer
from app.ui.views.time_panel import TimePanel


class FilmstripView(TimePanel):
    """Each picture stands where its slot of time does; a click goes there, a drag scrubs."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._developer = Developer()
        self._developed: dict[int, tuple[int, QImage]] = {}
        """By the number of the key frame: which picture it was made of, and the picture as it is shown."""
        self.setAccessibleName("Filmstrip")
        self.setAccessibleDescription("Pictures along the time axis. Click to go there.")
        self.setMinimumHeight(40)
        session.analysis.filmstrip.changed.connect(self.refresh)
        session.picture.presentation_changed.connect(self._forget)

    def sizeHint(self) -> QSize:
        return QSize(640, 64)

    def _forget(self) -> None:
        self._developed.clear()
        self.refresh()

    def words(self) -> str:
        """The sentence in place of pictures; "" where there are some, or will be."""
        recording = self.session.opened.recording
        if recording is None:
            return "Pictures of an open recording are shown here over time"
        return (
            "No picture in this recording"
            if recording.video is None
            else self.session.analysis.filmstrip.problem
        )

    def slots(self, scale: TimeScale, height: float) -> list[tuple[float, float]]:
        """(start, end) in seconds of each slot in sight.

        Their length is a power of two, so that a pan or a small zoom asks for the same key frames again.
        """
        video = None if self.session.opened.recording is None else self.session.opened.recording.video
        if video is None or scale.span.duration <= 0:
            return []
        sideways = self.session.picture.presentation.orientation.sideways
        wide, high = (video.height, video.width) if sideways else (video.width, video.height)
        seconds = height * wide / max(high, 1) / scale.pixels_per_second
        length = 2.0 ** math.floor(math.log2(max(seconds, 1e-6)))
        first, last = math.floor(scale.span.start / length), math.ceil(scale.span.end / length)
        return [(number * length, (number + 1) * length) for number in range(first, last)]

    def paint_ground(self, painter: QPainter, size: QSize) -> None:
        scale, words = self.scale_of_time, self.words()
        area = QRectF(scale.left, 0, scale.width, size.height())
        if words:
            whole = self.session.opened.recording is None
            self._paint_empty(painter, QRectF(self.rect()) if whole else area, words)
        else:
            self._paint_pictures(painter, scale, size.height() - 2)
            self._paint_title(painter, "Filmstrip")
        if self.session.opened.recording is not None and self.session.loop.span is not None:
            self._paint_loop(painter, self.session.loop.span, scale, 0, size.height())
        self._paint_focus(painter)

    def _paint_pictures(self, painter: QPainter, scale: TimeScale, height: float) -> None:
        slots = self.slots(scale, height)
        duration = self.session.opened.duration
        moments = [min((start + end) / 2, duration) for start, end in slots]
        painter.save()
        area = QRectF(scale.left, 0, scale.width, height + 2)
        painter.setClipRect(area, Qt.ClipOperation.IntersectClip)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        found = self.session.analysis.filmstrip.pictures(moments)
        for (start, end), (number, image) in zip(slots, found, strict=False):
            box = QRectF(scale.x(start) + 0.5, 1, (end - start) * scale.pixels_per_second - 1, height)
            painter.fillRect(box, QColor(self.theme.stage))
            if image is not None:
                picture = self._as_shown(number, image)
                painter.drawImage(box, picture, _middle(picture, box))
        painter.restore()
        shown = {number for number, _image in found}
        self._developed = {number: one for number, one in self._developed.items() if number in shown}

    def _as_shown(self, number: int, image: QImage) -> QImage:
        """The picture turned and lit as the large one is."""
        known = self._developed.get(number)
        if known is None or known[0] != image.cacheKey():
            shown = self._developer.developed(image, self.session.picture.presentation)
            known = self._developed[number] = (image.cacheKey(), shown.copy())
        return known[1]


def _middle(picture: QImage, box: QRectF) -> QRectF:
    """The part in the middle of a picture that has the shape of a box."""
    scale = min(picture.width() / max(box.width(), 1e-6), picture.height() / max(box.height(), 1e-6))
    wide, high = box.width() * scale, box.height() * scale
    return QRectF((picture.width() - wide) / 2, (picture.height() - high) / 2, wide, high)
