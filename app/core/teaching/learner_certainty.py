"""Whether a learner is right as often as they are certain: how reliable their certainty is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.agreement.figure import Figure, proportion
from app.core.teaching.learner_log import LearnerAnswer
from app.core.teaching.learner_results import Keys, is_right

BINS = ((0, 20), (20, 40), (40, 60), (60, 80), (80, 100))
"""Percent certain; each without its upper bound, the last one with it."""


@dataclass(frozen=True, slots=True)
class CertaintyBin:
    """The answers of a certainty from `low` to `high` percent: their mean certainty (0–1), and the share that
    was right with Wilson's interval."""

    low: int
    high: int
    certainty: float
    right: Figure


@dataclass(frozen=True, slots=True)
class LearnerCertainty:
    """Certainty and correctness of the `n` answers for which a learner said how certain they were.

    `certainty` is the mean (0–1) and `right` the share that was right, so `too_certain` is positive when the
    learner is more often certain than right; `brier` is the mean squared difference of the two, 0 at best.
    """

    n: int
    certainty: float
    right: float
    brier: float
    bins: tuple[CertaintyBin, ...]

    @property
    def too_certain(self) -> float:
        return self.certainty - self.right


def certainty_of(answers: Sequence[LearnerAnswer], keys: Keys) -> LearnerCertainty | None:
    """The reliability of the certainty of these answers; None when no certainty was given."""
    pairs = [
        (one.answer.confidence, is_right(one, keys)) for one in answers if one.answer.confidence is not None
    ]
    if not pairs:
        return None
    n = len(pairs)
    certainty = sum(certain for certain, _right in pairs) / n / 100
    right = sum(right for _certain, right in pairs) / n
    brier = sum((certain / 100 - right) ** 2 for certain, right in pairs) / n
    bins = (_bin(low, high, [pair for pair in pairs if _is_in(pair[0], low, high)]) for low, high in BINS)
    return LearnerCertainty(n, certainty, right, brier, tuple(one for one in bins if one is not None))


def _is_in(certain: int, low: int, high: int) -> bool:
    return low <= certain < high or certain == high == BINS[-1][1]


def _bin(low: int, high: int, pairs: Sequence[tuple[int, bool]]) -> CertaintyBin | None:
    if not pairs:
        return None
    n, right = len(pairs), sum(right for _certain, right in pairs)
    explained = f"{right} of {n} answers with a certainty of {low} to {high} % were right."
    mean = sum(certain for certain, _right in pairs) / n / 100
    return CertaintyBin(low, high, mean, proportion(right, n, explained))


def describe_certainty(found: LearnerCertainty | None) -> str:
    """A sentence on the certainty of a learner."""
    if found is None:
        return "This learner did not say how certain they were."
    way = "certain" if found.too_certain > 0 else "uncertain"
    return (
        f"{found.n} answers: {found.certainty:.0%} certain and {found.right:.0%} right on average, so "
        f"{100 * abs(found.too_certain):.0f} points too {way}. Points below the dashed line were less often "
        "right than the learner was certain."
    )
