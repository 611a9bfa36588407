"""Sound without its steady noise, by a quiet stretch of the same recording.

Without such a profile noisereduce takes a sustained cry for noise and removes it (measured: 3.9 → 0.1 dB).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from app.core.enhance.noise_gate import HOP, REACH, NoiseGate

Samples = npt.NDArray[np.float32]

SOUND_RATE = 16_000
"""Hz at which sound is denoised, for a model and for the ear alike."""
PROFILE_SECONDS = 1.0
SHORTEST = 2048
"""Samples; below some 600 noisereduce raises, below this there is nothing to learn from."""
SILENCE = 1e-5
"""Root mean square below which sound is digital silence: no profile of noise."""
REDUCTION = 0.9

_BLOCK = 32 * HOP
"""Samples that are denoised at once while sound is played."""

_CELLS = 4
"""Parts of the profile's length by which the search for it moves on."""
_PARTS = 25
"""Parts of a cell, each of which must be heard."""


class QuietSearch:
    """Looks for the quietest second of sound (mono, at `rate` Hz) that comes piece by piece; keeps no more
    than it needs."""

    def __init__(self, rate: int) -> None:
        self._step = max(_PARTS, int(PROFILE_SECONDS * rate) // _CELLS)
        self._cells: deque[tuple[float, Samples]] = deque(maxlen=_CELLS)
        self._rest = np.zeros(0, np.float32)
        self._power, self._heard = 0.0, 0
        self._least = np.inf
        self._found: Samples | None = None

    def add(self, sound: Samples) -> None:
        """Take the next piece."""
        rest = np.concatenate([self._rest, sound])
        whole = len(rest) // self._step * self._step
        for begin in range(0, whole, self._step):
            self._look(rest[begin : begin + self._step].copy())
        self._rest = rest[whole:].copy()

    def _look(self, cell: Samples) -> None:
        if _has_silence(cell):
            # Sound that was off for a moment would make the noise look as if it rose and fell by 80 dB.
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

        Sound that is equally loud throughout has no quiet stretch: what is in it may be the patient.
        """
        if self._found is None or self._heard < 2 * _CELLS:
            return None
        return self._found if self._least <= 0.5 * self._power / self._heard else None


def _has_silence(cell: Samples) -> bool:
    """Whether a 25th of the cell (10 ms) is digital silence."""
    parts = cell[: len(cell) // _PARTS * _PARTS].reshape(_PARTS, -1)
    return bool((np.square(parts, dtype=np.float64).mean(axis=1) <= SILENCE**2).any())


def quiet_stretch(sound: Samples, rate: int) -> Samples | None:
    """The quiet stretch of `sound` (mono), as `QuietSearch` finds it."""
    search = QuietSearch(rate)
    search.add(sound)
    return search.found()


def denoised(sound: Samples, rate: int, profile: Samples | None) -> Samples:
    """`sound` (mono, −1…1) at the same length with the noise of `profile` reduced.

    Silent or very short sound, and sound without a profile, is given back as it is.
    """
    if profile is None or len(sound) < SHORTEST or float(np.abs(sound).max(initial=0.0)) < SILENCE:
        return sound
    import noisereduce

    # Smoothed over 500 Hz, as noisereduce does by itself, the few open pitches of a steady cry are closed
    # with their neighbours: it lost 8 dB. So it loses less than 1; the noise falls by 15 dB instead of 17.
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


def denoised_pieces(pieces: Iterable[Samples], profile: Samples) -> Iterator[Samples]:
    """As `denoised`, for sound that comes piece by piece at `SOUND_RATE`, while it is played.

    The pieces begin `REACH` samples before the first that is given; that one lies a multiple of `HOP` samples
    from the beginning of the whole. As many are given as follow it.
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
