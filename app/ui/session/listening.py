"""How the open recording is heard: volume, output, tracks, and the sound in detail for the eye."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from app.core.semiology import Span
from app.ui.session.denoising import Denoised, Denoising
from app.ui.session.look import AS_FOUND, PLAIN, Look, Streams
from app.ui.session.sound_detail import Detail, SoundDetail
from app.ui.session.state import Changed
from app.ui.session.viewing import Viewing

if TYPE_CHECKING:
    from app.core.recording.file_watch import FileNews
    from app.core.recording.recording import Recording
    from app.core.recording.spectrogram import Spectrogram
    from app.core.recording.waveform import Waveform
    from app.ui.player.player import Player


class Listening(Viewing):
    """The part of a session that is about hearing."""

    outputs_found = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._player: Player | None = None
        self._volume = 1.0
        self._device: str | None = None
        self._scrub_sound = False
        self._applied = AS_FOUND
        self._denoising = Denoising(self)
        self._denoising.changed.connect(self._on_denoising)
        self._denoising.unable.connect(self.show_message)
        self._detail = SoundDetail(self)
        self._detail.arrived.connect(lambda: self.changed.emit(Changed.WAVEFORM))
        self._detail.waveform_of_track.connect(self._on_track_drawn)
        self.changed.connect(self._on_another)

    # what is set for every recording

    @property
    def volume(self) -> float:
        """0–1."""
        return self._volume

    def set_volume(self, volume: float) -> None:
        """Play at `volume` times the recording's own loudness, 0–1."""
        self._volume = min(max(volume, 0.0), 1.0)
        if self._player is not None:
            self._player.sound.set_volume(self._volume)
        self.changed.emit(Changed.PLAYING)

    @property
    def device(self) -> str | None:
        """The name of the sound output; None is the system's own."""
        return self._device

    def set_device(self, name: str | None) -> None:
        """Play through another output."""
        self._device = name
        self._silent = ""
        if self._player is not None:
            self._player.sound.set_device(name)
        self.changed.emit(Changed.PLAYING | Changed.STATUS)

    def look_for_outputs(self) -> None:
        """See which sound outputs have come and gone; `outputs_found` tells."""
        if self._player is not None:
            self._player.sound.look_for_outputs()

    @property
    def scrub_sound(self) -> bool:
        """Whether a short piece of sound is heard at each place while dragging."""
        return self._scrub_sound

    def set_scrub_sound(self, on: bool) -> None:
        self._scrub_sound = on
        if self._player is not None:
            self._player.sound.set_scrub_sound(on)
        self.changed.emit(Changed.PLAYING)

    @property
    def level(self) -> float:
        """The highest sample that was heard a moment ago, 0–1; 0 at rest and when muted."""
        return 0.0 if self._player is None or self._muted else self._player.sound.level

    def tune(self, player: Player) -> None:
        """Tell a new player what is set."""
        player.sound.set_volume(self._volume)
        player.sound.set_device(self._device)
        player.sound.set_scrub_sound(self._scrub_sound)
        player.file_changed.connect(self._on_file)
        player.sound.outputs_found.connect(self.outputs_found)

    # what is set for this recording

    @property
    def denoised(self) -> Denoised:
        """Whether the sound is heard with its steady noise reduced, or why not."""
        return self._denoising.state

    @property
    def denoising_share(self) -> float:
        """How much of the sound has been looked through for a quiet stretch, 0–1."""
        return self._denoising.share

    def set_denoised(self, on: bool) -> None:
        """Hear the recording with its steady noise reduced, or as it was recorded; kept with it."""
        if self.recording is not None and self.recording.audio is None:
            self.tell("this recording has no sound")
            return
        self.set_look(replace(self._look, streams=replace(self._look.streams, denoised=on)))

    def _on_denoising(self) -> None:
        if self._player is not None:
            self._player.sound.set_denoised(self._denoising.profile)
        self.changed.emit(Changed.PLAYING)

    def set_look(self, look: Look) -> None:
        super().set_look(look)
        self._apply(look.streams)
        if self._other_picture() is not None:
            # Later: a look is also set while what was just opened is being told.
            QTimer.singleShot(0, self, self._show_chosen_picture)

    def _other_picture(self) -> int | None:
        """The picture track that is to be shown in place of the one that is; None where that is the one."""
        recording, picture = self.recording, self._look.streams.picture
        if recording is None or not recording.pictures:
            return None
        last = len(recording.pictures) - 1
        wanted = recording.default_picture if picture is None else min(picture, last)
        return wanted if wanted != recording.picture else None

    def _show_chosen_picture(self) -> None:
        wanted = self._other_picture()
        if wanted is not None:
            self.open_picture(wanted)

    def open_picture(self, number: int) -> None:
        """Show another of the recording's picture tracks from where the cursor stands."""
        raise NotImplementedError

    def _on_another(self, changed: Changed) -> None:
        if changed & Changed.RECORDING and self._detail.recording is not self.recording:
            # Every recording begins as recorded; the window restores what was kept of it.
            self._look = PLAIN
            self._applied = Streams(channel=self._applied.channel, deinterlace=self._applied.deinterlace)
            self._denoising.want(False, None, None)
            self._detail.open(self.recording)
            self._detail.want_spectrogram(self.spectrogram_shown)
            self._apply(AS_FOUND)

    def _apply(self, streams: Streams) -> None:
        """Tell the player what differs."""
        player, recording = self._player, self.recording
        if player is None or recording is None or streams == self._applied:
            return
        before, self._applied = self._applied, streams
        if streams.channel != before.channel:
            player.sound.set_channel(streams.channel)
        if streams.offset != before.offset:
            player.sound.set_offset(streams.offset)
        if streams.deinterlace is not before.deinterlace:
            player.set_deinterlace(streams.deinterlace)
        if streams.track != before.track and streams.track < len(recording.tracks):
            player.set_track(streams.track)
            self._take_track(recording.with_track(streams.track))
        self._denoising.want(streams.denoised, self.recording, streams.channel)

    def _take_track(self, recording: Recording) -> None:
        self._recording = recording
        self._waveform = None
        self._detail.open(recording)
        self._detail.want_spectrogram(self.spectrogram_shown)
        self._detail.draw_track()
        self.changed.emit(Changed.WAVEFORM)

    def _on_track_drawn(self, waveform: Waveform) -> None:
        self._waveform = waveform
        self.changed.emit(Changed.WAVEFORM)

    def _on_file(self, news: FileNews) -> None:
        self.show_message(news.text)

    def show_message(self, sentence: str) -> None:
        """Show a sentence until it is closed."""
        raise NotImplementedError

    # the sound for the eye

    def show_spectrogram(self, on: bool) -> None:
        self._detail.want_spectrogram(on)
        super().show_spectrogram(on)

    @property
    def spectrogram(self) -> Spectrogram | None:
        """The spectrogram of the heard track; None until it is computed."""
        return self._detail.spectrogram

    def sound_detail(self, visible: Span) -> Detail | None:
        """Samples of a short visible span; None while they are read, which `WAVEFORM` ends."""
        return self._detail.near(visible)
