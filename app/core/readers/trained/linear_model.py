"""A trained feature: a linear model of named inputs, calibrated, with the threshold of a yes.

It is what a scikit-learn pipeline of imputation, scaling and logistic regression comes to, so that reading
with it needs numbers alone: nothing of a file is run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class LinearModel:
    """The model of one feature; all arrays are (k,), an item for each of `inputs`.

    A missing input counts as `fill`; the score is the sum of `weights` × (value − `mean`) / `scale` and the
    `intercept`; the probability of yes is the logistic function of `slope` × score + `offset` (Platt
    scaling); from `threshold` on the answer is yes.
    """

    inputs: tuple[str, ...]
    fill: Array
    mean: Array
    scale: Array
    weights: Array
    intercept: float
    slope: float
    offset: float
    threshold: float

    def contributions(self, rows: Array) -> Array:
        """(…, k): what each input of rows (…, k) adds to the score; NaN is a missing input."""
        values = np.where(np.isnan(rows), self.fill, rows)
        result: Array = self.weights * (values - self.mean) / self.scale
        return result

    def scores(self, rows: Array) -> Array:
        """(…,): the scores of rows (…, k)."""
        result: Array = self.contributions(rows).sum(axis=-1) + self.intercept
        return result

    def probability(self, score: float) -> float:
        """The calibrated probability of yes of a score."""
        return float(1 / (1 + np.exp(-np.clip(self.slope * score + self.offset, -500, 500))))

    def row(self, values: Mapping[str, float]) -> Array:
        """(k,): the inputs in the model's order. Raises KeyError for one that is not among `values`."""
        return np.array([values[name] for name in self.inputs], dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Decided:
    """What an input added to the score, and its value (NaN: missing, its usual value was taken)."""

    name: str
    value: float
    added: float


def decisive(model: LinearModel, row: Array, most: int = 3) -> Sequence[Decided]:
    """The inputs that moved the score furthest, the furthest first."""
    added = model.contributions(row)
    order = np.argsort(-np.abs(added), kind="stable")[:most]
    return [Decided(model.inputs[at], float(row[at]), float(added[at])) for at in order if added[at]]
