"""The synchronisation of an EEG with a recording: offset and drift of their clocks, from pairs of marks.

The drift of two devices is constant over a day (12 µs/s have been measured, a second a day), so a straight
line fits all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.core.clock_sync import MarkPair, Sync
from app.core.errors import UserError

__all__ = [
    "IMPLAUSIBLE",
    "MARK_ERROR",
    "OUTLIER",
    "SAME_CLOCK",
    "TYPICAL_DRIFT",
    "MarkPair",
    "Sync",
    "SyncFit",
    "sync_from_pairs",
    "uncertainty_at",
]

IMPLAUSIBLE = 200e-6
"""Seconds per second: a larger drift means wrong marks, because clocks of devices do not drift more."""

MARK_ERROR = 0.02
"""The error of a mark in the picture in seconds: half a frame."""

TYPICAL_DRIFT = 50e-6
"""Seconds per second: the drift to reckon with while it has not been measured."""

OUTLIER = 0.1
"""The largest distance (s) of a pair from the line through the others that is not reported."""

_SHORTEST = 2 * MARK_ERROR / IMPLAUSIBLE
"""The shortest distance (s) between marks at which their errors alone cannot look like an implausible
drift."""

_PER_MILLION = 1e6


SAME_CLOCK = Sync(0.0)
"""The sync of identical clocks."""


@dataclass(frozen=True, slots=True)
class SyncFit:
    """A sync fitted to pairs of marks; `residuals` (s) are the errors of the pairs (in the order given),
    `warnings` are sentences for the person who set the marks."""

    sync: Sync
    residuals: tuple[float, ...]
    warnings: tuple[str, ...] = ()


def sync_from_pairs(pairs: Sequence[MarkPair]) -> SyncFit:
    """The sync fitted to the pairs: an offset from one, offset and drift from two, least squares from more.

    Pairs less than 200 s apart give no drift, because it would only reflect the error of the marks. Raises
    UserError without a pair, or when the order of the marks differs between the two clocks.
    """
    if not pairs:
        raise UserError("Set at least one mark in the trace and in the picture.")
    _check_order(pairs)
    span = max(pair.eeg for pair in pairs) - min(pair.eeg for pair in pairs)
    if len(pairs) == 1 or span < _SHORTEST:
        return _fit(_mean_offset(pairs), pairs, _short_span_warnings(pairs, span))
    fit = _fit(_line(pairs), pairs, ())
    return SyncFit(
        fit.sync, fit.residuals, (*_drift_warnings(fit.sync), *_outlier_warnings(pairs, fit.residuals))
    )


def uncertainty_at(pairs: Sequence[MarkPair], eeg: float) -> float:
    """The uncertainty (s) of the sync from these pairs at `eeg` seconds on the EEG's clock, for marks with an
    error of half a frame: small between two marks, growing outside of them. Raises ValueError without a
    pair."""
    first, last = min(pair.eeg for pair in pairs), max(pair.eeg for pair in pairs)
    outside = max(first - eeg, eeg - last, 0.0)
    if last - first < _SHORTEST:
        return MARK_ERROR + TYPICAL_DRIFT * max(outside, abs(eeg - (first + last) / 2))
    return MARK_ERROR * (1.0 + 2.0 * outside / (last - first))


def _check_order(pairs: Sequence[MarkPair]) -> None:
    for before, after in pairwise(sorted(pairs)):
        if after.recording - before.recording < -OUTLIER:
            raise UserError(
                "The marks are in another order in the trace than in the picture; one pair does not belong "
                "together."
            )


def _mean_offset(pairs: Sequence[MarkPair]) -> Sync:
    return Sync(sum(pair.recording - pair.eeg for pair in pairs) / len(pairs))


def _line(pairs: Sequence[MarkPair]) -> Sync:
    """The least-squares line. It is fitted to the differences of the clocks, which are small numbers."""
    import numpy as np

    eeg = np.array([pair.eeg for pair in pairs])
    ahead = np.array([pair.recording - pair.eeg for pair in pairs])
    middle = float(eeg.mean())
    drift = float((eeg - middle) @ (ahead - ahead.mean()) / ((eeg - middle) @ (eeg - middle)))
    return Sync(float(ahead.mean()) - drift * middle, drift)


def _fit(sync: Sync, pairs: Sequence[MarkPair], warnings: tuple[str, ...]) -> SyncFit:
    return SyncFit(sync, _residuals(sync, pairs), warnings)


def _residuals(sync: Sync, pairs: Sequence[MarkPair]) -> tuple[float, ...]:
    return tuple(pair.recording - sync.to_recording(pair.eeg) for pair in pairs)


def _short_span_warnings(pairs: Sequence[MarkPair], span: float) -> tuple[str, ...]:
    """Warnings about marks that are too close together to measure the drift."""
    if len(pairs) == 1:
        return ()
    apart = _largest([pair.recording - pair.eeg for pair in pairs])
    if apart > OUTLIER:
        return (
            f"The marks differ by {apart:.2f} s though they are {span:.0f} s apart; one of them is wrong.",
        )
    return (
        f"The marks are {span:.0f} s apart, which is too little to measure the drift of the clocks; set a "
        f"second pair at least {_SHORTEST:.0f} s away.",
    )


def _largest(values: Sequence[float]) -> float:
    return max(values) - min(values)


def _drift_warnings(sync: Sync) -> tuple[str, ...]:
    if abs(sync.drift) <= IMPLAUSIBLE:
        return ()
    return (
        f"By these marks the clocks drift by {abs(sync.drift) * _PER_MILLION:.0f} µs a second, which real "
        f"devices do not ({IMPLAUSIBLE * _PER_MILLION:.0f} at most); one of the marks is probably wrong.",
    )


def _outlier_warnings(pairs: Sequence[MarkPair], residuals: Sequence[float]) -> tuple[str, ...]:
    """A warning about the pair that does not fit the others, if there is one."""
    if len(pairs) < 3 or max(abs(one) for one in residuals) <= OUTLIER / 2:
        return ()
    misses = [_miss(pairs, number) for number in range(len(pairs))]
    found = [number for number, (fits, miss) in enumerate(misses) if fits and miss > OUTLIER]
    if len(found) == 1:
        number = found[0]
        return (f"Pair {number + 1} is {misses[number][1]:.2f} s away from its place by the other pairs.",)
    if max(abs(one) for one in residuals) <= OUTLIER:
        return ()
    return ("The pairs of marks do not fit together: at least one of them is wrong.",)


def _miss(pairs: Sequence[MarkPair], number: int) -> tuple[bool, float]:
    """Whether the other pairs are consistent, and the distance (s) of one pair from their line."""
    others = [pair for place, pair in enumerate(pairs) if place != number]
    span = max(pair.eeg for pair in others) - min(pair.eeg for pair in others)
    sync = _line(others) if span >= _SHORTEST else _mean_offset(others)
    fits = abs(sync.drift) <= IMPLAUSIBLE and max(abs(one) for one in _residuals(sync, others)) <= OUTLIER / 2
    return fits, abs(pairs[number].recording - sync.to_recording(pairs[number].eeg))
