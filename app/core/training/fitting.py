"""One feature fitted: a scikit-learn pipeline, chosen, calibrated and judged on patients it has not seen.

A case has one row of inputs or several (segments); the highest score of its rows is that of the case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.evaluation.calibration import fit_platt
from app.core.readers.trained.linear_model import LinearModel
from app.core.training.patient_folds import patient_folds

Array = NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class TrainingTask:
    """The cases of one feature: inputs `rows` (r, k) of the cases `case` (r,), sorted, with the `truth` (c,)
    of each case, 0 or 1, and its patient's number (c,)."""

    inputs: tuple[str, ...]
    rows: Array
    case: Array
    truth: Array
    patients: Array

    def only(self, cases: Array) -> TrainingTask:
        """The same with these cases alone."""
        place = np.full(len(self.truth), -1)
        place[cases] = np.arange(len(cases))
        kept = place[self.case] >= 0
        order = np.argsort(place[self.case[kept]], kind="stable")
        return TrainingTask(
            self.inputs,
            self.rows[kept][order],
            place[self.case[kept]][order],
            self.truth[cases],
            self.patients[cases],
        )


@dataclass(frozen=True, slots=True)
class Candidate:
    """A way of fitting: the first `width` inputs, and the inverse strength `c` of the penalty."""

    name: str
    width: int
    c: float


@dataclass(frozen=True, slots=True, eq=False)
class FittedFeature:
    """A fitted feature, and which candidate it is."""

    model: LinearModel
    chosen: Candidate


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """What was said of each case (c,) by a model that had not seen its patient: the probability of yes, NaN
    where no model could be fitted, and whether the answer is yes."""

    probability: Array
    yes: Array


def fit_feature(task: TrainingTask, candidates: Sequence[Candidate]) -> FittedFeature | None:
    """The best candidate, fitted on all cases; None where no folds can be made.

    Chosen by log loss, calibrated (Platt) and given its threshold on scores of patients that were left out.
    """
    found = [(candidate, left_out_scores(task, candidate)) for candidate in candidates]
    known = [(candidate, scores) for candidate, scores in found if np.isfinite(scores).sum() > 1]
    if not known:
        return None
    chosen, scores = min(known, key=lambda one: _log_loss(one[1], task.truth))
    kept = np.isfinite(scores)
    platt = fit_platt(scores[kept], task.truth[kept])
    if platt is None:
        return None
    threshold = _threshold(scores[kept] * platt[0] + platt[1], task.truth[kept])
    return FittedFeature(_linear(task, chosen, platt, threshold), chosen)


def judge_feature(task: TrainingTask, candidates: Sequence[Candidate]) -> Judged:
    """Every case by a model that was chosen, calibrated and fitted without its patient."""
    probability, yes = np.full(len(task.truth), np.nan), np.zeros(len(task.truth), dtype=bool)
    for fitted, judged in patient_folds(task.truth, task.patients):
        found = fit_feature(task.only(fitted), candidates)
        if found is None:
            continue
        part = task.only(judged)
        model = found.model
        width = len(model.inputs)
        scores = case_scores(model.scores(part.rows[:, :width]), part.case, len(judged))
        probability[judged] = [model.probability(score) for score in scores]
        yes[judged] = probability[judged] >= model.threshold
    return Judged(probability, yes)


def left_out_scores(task: TrainingTask, candidate: Candidate) -> Array:
    """(c,): the score of each case by a pipeline fitted without its patient, NaN where none could be."""
    scores = np.full(len(task.truth), np.nan)
    for fitted, judged in patient_folds(task.truth, task.patients):
        pipeline = fit_pipeline(task.only(fitted), candidate)
        part = task.only(judged)
        found = pipeline.decision_function(part.rows[:, : candidate.width])
        scores[judged] = case_scores(found, part.case, len(judged))
    return scores


def case_scores(scores: Array, case: Array, count: int) -> Array:
    """(count,): the highest of the scores (r,) of each case."""
    highest = np.full(count, -np.inf)
    np.maximum.at(highest, case, scores)
    return highest


def fit_pipeline(task: TrainingTask, candidate: Candidate) -> Any:
    """Median imputation, scaling and logistic regression; the rows of a case weigh one case together."""
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    pipeline = make_pipeline(
        SimpleImputer(strategy="median", keep_empty_features=True),
        StandardScaler(),
        LogisticRegression(C=candidate.c, max_iter=5000),
    )
    weights = 1 / np.bincount(task.case)[task.case]
    return pipeline.fit(
        task.rows[:, : candidate.width],
        task.truth[task.case],
        logisticregression__sample_weight=weights,
    )


def _linear(
    task: TrainingTask, candidate: Candidate, platt: tuple[float, float], threshold: float
) -> LinearModel:
    """What the pipeline comes to."""
    imputer, scaler, regression = (step for _, step in fit_pipeline(task, candidate).steps)
    return LinearModel(
        task.inputs[: candidate.width],
        imputer.statistics_.astype(np.float64),
        scaler.mean_.astype(np.float64),
        scaler.scale_.astype(np.float64),
        regression.coef_[0].astype(np.float64),
        float(regression.intercept_[0]),
        platt[0],
        platt[1],
        threshold,
    )


def _log_loss(scores: Array, truth: Array) -> float:
    kept = np.isfinite(scores)
    return float((np.logaddexp(0, scores[kept]) - truth[kept] * scores[kept]).mean())


def _threshold(logits: Array, truth: Array) -> float:
    """Half of the highest F1 that any threshold gives: for calibrated probabilities the threshold of the
    highest F1 (Lipton et al., ECML 2014), and less at the mercy of single cases than the best cut itself."""
    order = np.argsort(-logits, kind="stable")
    right = np.cumsum(truth[order])
    said = np.arange(1, len(order) + 1)
    return float((2 * right / (said + truth.sum())).max() / 2)
