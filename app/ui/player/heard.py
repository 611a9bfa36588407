"""The sound during playback, of the recording or of a further camera."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from app.core.playback.clock import Course
from app.core.playback.hearing import ALL_AS_RECORDED, Hearing, Taken, audible
from app.core.playback.sound import SoundOutput
from app.core.recording.recording import Recording
from app.core.recording.samples import Samples
from app.ui.player.cameras import Companion

FARTHEST_OFFSET = 10.0
"""Seconds by which sound can be shifted against the picture."""

Change = Callable[[], None]


class HeardSound(QObject):
    """The sound of one player, in the window's thread; silence where there is none.

    `silent` carries the reason for no sound, "" when it is there again. `run_anew` lets the player go on
    from where it is with what is heard from now on; `at_rest` does a change while it stands still, and
    lets it go on.
    """

    silent = Signal(str)
    outputs_found = Signal()
    _told = Signal(object, str)

    def __init__(self, run_anew: Change, at_rest: Callable[[Change], None], parent: QObject) -> None:
        super().__init__(parent)
        self._run_anew = run_anew
        self._at_rest = at_rest
        self._recording: Recording | None = None
        self._camera: Companion | None = None
        self._output: SoundOutput | None = None
        self._hearing = Hearing()
        self._offset = 0.0
        self._scrub = False
        self._told.connect(self._on_told)

    # state

    @property
    def offset(self) -> float:
        """Seconds by which the sound is heard later than the picture."""
        return self._offset

    @property
    def level(self) -> float:
        """The highest sample that was heard a moment ago, from 0 to 1: for a level meter."""
        return self._output.level if self._output is not None else 0.0

    @property
    def _sounding(self) -> Recording | None:
        """The recording whose sound is heard."""
        return self._recording if self._camera is None else self._camera.recording

    @property
    def _lateness(self) -> float:
        """Seconds by which its sound is heard later than it stands on its clock."""
        return self._offset if self._camera is None else -self._camera.offset

    # what can be wished

    def set_muted(self, muted: bool) -> None:
        self._set_hearing(replace(self._hearing, muted=muted))

    def set_volume(self, volume: float) -> None:
        """Play sound at `volume` times its own loudness, 0 to 1."""
        self._set_hearing(replace(self._hearing, volume=min(max(volume, 0.0), 1.0)))

    def set_channel(self, channel: int | None) -> None:
        """Hear one channel of the track on all loudspeakers; None is all channels."""
        self._take(replace(self._hearing.taken, channel=channel))

    def set_denoised(self, profile: Samples | None) -> None:
        """Hear the track with the noise of `profile` reduced; None is as recorded."""
        self._take(replace(self._hearing.taken, profile=profile))

    def set_device(self, name: str | None) -> None:
        """Play through the output of this name, one of `sound_devices()`; None is the system's own choice."""
        self._set_hearing(replace(self._hearing, device=name))
        self._run_anew()

    def look_for_outputs(self) -> None:
        """Look for added and removed sound outputs; `outputs_found` signals the result."""
        if self._output is not None:
            self._output.look_for_outputs(self.outputs_found.emit)
            self._run_anew()

    def hear(self, camera: Companion | None) -> None:
        """Hear a further camera, all of it as recorded, instead of the leading recording; None is that again.
        To be said anew when the camera's offset has changed."""
        if camera is self._camera:
            self._run_anew()
        else:
            self._camera = camera
            self._at_rest(self._reopen)

    def set_offset(self, seconds: float) -> None:
        """Let sound be heard so many seconds later than the picture (earlier when negative), for a recording
        whose streams are not together; 0 again when another recording is opened."""
        self._offset = min(max(seconds, -FARTHEST_OFFSET), FARTHEST_OFFSET)
        self._run_anew()

    def set_scrub_sound(self, on: bool) -> None:
        """Whether a short piece of the sound is heard at each place while dragging."""
        self._scrub = on

    # for the player

    def open(self, recording: Recording) -> None:
        """Hear this recording, as recorded and with no offset."""
        self._recording, self._camera, self._offset = recording, None, 0.0
        self.set_denoised(None)
        self._reopen()

    def take_track(self, recording: Recording) -> None:
        """Hear the track of the open recording that it now says, as recorded."""
        self._recording = recording
        self.set_denoised(None)
        self._at_rest(self._reopen)

    def close(self) -> None:
        """End the output's threads; it can be opened again."""
        self._recording = self._camera = None
        self._end()

    def prepare(self, course: Course) -> None:
        """Get the sound of a course ready."""
        if self._output is not None and audible(course.speed):
            self._output.prepare(course, self._lateness)

    def release(self, course: Course) -> Callable[[], float | None] | None:
        """Start the sound; gives the clock of what was heard, None without sound."""
        if self._output is None or not audible(course.speed):
            return None
        self._output.release()
        return self._output.heard

    def stop(self) -> None:
        if self._output is not None:
            self._output.stop()

    def snippet(self, seconds: float) -> None:
        """A short piece of the sound at a place of the recording's clock, when that is wished."""
        if self._scrub and self._output is not None:
            self._output.snippet(seconds - self._lateness)

    # within

    def _end(self) -> None:
        if self._output is not None:
            output, self._output = self._output, None
            output.close()

    def _reopen(self) -> None:
        self._end()
        recording = self._sounding
        if recording is not None and recording.audio is not None:
            self._output = SoundOutput(recording, lambda text: self._told.emit(recording, text))
            self._set_hearing(self._hearing)

    def _take(self, taken: Taken) -> None:
        before = self._hearing.taken
        if taken.channel != before.channel or taken.profile is not before.profile:
            self._set_hearing(replace(self._hearing, taken=taken))

    def _set_hearing(self, hearing: Hearing) -> None:
        self._hearing = hearing
        if self._output is not None:
            own = self._camera is None
            self._output.set_hearing(hearing if own else replace(hearing, taken=ALL_AS_RECORDED))

    def _on_told(self, recording: Recording, text: str) -> None:
        if recording is not self._sounding:
            return
        self.silent.emit(text)
        if not text:
            self._run_anew()
