"""A mean over cases with its interval over patients."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.evaluation.figures import share
from app.core.evaluation.patients import PatientGroups, intervals
from app.core.evaluation.scoring import Estimate, estimate

Array = NDArray[Any]


def resampled_mean(values: Array, patients: Array, groups: PatientGroups, draws: Array) -> Estimate:
    """The mean of `values` (k,), each of a case of one of the `patients` (k,); None without any.

    `draws` (b, p) are resamples of all patients; those without a value weigh nothing.
    """
    if len(values) == 0:
        return Estimate(None)
    sums, counts = (
        np.bincount(patients, weights=weights, minlength=groups.count)
        for weights in (np.asarray(values, float), np.ones(len(values)))
    )
    drawn = share(draws @ sums, draws @ counts)[:, None]
    return estimate(float(np.mean(values)), intervals(drawn, len(np.unique(patients))), 0)
