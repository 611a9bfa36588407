"""From a file to its first frame, and back to the former recording when the new one cannot be opened.

1. `open` leaves what is open, and reads the file in a background thread.
2. A recording that takes its time shows a preview frame first (`_on_preview`). The former one is put
   aside then, so that nothing can be answered for it under another picture.
3. `_on_opened` takes the recording: every part begins anew, its study is opened, the player plays it, and
   `OpenedRecording.recording_changed` says so.
4. The analysis goes on in the background. When the file cannot be opened `_on_ended` goes back; what runs
   for the former recording ends only when that is put aside.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from app.core.errors import UserError
from app.core.jobs import Progress
from app.ui.session.ask_model import ModelReading
from app.ui.session.cameras import Cameras
from app.ui.session.opened_recording import OpenedRecording
from app.ui.session.opened_study import OpenedStudy
from app.ui.session.playback import Playback
from app.ui.session.played_streams import PlayedStreams
from app.ui.session.recording_analysis import RecordingAnalysis
from app.ui.session.status import StatusLine
from app.ui.session.study_errors import StudyErrors

if TYPE_CHECKING:
    from app.core.recording.recording import Recording
    from app.ui.player.player import Player
    from app.ui.session.preview_frame import PreviewFrame

LARGEST_PREVIEW = (1920, 1200)
"""Pixels of a preview frame as long as it is not known how large pictures are painted."""
_REST = 5
"""Milliseconds after a preview frame in which nothing but that is painted."""
_CLOSING = 50
"""Milliseconds after which the threads of a recording that was put aside are ended."""

MakePlayer = Callable[[QObject], "Player"]


@dataclass(frozen=True, slots=True)
class LeftRecording:
    """The recording that was put aside, where its cursor was, and the folder of its study."""

    path: Path
    cursor: float
    study: Path | None


class Opening(QObject):
    """Opens recordings; problems appear as a message."""

    leaving = Signal()
    """Another recording is about to be opened: what is still being written is kept now or never."""

    def __init__(
        self,
        *,
        opened: OpenedRecording,
        study: OpenedStudy,
        playback: Playback,
        streams: PlayedStreams,
        cameras: Cameras,
        analysis: RecordingAnalysis,
        models: ModelReading,
        status: StatusLine,
        errors: StudyErrors,
        resets: tuple[Callable[[], None], ...],
        players: tuple[Callable[[Player], None], ...],
        make_player: MakePlayer | None = None,
        parent: QObject | None = None,
    ) -> None:
        """`resets` let the other parts begin anew; `players` are given the player, which is made with the
        first recording."""
        super().__init__(parent)
        self._opened = opened
        self._study = study
        self._playback = playback
        self._streams = streams
        self._cameras = cameras
        self._analysis = analysis
        self._models = models
        self._status = status
        self._errors = errors
        self._resets = resets
        self._players = players
        self._make_player = make_player or _make_player
        self._player: Player | None = None
        self._under_way = False
        self._former: LeftRecording | None = None
        self._returning: LeftRecording | None = None
        self.left: LeftRecording | None = None
        """What was open before nothing was, as long as its study is open."""
        self._back_to: float | None = None
        runner = analysis.runner
        runner.previewed.connect(self._on_preview)
        runner.study_opened.connect(study.of_recording.found)
        runner.opened.connect(self._on_opened)
        runner.rendered.connect(self.open)
        runner.opening_ended.connect(self._on_ended)
        streams.picture_track_wanted.connect(self.open_picture)

    @property
    def is_busy(self) -> bool:
        """Whether a recording opens or plays, so that its picture must not wait for anything else."""
        return self._under_way or self._playback.playing

    def close(self) -> None:
        """Returns when the player's threads have ended."""
        if self._player is not None:
            self._player.close()

    # 1. a file

    def open(self, path: Path, *, picture: int | None = None) -> None:
        """Open a recording in the background, to show its picture track `picture` (None: the camera's)."""
        self._leave("Opening the recording")
        recording = self._opened.recording
        if recording is not None and recording.path == path:
            self._models.leave()  # so that what is read of its study holds the answers
        size = self._playback.picture_size
        opener = self._study.of_recording.opener(path)
        self._analysis.runner.open(path, size if all(size) else LARGEST_PREVIEW, opener.open, picture)

    def open_picture(self, number: int | None) -> None:
        """Show another of the recording's picture tracks (None: the camera's) from where the cursor is."""
        recording, cursor = self._opened.recording, self._playback.cursor
        if recording is not None:
            self._expect(recording.path, self._study.folder)
            self.open(recording.path, picture=number)
            self._back_to = cursor

    def open_again(self) -> None:
        """Open the recording and the same study again, with the picture track that is shown, from where the
        cursor is."""
        recording = self._opened.recording
        if recording is not None:
            number = recording.picture
            self.open_picture(None if number == recording.default_picture else number)

    def _expect(self, path: Path, study: Path | None) -> None:
        """The recording that is opened next belongs to the study that it was open in, if it was in one."""
        if study is not None:
            self._study.of_recording.writers.expect(path, study)

    def open_demonstration(self) -> None:
        """Render the demonstration recording if that is not done yet, and open it."""
        self._leave("Rendering the demonstration")
        self._analysis.runner.render_demonstration()

    # and back to nothing

    def close_recording(self) -> None:
        """Let nothing be open; the study stays open, and `go_back_to_left` opens the recording again."""
        if self._opened.recording is not None:
            self._put_aside_for_nothing()
            self._opened.recording_changed.emit()

    def close_study(self) -> None:
        """Let nothing be open; what is on its way to the study's disk is written until all is there."""
        # What runs for it ends first: else the queue, or what is being opened, would open the study again.
        was_opening, self._under_way = self._under_way, False
        self._analysis.leave()
        if self._opened.recording is not None or was_opening:
            self._put_aside_for_nothing()
            self._study.of_recording.writers.abandon()
        self.left = None
        self._study.of_recording.clear()
        self._study.begin()
        self._opened.recording_changed.emit()

    def _put_aside_for_nothing(self) -> None:
        self._stop_work()
        self._under_way, self._back_to, self._returning = False, None, None
        self._analysis.interrupt()
        self._analysis.leave()
        self._put_aside()
        self._opened.set_preview(None)
        self.left, self._former = self._former, None

    def go_back_to_left(self) -> None:
        """Open the recording again that was closed last."""
        if self.left is not None:
            self._expect(self.left.path, self.left.study)
            self.open(self.left.path)

    def _stop_work(self) -> None:
        """Stop what runs for the open recording."""
        self._status.show_message("")
        self.leaving.emit()
        self._playback.pause()
        self._cameras.keep_now()

    def _leave(self, what: str) -> None:
        """Leave the open recording; `what` is done next."""
        self._stop_work()
        self._under_way, self._back_to = True, None
        # On the way back to it nothing else has come in its place.
        self._former, self._returning = self._former or self._returning, None
        self._forget_preview()
        self._analysis.show_work(Progress(what, 0.0))

    # 2. its first frame, while it is still being opened

    def _on_preview(self, preview: PreviewFrame) -> None:
        self._put_aside()
        self._opened.set_preview(preview)
        # The picture is painted first; all else that has to be painted anew can wait a moment for it.
        QTimer.singleShot(_REST, self, self._show_that_nothing_is_open)

    def _show_that_nothing_is_open(self) -> None:
        # By now the recording itself can be open, which has been told.
        if self._opened.recording is None:
            self._opened.recording_changed.emit()

    def _forget_preview(self) -> None:
        if self._opened.preview is not None:
            self._opened.set_preview(None)
            self._opened.recording_changed.emit()

    def _put_aside(self) -> None:
        """Close what is open; its study stays open as a whole."""
        recording = self._opened.recording
        if recording is None:
            return
        self._former = LeftRecording(recording.path, self._playback.cursor, self._study.folder)
        self._models.leave()
        self._analysis.interrupt()
        self._study.of_recording.withhold()
        self._begin(None)
        # Its threads take their time to end; the picture of the next one comes first.
        QTimer.singleShot(_CLOSING, self, self._close_former)

    def _close_former(self) -> None:
        if self._opened.recording is None and self._player is not None:
            self._player.close()

    # 3. the recording

    def _on_opened(self, recording: Recording) -> None:
        cursor = self._arrived()
        if self._opened.recording is not None:
            self._models.leave()
            self._analysis.interrupt()
        self._begin(recording)
        problems = [warning.text for warning in recording.warnings]
        problems += self._open_study(recording)
        self._status.show_message(" ".join(problems) or self._status.message)
        self._ready_player().open(recording)
        self._streams.begin(recording)
        if cursor:
            self._playback.seek(cursor)
        self._opened.recording_changed.emit()
        self._analysis.go_on()

    def _arrived(self) -> float:
        """The opening has succeeded; gives where the cursor was when this recording was put aside."""
        cursor, self._back_to = self._back_to, None
        self._under_way, self._former, self._returning, self.left = False, None, None, None
        return cursor or 0.0

    def _begin(self, recording: Recording | None) -> None:
        """Let every part begin anew with a recording, or with none."""
        preview = self._opened.preview
        seen = preview is not None and recording is not None and preview.path == recording.path
        self._opened.take(recording)
        self._playback.begin(keep_image=seen)
        for reset in self._resets:
            reset()
        self._status.say("")
        self._status.make_offer(None)
        self._study.begin()
        if recording is None:
            self._streams.begin(None)

    def _open_study(self, recording: Recording) -> list[str]:
        """Open the study of a recording; gives what the person should know of it."""
        study = self._study.of_recording
        try:
            study.open(recording.path)
            return [text for text in (study.note, study.new_faults()) if text]
        except UserError as error:
            self._errors.offer_copies(error)
            return [str(error)]
        finally:
            self._study.begin()

    def _ready_player(self) -> Player:
        if self._player is None:
            self._player = self._make_player(self)
            self._player.failed.connect(self._status.show_message)
            for use in self._players:
                use(self._player)
        return self._player

    # 4. when it could not be opened

    def _on_ended(self) -> None:
        if self._under_way:
            self._go_back()

    def _go_back(self) -> None:
        """Open the recording again that was put aside for one that could not be opened, if any was."""
        self._under_way = False
        former, self._former, self._returning = self._former, None, None
        self._forget_preview()
        if former is None:
            return
        message, line = self._status.message, self._status.line
        self._expect(former.path, former.study)
        self.open(former.path)
        self._back_to, self._returning = former.cursor, former
        self._status.show_message(message)
        self._status.say(line)


def _make_player(parent: QObject) -> Player:
    # Sound and decoding are loaded with the first recording, not with the window.
    from app.ui.player.player import Player

    return Player(parent)
