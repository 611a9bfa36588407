"""Small pictures of the open recording's key frames, decoded in the background when they are asked for.

They show the patient, so they are never written to the disk: at most `MOST` of them are in memory, or those
that are in sight together.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from app.core.jobs import Task
from app.ui.session.background import Background
from app.ui.session.opened_recording import OpenedRecording

if TYPE_CHECKING:
    from app.core.recording.index import FloatArray, Int64Array

MOST = 240
"""Pictures that are kept unless more are in sight; those that were not asked for longest go first."""
BOX = (192, 108)
"""The largest width and height of a picture in pixels."""
_CALM = 120
"""Milliseconds after the last wish before it is decoded: a zoom goes through many."""


class Filmstrip(QObject):
    """Has a picture for each key frame that was asked for and decoded; asks for the rest."""

    changed = Signal()
    """There are more pictures, or none of the former recording."""

    def __init__(self, opened: OpenedRecording, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._opened = opened
        self._kept: OrderedDict[int, QImage] = OrderedDict()
        self._missing: tuple[int, ...] = ()
        self._key_frames: tuple[Int64Array, FloatArray] | None = None
        """Numbers and times of those of the open recording, once somebody has asked."""
        self._in_sight = 0
        """How many were last asked for together."""
        self.problem = ""
        """Why there are none, in one sentence; "" when nothing is wrong."""
        self._runner = Background("filmstrip", self, one_at_a_time=True)
        self._runner.posted.connect(self._take)
        self._runner.failed.connect(self._on_failed)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_CALM)
        self._later.timeout.connect(self._decode)
        opened.recording_changed.connect(self._on_recording)

    def pictures(self, moments: Sequence[float]) -> list[tuple[int, QImage | None]]:
        """For each moment (s) the number of its nearest key frame and that frame's picture, None until it has
        been decoded; empty without a picture. What is missing is decoded soon."""
        recording = self._opened.recording
        if recording is None or recording.video is None:
            return []
        from app.core.recording.key_frames import key_frames, nearest_key_frames

        if self._key_frames is None:
            self._key_frames = key_frames(recording)
        numbers = nearest_key_frames(*self._key_frames, moments)
        self._in_sight = len({*numbers})
        for number in numbers:
            if number in self._kept:
                self._kept.move_to_end(number)
        self._let_go()
        missing = tuple(dict.fromkeys(number for number in numbers if number not in self._kept))[:MOST]
        if missing and missing != self._missing and not self.problem:
            self._missing = missing
            self._later.start()
        return [(number, self._kept.get(number)) for number in numbers]

    def close(self) -> None:
        """Decode nothing further."""
        self._later.stop()

    def _decode(self) -> None:
        recording, wanted = self._opened.recording, self._missing
        if recording is None or not wanted:
            return

        def work(task: Task) -> None:
            from app.core.recording.key_frames import small_pictures

            for number, frame in zip(
                wanted, small_pictures(recording, wanted, BOX, task.cancel), strict=False
            ):
                height, width = frame.image.shape[:2]
                kind = QImage.Format.Format_RGB32
                image = QImage(frame.image.data, width, height, frame.image.strides[0], kind)
                # The copy owns its pixels, so it may outlive what was decoded.
                task.post((number, image.copy()))

        self._runner.start(work)

    def _take(self, found: tuple[int, QImage]) -> None:
        number, image = found
        self._kept[number] = image
        self._let_go()
        self._missing = tuple(one for one in self._missing if one != number)
        self.changed.emit()

    def _let_go(self) -> None:
        """Of more than are kept those go that were not asked for longest, but none that is in sight: it would
        be decoded again at once."""
        while len(self._kept) > max(MOST, self._in_sight):
            self._kept.popitem(last=False)

    def _on_failed(self, why: str) -> None:
        self.problem = why
        self.changed.emit()

    def _on_recording(self) -> None:
        self._later.stop()
        self._runner.drop()
        self._kept.clear()
        self._key_frames, self._in_sight = None, 0
        self._missing, self.problem = (), ""
        self.changed.emit()
