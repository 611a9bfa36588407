"""Noise reduction of the heard sound: whether it is on, and its noise profile."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.jobs import Task
from app.ui.session.background import Background

if TYPE_CHECKING:
    from app.core.jobs import Progress
    from app.core.recording.recording import Recording
    from app.core.recording.samples import Samples

NO_QUIET_STRETCH = (
    "The sound has no quiet stretch to learn its noise from, so it is heard as it was recorded."
)


class Denoised(Enum):
    """The state of noise reduction."""

    RAW = "as recorded"
    LOOKING = "as recorded, while a quiet stretch is looked for"
    ON = "denoised"
    UNABLE = "as recorded, because it cannot be denoised"


@dataclass(frozen=True, slots=True)
class _Sound:
    """One channel (None: all) of one recording's track."""

    recording: Recording
    channel: int | None

    def is_as(self, other: _Sound | None) -> bool:
        return (
            other is not None
            and self.recording.fingerprint == other.recording.fingerprint
            and (self.recording.track, self.channel) == (other.recording.track, other.channel)
        )


@dataclass(frozen=True, slots=True, eq=False)
class _FoundNoise:
    sound: _Sound
    profile: Samples | None


class Denoising(QObject):
    """Finds the noise profile of a sound when reduction is first requested.

    `profile` is what it is learned from, None while the sound is heard as recorded; `share` how much of the
    sound has been looked through, 0–1.
    """

    changed = Signal()
    unable = Signal(str)
    """Why the sound cannot be denoised, in one sentence."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state = Denoised.RAW
        self.profile: Samples | None = None
        self.share = 0.0
        self._sound: _Sound | None = None
        self._search = Background("search for a quiet stretch", self)
        self._search.progressed.connect(self._on_progress)
        self._search.done.connect(self._on_found)
        self._search.failed.connect(self._on_failed)

    def want(self, on: bool, recording: Recording | None, channel: int | None) -> None:
        """Reduce the noise of this sound or not; what is wanted already goes on."""
        if not on or recording is None or recording.audio is None:
            self._rest()
            return
        wanted = _Sound(recording, channel)
        if self.state is Denoised.RAW or not wanted.is_as(self._sound):
            self._sound, self.share = wanted, 0.0
            self._search.start(lambda task: _looked_for(wanted, task))
            self._become(Denoised.LOOKING, None)

    def _rest(self) -> None:
        self._search.cancel()
        self._sound = None
        if self.state is not Denoised.RAW:
            self._become(Denoised.RAW, None)

    def _become(self, state: Denoised, profile: Samples | None) -> None:
        self.state, self.profile = state, profile
        self.changed.emit()

    def _on_progress(self, progress: Progress) -> None:
        if self.state is Denoised.LOOKING:
            self.share = progress.done
            self.changed.emit()

    def _on_found(self, found: object) -> None:
        if not isinstance(found, _FoundNoise) or found.sound is not self._sound:
            return
        if found.profile is None:
            self._on_failed(NO_QUIET_STRETCH)
        else:
            self._become(Denoised.ON, found.profile)

    def _on_failed(self, sentence: str) -> None:
        if self.state is Denoised.LOOKING:
            self._become(Denoised.UNABLE, None)
            self.unable.emit(sentence)


def _looked_for(sound: _Sound, task: Task) -> _FoundNoise:
    from app.core.enhance.noise_profile import noise_profile

    profile = noise_profile(sound.recording, channel=sound.channel, report=task.report, cancel=task.cancel)
    return _FoundNoise(sound, profile)
