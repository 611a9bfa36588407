"""The sound of a track from any place on, as recorded or denoised."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import floor

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from app.core.enhance.denoise import SOUND_RATE, denoise_pieces
from app.core.enhance.noise_gate import HOP, REACH
from app.core.playback.hearing import ALL_AS_RECORDED, Taken
from app.core.recording.samples import Samples, SoundReader

CHANNELS = 2


def sound_from(
    reader: SoundReader, start: float, rate: int, taken: Taken = ALL_AS_RECORDED
) -> Iterator[Samples]:
    """(n, 2) float32 pieces at `rate` Hz, the first sample at `start` seconds, until the sound ends.

    Denoised sound is mono and reaches to 8 kHz: it is what a model hears. Raises UserError when the file can
    no longer be read.
    """
    if taken.profile is None:
        for block in reader.blocks(start, rate, CHANNELS, only=taken.channel):
            yield block.samples
        return
    first = floor(start * SOUND_RATE / HOP) * HOP
    blocks = reader.blocks((first - REACH) / SOUND_RATE, SOUND_RATE, 1, only=taken.channel)
    pieces = denoise_pieces((block.samples[:, 0] for block in blocks), taken.profile)
    before = round((start - first / SOUND_RATE) * rate)
    for samples in for_loudspeakers(pieces, SOUND_RATE, rate):
        if before < len(samples):
            yield samples[before:]
        before = max(before - len(samples), 0)


def for_loudspeakers(pieces: Iterable[Samples], own: int, rate: int) -> Iterator[Samples]:
    """Mono sound at `own` Hz as (n, 2) float32 at `rate` Hz."""
    resampler = AudioResampler(format="flt", layout="mono", rate=rate)
    for piece in pieces:
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(piece)[None, :], format="flt", layout="mono")
        frame.sample_rate = own
        yield _stereo(resampler.resample(frame))
    yield _stereo(resampler.resample(None))


def _stereo(frames: list[AudioFrame]) -> Samples:
    parts = [np.asarray(frame.to_ndarray(), np.float32).reshape(-1, 1) for frame in frames]
    mono = np.concatenate(parts) if parts else np.zeros((0, 1), np.float32)
    return np.repeat(mono, CHANNELS, axis=1)
