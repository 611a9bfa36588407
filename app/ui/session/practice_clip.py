"""The clip of a case: opened, played and repeated by another player than that of the open study."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.ui.session.loop import Loop
from app.ui.session.opened_recording import OpenedRecording
from app.ui.session.playback import Playback
from app.ui.session.sound import RecordingSound
from app.ui.session.status import StatusLine

if TYPE_CHECKING:
    from app.core.recording.recording import Recording
    from app.ui.player.player import Player


class PracticeClip(QObject):
    """Has the parts of playing one clip; `status` holds what they say."""

    failed = Signal(str)
    """Why the clip cannot be played any further."""
    heard_changed = Signal()
    """`silent` is another reason, or the sound is muted or no longer."""

    def __init__(
        self,
        sound: RecordingSound,
        parent: QObject | None = None,
        *,
        make_player: Callable[[QObject], Player] | None = None,
    ) -> None:
        """`sound` is that of the window, whose volume and output are used."""
        super().__init__(parent)
        self.sound = sound
        self.make_player = make_player or _player
        self._player: Player | None = None
        self._silent = ""
        self.status = StatusLine(self)
        self.opened = OpenedRecording(self)
        self.playback = Playback(self.opened, self)
        self.loop = Loop(self.opened, self.playback, self.status, self)

    @property
    def silent(self) -> str:
        """Why the clip is not heard; "" when it is."""
        recording = self.opened.recording
        if recording is not None and recording.audio is None:
            return "This clip has no sound"
        return "Muted" if self.sound.muted else self._silent

    def toggle_mute(self) -> None:
        """Mute the sound of the program, or let it be heard again."""
        self.sound.set_muted(not self.sound.muted)

    def show(self, recording: Recording) -> None:
        """Show the clip from its start, not yet playing."""
        player = self._ready_player()
        self.loop.forget()
        self.opened.take(recording)
        self.playback.begin(keep_image=False)
        player.open(recording)
        self._take_sound(player)
        self.opened.recording_changed.emit()

    def clear(self) -> None:
        """Show no clip."""
        if self._player is not None:
            self._player.close()
        self.loop.reset()
        self.opened.take(None)
        self.playback.begin(keep_image=False)
        self.opened.recording_changed.emit()

    def close(self) -> None:
        """Returns when the player's threads have ended."""
        if self._player is not None:
            self._player.close()

    def _ready_player(self) -> Player:
        if self._player is None:
            self._player = player = self.make_player(self)
            player.failed.connect(self.failed)
            player.sound.silent.connect(self._on_silent)
            self.playback.use(player)
            self.loop.use(player)
            self.sound.volume_changed.connect(self._on_volume)
        return self._player

    def _on_silent(self, why: str) -> None:
        self._silent = why
        self.heard_changed.emit()

    def _on_volume(self) -> None:
        if self._player is not None:
            self._take_sound(self._player)
        self.heard_changed.emit()

    def _take_sound(self, player: Player) -> None:
        player.sound.set_volume(self.sound.volume)
        player.sound.set_muted(self.sound.muted)
        if self.sound.device:
            player.sound.set_device(self.sound.device)


def _player(parent: QObject) -> Player:
    # Sound and decoding are loaded with the first clip.
    from app.ui.player.player import Player

    return Player(parent)
