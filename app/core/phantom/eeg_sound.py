"""The sound channel of a phantom's EEG: the recording's sound as stored by an EEG amplifier."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import gcd

import numpy as np
import numpy.typing as npt

from app.core.eeg.sync import Sync

LABEL = "Mic"
RATE = Fraction(2000)
"""The sampling rate (Hz) of the sound channel."""

_FINER = 4
_LOUDEST = 5000.0
"""The amplitude (µV) of the loudest possible sound."""

_NOISE = 2.0
"""The amplifier's noise in µV."""


@dataclass(frozen=True, slots=True, eq=False)
class EegSound:
    """The sound channel: `values` (n,) float32 in µV at `rate` Hz from the EEG's first sample on."""

    values: npt.NDArray[np.float32]
    rate: Fraction = RATE
    label: str = LABEL


def eeg_sound(
    sound: npt.NDArray[np.float32], sound_rate: int, sync: Sync, seconds: float, seed: int = 0
) -> EegSound:
    """The recording's `sound` (n,) in −1…1 at `sound_rate` Hz on the EEG's clock, `seconds` long; where there
    is no recording only the amplifier's noise."""
    from scipy.signal import resample_poly

    rate = int(RATE)
    common = gcd(sound_rate, rate)
    heard_by_it = resample_poly(sound.astype(np.float64), rate // common, sound_rate // common)
    # The channel's samples are not at the recording's: four times as many are enough to interpolate between.
    fine = resample_poly(heard_by_it, _FINER, 1)
    times = sync.offset + np.arange(int(seconds * RATE)) / rate * (1.0 + sync.drift)
    heard = np.interp(times * rate * _FINER, np.arange(len(fine)), fine, left=0.0, right=0.0)
    noise = _NOISE * np.random.default_rng([seed, 23]).standard_normal(len(times))
    return EegSound((_LOUDEST * heard + noise).astype(np.float32))
