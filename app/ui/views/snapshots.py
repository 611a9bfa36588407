"""The frame on screen as a picture, in full size: with nobody who can be recognised, or as recorded."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject
from PySide6.QtGui import QGuiApplication, QImage

from app.core.atomic import write_atomically
from app.core.deidentify.drawn_covers import covered_with
from app.core.errors import UserError
from app.core.exports import exporting_to
from app.core.jobs import Task
from app.core.recording.presentation import Presentation
from app.core.timeline.clock_text import clock
from app.ui.session.background import Background
from app.ui.session.session import Session

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from app.core.enhance.pose_track import PoseTrack
    from app.core.picture_box import Box
    from app.core.recording.recording import Recording
    from app.core.study.access import StudyAccess

HIDDEN = "Picture {}; people and text are covered"
COARSE = "Picture {}; all of it is coarse, because it is not certain where the patient or another face is"
RECORDED = "Picture {} as recorded: people can be recognised"


@dataclass(frozen=True, slots=True)
class _SnapshotOrder:
    """A frame of a recording (its fingerprint) that is wanted, how it was shown then, and where it goes: to
    the file at `path`, else to the clipboard."""

    fingerprint: str
    seconds: float
    look: Presentation
    path: Path | None
    as_recorded: bool


@dataclass(frozen=True, slots=True)
class _TakenFrame:
    """The frame, and whether all of it had to be coarse."""

    image: QImage
    whole: bool = False


class Snapshots(QObject):
    """Takes the frame on screen in a background thread, one at a time, and hands it on: so that nobody can be
    recognised in it, or as recorded."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.work = Background("snapshot", self)
        """Finds what is to be covered, which takes some seconds; can be cancelled."""
        self._order: _SnapshotOrder | None = None
        self.work.done.connect(self._on_frame)
        self.work.failed.connect(self._on_failed)
        self.work.ended.connect(self._on_ended)
        self._writing = Background("picture file", self)
        self._writing.done.connect(session.status.say)
        self._writing.failed.connect(session.status.show_message)
        session.opened.recording_changed.connect(self._leave_recording)

    def copy(self, *, as_recorded: bool = False) -> None:
        """Put the frame on the clipboard."""
        self._take(None, as_recorded)

    def save(self, path: Path, *, as_recorded: bool = False) -> None:
        """Write the frame as PNG; the file is whole or not there."""
        self._take(path, as_recorded)

    def suggested_words(self, *, as_recorded: bool = False) -> str:
        """The end of a file name: what it is and the time."""
        time = clock(self._session.playback.frame_time).replace(":", "-")
        return f"{time}.png" if as_recorded else f"hidden picture {time}.png"

    def close(self) -> None:
        """Returns when everything has ended."""
        self.work.close()
        self._writing.close()

    def _take(self, path: Path | None, as_recorded: bool) -> None:
        recording = self._session.opened.recording
        if recording is None or recording.video is None or self._session.playback.frame_number < 0:
            self._session.status.say("there is no picture")
            return
        if self.work.running:
            self._session.status.say("the picture before this one is still being made")
            return
        access = self._session.study.access()
        if access is None and self._session.study.folder is not None and not as_recorded:
            self._session.status.say("say who reads first; then the places to cover can be read")
            return
        seconds, look = self._session.playback.frame_time, self._session.picture.presentation
        self._order = _SnapshotOrder(recording.fingerprint, seconds, look, path, as_recorded)
        if as_recorded:
            self.work.start(lambda _task: _recorded(recording, seconds))
        else:
            self.work.start(
                partial(
                    _hidden,
                    recording,
                    seconds,
                    _ToHide(self._session.analysis.pose, access, self._drawn(recording)),
                )
            )

    def _drawn(self, recording: Recording) -> tuple[Box, ...]:
        """The places that were drawn in this window and that its study cannot keep."""
        study = self._session.study
        if study.folder is not None and not study.read_only:
            return ()
        return self._session.picture.drawn_covers.drawn(study.folder, recording)

    def _on_frame(self, taken: object) -> None:
        order, self._order = self._order, None
        if order is None or not isinstance(taken, _TakenFrame):
            return
        from app.ui.views.picture_paint import hidden_snapshot, snapshot

        if order.as_recorded:
            image = snapshot(taken.image, self._session, order.seconds)
        else:
            image = hidden_snapshot(taken.image, order.look)
        said = RECORDED if order.as_recorded else COARSE if taken.whole else HIDDEN
        if order.path is None:
            QGuiApplication.clipboard().setImage(image)
            self._session.status.say(said.format("copied"))
        else:
            self._write(image, order.path, said)

    def _on_failed(self, sentence: str) -> None:
        self._order = None
        self._session.status.show_message(sentence)

    def _on_ended(self) -> None:
        if self._order is not None:
            self._order = None
            self._session.status.say("no picture was made")

    def _leave_recording(self) -> None:
        """Make no picture of a recording after another one, perhaps of somebody else, has taken its place."""
        recording = self._session.opened.recording
        if self._order is not None and (
            recording is None or recording.fingerprint != self._order.fingerprint
        ):
            self.work.cancel()

    def _write(self, image: QImage, path: Path, said: str) -> None:
        def write() -> str:
            with exporting_to(path.parent):
                write_atomically(path, png(image))
            return said.format(f"saved as {path.name}")

        self._writing.start(lambda _task: write())


def png(image: QImage) -> bytes:
    """The image as the bytes of a PNG file."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not image.save(buffer, "PNG"):  # type: ignore[call-overload]  # the stubs want the format as bytes
        raise UserError("The picture could not be made into a PNG file.")
    return bytes(data.data())


@dataclass(frozen=True, slots=True)
class _ToHide:
    """What a frame is hidden with: the patient's track, the study that keeps places to cover, and those that
    were drawn besides."""

    track: PoseTrack | None
    access: StudyAccess | None
    drawn: tuple[Box, ...]


def _hidden(recording: Recording, seconds: float, known: _ToHide, task: Task) -> _TakenFrame:
    from app.core.hiding.hidden_frames import HiddenFrames

    stored = () if known.access is None else known.access.places_to_cover(recording.picture_key)
    with HiddenFrames(recording, known.track, covered_with(known.drawn, stored)) as frames:
        made = frames.at(seconds, report=task.report, cancel=task.cancel).picture
    return _TakenFrame(_image(made.image, QImage.Format.Format_BGR888), made.whole)


def _recorded(recording: Recording, seconds: float) -> _TakenFrame:
    from app.core.recording.frames import FrameReader

    with FrameReader(recording, pixel_format="bgra") as reader:
        return _TakenFrame(_image(reader.frame_at(seconds).image, QImage.Format.Format_RGB32))


def _image(pixels: NDArray[np.uint8], form: QImage.Format) -> QImage:
    height, width = pixels.shape[:2]
    return (
        QImage(pixels.data, width, height, pixels.strides[0], form)
        .convertToFormat(QImage.Format.Format_RGB32)
        .copy()
    )
