"""Going from one recording to the next: what is seen meanwhile, and the way back when it cannot be opened."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from app.core.jobs import Progress
from app.core.semiology import Span
from app.ui.session.analysis import Analysis
from app.ui.session.playing import MakePlayer, Playing
from app.ui.session.state import Changed, Offer

if TYPE_CHECKING:
    from app.core.recording.recording import Recording
    from app.ui.session.preview_frame import Glimpse

LARGEST_GLIMPSE = (1920, 1200)
"""Pixels of a first picture as long as nobody has told how large pictures are painted."""


_REST = 5
"""Milliseconds after a first picture in which nothing but that is painted."""

_CLOSING = 50
"""Milliseconds after which the threads of a recording that was put aside are ended."""


@dataclass(frozen=True, slots=True)
class _Former:
    """The recording that was put aside, where its cursor stood and its study lies."""

    path: Path
    cursor: float
    study: Path | None


class Opening(Playing):
    """The part of a session that opens recordings.

    A recording that takes its time shows its first picture as `glimpse`. The one that was open is put aside
    then, so that nothing can be answered for it under another picture; it comes back when the new one cannot
    be opened.
    """

    def __init__(self, parent: QObject | None = None, *, make_player: MakePlayer | None = None) -> None:
        super().__init__(parent, make_player=make_player)
        self._analysis = Analysis(self)
        self._analysis.glimpsed.connect(self._on_glimpsed)
        self._opening = False
        self._former: _Former | None = None
        self._returning: _Former | None = None
        self._back_to: float | None = None

    def open(self, path: Path, *, picture: int | None = None) -> None:
        """Open a recording in the background, to show its picture track `picture` (None: that of the camera);
        problems appear as `message`."""
        self._leave("Opening the recording")
        box = self._picture_size if all(self._picture_size) else LARGEST_GLIMPSE
        self._analysis.open(path, box, picture)
        self.changed.emit(Changed.WORK | Changed.STATUS)

    def open_picture(self, number: int) -> None:
        """Show another of the recording's picture tracks from where the cursor stands."""
        if self._recording is not None:
            path, cursor = self._recording.path, self._cursor
            self.open(path, picture=number)
            self._back_to = cursor

    def open_demonstration(self) -> None:
        """Render the demonstration recording if that is not done yet, and open it."""
        self._leave("Rendering the demonstration")
        self._analysis.render_demonstration()
        self.changed.emit(Changed.WORK | Changed.STATUS)

    def _leave(self, what: str) -> None:
        """Stop what runs for the open recording; `what` is done next."""
        self._message = ""
        self.leaving.emit()
        self.pause()
        self._leave_model()
        self._opening, self._back_to = True, None
        # On the way back to it nothing else has come in its place.
        self._former, self._returning = self._former or self._returning, None
        self._work = Progress(what, 0.0)
        self._forget_glimpse()

    def _on_glimpsed(self, glimpse: Glimpse) -> None:
        self._put_aside()
        self._glimpse, self._image = glimpse, glimpse.image
        self.changed.emit(Changed.FRAME)
        # The picture is painted first; all else that has to be painted anew can wait a moment for it.
        QTimer.singleShot(_REST, self, lambda: self.changed.emit(~Changed.THEME & ~Changed.OVERLAY))

    def _forget_glimpse(self) -> None:
        if self._glimpse is not None:
            self._glimpse = self._image = None
            self.changed.emit(Changed.RECORDING | Changed.FRAME)

    def _put_aside(self) -> None:
        """Close what is open; its study stays open for those who look at it as a whole."""
        if self._recording is None:
            return
        self._former = _Former(self._recording.path, self._cursor, self._answers.folder)
        self._answers.withhold()
        self._take(None)
        # Its threads take their time to end; the picture of the next one comes first.
        QTimer.singleShot(_CLOSING, self, self._close_former)

    def _close_former(self) -> None:
        if self._recording is None and self._player is not None:
            self._player.close()

    def _take(self, recording: Recording | None) -> None:
        """Begin anew with a recording, or with none."""
        glimpse, self._glimpse = self._glimpse, None
        seen = glimpse is not None and recording is not None and glimpse.path == recording.path
        self._recording = recording
        self._cursor, self._loop = 0.0, None
        # The first frame that the player gives is the same one: nothing flashes in between.
        self._image, self._frame_number = self._image if seen else None, -1
        self._frame_time = 0.0
        self._pose = self._waveform = None
        self._drawing_patient, self._mark, self._loop_from = False, None, None
        self._shown_reader = None
        self._visible = Span(0.0, self.duration)
        self._status = self._silent = ""
        self._offer = None

    def _arrived(self) -> float:
        """The opening has succeeded; gives where the cursor stood when this recording was put aside."""
        cursor, self._back_to = self._back_to, None
        self._opening, self._former, self._returning = False, None, None
        return cursor or 0.0

    def _go_back(self) -> bool:
        """Open the recording again that was put aside for one that could not be opened; False without one."""
        self._opening = False
        former, self._former, self._returning = self._former, None, None
        self._forget_glimpse()
        if former is None:
            return False
        message, status = self._message, self._status
        if former.study is not None:
            self._answers.expect(former.path, former.study)
        self.open(former.path)
        self._back_to, self._returning = former.cursor, former
        self._message, self._status = message, status
        self.changed.emit(Changed.STATUS)
        return True

    def make_offer(self, offer: Offer | None) -> None:
        """Offer something beside the message until the next recording; None withdraws it."""
        self._offer = offer
        self.changed.emit(Changed.STATUS)

    def _leave_model(self) -> None:
        """End the model's reading of the open recording."""
        raise NotImplementedError
