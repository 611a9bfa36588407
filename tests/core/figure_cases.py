"""Readers scored on cases that are given as states, and the same figures by scikit-learn."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.evaluation.case_grid import CaseGrid, LaidOutReader
from app.core.evaluation.confusion import Abstentions
from app.core.evaluation.labels import LabelledCase, LabelState
from app.core.evaluation.patients import PatientGroups, resample
from app.core.evaluation.scoring import FeatureResult, ReaderResult, score_reader
from app.core.semiology import FEATURES

OPEN = LabelState.UNANSWERED
PLACE = {feature.id: at for at, feature in enumerate(FEATURES)}


def grid_of(truth: NDArray[Any], *said: NDArray[Any]) -> CaseGrid:
    cases = tuple(LabelledCase(str(number), str(number), {}) for number in range(len(truth)))
    readers = {f"r{at}": LaidOutReader(f"r{at}", states, cases) for at, states in enumerate(said)}
    return CaseGrid(cases, truth, readers)


def scored(
    truth: NDArray[Any],
    *said: NDArray[Any],
    rule: Abstentions = Abstentions.STUDY,
    patients: int | None = None,
) -> list[ReaderResult]:
    grid = grid_of(truth, *said)
    count = patients or len(truth)
    groups = PatientGroups(np.arange(len(truth)) % count, count, "patient")
    draws = resample(groups, 50)
    return [score_reader(grid, reader, rule, groups, draws) for reader in grid.readers.values()]


def one_feature(feature: str, pairs: list[tuple[LabelState, LabelState]], rule: Abstentions) -> FeatureResult:
    truth, said = np.full((2, len(pairs), len(FEATURES)), OPEN, dtype=np.int8)
    truth[:, PLACE[feature]], said[:, PLACE[feature]] = np.array(pairs).T
    (result,) = scored(truth, said, rule=rule)
    return result.features[feature]


def value(result: FeatureResult, name: str) -> float:
    found = result.scored.figures[name].value
    return math.nan if found is None else found


def by_scikit_learn(truth: NDArray[Any], said: NDArray[Any], *, macro: bool) -> dict[str, float]:
    from sklearn import metrics

    choice: dict[str, Any] = {"average": "macro"} if macro else {"labels": [1], "average": "macro"}
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(truth, said, zero_division=0, **choice)
    classes = sorted({*truth, *said}) if macro else [1]
    others = [metrics.recall_score(truth != one, said != one, zero_division=0) for one in classes]
    return {
        "accuracy": metrics.accuracy_score(truth, said),
        "precision": precision,
        "recall": recall,
        "f1": f1,
        "specificity": float(np.mean(others)),
        "balanced_accuracy": metrics.balanced_accuracy_score(truth, said),
        "mcc": metrics.matthews_corrcoef(truth, said),
    }
