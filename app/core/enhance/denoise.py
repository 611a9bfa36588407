"""Sound without its steady noise, by a quiet stretch of the same recording.

Without such a profile noisereduce takes a sustained cry for noise and removes it (measured: 3.9 → 0.1 dB).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]

PROFILE_SECONDS = 1.0
SHORTEST = 2048
"""Samples; below some 600 noisereduce raises, below this there is nothing to learn from."""
SILENCE = 1e-5
"""Root mean square below which sound is digital silence: no profile of noise."""
REDUCTION = 0.9


def quiet_stretch(sound: Samples, rate: int) -> Samples | None:
    """The quietest second of `sound` (mono) that is not digital silence; None when there is none.

    Sound that is equally loud throughout has no quiet stretch: what is in it may be the patient.
    """
    length = int(PROFILE_SECONDS * rate)
    step = max(1, length // 4)
    if len(sound) < 2 * length:
        return None
    starts = np.arange(0, len(sound) - length + 1, step)
    power = np.concatenate([[0.0], np.cumsum(sound.astype(np.float64) ** 2)])
    levels = np.sqrt((power[starts + length] - power[starts]) / length)
    heard = levels > SILENCE
    if not heard.any():
        return None
    quietest = int(np.argmin(np.where(heard, levels, np.inf)))
    if levels[quietest] > 0.7 * float(np.sqrt(power[-1] / len(sound))):
        return None
    return sound[starts[quietest] : starts[quietest] + length]


def denoised(sound: Samples, rate: int, profile: Samples | None) -> Samples:
    """`sound` (mono, −1…1) at the same length with the noise of `profile` reduced.

    Silent or very short sound, and sound without a profile, is given back as it is.
    """
    if profile is None or len(sound) < SHORTEST or float(np.abs(sound).max(initial=0.0)) < SILENCE:
        return sound
    import noisereduce

    cleaned = noisereduce.reduce_noise(
        y=sound, sr=rate, y_noise=profile, stationary=True, prop_decrease=REDUCTION
    )
    result = np.nan_to_num(np.asarray(cleaned, dtype=np.float32))
    return np.clip(result, -1.0, 1.0)
