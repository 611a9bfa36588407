"""Aligning a further camera with the leading recording: by one moment, by times of day, by the sound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Signal

from app.core.jobs import Task
from app.core.study.camera_places import short_name
from app.ui.session.background import Background
from app.ui.session.opened_recording import OpenedRecording
from app.ui.session.playback import Playback
from app.ui.session.status import StatusLine

if TYPE_CHECKING:
    from app.core.recording.alignment import Alignment
    from app.ui.player.cameras import Companion


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment marked in the leading picture (seconds), to be found in that of a camera."""

    camera: Companion
    seconds: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """The offset that the sound suggests for a camera."""

    camera: Companion
    found: Alignment


class AlignedCameras(Protocol):
    """The interface of the cameras that aligning needs."""

    @property
    def shown(self) -> tuple[Companion, ...]: ...
    @property
    def chosen(self) -> Companion | None: ...
    def set_offset(self, camera: Companion, seconds: float) -> None: ...


class Aligning(QObject):
    """Finds offsets; only `mark` sets one, with its second mark. The rest is proposed to the person."""

    changed = Signal()
    """A moment was marked, or forgotten; listening has begun or ended."""

    def __init__(
        self,
        opened: OpenedRecording,
        playback: Playback,
        status: StatusLine,
        cameras: AlignedCameras,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._opened = opened
        self._playback = playback
        self._status = status
        self._cameras = cameras
        self.moment: Moment | None = None
        self.proposal: Proposal | None = None
        self.listening: Companion | None = None
        self.sound = Background("comparison of the sound", self)
        """The search by sound: its progress."""
        self.sound.done.connect(self._on_heard)
        self.sound.failed.connect(status.show_message)
        self.sound.ended.connect(self._on_listened)

    def forget(self, camera: Companion) -> None:
        """Forget a camera that was removed."""
        if self.moment is not None and self.moment.camera is camera:
            self.moment = None
        if self.proposal is not None and self.proposal.camera is camera:
            self.proposal = None
        if self.listening is camera:
            self.sound.cancel()

    # one moment in both pictures

    def mark(self) -> None:
        """Mark a moment in the leading picture; the second time, where the chosen camera shows the same."""
        camera, recording = self._cameras.chosen, self._opened.recording
        if camera is None or recording is None or recording.video is None:
            self._status.say("there is no camera to align")
            return
        self._playback.pause()
        cursor, name = self._playback.cursor, short_name(camera.name)
        if self.moment is None or self.moment.camera is not camera:
            video = recording.video
            self.moment = Moment(camera, float(video.times[video.number_at(cursor)]))
            self._status.say(f"marked; go to where {name} shows this moment, and mark again")
            self.changed.emit()
            return
        own = camera.frame_on_screen(cursor)
        if own is None:
            self._status.say(f"{name} shows nothing here; go to where it shows the moment")
            return
        marked, self.moment = self.moment.seconds, None
        self._cameras.set_offset(camera, own - marked)
        self._playback.seek(marked)

    # what the files say

    def clock_offset(self, camera: Companion) -> float | None:
        """The offset by the times of day in both files; None where they have none."""
        from app.core.recording.alignment import align_by_clocks, align_in_file

        leader = self._opened.recording
        if leader is None or camera.recording is None:
            return None
        if camera.recording.fingerprint == leader.fingerprint:
            return align_in_file(leader, camera.recording)
        return align_by_clocks(leader, camera.recording)

    def listen(self, camera: Companion) -> None:
        """Search for the sound around the cursor in the camera's sound; `proposal` holds the result."""
        leader, other, at = self._opened.recording, camera.recording, self._playback.cursor
        if leader is None or other is None:
            return
        guess = camera.offset

        def work(task: Task) -> Proposal:
            from app.core.recording.alignment import align_by_sound

            found = align_by_sound(leader, other, at, guess, report=task.report, cancel=task.cancel)
            return Proposal(camera, found)

        self.proposal, self.listening = None, camera
        self.sound.start(work)
        self.changed.emit()

    def _on_heard(self, proposal: object) -> None:
        if isinstance(proposal, Proposal) and proposal.camera in self._cameras.shown:
            self.proposal = proposal

    def _on_listened(self) -> None:
        self.listening = None
        self.changed.emit()
