"""How the clock of an EEG stands to that of a recording: an offset and a drift, from pairs of marks.

Two devices drift apart evenly for a day (12 µs/s have been measured, a second a day), so one straight line
holds for all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from app.core.errors import UserError

IMPLAUSIBLE = 200e-6
"""Seconds per second: clocks of devices do not drift more; marks that say so are wrong."""

MARK_ERROR = 0.02
"""Seconds: half a frame, what a mark in the picture may be off."""

USUAL_DRIFT = 50e-6
"""Seconds per second by which clocks may drift as long as nothing has been measured of it."""

ODD_ONE = 0.1
"""Seconds by which a pair may miss the line through the others before it is reported."""

_SHORTEST = 2 * MARK_ERROR / IMPLAUSIBLE
"""Seconds between marks below which their errors alone would look like an implausible drift."""

_PER_MILLION = 1e6


@dataclass(frozen=True, slots=True)
class Sync:
    """The recording's clock = `offset` + (1 + `drift`) × the EEG's clock.

    `offset` in seconds is the time on the recording's clock when the EEG's shows 0; `drift` in seconds per
    second, above 0 when the recording's clock is the faster one. The conversions are floats: within a day
    they and their inverse are right to less than a nanosecond.
    """

    offset: float
    drift: float = 0.0

    def to_recording(self, eeg: float) -> float:
        """Seconds on the recording's clock at `eeg` seconds on the EEG's."""
        # The drift by itself is small, so nothing is lost beside the large times.
        return self.offset + eeg + self.drift * eeg

    def to_eeg(self, recording: float) -> float:
        """Seconds on the EEG's clock at `recording` seconds on the recording's."""
        passed = recording - self.offset
        return passed - self.drift / (1.0 + self.drift) * passed


SAME_CLOCK = Sync(0.0)
"""Both clocks show the same."""


@dataclass(frozen=True, slots=True, order=True)
class MarkPair:
    """One moment, seen in the trace and in the picture: seconds on both clocks."""

    eeg: float
    recording: float


@dataclass(frozen=True, slots=True)
class SyncFit:
    """A sync from pairs of marks; `residuals` are the seconds by which each pair misses it (in the order
    given), `warnings` sentences for the person who set the marks."""

    sync: Sync
    residuals: tuple[float, ...]
    warnings: tuple[str, ...] = ()


def sync_from_pairs(pairs: Sequence[MarkPair]) -> SyncFit:
    """The sync that the pairs say: an offset from one, offset and drift from two, least squares from more.

    Pairs less than 200 s apart give no drift: what they would say of it is the error of the marks. Raises
    UserError without a pair, or when the order of the marks differs on the two clocks.
    """
    if not pairs:
        raise UserError("Set at least one mark in the trace and in the picture.")
    _check_order(pairs)
    span = max(pair.eeg for pair in pairs) - min(pair.eeg for pair in pairs)
    if len(pairs) == 1 or span < _SHORTEST:
        return _fit(_mean_offset(pairs), pairs, _short(pairs, span))
    fit = _fit(_line(pairs), pairs, ())
    return SyncFit(fit.sync, fit.residuals, (*_implausible(fit.sync), *_odd_ones(pairs, fit.residuals)))


def uncertainty_at(pairs: Sequence[MarkPair], eeg: float) -> float:
    """Seconds by which the sync from these pairs may be off at `eeg` seconds on the EEG's clock, as each mark
    may be off by half a frame: little between two marks, more the farther outside them. Raises ValueError
    without a pair."""
    first, last = min(pair.eeg for pair in pairs), max(pair.eeg for pair in pairs)
    outside = max(first - eeg, eeg - last, 0.0)
    if last - first < _SHORTEST:
        return MARK_ERROR + USUAL_DRIFT * max(outside, abs(eeg - (first + last) / 2))
    return MARK_ERROR * (1.0 + 2.0 * outside / (last - first))


def _check_order(pairs: Sequence[MarkPair]) -> None:
    for before, after in pairwise(sorted(pairs)):
        if after.recording - before.recording < -ODD_ONE:
            raise UserError(
                "The marks are in another order in the trace than in the picture; one pair does not belong "
                "together."
            )


def _mean_offset(pairs: Sequence[MarkPair]) -> Sync:
    return Sync(sum(pair.recording - pair.eeg for pair in pairs) / len(pairs))


def _line(pairs: Sequence[MarkPair]) -> Sync:
    """The line of least squares. The differences of the clocks are fitted, as they are small numbers."""
    eeg = np.array([pair.eeg for pair in pairs])
    ahead = np.array([pair.recording - pair.eeg for pair in pairs])
    middle = float(eeg.mean())
    drift = float((eeg - middle) @ (ahead - ahead.mean()) / ((eeg - middle) @ (eeg - middle)))
    return Sync(float(ahead.mean()) - drift * middle, drift)


def _fit(sync: Sync, pairs: Sequence[MarkPair], warnings: tuple[str, ...]) -> SyncFit:
    return SyncFit(sync, _residuals(sync, pairs), warnings)


def _residuals(sync: Sync, pairs: Sequence[MarkPair]) -> tuple[float, ...]:
    return tuple(pair.recording - sync.to_recording(pair.eeg) for pair in pairs)


def _short(pairs: Sequence[MarkPair], span: float) -> tuple[str, ...]:
    """What is said of marks that are too close together to show a drift."""
    if len(pairs) == 1:
        return ()
    apart = _largest([pair.recording - pair.eeg for pair in pairs])
    if apart > ODD_ONE:
        return (
            f"The marks differ by {apart:.2f} s though they are {span:.0f} s apart; one of them is wrong.",
        )
    return (
        f"The marks are {span:.0f} s apart, which is too little to measure the drift of the clocks; set a "
        f"second pair at least {_SHORTEST:.0f} s away.",
    )


def _largest(values: Sequence[float]) -> float:
    return max(values) - min(values)


def _implausible(sync: Sync) -> tuple[str, ...]:
    if abs(sync.drift) <= IMPLAUSIBLE:
        return ()
    return (
        f"By these marks the clocks drift by {abs(sync.drift) * _PER_MILLION:.0f} µs a second, which real "
        f"devices do not ({IMPLAUSIBLE * _PER_MILLION:.0f} at most); one of the marks is probably wrong.",
    )


def _odd_ones(pairs: Sequence[MarkPair], residuals: Sequence[float]) -> tuple[str, ...]:
    """The pair that does not fit to the others, if one does not."""
    if len(pairs) < 3 or max(abs(one) for one in residuals) <= ODD_ONE / 2:
        return ()
    misses = [_miss(pairs, number) for number in range(len(pairs))]
    found = [number for number, (fits, miss) in enumerate(misses) if fits and miss > ODD_ONE]
    if len(found) == 1:
        number = found[0]
        return (f"Pair {number + 1} is {misses[number][1]:.2f} s away from where the others put it.",)
    if max(abs(one) for one in residuals) <= ODD_ONE:
        return ()
    return ("The pairs of marks do not fit together: at least one of them is wrong.",)


def _miss(pairs: Sequence[MarkPair], number: int) -> tuple[bool, float]:
    """Whether the other pairs fit together believably, and how far from their line one pair lies."""
    others = [pair for place, pair in enumerate(pairs) if place != number]
    span = max(pair.eeg for pair in others) - min(pair.eeg for pair in others)
    sync = _line(others) if span >= _SHORTEST else _mean_offset(others)
    fits = abs(sync.drift) <= IMPLAUSIBLE and max(abs(one) for one in _residuals(sync, others)) <= ODD_ONE / 2
    return fits, abs(pairs[number].recording - sync.to_recording(pairs[number].eeg))
