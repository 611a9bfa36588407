"""The order in which signs begin: of the features that both have in a recording, and of no others.

Features that only one side has count for nothing, so saying yes to more of them cannot raise a score.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.evaluation.case_grid import CaseGrid, LaidOutReader
from app.core.evaluation.labels import LabelledCase
from app.core.evaluation.patients import PatientGroups
from app.core.evaluation.resampled_mean import resampled_mean
from app.core.evaluation.scoring import Estimate
from app.core.semiology import FEATURES, Presence

Array = NDArray[Any]
Onsets = Mapping[str, float]
"""The first onset (s) of each feature that is there."""


@dataclass(frozen=True, slots=True)
class OrderFigures:
    """`pairs`: the share of pairs in the same order; `subsequence`: the longest common subsequence as a share
    of the features, from one of them to all."""

    pairs: Estimate
    subsequence: Estimate


@dataclass(frozen=True, slots=True)
class SequenceFigures:
    """The reader's order over `n` recordings in which both have two features or more, with `features` of them
    on the average; and that of a `constant` order, by the reference's median onsets in other patients."""

    n: int
    features: float
    reader: OrderFigures
    constant: OrderFigures


def order_reader(
    grid: CaseGrid, reader: LaidOutReader, groups: PatientGroups, draws: Array
) -> SequenceFigures | None:
    """The order of the reader's onsets; None where no recording has two features in common."""
    truth = [onsets_of(case) for case in grid.cases]
    rows, fixed, patients, counts = [], [], [], []
    for at, (mine, case) in enumerate(zip(truth, reader.cases, strict=True)):
        theirs = {} if case is None else onsets_of(case)
        score = order_score(mine, theirs)
        if score is None:
            continue
        rows.append(score)
        patients.append(groups.numbers[at])
        counts.append(len(mine.keys() & theirs.keys()))
        others = [one for one, who in zip(truth, groups.numbers, strict=True) if who != groups.numbers[at]]
        fixed.append(_constant_score({key: mine[key] for key in mine if key in theirs}, others))
    if not rows:
        return None
    who = np.array(patients)
    known = np.array([one is not None for one in fixed])
    constant = [one for one in fixed if one is not None]
    return SequenceFigures(
        len(rows),
        float(np.mean(counts)),
        _figures(rows, who, groups, draws),
        _figures(constant, who[known], groups, draws),
    )


def onsets_of(case: LabelledCase) -> Onsets:
    """The first onset of each feature that a case says yes to and marks."""
    answers = (case.answer(feature.id) for feature in FEATURES)
    return {
        one.feature: one.evidence[0].start for one in answers if one.presence is Presence.YES and one.evidence
    }


def order_score(truth: Onsets, said: Onsets) -> tuple[float, float] | None:
    """The share of pairs in the same order, and of features in the longest common subsequence.

    Over the features of both, None for fewer than two, or when the truth has all of them at one moment. Pairs
    that begin together in truth are left out of the pairs and may come in any order in the subsequence; a
    pair that the reader alone has begin together counts a half, and one of the two.
    """
    both = [feature.id for feature in FEATURES if feature.id in truth and feature.id in said]
    pairs = [(one, other) for one, other in combinations(both, 2) if truth[one] != truth[other]]
    if not pairs:
        return None
    right = [_same_order(truth[a] - truth[b], said[a] - said[b]) for a, b in pairs]
    moments = sorted((truth[feature], said[feature]) for feature in both)
    return sum(right) / len(pairs), _longest_rise(moments) / len(both)


def _same_order(truth: float, said: float) -> float:
    return 0.5 if said == 0 else float((truth > 0) == (said > 0))


def _longest_rise(moments: Sequence[tuple[float, float]]) -> int:
    """The length of the longest subsequence of (truth, said), sorted, in which what is said rises; it may
    stay where both begin together."""
    lengths: list[int] = []
    for at, (truth, said) in enumerate(moments):
        before = [
            lengths[other]
            for other, (their_truth, their_said) in enumerate(moments[:at])
            if their_said < said or (their_truth, their_said) == (truth, said)
        ]
        lengths.append(1 + max(before, default=0))
    return max(lengths)


def _constant_score(truth: Onsets, others: Sequence[Onsets]) -> tuple[float, float] | None:
    """The score of the order by median onsets in other patients, of the features that any of them has."""
    medians = {
        feature: float(np.median(found))
        for feature in truth
        if (found := [one[feature] for one in others if feature in one])
    }
    return order_score(truth, medians)


def _figures(
    rows: Sequence[tuple[float, float]], patients: Array, groups: PatientGroups, draws: Array
) -> OrderFigures:
    columns = np.array(rows).reshape(-1, 2).T
    return OrderFigures(*(resampled_mean(column, patients, groups, draws) for column in columns))
