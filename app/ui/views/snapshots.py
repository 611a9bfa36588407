"""The frame on screen as a picture file: in full size, with all that is shown over it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject
from PySide6.QtGui import QGuiApplication, QImage

from app.core.atomic import write_atomically
from app.core.errors import UserError
from app.core.exports import exporting_to
from app.core.timeline.clock_text import clock
from app.ui.session.background import Background
from app.ui.session.session import Session

if TYPE_CHECKING:
    from app.core.recording.recording import Recording

Use = Callable[[QImage], None]


class Snapshots(QObject):
    """Decodes the frame in a background thread, paints it, and hands it on."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._work = Background("snapshot", self)
        self._use: Use | None = None
        self._seconds = 0.0
        self._work.done.connect(self._on_frame)
        self._work.failed.connect(session.status.show_message)
        self._writing = Background("picture file", self)
        self._writing.done.connect(lambda name: session.status.say(f"picture saved as {name}"))
        self._writing.failed.connect(session.status.show_message)

    def copy(self) -> None:
        """Put the frame on the clipboard."""
        self._take(self._to_clipboard)

    def save(self, path: Path) -> None:
        """Write the frame as PNG; the file is whole or not there."""
        self._take(lambda image: self._write(image, path))

    def suggested_words(self) -> str:
        """The end of a file name: the time."""
        return f"{clock(self._session.playback.frame_time).replace(':', '-')}.png"

    def close(self) -> None:
        """Returns when everything has ended."""
        self._work.close()
        self._writing.close()

    def _take(self, use: Use) -> None:
        recording = self._session.opened.recording
        if recording is None or recording.video is None or self._session.playback.frame_number < 0:
            self._session.status.say("there is no picture")
            return
        self._use, self._seconds = use, self._session.playback.frame_time
        seconds = self._seconds
        self._work.start(lambda _task: _frame(recording, seconds))

    def _on_frame(self, image: object) -> None:
        use, self._use = self._use, None
        if use is None or not isinstance(image, QImage):
            return
        from app.ui.views.picture_paint import snapshot

        use(snapshot(image, self._session, self._seconds))

    def _to_clipboard(self, image: QImage) -> None:
        QGuiApplication.clipboard().setImage(image)
        self._session.status.say("picture copied")

    def _write(self, image: QImage, path: Path) -> None:
        def write() -> str:
            with exporting_to(path.parent):
                write_atomically(path, png(image))
            return path.name

        self._writing.start(lambda _task: write())


def png(image: QImage) -> bytes:
    """The image as the bytes of a PNG file."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not image.save(buffer, "PNG"):  # type: ignore[call-overload]  # the stubs want the format as bytes
        raise UserError("The picture could not be made into a PNG file.")
    return bytes(data.data())


def _frame(recording: Recording, seconds: float) -> QImage:
    from app.core.recording.frames import FrameReader

    with FrameReader(recording, pixel_format="bgra") as reader:
        frame = reader.frame_at(seconds)
    height, width = frame.image.shape[:2]
    image = QImage(frame.image.data, width, height, frame.image.strides[0], QImage.Format.Format_RGB32)
    return image.copy()
