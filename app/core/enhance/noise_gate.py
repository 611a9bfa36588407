"""A spectral noise gate, light enough for the playback thread.

It computes the same as noisereduce with the settings of `denoise` (Sainburg and Zorea 2024, "noisereduce:
domain general noise reduction for time series signals"), whose import takes a second and 100 MB; a test
compares both.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Spectra = npt.NDArray[np.complex128]

HOP = 256
"""Samples from one window to the next."""
REACH = 2048
"""Samples on both sides on which an output sample depends: two windows and the smoothing between them."""

_WINDOW = 4 * HOP
_HANN = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_WINDOW) / _WINDOW)
_DEVIATIONS = 1.5
"""The gate's threshold in standard deviations above the noise's mean level (dB)."""
_RANGE = 80.0
"""The range (dB) below the loudest window to which levels of the noise are limited."""
_SMOOTHED_SECONDS = 0.05


class NoiseGate:
    """A gate that passes what is louder than the noise in `profile` (mono, at `rate` Hz), and of the rest the
    share 1 − `reduction`."""

    def __init__(self, profile: Samples, rate: int, reduction: float) -> None:
        levels = 20 * np.log10(np.abs(_spectra(profile)) + np.finfo(np.float64).eps)
        levels = np.maximum(levels, levels.max(axis=0) - _RANGE)
        self._threshold = 10 ** ((levels.mean(axis=0) + _DEVIATIONS * levels.std(axis=0)) / 20)
        self._reduction = reduction
        windows = int(_SMOOTHED_SECONDS * rate / HOP)
        rise = np.arange(1, windows + 2) / (windows + 1)
        self._over_time = np.concatenate([rise, rise[-2::-1]]) / (windows + 1)

    def apply(self, sound: Samples) -> Samples:
        """The gated sound (mono, −1…1, same length)."""
        spectra = _spectra(np.pad(sound, (0, -len(sound) % HOP)))
        share = (np.abs(spectra) > self._threshold) * self._reduction + (1.0 - self._reduction)
        return _sound(spectra * self._smoothed(share))[: len(sound)]

    def _smoothed(self, share: Doubles) -> Doubles:
        """The gain (windows, frequencies) smoothed over time and neighbouring frequencies."""
        reach = len(self._over_time) // 2
        padded = np.pad(share, ((reach, reach), (1, 1)))
        over_time = sum(
            weight * padded[at : at + len(share)] for at, weight in enumerate(self._over_time.tolist())
        )
        return np.asarray(0.25 * over_time[:, :-2] + 0.5 * over_time[:, 1:-1] + 0.25 * over_time[:, 2:])


def _spectra(sound: Samples) -> Spectra:
    """Spectra (windows, frequencies) of sound padded with silence."""
    padded = np.pad(sound.astype(np.float64), _WINDOW // 2)
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::HOP]
    spectra: Spectra = np.fft.rfft(windows * _HANN, axis=1) / _HANN.sum()
    return spectra


def _sound(spectra: Spectra) -> Samples:
    """The inverse of `_spectra`, by overlap-add."""
    parts = (np.fft.irfft(spectra, axis=1) * (_HANN * _HANN.sum())).reshape(len(spectra), 4, HOP)
    weights = (_HANN**2).reshape(4, HOP)
    sound, weight = np.zeros((len(spectra) + 3, HOP)), np.zeros((len(spectra) + 3, HOP))
    for quarter in range(4):
        sound[quarter : quarter + len(spectra)] += parts[:, quarter]
        weight[quarter : quarter + len(spectra)] += weights[quarter]
    whole = (sound / np.maximum(weight, 1e-10)).ravel()
    inner = whole[_WINDOW // 2 : -(_WINDOW // 2)]
    return np.asarray(np.clip(inner, -1.0, 1.0), np.float32)
