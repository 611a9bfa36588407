"""Folds in which all recordings of a patient are on one side."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

FOLDS = 5
_SEED = 20260


def patient_folds(truth: Array, patients: Array, folds: int = FOLDS) -> Iterator[tuple[Array, Array]]:
    """Rows to fit on and rows to judge on, for each fold, always the same for the same cases.

    Every row is judged once; the shares of yes are as alike as patients who stay together allow
    (`StratifiedGroupKFold`). Folds in which nothing of one class is left to fit on are left out. There are at
    most as many folds as patients, and none for one patient.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    count = min(folds, len(np.unique(patients)), *np.bincount(truth.astype(int), minlength=2).tolist())
    if count < 2:
        return
    splitter = StratifiedGroupKFold(count, shuffle=True, random_state=_SEED)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # it warns of a class with fewer members than folds
        parts = list(splitter.split(np.zeros(len(truth)), truth, groups=patients))
    for fitted, judged in parts:
        if len(judged) and len(np.unique(truth[fitted])) > 1:
            yield fitted, judged
