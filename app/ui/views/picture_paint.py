"""Everything that is painted over a frame, on the screen and in a snapshot alike."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter

from app.core.recording.presentation import Presentation
from app.ui.session.session import Session
from app.ui.views.developing import Developer
from app.ui.views.overlay import (
    box_area,
    fresh_row,
    missing,
    paint_box,
    paint_heading,
    paint_note,
    paint_pose,
)

MIRRORED = "Mirrored"
LIGHT_CHANGED = "brightness changed"


def paint_overlay(painter: QPainter, area: QRectF, session: Session, seconds: float) -> str:
    """Paint the pose of the frame at `seconds` over the whole frame at `area`; gives what is missing."""
    track, overlay = session.analysis.pose, session.picture.overlay
    row = fresh_row(track, seconds)
    if track is None or row is None:
        return ""
    painter.save()
    painter.setClipRect(area)
    paint_pose(painter, area, track, row, overlay, orientation=session.picture.presentation.orientation)
    painter.restore()
    return missing(track, row, overlay)


def paint_patient_box(painter: QPainter, area: QRectF, session: Session) -> None:
    patient, picture = session.patient, session.picture
    if patient.box is not None and (patient.drawing or picture.overlay.skeleton):
        paint_box(painter, box_area(patient.box, area, picture.presentation.orientation), "patient")


def paint_look_words(painter: QPainter, area: QRectF, look: Presentation) -> None:
    """Say in the picture that it is not as recorded."""
    words = look_words(look)
    if words:
        paint_heading(painter, area, words)


def look_words(look: Presentation) -> str:
    """What a person must know of how the picture is shown; empty when it is as recorded."""
    parts = [MIRRORED] if look.orientation.mirrored else []
    if look.orientation.quarters:
        parts.append(f"rotated {90 * look.orientation.quarters}°")
    if not look.tone.plain:
        parts.append(LIGHT_CHANGED)
    words = " · ".join(parts)
    return words[:1].upper() + words[1:]


def hidden_snapshot(image: QImage, look: Presentation) -> QImage:
    """A frame in which nobody can be recognised, as `look` shows it; nothing of a face is drawn over it."""
    result = _shown(image, look)
    painter = QPainter(result)
    paint_look_words(painter, _whole(result), look)
    painter.end()
    return result


def snapshot(image: QImage, session: Session, seconds: float) -> QImage:
    """The frame at `seconds` with all that is shown over it, in the size of `image`."""
    presentation = session.picture.presentation
    result = _shown(image, presentation)
    area = _whole(result)
    painter = QPainter(result)
    words = paint_overlay(painter, area, session, seconds)
    if words:
        paint_note(painter, area, words)
    paint_patient_box(painter, area, session)
    paint_look_words(painter, area, presentation)
    painter.end()
    return result


def _shown(image: QImage, look: Presentation) -> QImage:
    """A copy of the frame as it is shown, to be painted over."""
    return Developer().developed(image, look).convertToFormat(QImage.Format.Format_RGB32).copy()


def _whole(image: QImage) -> QRectF:
    return QRectF(QPoint(0, 0), QSize(image.size()))


def paint_band(painter: QPainter, area: QRectF, band: QRectF) -> None:
    """Darken everything but the patient's box while it is drawn."""
    shade = QColor(0, 0, 0, 110)
    for part in (
        QRectF(area.left(), area.top(), area.width(), band.top() - area.top()),
        QRectF(area.left(), band.bottom(), area.width(), area.bottom() - band.bottom()),
        QRectF(area.left(), band.top(), band.left() - area.left(), band.height()),
        QRectF(band.right(), band.top(), area.right() - band.right(), band.height()),
    ):
        painter.fillRect(part, shade)
    paint_box(painter, band, "patient")
