"""A random forest as numbers: trees that a file can hold and that nothing has to be run to use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.readers.trained.checked_values import numbers_of, object_of

Array = NDArray[Any]

MOST_TREES, MOST_NODES = 500, 1024
TREES, FEWEST_IN_A_LEAF = 200, 3
_SEED = 20262
_LEAF = -1


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """A decision tree, an item for each node, the root first.

    At a node a row goes to `left` when its `feature` is at most `threshold`, else to `right`; where `left` is
    −1, `yes` is the probability.
    """

    feature: Array
    threshold: Array
    left: Array
    right: Array
    yes: Array

    def probabilities(self, rows: Array) -> Array:
        """(r,): the probabilities of rows (r, k)."""
        at = np.zeros(len(rows), dtype=np.int64)
        inner = self.left[at] != _LEAF
        while inner.any():
            here = at[inner]
            goes_left = rows[inner, self.feature[here]] <= self.threshold[here]
            at[inner] = np.where(goes_left, self.left[here], self.right[here])
            inner = self.left[at] != _LEAF
        result: Array = self.yes[at]
        return result


@dataclass(frozen=True, slots=True, eq=False)
class Forest:
    """The mean of its trees."""

    trees: Sequence[Tree]

    def probabilities(self, rows: Array) -> Array:
        """(r,): the probabilities of rows (r, k)."""
        result: Array = np.mean([tree.probabilities(rows) for tree in self.trees], axis=0)
        return result


def fit_forest(rows: Array, truth: Array) -> Forest:
    """scikit-learn's random forest of these rows (r, k) and truths (r,), 0 or 1, both of which occur."""
    fitted = fit_classifier(rows, truth)
    return Forest([_tree(one.tree_) for one in fitted.estimators_])


def fit_classifier(rows: Array, truth: Array) -> Any:
    """The classifier itself, always the same for the same rows."""
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(
        n_estimators=TREES, min_samples_leaf=FEWEST_IN_A_LEAF, random_state=_SEED, n_jobs=1
    ).fit(rows, truth)


def _tree(fitted: Any) -> Tree:
    counts = fitted.value[:, 0, :]
    return Tree(
        np.maximum(fitted.feature, 0).astype(np.int64),
        fitted.threshold.astype(np.float64),
        fitted.children_left.astype(np.int64),
        fitted.children_right.astype(np.int64),
        counts[:, 1] / counts.sum(axis=1),
    )


_PARTS = ("feature", "threshold", "left", "right", "yes")


def forest_to_list(forest: Forest) -> list[dict[str, Any]]:
    """The trees as JSON values."""
    return [{part: getattr(tree, part).tolist() for part in _PARTS} for tree in forest.trees]


def forest_from_list(data: object, inputs: int) -> Forest:
    """The inverse of `forest_to_list` for rows of so many inputs. Raises ValueError."""
    if not isinstance(data, list) or not 0 < len(data) <= MOST_TREES:
        raise ValueError("a forest has no trees, or too many")
    return Forest([_checked_tree(object_of(one, "a tree"), inputs) for one in data])


def _checked_tree(data: Mapping[str, Any], inputs: int) -> Tree:
    nodes = data.get("left")
    count = len(nodes) if isinstance(nodes, list) else 0
    if not 0 < count <= MOST_NODES:
        raise ValueError("a tree has no nodes, or too many")
    feature, threshold, left, right, yes = (numbers_of(data.get(part), count) for part in _PARTS)
    whole = [part.astype(np.int64) for part in (feature, left, right)]
    if any((part != given).any() for part, given in zip(whole, (feature, left, right), strict=True)):
        raise ValueError("a node is not a whole number")
    inner = whole[1] != _LEAF
    own = np.arange(count)[inner]
    # Every step leads to a later node, so that no row goes round in circles.
    for side in (whole[1][inner], whole[2][inner]):
        if (side <= own).any() or (side >= count).any():
            raise ValueError("a tree is not a tree")
    if (whole[0] < 0).any() or (whole[0] >= inputs).any() or (yes < 0).any() or (yes > 1).any():
        raise ValueError("a node is out of bounds")
    return Tree(whole[0], threshold, whole[1], whole[2], yes)
