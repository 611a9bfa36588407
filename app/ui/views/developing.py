"""From the stored frame to the displayed picture: tone, rotation, mirroring."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QTransform

from app.core.recording.presentation import Orientation, Presentation
from app.ui.views.tone import ToneCurve


class Developer:
    """Develops frames; painting the same one again costs nothing."""

    def __init__(self) -> None:
        self._curve = ToneCurve()
        self._from: QImage | None = None
        self._orientation = Orientation()
        self._developed: QImage | None = None

    def developed(self, image: QImage, look: Presentation) -> QImage:
        """The image as `look` shows it; the same image when it is as recorded."""
        toned = self._curve.apply(image, look.tone)
        if look.orientation.upright:
            self._from = self._developed = None
            return toned
        if self._from is not toned or self._orientation != look.orientation or self._developed is None:
            self._from, self._orientation = toned, look.orientation
            self._developed = oriented(toned, look.orientation)
        return self._developed


def oriented(image: QImage, orientation: Orientation) -> QImage:
    """The image rotated and mirrored."""
    if orientation.quarters:
        image = image.transformed(QTransform().rotate(90.0 * orientation.quarters))
    return image.flipped(Qt.Orientation.Horizontal) if orientation.mirrored else image


def shown_size(stored: QSize, orientation: Orientation) -> QSize:
    """The size of a picture after rotation."""
    return stored.transposed() if orientation.sideways else stored


def shown_area(area: QRectF, stored: QSize, orientation: Orientation) -> QRectF:
    """The displayed place of an area in pixels of the stored picture, in shares of the displayed picture."""
    import numpy as np

    size = (stored.width(), stored.height())
    corners = np.array([[area.left(), area.top()], [area.right(), area.bottom()]]) / size
    placed = orientation.shown(corners)
    (left, top), (right, bottom) = placed.min(axis=0).tolist(), placed.max(axis=0).tolist()
    return QRectF(left, top, right - left, bottom - top)
