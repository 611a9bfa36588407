"""Confidence: whether answers of a confidence are right as often as it says; and Platt scaling.

The probability of *yes* is the confidence of a yes, and 1 less the confidence of a no. Platt scaling (Platt
1999) is a logistic regression of the reference's yes on the logit of that probability, here fitted on other
patients.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.evaluation.case_grid import CaseGrid, LaidOutReader
from app.core.evaluation.labels import LabelState
from app.core.evaluation.patients import PatientGroups
from app.core.evaluation.resampled_mean import resampled_mean
from app.core.evaluation.scoring import Estimate
from app.core.semiology import FEATURES

Array = NDArray[Any]

BINS = 10
FOLDS = 5
_CLOSEST = 0.01
"""A confidence of 0 or 100 % counts as 1 or 99 % in logits."""


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Cases whose probability of yes falls into one tenth: their mean probability and the share of yes."""

    n: int
    probability: float
    yes: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """The probabilities of `n` cases: Brier score, expected calibration error, reliability by tenths.

    `prevalence_brier` is the Brier score of always giving the share of yes. `platt_brier` and `platt_ece` are
    those after Platt scaling fitted on other patients, None where it cannot be fitted.
    """

    n: int
    brier: Estimate
    ece: float
    prevalence_brier: float
    platt_brier: float | None
    platt_ece: float | None
    curve: tuple[ReliabilityBin, ...]


POOLED = "all"
"""The key of all features together."""


def calibrate_reader(
    grid: CaseGrid, reader: LaidOutReader, groups: PatientGroups, draws: Array
) -> Mapping[str, Calibration]:
    """The calibration by feature and of all together, of the features with a confidence in any case."""
    probabilities = yes_probabilities(reader)
    usable = np.isfinite(probabilities) & (grid.truth <= LabelState.YES)
    found = {}
    for at, feature in enumerate(FEATURES):
        rows = usable[:, at]
        if rows.any():
            found[feature.id] = calibrate(
                probabilities[rows, at], grid.truth[rows, at], groups.numbers[rows], groups, draws
            )
    if found:
        cases, _ = np.nonzero(usable)
        everything = probabilities[usable], grid.truth[usable], groups.numbers[cases]
        found[POOLED] = calibrate(*everything, groups, draws)
    return found


def yes_probabilities(reader: LaidOutReader) -> Array:
    """(c, 20): the probability of yes (0–1), NaN where the reader did not decide or gave no confidence."""
    found = np.full(reader.states.shape, np.nan)
    for row, case in enumerate(reader.cases):
        for at, feature in enumerate(FEATURES):
            confidence = None if case is None else case.answer(feature.id).confidence
            state = reader.states[row, at]
            if confidence is not None and state <= LabelState.YES:
                found[row, at] = confidence / 100 if state == LabelState.YES else 1 - confidence / 100
    return found


def calibrate(
    probabilities: Array, truth: Array, patients: Array, groups: PatientGroups, draws: Array
) -> Calibration:
    """The calibration of probabilities (k,) of yes against the truth (k,), 0 or 1, of `patients` (k,)."""
    scaled = platt_scaled(probabilities, truth, patients)
    curve = reliability(probabilities, truth)
    rate = float(truth.mean())
    return Calibration(
        len(truth),
        resampled_mean((probabilities - truth) ** 2, patients, groups, draws),
        calibration_error(curve),
        rate * (1 - rate),
        None if scaled is None else float(((scaled - truth) ** 2).mean()),
        None if scaled is None else calibration_error(reliability(scaled, truth)),
        curve,
    )


def reliability(probabilities: Array, truth: Array) -> tuple[ReliabilityBin, ...]:
    """The bins of equal width that hold any case."""
    places = np.minimum((probabilities * BINS).astype(int), BINS - 1)
    return tuple(
        ReliabilityBin(
            int((places == at).sum()),
            float(probabilities[places == at].mean()),
            float(truth[places == at].mean()),
        )
        for at in np.unique(places)
    )


def calibration_error(curve: tuple[ReliabilityBin, ...]) -> float:
    """The expected calibration error: |share of yes − probability|, averaged over cases."""
    total = sum(one.n for one in curve)
    return sum(one.n * abs(one.yes - one.probability) for one in curve) / total


def logit_of(probability: float) -> float:
    """The logit of a probability, which is kept 1 % away from certainty."""
    near = min(max(probability, _CLOSEST), 1 - _CLOSEST)
    return math.log(near / (1 - near))


def platt_scaled(probabilities: Array, truth: Array, patients: Array) -> Array | None:
    """The probabilities (k,) after Platt scaling, each fitted without its patient's fold.

    None with fewer than two patients, or where the other folds have only one class.
    """
    from scipy.special import expit

    known = np.unique(patients)
    folds = np.searchsorted(known, patients) % min(FOLDS, len(known))
    logits = np.vectorize(logit_of, otypes=[float])(probabilities)
    scaled = np.empty(len(truth))
    for fold in np.unique(folds):
        fitted = fit_platt(logits[folds != fold], truth[folds != fold])
        if fitted is None:
            return None
        scaled[folds == fold] = expit(fitted[0] * logits[folds == fold] + fitted[1])
    return scaled


def fit_platt(logits: Array, truth: Array) -> tuple[float, float] | None:
    """Slope and intercept of scores (k,) against the truth (k,), 0 or 1; None where it has one class.

    Platt's smoothed targets give separable cases a finite fit.
    """
    from scipy.optimize import minimize

    yes, no = int((truth == 1).sum()), int((truth == 0).sum())
    if not yes or not no:
        return None
    targets = np.where(truth == 1, (yes + 1) / (yes + 2), 1 / (no + 2))

    def loss(parameters: Array) -> float:
        values = parameters[0] * logits + parameters[1]
        return float((np.logaddexp(0, values) - targets * values).sum())

    found = minimize(loss, np.array([1.0, 0.0]), method="L-BFGS-B")
    return float(found.x[0]), float(found.x[1])
