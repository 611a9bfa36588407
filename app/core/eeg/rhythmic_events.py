"""Detection of stretches of a long EEG in which a rhythm rises above its baseline, as in many seizures.

It suggests where to review first. It finds sustained rhythmic activity and misses everything else; it has not
been validated on patients and does not replace a diagnosis.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.core.eeg.trends import BANDS, COLUMN, Trends

Floats = npt.NDArray[np.float32]

RISE = 12.0
"""dB above the baseline power at which a channel reaches its full score."""

LEAST_RHYTHM, FULL_RHYTHM = 0.2, 0.6
"""The share of the spectrum in one rhythm up to which the score is 0, and from which on it is 1."""

THRESHOLD = 0.25
"""The lowest score of a column that belongs to an event."""

SHORTEST = 10.0
"""Seconds; by definition a seizure in the EEG lasts at least 10 s (ACNS critical care terminology 2021)."""

EVOLUTION = 0.8
"""Hz by which the rhythm must change from the first to the last third of an event to be called evolving."""

_CHANNELS = 2
"""The number of channels that must show the rhythm: the score of a column is that of the second strongest."""

_JOIN = 3
"""The most columns of a lower score that do not end an event."""

_MINUTE = round(60 / float(COLUMN))
_BEFORE = 10
"""Minutes of the baseline."""


@dataclass(frozen=True, slots=True)
class RhythmicEvent:
    """A stretch of rising rhythm: `start` and `end` in seconds, highest `score` (0–1), names of the channels
    that show it (the strongest at onset first), rates `first_hertz` and `last_hertz` of its first and last
    third. `evolves` is True when its rate changes, or when twice as many channels show it at the end."""

    start: float
    end: float
    score: float
    channels: tuple[str, ...]
    first_hertz: float
    last_hertz: float
    evolves: bool


def event_scores(trends: Trends) -> Floats:
    """Scores 0–1 (channels, columns): the rise of the power above baseline times the share of one rhythm in
    the spectrum; 0 in gaps."""
    level = _level(trends)
    rise = np.clip((level - _baseline(level)) / RISE, 0.0, 1.0)
    rhythm = trends.rhythm.astype(np.float32) / 255.0
    rhythmic = np.clip((rhythm - LEAST_RHYTHM) / (FULL_RHYTHM - LEAST_RHYTHM), 0.0, 1.0)
    return np.nan_to_num(rise * rhythmic, nan=0.0).astype(np.float32)


def overall_score(scores: Floats) -> Floats:
    """(columns,) the score of the second strongest channel, so that one bad electrode causes no event."""
    if len(scores) < _CHANNELS:
        return scores.max(axis=0) if len(scores) else np.zeros(scores.shape[1], np.float32)
    return np.asarray(np.partition(scores, len(scores) - _CHANNELS, axis=0)[len(scores) - _CHANNELS])


def rhythmic_events(trends: Trends) -> tuple[RhythmicEvent, ...]:
    """The rhythmic events of at least 10 s, in order of time."""
    scores = event_scores(trends)
    overall = overall_score(scores)
    least = round(SHORTEST / float(COLUMN))
    return tuple(
        _event(trends, scores, overall, first, stop)
        for first, stop in _joined_runs(overall >= THRESHOLD)
        if stop - first >= least
    )


def _level(trends: Trends) -> Floats:
    """(channels, columns) the power between 0.5 and 30 Hz in dB."""
    slow = [number for number, (_, _, high) in enumerate(BANDS) if high <= 30.0]
    power = np.square(trends.rms[:, :, slow].astype(np.float32)).sum(axis=2)
    return np.asarray(10.0 * np.log10(np.maximum(power, np.float32(1e-4))))


def _baseline(level: Floats) -> Floats:
    """The median of the ten minutes before each column's minute; of the whole recording where there are
    fewer."""
    minutes = -(-level.shape[1] // _MINUTE)
    padded = np.full((len(level), minutes * _MINUTE), np.nan, np.float32)
    padded[:, : level.shape[1]] = level
    medians = _median(padded.reshape(len(level), minutes, _MINUTE))
    whole = _median(level)
    usual = np.empty_like(medians)
    for minute in range(minutes):
        before = _median(medians[:, max(minute - _BEFORE, 0) : minute])
        short = minute < _BEFORE // 2
        usual[:, minute] = whole if short else np.where(np.isfinite(before), before, whole)
    return np.repeat(usual, _MINUTE, axis=1)[:, : level.shape[1]]


def _median(values: Floats) -> Floats:
    """The median over the last axis, ignoring NaN; NaN where all values are."""
    result = np.full(values.shape[:-1], np.nan, np.float32)
    there = np.isfinite(values).any(axis=-1)
    if there.any():
        result[there] = np.nanmedian(values[there], axis=-1)
    return result


def _joined_runs(inside: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The half-open column ranges of True; those at most `_JOIN` columns apart are joined."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], inside, [False])))).reshape(-1, 2)
    runs: list[tuple[int, int]] = []
    for first, stop in edges.tolist():
        if runs and first - runs[-1][1] <= _JOIN:
            runs[-1] = (runs[-1][0], stop)
        else:
            runs.append((first, stop))
    return runs


def _event(trends: Trends, scores: Floats, overall: Floats, first: int, stop: int) -> RhythmicEvent:
    third = max((stop - first) // 3, 1)
    begin, end = slice(first, first + third), slice(stop - third, stop)
    hertz = [_hertz(trends, scores, part) for part in (begin, end)]
    early, late = (int((scores[:, part].mean(axis=1) >= THRESHOLD).sum()) for part in (begin, end))
    inside = np.flatnonzero(scores[:, first:stop].max(axis=1) >= THRESHOLD)
    strength = scores[:, begin].mean(axis=1)
    order = inside[np.argsort(-strength[inside], kind="stable")]
    return RhythmicEvent(
        trends.time(first),
        trends.time(stop),
        float(overall[first:stop].max()),
        tuple(trends.names[number] for number in order),
        hertz[0],
        hertz[1],
        abs(hertz[0] - hertz[1]) >= EVOLUTION or late >= 2 * max(early, 1),
    )


def _hertz(trends: Trends, scores: Floats, part: slice) -> float:
    """The rate of the rhythm in Hz, of the channels that show it."""
    weights = scores[:, part]
    peaks = np.nan_to_num(trends.peak[:, part].astype(np.float32))
    return float((peaks * weights).sum() / max(float(weights.sum()), 1e-6))
