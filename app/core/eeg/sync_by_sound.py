"""The sync of an EEG with a sound channel, by cross-correlation of its loudness with the recording's.

The loudness every 10 ms is compared as for two cameras (`app.core.recording.alignment`), but in one band
only, because the sampling rate of an EEG channel is too low for several.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from app.core.eeg.sync import MarkPair, SyncFit, sync_from_pairs
from app.core.eeg.sync_proposals import SyncProposal
from app.core.recording.alignment import Alignment, Loudness, fit

Values = npt.NDArray[np.floating[Any]]

HOP = 0.01
"""Seconds between two values of the loudness, as in the alignment of cameras."""

LEAST_RATE = 100.0
"""The lowest usable sampling rate (Hz) of a sound channel."""

_PIECE, _PIECES = 120.0, 5
"""The length (s) and the largest number of the pieces from which the drift is determined."""

_NEAR = 5.0
"""Seconds around the first fit within which a piece is searched."""

_QUIETEST = 1e-12
_UNCERTAINTY = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class SyncSound:
    """Sound (n,) at `rate` Hz whose first sample is at `start` seconds on its own clock; NaN in gaps."""

    samples: Values
    rate: float
    start: float = 0.0


def loudness(sound: SyncSound) -> Loudness:
    """The loudness (n, 1) in dB every 10 ms; the median loudness in gaps."""
    there = np.isfinite(sound.samples)
    values: npt.NDArray[np.float64] = np.where(there, sound.samples, 0.0).astype(np.float64)
    count = int(len(values) / (HOP * sound.rate) + 1e-9)
    if not count or not there.any():
        return np.zeros((0, 1), np.float32)
    # Differences of samples: an offset and slow drift of the amplifier are not sound.
    power: npt.NDArray[np.float64] = np.square(np.diff(values, prepend=values[:1]))
    power[~there | ~np.roll(there, 1)] = 0.0
    levels = 10.0 * np.log10(_means(power, count, sound.rate) + _QUIETEST * max(float(power.max()), 1e-30))
    heard = _means(there.astype(np.float64), count, sound.rate) > 0.5
    levels[~heard] = np.median(levels[heard]) if heard.any() else 0.0
    return np.asarray(levels[:, None], np.float32)


def in_band_of(sound: SyncSound, rate: float) -> SyncSound:
    """The sound without what a channel of `rate` Hz cannot hold: high tones begin and end at other moments
    than low ones, which would shift the match by some milliseconds."""
    from scipy.signal import resample_poly

    share = Fraction(rate / sound.rate).limit_denominator(1000)
    if share >= 1:
        return sound
    narrow = resample_poly(np.nan_to_num(sound.samples), share.numerator, share.denominator)
    return SyncSound(narrow, sound.rate * float(share), sound.start)


def sync_by_sound(eeg: SyncSound, recording: SyncSound) -> SyncProposal:
    """The proposed sync by the sound of the EEG and of the recording, of at most some hours each.

    The offset is determined from the whole, the drift from pieces of two minutes spread over it.
    """
    if eeg.rate < LEAST_RATE:
        return SyncProposal(None, "The sound channel of the EEG has too low a sampling rate to be compared.")
    theirs, mine = loudness(eeg), loudness(in_band_of(recording, eeg.rate))
    whole = fit(theirs, mine)
    if whole.offset is None:
        return SyncProposal(None, whole.why)
    pairs = [*_pairs(theirs, mine, whole.offset, eeg.start, recording.start)]
    first = MarkPair(eeg.start, recording.start + whole.offset)
    found = sync_from_pairs(pairs if len(pairs) > 1 else (first,))
    return _proposal(whole, found, len(pairs))


def _proposal(whole: Alignment, found: SyncFit, pieces: int) -> SyncProposal:
    words = f"The sound channel of the EEG matches the recording's sound (confidence {whole.confidence} %)"
    words += f", at {pieces} places." if pieces > 1 else "."
    spread = max((abs(one) for one in found.residuals), default=0.0)
    return SyncProposal(found.sync, words, max(spread, _UNCERTAINTY), found.warnings)


def _pairs(
    theirs: Loudness, mine: Loudness, offset: float, eeg_start: float, recording_start: float
) -> Iterator[MarkPair]:
    """The times of the middle of each piece of the EEG's sound that was found in the recording's."""
    size, near, shift = round(_PIECE / HOP), round(_NEAR / HOP), round(offset / HOP)
    first, last = max(0, -shift), min(len(theirs), len(mine) - shift)
    count = min(_PIECES, (last - first) // size)
    if count < 2:
        return
    for begin in np.linspace(first, last - size, count).astype(int).tolist():
        low = max(begin + shift - near, 0)
        there = fit(theirs[begin : begin + size], mine[low : begin + shift + size + near])
        if there.offset is not None:
            middle = (begin + size / 2) * HOP
            yield MarkPair(eeg_start + middle, recording_start + low * HOP + there.offset + size / 2 * HOP)


def _means(values: npt.NDArray[np.float64], count: int, rate: float) -> npt.NDArray[np.float64]:
    """(count,) means over 10 ms each; a sample on an edge counts proportionally."""
    sums = np.concatenate(([0.0], np.cumsum(values)))
    edges = np.arange(count + 1) * (HOP * rate)
    return np.diff(np.interp(edges, np.arange(len(sums)), sums)) / (HOP * rate)
