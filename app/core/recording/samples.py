"""Reading of sound as samples on the recording's clock."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, groupby

import av
import numpy as np
import numpy.typing as npt
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream as AvAudioStream

from app.core.closing import Closing
from app.core.recording.decoding import mark_packet, row_of
from app.core.recording.index import StreamIndex
from app.core.recording.packet_walk import PacketWalk
from app.core.recording.recording import Recording
from app.core.recording.sparse_time import BREAK, is_sound_sparse

logger = logging.getLogger(__name__)

Samples = npt.NDArray[np.float32]

_TOLERANCE = 0.02
"""The largest error (s) of time stamps, which are often rounded, before sound is cut or silence inserted."""

_SCRAP = 0.005
"""The longest isolated sound (s) that is only a click."""

_PREROLL = 0.15
"""Seconds decoded before the first wanted sample, so that codecs with state have settled."""

_LONGEST_BLOCK = 1.0
"""The longest block of silence in seconds."""

_LAYOUTS = {1: "mono", 2: "stereo"}


def read_samples(
    recording: Recording, start: float = 0.0, end: float | None = None, *, rate: int = 16000
) -> Samples:
    """(n,) float32 mono samples at `rate` Hz, the first one at `start` seconds on the recording's clock.

    n is the duration times the rate; parts without sound are silent. `end` is the recording's end by default.
    Raises UserError when the file can no longer be read.
    """
    end = recording.duration if end is None else end
    sound = np.zeros(max(round((end - start) * rate), 0), np.float32)
    for block in sound_blocks(recording, start, rate, channels=1):
        if block.first >= len(sound):
            break
        stop = min(block.first + len(block.samples), len(sound))
        sound[block.first : stop] = block.samples[: stop - block.first, 0]
    return sound


@dataclass(frozen=True, slots=True, eq=False)
class SoundBlock:
    """A block of sound: `samples` (n, channels) float32 in −1…1; `first` is its offset in samples from the
    requested start. Blocks are contiguous."""

    first: int
    samples: Samples


def sound_blocks(recording: Recording, start: float, rate: int, channels: int = 2) -> Iterator[SoundBlock]:
    """The sound from `start` seconds to its end in blocks, with silence where there is none.

    The first sample is exactly at `start`. A recording without sound has no blocks. `channels` is 1 or 2.
    Raises UserError when the file can no longer be read.
    """
    with SoundReader(recording) as reader:
        yield from reader.blocks(start, rate, channels)


def sound_runs(
    recording: Recording, rate: int, *, report: Callable[[float], None] = lambda _share: None
) -> Iterator[tuple[int, Iterator[Samples]]]:
    """All of the sound, mono at `rate` Hz, in runs separated by time without sound: for each run the number
    of its first sample and its parts (n,) float32, in order. Usually it is one run from 0 to the end of the
    sound.

    `report` receives the completed share. Raises UserError.
    """
    longest = BREAK if is_sound_sparse(recording) else np.inf
    with SoundReader(recording) as reader:
        expected = run = 0

        def number(block: SoundBlock) -> int:
            nonlocal expected, run
            run += block.first != expected
            expected = block.first + len(block.samples)
            report(min(expected / rate / max(recording.duration, 1e-3), 1.0))
            return run

        for _, blocks in groupby(reader.blocks(0.0, rate, 1, longest_silence=longest), number):
            first = next(blocks)
            yield first.first, (block.samples[:, 0] for block in chain([first], blocks))


class SoundReader(Closing):
    """A reader of the sound of one recording at any time, with the file kept open; for use by one thread."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._walk: PacketWalk | None = None

    def close(self) -> None:
        if self._walk is not None:
            self._walk.close()
            self._walk = None

    def blocks(
        self,
        start: float,
        rate: int,
        channels: int = 2,
        *,
        only: int | None = None,
        longest_silence: float = np.inf,
    ) -> Iterator[SoundBlock]:
        """As `sound_blocks`; with `only`, a single channel (from 0; the last where there are fewer) on all
        `channels`. A new call ends the blocks of the previous one.

        Silence longer than `longest_silence` seconds is skipped, so that `first` of the next block is not
        contiguous. Raises UserError when the file can no longer be read.
        """
        done = 0
        for at, decoded in _runs(self._decoded(start), rate, channels, only):
            first = round((at - start) * rate)
            samples = decoded[max(done - first, 0) :]
            first = max(first, done)
            if not len(samples):
                continue
            if first - done > longest_silence * rate:
                done = first
            while done < first:
                silence = min(first - done, round(_LONGEST_BLOCK * rate))
                yield SoundBlock(done, np.zeros((silence, channels), np.float32))
                done += silence
            yield SoundBlock(first, samples)
            done = first + len(samples)

    def _decoded(self, start: float) -> Iterator[tuple[float, AudioFrame]]:
        """Decoded frames of sound with their times on the clock, from slightly before `start`."""
        recording = self._recording
        index = recording.index.audio
        if index is None or recording.audio is None:
            return
        if self._walk is None:
            self._walk = PacketWalk(recording.path, recording.index.container, index, recording.index.cuts)
        stream = self._walk.go_to(_first_row(index, start - _PREROLL))
        if not isinstance(stream, AvAudioStream):
            raise TypeError("not sound")
        stream.codec_context.flush_buffers()
        stream.codec_context.copy_opaque = True
        last, expected = -1, 0.0
        for row, packet in self._walk:
            mark_packet(packet, row)
            for frame in _frames(stream, packet):
                marked = row_of(frame)
                brought = row if marked is None else marked
                time = float(index.times[brought]) if brought != last else expected
                last, expected = brought, time + frame.samples / max(frame.sample_rate, 1)
                if index.shown[brought]:
                    yield time, frame
        for frame in _frames(stream, None):
            yield expected, frame
            expected += frame.samples / max(frame.sample_rate, 1)


def _runs(
    decoded: Iterator[tuple[float, AudioFrame]], rate: int, channels: int, only: int | None
) -> Iterator[tuple[float, Samples]]:
    """Resampled sound with the time of its first sample; continuous sound is resampled in one run."""
    resampler: AudioResampler | None = None
    origin, given = 0.0, 0
    for begins, time, frame in _without_scraps(decoded):
        if resampler is None or begins:
            if resampler is not None:
                yield from _placed(resampler.resample(None), origin + given / rate, channels, only)
            # Mono stays mono: libav would lower it by 3 dB for two loudspeakers.
            layout = _LAYOUTS[min(channels, frame.layout.nb_channels)] if only is None else frame.layout.name
            resampler = AudioResampler(format="flt", layout=layout, rate=rate)
            origin, given = time, 0
        frame.pts = None
        out = resampler.resample(frame)
        yield from _placed(out, origin + given / rate, channels, only)
        given += sum(part.samples for part in out)
    if resampler is not None:
        yield from _placed(resampler.resample(None), origin + given / rate, channels, only)


def _without_scraps(
    decoded: Iterator[tuple[float, AudioFrame]],
) -> Iterator[tuple[bool, float, AudioFrame]]:
    """The frames of sound, each with whether it begins a run; inaudibly short runs are omitted, because a
    million isolated packets of a few samples would need a resampler each."""
    form: tuple[str, str, int] | None = None
    begin = expected = 0.0
    held: list[tuple[float, AudioFrame]] | None = []  # None once the run is long enough
    for time, frame in decoded:
        now = (frame.format.name, frame.layout.name, frame.sample_rate)
        if form != now or abs(time - expected) > _TOLERANCE:
            form, begin, expected, held = now, time, time, []
        expected += frame.samples / frame.sample_rate
        if held is None:
            yield False, time, frame
            continue
        held.append((time, frame))
        if expected - begin >= _SCRAP:
            yield from ((number == 0, *one) for number, one in enumerate(held))
            held = None


def _placed(
    parts: list[AudioFrame], time: float, channels: int, only: int | None
) -> Iterator[tuple[float, Samples]]:
    arrays = [_array(part, channels, only) for part in parts if part.samples]
    if arrays:
        yield time, np.concatenate(arrays)


def _array(frame: AudioFrame, channels: int, only: int | None) -> Samples:
    own = frame.layout.nb_channels
    samples = np.asarray(frame.to_ndarray(), np.float32).reshape(-1, own)
    if only is not None:
        picked = min(only, own - 1)
        return np.repeat(samples[:, picked : picked + 1], channels, axis=1)
    return samples if own == channels else np.repeat(samples, channels, axis=1)


def _frames(stream: AvAudioStream, packet: object) -> list[AudioFrame]:
    try:
        return [f for f in stream.codec_context.decode(packet) if f.samples > 0 and f.sample_rate > 0]  # type: ignore[arg-type]  # the stubs bind packets to one stream type
    except (av.FFmpegError, ValueError) as error:
        logger.debug("A packet of sound could not be decoded: %s", type(error).__name__)
        return []


def _first_row(index: StreamIndex, seconds: float) -> int:
    """The row of the last packet that begins at or before `seconds`; before all overlapping parts where
    joined."""
    return max(int(np.searchsorted(np.maximum.accumulate(index.times), seconds, side="right")) - 1, 0)
