"""The sound of the open recording: volume, output, track, offset, noise reduction."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.ui.session.denoising import Denoised, Denoising
from app.ui.session.opened_recording import OpenedRecording
from app.ui.session.picture import ShownPicture
from app.ui.session.status import StatusLine

if TYPE_CHECKING:
    from app.ui.player.cameras import Companion
    from app.ui.player.heard import HeardSound
    from app.ui.player.player import Player


class RecordingSound(QObject):
    """The sound settings for all recordings, and whether the open one can be heard."""

    volume_changed = Signal()
    """Volume or muting."""
    output_changed = Signal()
    """The output device, or sound while scrubbing."""
    outputs_found = Signal()
    heard_changed = Signal()
    """Whether and what is heard: why it is silent, which camera, denoised or not."""

    def __init__(
        self,
        opened: OpenedRecording,
        picture: ShownPicture,
        status: StatusLine,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._opened = opened
        self._picture = picture
        self._status = status
        self._sound: HeardSound | None = None
        self._volume = 1.0
        self._muted = False
        self._device: str | None = None
        self._scrub_sound = False
        self._silent = ""
        self._camera: Companion | None = None
        self.denoising = Denoising(self)
        self.denoising.changed.connect(self._on_denoising)
        self.denoising.unable.connect(status.show_message)

    def use(self, player: Player) -> None:
        """Play through this player."""
        sound = player.sound
        sound.set_muted(self._muted)
        sound.set_volume(self._volume)
        sound.set_device(self._device)
        sound.set_scrub_sound(self._scrub_sound)
        sound.silent.connect(self._on_silent)
        sound.outputs_found.connect(self.outputs_found)
        player.file_changed.connect(lambda news: self._status.show_message(news.text))
        self._sound = sound

    def reset(self) -> None:
        """Forget why the former recording was silent."""
        self._silent = ""

    # what is set for every recording

    @property
    def volume(self) -> float:
        """0–1."""
        return self._volume

    def set_volume(self, volume: float) -> None:
        """Play at `volume` times the recording's own loudness, 0–1."""
        self._volume = min(max(volume, 0.0), 1.0)
        if self._sound is not None:
            self._sound.set_volume(self._volume)
        self.volume_changed.emit()

    @property
    def muted(self) -> bool:
        return self._muted

    def set_muted(self, muted: bool) -> None:
        self._muted = muted
        if self._sound is not None:
            self._sound.set_muted(muted)
        self.volume_changed.emit()

    @property
    def device(self) -> str | None:
        """The name of the sound output; None is the system's default."""
        return self._device

    def set_device(self, name: str | None) -> None:
        """Play through another output."""
        self._device = name
        self._silent = ""
        if self._sound is not None:
            self._sound.set_device(name)
        self.output_changed.emit()
        self.heard_changed.emit()

    def look_for_outputs(self) -> None:
        """Look for added and removed sound outputs; emits `outputs_found`."""
        if self._sound is not None:
            self._sound.look_for_outputs()

    @property
    def scrub_sound(self) -> bool:
        """Whether a short piece of sound is heard at each place while dragging."""
        return self._scrub_sound

    def set_scrub_sound(self, on: bool) -> None:
        self._scrub_sound = on
        if self._sound is not None:
            self._sound.set_scrub_sound(on)
        self.output_changed.emit()

    # what is heard now

    @property
    def audible(self) -> bool:
        """Whether there is any sound to be heard, the recording's or that of a camera."""
        recording = self._opened.recording
        return (recording is not None and recording.audio is not None) or self._camera is not None

    @property
    def silent(self) -> str:
        """The reason why no sound is heard; "" otherwise."""
        return self._silent

    @property
    def level(self) -> float:
        """The highest sample that was heard a moment ago, 0–1; 0 at rest and when muted."""
        return 0.0 if self._sound is None or self._muted else self._sound.level

    @property
    def camera(self) -> Companion | None:
        """The further camera whose sound is heard; None is the leading recording."""
        return self._camera

    def hear(self, camera: Companion | None) -> None:
        """Hear this camera in place of the leading recording, or that again."""
        self._camera = camera
        if self._sound is not None:
            self._sound.hear(camera)
        self.heard_changed.emit()

    @property
    def denoised(self) -> Denoised:
        """Whether what is heard has its steady noise reduced; a further camera is heard as recorded."""
        state = self.denoising.state
        of_camera = self._camera is not None and state is not Denoised.RAW
        return Denoised.UNABLE if of_camera else state

    @property
    def denoising_share(self) -> float:
        """The share of the sound that has been searched for a quiet part, 0–1."""
        return self.denoising.share

    def set_denoised(self, on: bool) -> None:
        """Hear the recording with its steady noise reduced, or as it was recorded; kept with it."""
        recording = self._opened.recording
        if recording is not None and recording.audio is None:
            self._status.say("this recording has no sound")
            return
        self._picture.set_streams(replace(self._picture.presentation.streams, denoised=on))

    def _on_denoising(self) -> None:
        if self._sound is not None:
            self._sound.set_denoised(self.denoising.profile)
        self.heard_changed.emit()

    def _on_silent(self, reason: str) -> None:
        self._silent = reason
        self.heard_changed.emit()
