"""Readings of one reader under several prompts, or repeated: how often answers flip, how far F1 spreads.

They are named NAME#1, NAME#2, … (or NAME#prompt).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.evaluation.labels import LabelState
from app.core.evaluation.patients import PatientGroups
from app.core.evaluation.resampled_mean import resampled_mean
from app.core.evaluation.scoring import Estimate, ReaderResult
from app.core.semiology import FEATURES

SIGN = "#"
"""What parts a reader's name from that of a repetition."""


@dataclass(frozen=True, slots=True)
class FeatureRepeats:
    """The repetitions in one feature.

    `flips` is the share of the `n` cases that all of them answered (yes, no or not assessable) in which they
    do not all say the same; the others are the lowest, mean and highest F1 and its standard deviation, None
    where a repetition has none.
    """

    n: int
    flips: Estimate
    lowest: float | None
    mean: float | None
    highest: float | None
    deviation: float | None


@dataclass(frozen=True, slots=True)
class RepeatedReader:
    """The names of a reader's repetitions, and what they say by feature."""

    readings: tuple[str, ...]
    features: Mapping[str, FeatureRepeats]


def compare_repeats(
    results: Mapping[str, ReaderResult], groups: PatientGroups, draws: NDArray[Any]
) -> Mapping[str, RepeatedReader]:
    """The repeated readers by the name before the sign; readers that are there once are left out."""
    found: dict[str, list[str]] = {}
    for name in results:
        reader, sign, _ = name.rpartition(SIGN)
        if sign:
            found.setdefault(reader, []).append(name)
    return {
        reader: RepeatedReader(tuple(names), _features([results[name] for name in names], groups, draws))
        for reader, names in found.items()
        if len(names) > 1
    }


def _features(
    repeats: Sequence[ReaderResult], groups: PatientGroups, draws: NDArray[Any]
) -> Mapping[str, FeatureRepeats]:
    states = np.stack([one.reader.states for one in repeats])
    answered = (states <= LabelState.NOT_ASSESSABLE).all(axis=0)
    flipped = (states != states[0]).any(axis=0)
    found = {}
    for at, feature in enumerate(FEATURES):
        rows = answered[:, at]
        figures = [one.features[feature.id].scored.figures["f1"] for one in repeats]
        if rows.any() and all(one.value is not None for one in figures):
            flips = resampled_mean(flipped[rows, at].astype(float), groups.numbers[rows], groups, draws)
            found[feature.id] = FeatureRepeats(
                int(rows.sum()), flips, *_spread([None if one.undefined else one.value for one in figures])
            )
    return found


def _spread(values: Sequence[float | None]) -> Sequence[float | None]:
    """The lowest, mean and highest, and the standard deviation; four None where one is not known."""
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return (None,) * 4
    f1 = np.array(known)
    return tuple(map(float, (f1.min(), f1.mean(), f1.max(), f1.std(ddof=1))))
