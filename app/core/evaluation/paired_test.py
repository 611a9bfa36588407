"""Two readers compared on the same cases: McNemar's exact test with Holm's correction, and differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from app.core.evaluation.confusion import ScoredCases, count_cases
from app.core.evaluation.figures import CountedFigures, figures_of
from app.core.evaluation.patients import PatientGroups, intervals
from app.core.evaluation.scoring import Estimate, ReaderResult, Summary, estimate
from app.core.semiology import FEATURES

Array = NDArray[Any]

COMPARED = ("accuracy", "f1")
"""The figures whose differences are given."""


_NOT_BOTH = "the figure of one reader is not defined"


@dataclass(frozen=True, slots=True)
class FeatureTest:
    """Two readers in one feature, over the `n` cases that are scored for both.

    `first_only` and `second_only` count where just one of them is right. `p` is McNemar's exact p
    (two-sided), `p_holm` the same after Holm's correction over the features; None without a case.
    `differences` are the first reader's figures less the second's.
    """

    n: int
    first_only: int
    second_only: int
    p: float | None
    p_holm: float | None
    differences: Mapping[str, Estimate]


@dataclass(frozen=True, slots=True)
class PairedTest:
    """Two readers compared in all features; `mean` are the differences of the means over features."""

    first: str
    second: str
    features: Mapping[str, FeatureTest]
    mean: Mapping[str, Estimate]


def compare_pair(
    first: ReaderResult, second: ReaderResult, groups: PatientGroups, draws: Array
) -> PairedTest:
    """The comparison of two readers of one grid; `draws` (b, p) are resamples of the patients."""
    both = first.cases.scored & second.cases.scored
    one, other = first.cases.only(both), second.cases.only(both)
    per_feature, mean = _differences(one, other, groups, draws)
    only = [(a.right & ~b.right).sum(axis=0) for a, b in ((one, other), (other, one))]
    numbers = both.sum(axis=0)
    ps = [
        mcnemar_exact(int(mine), int(theirs)) if n else None
        for mine, theirs, n in zip(*only, numbers, strict=True)
    ]
    tests = {
        feature.id: FeatureTest(
            int(numbers[at]), int(only[0][at]), int(only[1][at]), ps[at], corrected, per_feature[at]
        )
        for at, (feature, corrected) in enumerate(zip(FEATURES, holm(ps), strict=True))
    }
    return PairedTest(first.reader.name, second.reader.name, tests, mean)


def mcnemar_exact(first_only: int, second_only: int) -> float:
    """The two-sided p of McNemar's test from the binomial distribution; 1 without a discordant case.

    It takes cases as independent: recordings of one patient make it too small.
    """
    from scipy.special import bdtr

    discordant = first_only + second_only
    return min(1.0, 2 * float(bdtr(min(first_only, second_only), discordant, 0.5))) if discordant else 1.0


def holm(ps: Sequence[float | None]) -> list[float | None]:
    """Holm's step-down correction over the p that are known (Holm 1979)."""
    order = sorted((p, at) for at, p in enumerate(ps) if p is not None)
    corrected: list[float | None] = [None] * len(ps)
    largest = 0.0
    for rank, (p, at) in enumerate(order):
        largest = max(largest, min(1.0, (len(order) - rank) * p))
        corrected[at] = largest
    return corrected


def _differences(
    one: ScoredCases, other: ScoredCases, groups: PatientGroups, draws: Array
) -> tuple[list[dict[str, Estimate]], dict[str, Estimate]]:
    """The differences of the compared figures, by feature and of their means."""
    totals = [groups.totals(count_cases(cases)) for cases in (one, other)]
    raw = [figures_of(each.sum(axis=-2), one.macro, COMPARED) for each in totals]
    observed = [each.with_zeros(each.undefined()) for each in raw]
    drawn = [
        figures_of(draws @ each, one.macro, COMPARED).with_zeros(known.undefined())
        for each, known in zip(totals, raw, strict=True)
    ]
    without = {name: raw[0].undefined()[name] | raw[1].undefined()[name] for name in COMPARED}
    features: list[dict[str, Estimate]] = [{} for _ in FEATURES]
    means: dict[str, Estimate] = {}
    for name in COMPARED:
        values = _less(observed, CountedFigures.each, name)
        bounds = intervals(_less(drawn, CountedFigures.each, name), groups.count)
        for at, feature in enumerate(features):
            feature[name] = estimate(values[at], bounds, at, why=_NOT_BOTH if without[name][at] else "")
        bounds = intervals(_less(drawn, CountedFigures.macro_mean, name)[:, None], groups.count)
        means[name] = estimate(float(_less(observed, CountedFigures.macro_mean, name)), bounds, 0)
    return features, means


def _less(pair: Sequence[CountedFigures], summary: Summary, name: str) -> Array:
    """The first reader's figure less the second's."""
    return summary(pair[0], name) - summary(pair[1], name)
