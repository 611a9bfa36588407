"""Explanations: how faithful people rated them, and whether the raters agree.

After arXiv 2605.03352 a person scores each explanation 1–5, and the share of 3 or more is reported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.agreement.anchors import ANCHORS
from app.core.agreement.faithfulness import FAITHFUL
from app.core.evaluation.case_grid import LaidOutReader
from app.core.evaluation.patients import PatientGroups
from app.core.evaluation.resampled_mean import resampled_mean
from app.core.evaluation.scoring import Estimate
from app.core.semiology import FEATURES

Array = NDArray[Any]
EVERYTHING = "all"
"""The key of all features together."""


@dataclass(frozen=True, slots=True)
class ExplanationFigures:
    """The ratings of `n` explanations: how many of each score, their mean, and the share of 3 or more.

    `alpha` is Krippendorff's for ordinal scores over the `shared` explanations that several people rated,
    None where there are fewer than two of them or all scores are the same.
    """

    n: int
    distribution: Mapping[int, int]
    mean: Estimate
    faithful: Estimate
    shared: int
    alpha: float | None


@dataclass(frozen=True, slots=True)
class _Rated:
    """The scores of one explanation by rater, and its recording's patient."""

    patient: int
    scores: Mapping[str, int]


def rate_reader(
    reader: LaidOutReader, groups: PatientGroups, draws: Array
) -> Mapping[str, ExplanationFigures]:
    """The ratings by feature and of all together, of the features with any."""
    found = {}
    everything: list[_Rated] = []
    for feature in FEATURES:
        rated = [
            _Rated(int(patient), case.labels[feature.id].ratings)
            for patient, case in zip(groups.numbers, reader.cases, strict=True)
            if case is not None and feature.id in case.labels and case.labels[feature.id].ratings
        ]
        if rated:
            found[feature.id] = _figures(rated, groups, draws)
            everything += rated
    if everything:
        found[EVERYTHING] = _figures(everything, groups, draws)
    return found


def _figures(rated: Sequence[_Rated], groups: PatientGroups, draws: Array) -> ExplanationFigures:
    scores = np.array([score for one in rated for score in one.scores.values()])
    patients = np.repeat([one.patient for one in rated], [len(one.scores) for one in rated])
    several = [one.scores for one in rated if len(one.scores) > 1]
    return ExplanationFigures(
        len(rated),
        {anchor.score: int((scores == anchor.score).sum()) for anchor in ANCHORS},
        resampled_mean(scores, patients, groups, draws),
        resampled_mean(scores >= FAITHFUL, patients, groups, draws),
        len(several),
        ordinal_alpha(several),
    )


def ordinal_alpha(rated: Sequence[Mapping[str, int]]) -> float | None:
    """Krippendorff's alpha of ordinal scores, an explanation's by rater in each; None where undefined."""
    import krippendorff

    raters = sorted({rater for scores in rated for rater in scores})
    table = np.array([[scores.get(rater, np.nan) for scores in rated] for rater in raters], dtype=float)
    if len(rated) < 2 or len(np.unique(table[np.isfinite(table)])) < 2:
        return None
    return float(krippendorff.alpha(reliability_data=table, level_of_measurement="ordinal"))
