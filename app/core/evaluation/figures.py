"""The figures of tables of counts: accuracy, precision, recall, F1, specificity, balanced accuracy, MCC.

They are those of *yes*, or averages over the classes that occur. docs/evaluation.md has each formula.
Counts are (3, 3, …, f): the reference's class, the reader's, anything (such as resamples), the feature.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.evaluation.labels import LabelState

Array = NDArray[Any]

_YES = LabelState.YES


def share(part: Array, whole: Array) -> Array:
    """`part` / `whole`, NaN where there is nothing to divide by."""
    with np.errstate(invalid="ignore", divide="ignore"):
        result: Array = np.divide(part, whole, dtype=np.float64)
    return result


class Margins:
    """The sums of counts (3, 3, …, f) that figures are made of; `macro` (f,) says which are averages."""

    def __init__(self, counts: Array, macro: Array) -> None:
        self.counts, self.macro = counts, macro
        self.hits = np.stack([counts[at, at] for at in range(len(counts))])
        self.there, self.said = counts.sum(axis=1), counts.sum(axis=0)

    @cached_property
    def total(self) -> Array:
        """(…, f): the scored cases."""
        result: Array = self.there.sum(axis=0)
        return result

    @cached_property
    def right(self) -> Array:
        """(…, f): the cases in which both say the same."""
        result: Array = self.hits.sum(axis=0)
        return result

    def of_yes_or_macro(self, part: Array, whole: Array) -> Array:
        """(…, f): `part` / `whole` (3, …, f) of *yes*, or its mean over the classes that occur.

        In a mean a class that occurs and is never named counts 0, as in scikit-learn with zero_division=0.
        """
        found = share(part[_YES], whole[_YES])
        if self.macro.any():
            chosen = (self.there + self.said)[..., self.macro] > 0
            each = np.nan_to_num(share(part[..., self.macro], whole[..., self.macro]))
            found[..., self.macro] = mean_of(each, chosen, axis=0)
        return found


def mean_of(values: Array, chosen: Array, axis: int) -> Array:
    """The mean along an axis of the chosen values, NaN where none is chosen."""
    return share(np.where(chosen, values, 0.0).sum(axis=axis), chosen.sum(axis=axis))


def _accuracy(m: Margins) -> Array:
    return share(m.right, m.total)


def _precision(m: Margins) -> Array:
    return m.of_yes_or_macro(m.hits, m.said)


def _recall(m: Margins) -> Array:
    return m.of_yes_or_macro(m.hits, m.there)


def _f1(m: Margins) -> Array:
    return m.of_yes_or_macro(2 * m.hits, m.there + m.said)


def _specificity(m: Margins) -> Array:
    return m.of_yes_or_macro(m.total - m.there - m.said + m.hits, m.total - m.there)


def _balanced_accuracy(m: Margins) -> Array:
    """The mean recall of the classes that the reference has."""
    return mean_of(share(m.hits, m.there), m.there > 0, axis=0)


def _mcc(m: Margins) -> Array:
    """Matthews' correlation for any number of classes (Gorodkin 2004), NaN where a side has one class."""
    covariance = m.right * m.total - (m.there * m.said).sum(axis=0)
    spread = (m.total**2 - (m.there**2).sum(axis=0)) * (m.total**2 - (m.said**2).sum(axis=0))
    return np.where(spread > 0, share(covariance, np.sqrt(np.maximum(spread, 0.0))), np.nan)


_FORMULAS: Mapping[str, Callable[[Margins], Array]] = {
    "accuracy": _accuracy,
    "precision": _precision,
    "recall": _recall,
    "f1": _f1,
    "specificity": _specificity,
    "balanced_accuracy": _balanced_accuracy,
    "mcc": _mcc,
}

_OF_CLASSES = frozenset({"precision", "recall", "f1", "specificity", "balanced_accuracy"})
"""Figures that are or can be means over classes, and tell nothing apart where the reference has one."""

FIGURES = tuple(_FORMULAS)
"""The names of all figures, in the order of tables."""

TRIVIAL = ("always_yes", "always_no", "prevalence")
"""The answers that need no recording: always yes, always no, and at random as often as the reference."""


@dataclass(frozen=True, slots=True)
class CountedFigures:
    """Figures (…, f) by name, NaN where there is nothing to divide by; `cases`, the reference's yes, and how
    many `classes` the reference has (…, f) behind them. `macro` (f,) says which are averages."""

    values: Mapping[str, Array]
    cases: Array
    positives: Array
    classes: Array
    macro: Array

    def undefined(self) -> dict[str, Array]:
        """(…, f): by figure where there are cases and it says nothing: there is nothing to divide by, or it
        is a mean over the classes of a reference that has one alone."""
        return {
            name: (np.isnan(values) | self._is_of_one_class(name)) & (self.cases > 0)
            for name, values in self.values.items()
        }

    def _is_of_one_class(self, name: str) -> Array:
        averaged = self.macro | (name == "balanced_accuracy")
        result: Array = (self.classes < 2) & averaged & (name in _OF_CLASSES)
        return result

    def with_zeros(self, where: Mapping[str, Array]) -> CountedFigures:
        """The same with 0 for what there is nothing to divide by, `where` (f,) it is undefined by figure."""
        values = {
            name: np.where(where[name] & np.isnan(each) & (self.cases > 0), 0.0, each)
            for name, each in self.values.items()
        }
        return replace(self, values=values)

    def each(self, name: str) -> Array:
        """(…, f): a figure of each feature."""
        return self.values[name]

    def macro_mean(self, name: str) -> Array:
        """(…): the mean over the features in which the figure is known."""
        return mean_of(self.values[name], np.isfinite(self.values[name]), axis=-1)

    def weighted_mean(self, name: str) -> Array:
        """(…): the same, each feature weighted by how often the reference says yes."""
        values = self.values[name]
        weights = np.where(np.isfinite(values), self.positives, 0.0)
        return share((np.nan_to_num(values) * weights).sum(axis=-1), weights.sum(axis=-1))


def figures_of(counts: Array, macro: Array, names: Iterable[str] = FIGURES) -> CountedFigures:
    """The named figures of counts (3, 3, …, f); `macro` (f,) says which are averages over classes."""
    margins = Margins(counts, macro)
    values = {name: _FORMULAS[name](margins) for name in names}
    classes = (margins.there > 0).sum(axis=0)
    return CountedFigures(values, margins.total, margins.there[_YES], classes, macro)


def trivial_counts(counts: Array) -> Mapping[str, Array]:
    """The counts (3, 3, …, f) that each trivial answer would have on the same cases, by name.

    Those of *prevalence* are expected counts of answers drawn at random with the reference's own shares.
    """
    there = counts.sum(axis=1)
    always_yes, always_no = np.zeros_like(counts), np.zeros_like(counts)
    always_yes[:, LabelState.YES], always_no[:, LabelState.NO] = there, there
    expected = np.nan_to_num(share(there[:, None] * there[None, :], there.sum(axis=0)))
    return dict(zip(TRIVIAL, (always_yes, always_no, expected), strict=True))
