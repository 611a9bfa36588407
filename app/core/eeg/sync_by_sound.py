"""The sync of an EEG that has a channel of sound: its loudness is looked for in the recording's sound.

The loudness of both every 10 ms is compared as that of two cameras is (`app.core.recording.alignment`). A
channel of an EEG has too low a rate for several bands, so there is only one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
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
"""Hz below which a channel says too little of a sound."""

_PIECE, _PIECES = 120.0, 5
"""Seconds of a piece by which the drift is found, and how many there are at most."""

_NEAR = 5.0
"""Seconds around the place of the first fit where a piece is looked for."""

_QUIETEST = 1e-12
_UNCERTAINTY = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class SyncSound:
    """(n,) samples at `rate` Hz; the first comes at `start` seconds on its own clock. NaN is nothing."""

    samples: Values
    rate: float
    start: float = 0.0


def loudness(sound: SyncSound) -> Loudness:
    """(n, 1) dB every 10 ms; where there is nothing, the usual loudness."""
    there = np.isfinite(sound.samples)
    values: npt.NDArray[np.float64] = np.where(there, sound.samples, 0.0).astype(np.float64)
    count = int(len(values) / (HOP * sound.rate) + 1e-9)
    if not count or not there.any():
        return np.zeros((0, 1), np.float32)
    # Changes from sample to sample: an offset and slow swings of the amplifier are no sound.
    power: npt.NDArray[np.float64] = np.square(np.diff(values, prepend=values[:1]))
    power[~there | ~np.roll(there, 1)] = 0.0
    levels = 10.0 * np.log10(_means(power, count, sound.rate) + _QUIETEST * max(float(power.max()), 1e-30))
    heard = _means(there.astype(np.float64), count, sound.rate) > 0.5
    levels[~heard] = np.median(levels[heard]) if heard.any() else 0.0
    return np.asarray(levels[:, None], np.float32)


def sync_by_sound(eeg: SyncSound, recording: SyncSound) -> SyncProposal:
    """The sync by the sound of the EEG and that of the recording, of at most some hours each.

    The offset comes from the whole; pieces of two minutes spread over it give the drift.
    """
    if eeg.rate < LEAST_RATE:
        return SyncProposal(None, "The sound channel of the EEG has too low a sampling rate to be compared.")
    theirs, mine = loudness(eeg), loudness(recording)
    whole = fit(theirs, mine)
    if whole.offset is None:
        return SyncProposal(None, whole.why)
    pairs = [*_pairs(theirs, mine, whole.offset, eeg.start, recording.start)]
    first = MarkPair(eeg.start, recording.start + whole.offset)
    found = sync_from_pairs(pairs if len(pairs) > 1 else (first,))
    return _proposal(whole, found, len(pairs))


def _proposal(whole: Alignment, found: SyncFit, pieces: int) -> SyncProposal:
    words = f"The sound channel of the EEG fits to the recording's sound (confidence {whole.confidence} %)"
    words += f", at {pieces} places." if pieces > 1 else "."
    spread = max((abs(one) for one in found.residuals), default=0.0)
    return SyncProposal(found.sync, words, max(spread, _UNCERTAINTY), found.warnings)


def _pairs(
    theirs: Loudness, mine: Loudness, offset: float, eeg_start: float, recording_start: float
) -> Iterator[MarkPair]:
    """The middle of every piece of the EEG's sound, where it is found in the recording's."""
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
    """(count,) the mean over every 10 ms; an edge within a sample shares it out."""
    sums = np.concatenate(([0.0], np.cumsum(values)))
    edges = np.arange(count + 1) * (HOP * rate)
    return np.diff(np.interp(edges, np.arange(len(sums)), sums)) / (HOP * rate)
