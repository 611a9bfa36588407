"""The preview of a recording while it is being opened."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtGui import QImage

from app.core.errors import UserError


@dataclass(frozen=True, slots=True, eq=False)
class PreviewFrame:
    """The first picture of a recording that is still being opened; `size` is that of its whole picture."""

    path: Path
    image: QImage
    size: tuple[int, int]


def preview_frame(path: Path, box: tuple[int, int]) -> PreviewFrame | None:
    """The first picture of a recording that has never been opened, within `box` pixels.

    None of one that opens in a moment anyway, and where there is none to be had: opening then says why. It
    reads the file, so it is not for the GUI thread.
    """
    from app.core.recording.first_picture import first_picture
    from app.core.recording.probe import is_known

    if is_known(path):
        return None
    try:
        found = first_picture(path, box)
    except UserError:
        return None
    if found is None:
        return None
    height, width = found.image.shape[:2]
    image = QImage(found.image.data, width, height, found.image.strides[0], QImage.Format.Format_RGB32)
    # The copy owns its pixels, so it may outlive what was decoded.
    return PreviewFrame(path, image.copy(), found.size)
