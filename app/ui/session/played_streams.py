"""Gives the player the streams that the presentation of the open recording chooses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from app.core.recording.presentation import AS_FOUND, Streams
from app.ui.session.denoising import Denoising
from app.ui.session.opened_recording import OpenedRecording
from app.ui.session.picture import ShownPicture
from app.ui.session.sound_detail import SoundDetail

if TYPE_CHECKING:
    from app.core.recording.recording import Recording
    from app.ui.player.player import Player


class PlayedStreams(QObject):
    """Sound track, channel, offset, denoising, deinterlacing and picture track."""

    picture_track_wanted = Signal(int)
    """The recording must be opened anew to show this picture track."""

    def __init__(
        self,
        opened: OpenedRecording,
        picture: ShownPicture,
        denoising: Denoising,
        detail: SoundDetail,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._opened = opened
        self._picture = picture
        self._denoising = denoising
        self._detail = detail
        self._player: Player | None = None
        self._applied = AS_FOUND
        picture.presentation_changed.connect(self._on_presentation)

    def use(self, player: Player) -> None:
        """Use this player."""
        self._player = player

    def begin(self, recording: Recording | None) -> None:
        """Play the streams of another recording as they were found; the player keeps channel and
        deinterlacing from one recording to the next."""
        self._applied = Streams(channel=self._applied.channel, deinterlace=self._applied.deinterlace)
        self._denoising.want(False, None, None)
        self._detail.open(recording)
        self._apply(AS_FOUND)

    def _on_presentation(self) -> None:
        self._apply(self._picture.presentation.streams)
        if self._other_picture() is not None:
            # Later: a presentation is also set while the views show what was just opened.
            QTimer.singleShot(0, self, self._ask_for_picture)

    def _other_picture(self) -> int | None:
        """The picture track that is to be shown instead of the present one; None where it is shown."""
        recording, picture = self._opened.recording, self._picture.presentation.streams.picture
        if recording is None or not recording.pictures:
            return None
        last = len(recording.pictures) - 1
        wanted = recording.default_picture if picture is None else min(picture, last)
        return wanted if wanted != recording.picture else None

    def _ask_for_picture(self) -> None:
        wanted = self._other_picture()
        if wanted is not None:
            self.picture_track_wanted.emit(wanted)

    def _apply(self, streams: Streams) -> None:
        """Pass changed streams to the player."""
        player, recording = self._player, self._opened.recording
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
        self._denoising.want(streams.denoised, self._opened.recording, streams.channel)

    def _take_track(self, recording: Recording) -> None:
        self._opened.take_track(recording)
        self._detail.open(recording)
        self._detail.draw_track()
