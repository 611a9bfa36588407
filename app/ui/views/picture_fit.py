"""The area of the picture in its view: letterboxed, zoomed, on whole device pixels."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF

LARGEST_ZOOM = 8.0


@dataclass(frozen=True, slots=True)
class Zoom:
    """The factor over fitting, and the place of the picture (shares) in the middle of the view."""

    factor: float = 1.0
    middle: QPointF = field(default_factory=lambda: QPointF(0.5, 0.5))

    @property
    def active(self) -> bool:
        return self.factor > 1.0


def fitted(picture: QSize, view: QSize, ratio: float, zoom: Zoom) -> QRectF:
    """The picture's rectangle in the view, in device-independent pixels on whole device pixels.

    `ratio` is the number of device pixels to one of the view's. The picture keeps its shape and,
    without zoom, is as large as fits.
    """
    across, down = view.width() * ratio, view.height() * ratio
    scale = min(across / max(1, picture.width()), down / max(1, picture.height())) * zoom.factor
    size = QSizeF(max(1, round(picture.width() * scale)), max(1, round(picture.height() * scale)))
    left = _kept(across / 2 - zoom.middle.x() * size.width(), size.width(), across)
    top = _kept(down / 2 - zoom.middle.y() * size.height(), size.height(), down)
    return QRectF(left / ratio, top / ratio, size.width() / ratio, size.height() / ratio)


def _kept(start: float, length: float, room: float) -> int:
    """No edge of a picture that is larger than the view comes inside it; a smaller one is in the middle."""
    return round((room - length) / 2 if length <= room else min(0.0, max(start, room - length)))


def zoomed_at(zoom: Zoom, factor: float, place: QPointF, picture: QRectF, view: QSize) -> Zoom:
    """The zoom times `factor`, with the `place` of the view staying over the same part of the picture."""
    target = min(max(zoom.factor * factor, 1.0), LARGEST_ZOOM)
    if target <= 1.0:
        return Zoom()
    grown = target / zoom.factor
    share = _share(place, picture)
    middle = QPointF(view.width() / 2, view.height() / 2)
    shift = QPointF(
        (middle.x() - place.x()) / (picture.width() * grown),
        (middle.y() - place.y()) / (picture.height() * grown),
    )
    return Zoom(target, share + shift)


def zoomed_to(place: QRectF, picture: QSize, view: QSize, ratio: float) -> Zoom:
    """The zoom at which `place` (shares of the picture) fills the view, its middle in the middle."""
    whole = fitted(picture, view, ratio, Zoom())
    across = view.width() / max(1e-6, place.width() * whole.width())
    down = view.height() / max(1e-6, place.height() * whole.height())
    factor = min(max(min(across, down), 1.0), LARGEST_ZOOM)
    return Zoom(factor, place.center()) if factor > 1.0 else Zoom()


def panned_by(zoom: Zoom, pixels: QPointF, picture: QRectF, view: QSize) -> Zoom:
    """Move a zoomed picture by `pixels` of the view."""
    middle = _share(QPointF(view.width() / 2, view.height() / 2) - pixels, picture)
    return Zoom(zoom.factor, middle)


def _share(place: QPointF, picture: QRectF) -> QPointF:
    return QPointF(
        (place.x() - picture.left()) / picture.width(), (place.y() - picture.top()) / picture.height()
    )


def decoded_size(picture: QSize, shown: QRectF, ratio: float, zoom: Zoom) -> QSize:
    """The size in device pixels worth decoding: as painted, but a zoomed picture not beyond its own."""
    across = shown.width() * ratio
    limit = max(float(picture.width()), across / zoom.factor)
    shrink = min(1.0, limit / across)
    return QSize(round(across * shrink), round(shown.height() * ratio * shrink))
