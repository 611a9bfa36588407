"""The dialog for sound and tracks: volume, output, tracks, channel, offset."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDialog, QDoubleSpinBox, QToolButton, QWidget

from app.core.plain_text import plain
from app.core.plural import plural
from app.core.recording.codec_names import codec_name
from app.core.recording.recording import AudioStream, PictureTrack
from app.ui.dialogs.check_box import CheckBox
from app.ui.dialogs.form import form, lay_out, side_by_side, title
from app.ui.session.session import Session
from app.ui.views.volume import VolumeSlider

_LONGEST_NAME = 48
_FARTHEST = 10_000


class SoundDialog(QDialog):
    """Everything acts at once. What is set from track to noise is kept with this recording."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Tool)
        title(self, "Sound and picture")
        self._session = session
        self.volume = VolumeSlider(session, self)
        self.device, self.track, self.channel = (QComboBox() for _ in range(3))
        self.picture, self.deinterlace = (QComboBox() for _ in range(2))
        for box in (self.device, self.track, self.channel, self.picture, self.deinterlace):
            box.setMinimumContentsLength(24)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.again = QToolButton()
        self.again.setText("Refresh")
        self.again.setToolTip("Find outputs that were connected after the program was started")
        self.offset = QDoubleSpinBox()
        self.offset.setRange(-_FARTHEST, _FARTHEST)
        self.offset.setDecimals(0)
        self.offset.setSingleStep(10)
        self.offset.setSuffix(" ms")
        self.offset.setToolTip("Delay of the sound; a negative value plays it earlier")
        self.denoised = CheckBox(session, "Reduce steady noise, as for a model")
        self.scrub = CheckBox(session, "Play short pieces of sound while dragging")
        rows = (
            ("&Volume", self.volume),
            ("&Output", side_by_side(self.device, self.again, growing=self.device)),
            ("&Track", self.track),
            ("&Channel", self.channel),
            ("&Delay of the sound", self.offset),
            ("", self.denoised),
            ("", self.scrub),
            ("&Picture", self.picture),
            ("D&einterlacing", self.deinterlace),
        )
        lay_out(self, form(rows))
        self._show()
        self._connect()
        session.picture.presentation_changed.connect(self._show)
        session.opened.recording_changed.connect(self._show)

    def _connect(self) -> None:
        session = self._session
        self.device.activated.connect(lambda _: session.sound.set_device(self.device.currentData()))
        self.again.clicked.connect(session.sound.look_for_outputs)
        session.sound.outputs_found.connect(self._show)
        self.track.activated.connect(lambda _: self._set(track=self.track.currentData(), channel=None))
        self.channel.activated.connect(lambda _: self._set(channel=self.channel.currentData()))
        self.picture.activated.connect(lambda _: self._set(picture=self.picture.currentData()))
        self.deinterlace.activated.connect(lambda _: self._set(deinterlace=self.deinterlace.currentData()))
        self.offset.valueChanged.connect(lambda milliseconds: self._set(offset=milliseconds / 1000))
        self.denoised.toggled.connect(session.sound.set_denoised)
        self.scrub.toggled.connect(session.sound.set_scrub_sound)

    def _set(self, **fields: Any) -> None:
        look = self._session.picture.presentation
        self._session.picture.present(replace(look, streams=replace(look.streams, **fields)))

    def _show(self) -> None:
        from app.core.playback.device import sound_devices

        session, streams = self._session, self._session.picture.presentation.streams
        recording = session.opened.recording
        tracks = recording.tracks if recording is not None else ()
        outputs = [("System default", None), *((plain(name, 60), name) for name in sound_devices())]
        _fill(self.device, outputs, session.sound.device)
        _fill(self.track, [(track_name(n, track), n) for n, track in enumerate(tracks)], streams.track)
        heard = tracks[streams.track].channels if streams.track < len(tracks) else 0
        channels = [(f"Only channel {n + 1}", n) for n in range(heard if heard > 1 else 0)]
        _fill(self.channel, [("All", None), *channels], streams.channel)
        choices = [("As the recording specifies", None), ("On", True), ("Off", False)]
        _fill(self.deinterlace, choices, streams.deinterlace)
        pictures = recording.pictures if recording is not None else ()
        shown = recording.picture if recording is not None else 0
        _fill(self.picture, [(picture_name(n, one), n) for n, one in enumerate(pictures)], shown)
        self.picture.setEnabled(len(pictures) > 1)
        self.again.setEnabled(bool(tracks))
        self.track.setEnabled(len(tracks) > 1)
        self.channel.setEnabled(heard > 1)
        self.denoised.setEnabled(bool(tracks))
        for widget in (self.offset, self.scrub, self.denoised):
            widget.blockSignals(True)
        self.denoised.setChecked(streams.denoised)
        self.offset.setValue(round(streams.offset * 1000))
        self.scrub.setChecked(session.sound.scrub_sound)
        for widget in (self.offset, self.scrub, self.denoised):
            widget.blockSignals(False)


def track_name(number: int, track: AudioStream) -> str:
    """The name that distinguishes a track; text from the file is shown as plain text."""
    said = " · ".join(plain(part, _LONGEST_NAME) for part in (track.title, track.language) if part)
    channels = {1: "mono", 2: "stereo"}.get(track.channels, plural(track.channels, "channel"))
    return f"{number + 1}: {said or codec_name(track.codec)} ({channels})"


def picture_name(number: int, track: PictureTrack) -> str:
    """The name that distinguishes a picture track."""
    said = plain(track.title, _LONGEST_NAME) or codec_name(track.codec)
    kind = "a still picture" if track.packets <= 1 else f"{track.packets} pictures"
    return f"{number + 1}: {said} ({track.width}×{track.height}, {kind})"


def _fill(box: QComboBox, choices: list[tuple[str, Any]], chosen: object) -> None:
    box.blockSignals(True)
    box.clear()
    for words, data in choices:
        box.addItem(words, data)
    places = [place for place, (_, data) in enumerate(choices) if data == chosen]
    box.setCurrentIndex(places[0] if places else 0)
    box.blockSignals(False)
