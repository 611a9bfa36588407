"""Reduction of steady noise, by the noise profile of a quiet stretch of the same recording.

Without a profile noisereduce mistakes a sustained cry for noise and removes it (measured SNR: 3.9 → 0.1 dB).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from app.core.enhance.noise_gate import HOP, REACH, NoiseGate

Samples = npt.NDArray[np.float32]

SOUND_RATE = 16_000
"""The sampling rate (Hz) of denoising, for models and for playback."""
PROFILE_SECONDS = 1.0
SHORTEST = 2048
"""The fewest samples that are denoised; below some 600 noisereduce raises an error."""
SILENCE = 1e-5
"""The root mean square below which sound is digital silence, unusable as a noise profile."""
REDUCTION = 0.9

_BLOCK = 32 * HOP
"""Samples per block during playback."""

_CELLS = 4
"""Steps of the search per length of the profile."""
_PARTS = 25
"""Parts of a cell, none of which may be digital silence."""


class QuietSearch:
    """A search for the quietest second of mono sound at `rate` Hz that arrives piece by piece, in constant
    memory."""

    def __init__(self, rate: int) -> None:
        self._step = max(_PARTS, int(PROFILE_SECONDS * rate) // _CELLS)
        self._cells: deque[tuple[float, Samples]] = deque(maxlen=_CELLS)
        self._rest = np.zeros(0, np.float32)
        self._power, self._heard = 0.0, 0
        self._least = np.inf
        self._found: Samples | None = None

    def add(self, sound: Samples) -> None:
        """Add the next piece."""
        rest = np.concatenate([self._rest, sound])
        whole = len(rest) // self._step * self._step
        for begin in range(0, whole, self._step):
            self._look(rest[begin : begin + self._step].copy())
        self._rest = rest[whole:].copy()

    def _look(self, cell: Samples) -> None:
        if _has_silence(cell):
            # With a moment of digital silence the noise would seem to vary by 80 dB.
            self._cells.clear()
            return
        power = float(np.square(cell, dtype=np.float64).sum())
        self._cells.append((power, cell))
        self._power, self._heard = self._power + power, self._heard + 1
        level = sum(power for power, _ in self._cells) / _CELLS
        if len(self._cells) == _CELLS and level < self._least:
            self._least = level
            self._found = np.concatenate([samples for _, samples in self._cells])

    def found(self) -> Samples | None:
        """The quietest second so far without digital silence; None when there is none.

        Sound of constant loudness has no quiet stretch, because it may be the patient's voice.
        """
        if self._found is None or self._heard < 2 * _CELLS:
            return None
        return self._found if self._least <= 0.5 * self._power / self._heard else None


def _has_silence(cell: Samples) -> bool:
    """Whether a 25th of the cell (10 ms) is digital silence."""
    parts = cell[: len(cell) // _PARTS * _PARTS].reshape(_PARTS, -1)
    return bool((np.square(parts, dtype=np.float64).mean(axis=1) <= SILENCE**2).any())


def denoise(sound: Samples, rate: int, profile: Samples | None) -> Samples:
    """The sound (mono, −1…1, same length) with the noise of `profile` reduced.

    Silent or very short sound, and sound without a profile, is returned unchanged.
    """
    if profile is None or len(sound) < SHORTEST or float(np.abs(sound).max(initial=0.0)) < SILENCE:
        return sound
    import noisereduce

    # With noisereduce's default smoothing over 500 Hz a steady cry lost 8 dB together with its neighbouring #
    # frequencies; without it the cry loses less than 1 dB, and the noise falls by 15 dB instead of 17.
    cleaned = noisereduce.reduce_noise(
        y=sound,
        sr=rate,
        y_noise=profile,
        stationary=True,
        prop_decrease=REDUCTION,
        freq_mask_smooth_hz=None,
    )
    result = np.nan_to_num(np.asarray(cleaned, dtype=np.float32))
    return np.clip(result, -1.0, 1.0)


def denoise_pieces(pieces: Iterable[Samples], profile: Samples) -> Iterator[Samples]:
    """As `denoise`, for sound at `SOUND_RATE` that arrives piece by piece during playback.

    The input begins `REACH` samples before the first output sample, which is a multiple of `HOP` samples from
    the start of the whole sound; the output is as long as the rest of the input.
    """
    gate = NoiseGate(profile, SOUND_RATE, REDUCTION)
    sound = np.zeros(0, np.float32)
    for piece in pieces:
        sound = np.concatenate([sound, piece])
        while len(sound) >= _BLOCK + 2 * REACH:
            yield gate.apply(sound[: _BLOCK + 2 * REACH])[REACH : REACH + _BLOCK]
            sound = sound[_BLOCK:]
    if len(sound) > REACH:
        yield gate.apply(np.pad(sound, (0, REACH)))[REACH : len(sound)]
