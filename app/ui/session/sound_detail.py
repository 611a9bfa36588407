"""The displayed sound of the open recording: waveform, spectrogram and single samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.jobs import Task
from app.core.semiology import Span
from app.ui.session.background import Background

if TYPE_CHECKING:
    from app.core.recording.recording import Recording
    from app.core.recording.samples import Samples
    from app.core.recording.spectrogram import Spectrogram
    from app.core.recording.waveform import Waveform

LONGEST = 4.0
"""Seconds of visible sound up to which single samples are read; of more the waveform's bins are shown."""
_HIGHEST_RATE = 48_000


@dataclass(frozen=True, slots=True, eq=False)
class Detail:
    """`samples` (n,) float32 at `rate` Hz, the first at `start` seconds; `spectrogram` of the same stretch,
    whose clock begins at `start`."""

    start: float
    rate: int
    samples: Samples
    spectrogram: Spectrogram

    @property
    def span(self) -> Span:
        return Span(self.start, self.start + len(self.samples) / self.rate)


@dataclass(frozen=True, slots=True, eq=False)
class _FoundSound:
    """A result of reading, with its recording."""

    recording: Recording
    spectrogram: Spectrogram | None = None
    detail: Detail | None = None


class SoundDetail(QObject):
    """Holds results; missing ones are read in a background thread when requested."""

    waveform_changed = Signal()
    """The waveform was built, or that of the former track is no longer true."""
    read = Signal()
    """The spectrogram or the samples that were asked for have been read."""
    spectrogram_shown_changed = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._recording: Recording | None = None
        self._waveform: Waveform | None = None
        self._spectrogram: Spectrogram | None = None
        self._spectrogram_shown = False
        self._detail: Detail | None = None
        self._reading: Span | None = None
        self._next: Span | None = None
        self._whole = Background("spectrogram", self)
        self._whole.done.connect(self._on_whole)
        self._near = Background("sound", self)
        self._near.done.connect(self._on_near)
        self._near.ended.connect(self._on_near_ended)
        self._track = Background("waveform", self)
        self._track.done.connect(self.take_waveform)

    @property
    def waveform(self) -> Waveform | None:
        """The waveform of the heard track; None until it is built."""
        return self._waveform

    @property
    def spectrogram(self) -> Spectrogram | None:
        """The spectrogram of the heard track; None until it is computed."""
        return self._spectrogram

    @property
    def spectrogram_shown(self) -> bool:
        """Whether the spectrogram is shown under the waveform."""
        return self._spectrogram_shown

    def open(self, recording: Recording | None) -> None:
        """Forget what was read of the former recording or track."""
        for work in (self._whole, self._near, self._track):
            work.cancel()
        self._recording, self._waveform, self._spectrogram, self._detail = recording, None, None, None
        self._reading = self._next = None
        self._read_spectrogram()
        self.waveform_changed.emit()

    def take_waveform(self, waveform: Waveform | None) -> None:
        """Take the waveform of the heard track."""
        self._waveform = waveform
        self.waveform_changed.emit()

    def show_spectrogram(self, on: bool) -> None:
        """Show the spectrogram under the waveform, or hide it; it is computed when first shown."""
        self._spectrogram_shown = on
        self._read_spectrogram()
        self.spectrogram_shown_changed.emit(on)

    def _read_spectrogram(self) -> None:
        recording = self._recording
        if not self._spectrogram_shown or recording is None or recording.audio is None:
            return
        if self._spectrogram is None:
            self._whole.start(lambda task: _FoundSound(recording, spectrogram=_whole(recording, task)))

    def draw_track(self) -> None:
        """Build the waveform of the present track."""
        recording = self._recording
        if recording is not None:
            self._track.start(lambda task: _waveform(recording, task))

    def near(self, visible: Span) -> Detail | None:
        """The detail that holds a short visible span; reads it, with as much on both sides, if need be."""
        recording = self._recording
        if recording is None or recording.audio is None or not 0 < visible.duration <= LONGEST:
            return None
        if self._detail is not None and _holds(self._detail.span, visible, recording.duration):
            return self._detail
        if self._reading is not None and _holds(self._reading, visible, recording.duration):
            self._next = None
            return None
        margin = max(visible.duration, 1.0)
        wanted = Span(max(0.0, visible.start - margin), min(visible.end + margin, recording.duration))
        if self._near.running:
            # One at a time, the newest next: a read cannot be stopped, and each opens the file.
            self._next = wanted
        else:
            self._read_near(recording, wanted)
        return None

    def _read_near(self, recording: Recording, wanted: Span) -> None:
        self._reading, self._next = wanted, None
        self._near.start(lambda _task: _FoundSound(recording, detail=_read(recording, wanted)))

    def _on_whole(self, found: object) -> None:
        if isinstance(found, _FoundSound) and found.recording is self._recording:
            self._spectrogram = found.spectrogram
            self.read.emit()

    def _on_near(self, found: object) -> None:
        if isinstance(found, _FoundSound) and found.recording is self._recording:
            self._detail = found.detail
            self.read.emit()

    def _on_near_ended(self) -> None:
        self._reading = None
        if self._next is not None and self._recording is not None:
            self._read_near(self._recording, self._next)


def _holds(whole: Span, part: Span, duration: float) -> bool:
    return whole.start <= part.start + 1e-6 and min(part.end, duration) <= whole.end + 1e-3


def _whole(recording: Recording, task: Task) -> Spectrogram | None:
    from app.core.recording.spectrogram import build_spectrogram

    return build_spectrogram(recording, cancel=task.cancel)


def _waveform(recording: Recording, task: Task) -> object:
    from app.core.recording.waveform import build_waveform

    return build_waveform(recording, cancel=task.cancel)


def _read(recording: Recording, wanted: Span) -> Detail:
    from app.core.recording.samples import read_samples
    from app.core.recording.spectrogram import fine_spectrogram

    assert recording.audio is not None
    rate = min(recording.audio.rate, _HIGHEST_RATE)
    samples = read_samples(recording, wanted.start, wanted.end, rate=rate)
    return Detail(wanted.start, rate, samples, fine_spectrogram(recording, wanted.start, wanted.end))
