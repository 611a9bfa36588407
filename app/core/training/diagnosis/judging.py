"""How well answers tell epileptic from functional events of patients that were not seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.evaluation.patients import PatientGroups, intervals, resample
from app.core.evaluation.resampled_mean import resampled_mean
from app.core.evaluation.scoring import Estimate, estimate
from app.core.readers.trained.linear_model import LinearModel
from app.core.semiology import FEATURES
from app.core.training.diagnosis.answers_and_diagnoses import DiagnosedCases
from app.core.training.diagnosis.forest import Forest, fit_forest
from app.core.training.fitting import Candidate, TrainingTask, fit_feature
from app.core.training.patient_folds import patient_folds

Array = NDArray[Any]
Predict = Callable[[Array], Array]
"""The probability of an epileptic event (r,) of answers (r, 20)."""

INPUTS = tuple(feature.id for feature in FEATURES)
METHODS = ("logistic regression", "random forest")
_PENALTIES = (0.01, 0.03, 0.1, 0.3, 1.0)
_SHUFFLES = 10
_SEED = 20263
_EVEN = 0.5


@dataclass(frozen=True, slots=True)
class MethodFigures:
    """One method on patients that it had not seen, with 95 % intervals over patients.

    `importance` is by feature the loss of AUC when its answers are shuffled among the patients left out.
    """

    auc: Estimate
    accuracy: Estimate
    balanced_accuracy: float
    brier: Estimate
    importance: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class JudgedDiagnosis:
    """All methods over `n` recordings of `patients`; `majority` is the accuracy of always naming the more
    frequent diagnosis."""

    n: int
    patients: int
    epileptic: int
    methods: Mapping[str, MethodFigures]
    majority: float


def fit_methods(answers: Array, epileptic: Array, patients: Array) -> tuple[LinearModel, Forest] | None:
    """Both methods fitted; None where the patients cannot be split for the choice of the penalty."""
    task = TrainingTask(INPUTS, answers, np.arange(len(answers)), epileptic, patients)
    candidates = [Candidate(f"C {c:g}", len(INPUTS), c) for c in _PENALTIES]
    found = fit_feature(task, candidates)
    return None if found is None else (found.model, fit_forest(answers, epileptic))


def predictions(model: LinearModel, forest: Forest) -> dict[str, Predict]:
    """What each method says, by its name."""

    def linear(rows: Array) -> Array:
        return np.array([model.probability(float(score)) for score in model.scores(rows)])

    return dict(zip(METHODS, (linear, forest.probabilities), strict=True))


def judge_diagnosis(cases: DiagnosedCases) -> JudgedDiagnosis:
    """Both methods on every patient without having seen them."""
    numbers = np.unique(cases.patients, return_inverse=True)[1]
    groups = PatientGroups(numbers, int(numbers.max()) + 1, "")
    said = {name: np.full(len(numbers), np.nan) for name in METHODS}
    shuffled = {name: np.full((len(INPUTS), _SHUFFLES, len(numbers)), np.nan) for name in METHODS}
    generator = np.random.default_rng(_SEED)
    for fitted, judged in patient_folds(cases.epileptic, numbers):
        found = fit_methods(cases.answers[fitted], cases.epileptic[fitted], numbers[fitted])
        if found is None:
            continue
        rows = _with_shuffles(cases.answers[judged], generator)
        for name, predict in predictions(*found).items():
            said[name][judged] = predict(cases.answers[judged])
            shuffled[name][:, :, judged] = predict(rows.reshape(-1, len(INPUTS))).reshape(rows.shape[:-1])
    draws = resample(groups)
    figures = {name: _figures(said[name], shuffled[name], cases.epileptic, groups, draws) for name in METHODS}
    share = float(cases.epileptic.mean())
    return JudgedDiagnosis(
        len(numbers), groups.count, int(cases.epileptic.sum()), figures, max(share, 1 - share)
    )


def _with_shuffles(rows: Array, generator: np.random.Generator) -> Array:
    """(20, shuffles, r, 20): the rows with the answers to one feature shuffled, for each of them."""
    found = np.broadcast_to(rows, (len(INPUTS), _SHUFFLES, *rows.shape)).copy()
    for feature in range(len(INPUTS)):
        for number in range(_SHUFFLES):
            found[feature, number, :, feature] = generator.permutation(rows[:, feature])
    return found


def _figures(
    said: Array, shuffled: Array, truth: Array, groups: PatientGroups, draws: Array
) -> MethodFigures:
    known = np.isfinite(said)
    said, truth, patients = said[known], truth[known], groups.numbers[known]
    right = ((said >= _EVEN) == (truth == 1)).astype(float)
    recalls = [float(right[truth == each].mean()) for each in (0, 1) if (truth == each).any()]
    auc = area(said, truth)
    losses = [auc - float(np.mean([area(one[known], truth) for one in feature])) for feature in shuffled]
    return MethodFigures(
        estimate(auc, intervals(_drawn_areas(said, truth, draws[:, patients]), groups.count), 0),
        resampled_mean(right, patients, groups, draws),
        float(np.mean(recalls)) if recalls else np.nan,
        resampled_mean((said - truth) ** 2, patients, groups, draws),
        dict(zip(INPUTS, losses, strict=True)),
    )


def area(said: Array, truth: Array) -> float:
    """The area under the ROC curve (`roc_auc_score`): how often an epileptic event is given the higher
    probability of two; NaN where one class is missing."""
    return float(_drawn_areas(said, truth, np.ones((1, len(said))))[0, 0])


def _drawn_areas(said: Array, truth: Array, weights: Array) -> Array:
    """(b, 1): the areas with weights (b, c) of the cases."""
    yes, no = truth == 1, truth == 0
    wins = np.sign(said[yes][:, None] - said[no][None, :]) / 2 + 0.5
    pairs = weights[:, yes].sum(axis=1) * weights[:, no].sum(axis=1)
    won = ((weights[:, yes] @ wins) * weights[:, no]).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        result: Array = (won / pairs)[:, None]
    return result


def important(figures: MethodFigures, most: int = 8) -> Sequence[tuple[str, float]]:
    """The features whose answers matter most, the most important first."""
    order = sorted(figures.importance.items(), key=lambda one: -one[1])
    return [(feature, loss) for feature, loss in order[:most] if loss > 0]
