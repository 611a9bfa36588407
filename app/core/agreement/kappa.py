"""Agreement of two readers beyond chance, from how often they said what.

Cohen's κ and its interval from statsmodels (Fleiss, Cohen, Everitt 1969). PABAK is 2 p − 1 of the
agreement p (Byrt 1993), its interval that of p (Wilson). Gwet's AC1 with its variance and t interval
after Gwet 2008 (Br J Math Stat Psychol 61:29, eq. for two raters): the library that has it, irrCAC,
cannot be installed on Python 3.12.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from app.core.agreement.figure import Figure, figure, is_one_sided, proportion, wilson
from app.core.agreement.reading_pairs import Counts
from app.core.plural import plural


@dataclass(frozen=True, slots=True)
class PairFigures:
    """Agreement of two readers in yes and no."""

    counts: Counts
    percent: Figure
    kappa: Figure
    ac1: Figure
    pabak: Figure


def pair_figures(counts: Counts) -> PairFigures:
    """All four figures of these counts.

    Defined so that nothing surprises: without a case none is defined; κ is not when both readers gave
    only one and the same answer (nothing to disagree about); AC1 and PABAK then are 1.
    """
    n, agreed = counts.n, counts.yes_yes + counts.no_no
    one_sided = is_one_sided(counts.yes, counts.no)
    low, high = wilson(agreed, n)
    doubled = (None if low is None else 2 * low - 1, None if high is None else 2 * high - 1)
    return PairFigures(
        counts,
        proportion(agreed, n, f"Both say the same in {agreed} of {plural(n, 'case')}.", one_sided=one_sided),
        _kappa(counts, one_sided=one_sided),
        _ac1(counts, one_sided=one_sided),
        figure(
            2 * agreed / n - 1 if n else None,
            doubled,
            n,
            "Agreement on a scale where 0 is the toss of a coin and 1 is always.",
            one_sided=one_sided,
        ),
    )


def _kappa(counts: Counts, *, one_sided: bool) -> Figure:
    explanation = "Agreement beyond what both would reach by chance with their own rates of yes; 1 is always."
    n = counts.n
    if counts.yes == 0 or counts.no == 0:
        return figure(None, (None, None), n, _why_not(n) if n else explanation, one_sided=one_sided)
    from statsmodels.stats.inter_rater import cohens_kappa

    table = [[counts.yes_yes, counts.yes_no], [counts.no_yes, counts.no_no]]
    with np.errstate(invalid="ignore"):  # its test against 0 divides by 0 where all agree
        result = cohens_kappa(table)
    interval = _bounded(float(result.kappa_low), float(result.kappa_upp), spread=float(result.var_kappa))
    return figure(float(result.kappa), interval, n, explanation, one_sided=one_sided)


def _why_not(n: int) -> str:
    return f"Both give one and the same answer in all {n} cases, so there is no chance to go beyond."


def _ac1(counts: Counts, *, one_sided: bool) -> Figure:
    explanation = "Agreement beyond chance, where chance is only credited to cases that are hard to tell."
    n = counts.n
    if n == 0:
        return figure(None, (None, None), 0, explanation)
    yes = counts.yes / (2 * n)
    agreed = (counts.yes_yes + counts.no_no) / n
    chance = 2 * yes * (1 - yes)
    value = (agreed - chance) / (1 - chance)
    variance = _ac1_variance(counts, yes, agreed, chance, value)
    interval: tuple[float | None, float | None] = (None, None)
    if n > 1:
        from scipy.stats import t

        half = float(t.ppf(0.975, n - 1)) * math.sqrt(variance)
        interval = _bounded(value - half, value + half, spread=variance)
    return figure(value, interval, n, explanation, one_sided=one_sided)


def _ac1_variance(counts: Counts, yes: float, agreed: float, chance: float, value: float) -> float:
    n = counts.n
    hard = {1: 1 - yes, 0: yes}  # 1 − the share of each answer
    cells = {
        (1, 1): counts.yes_yes,
        (1, 0): counts.yes_no,
        (0, 1): counts.no_yes,
        (0, 0): counts.no_no,
    }
    total = sum(
        number / n * ((one == other) - 2 * (1 - value) * (hard[one] + hard[other]) / 2) ** 2
        for (one, other), number in cells.items()
    )
    return max(0.0, (total - (agreed - 2 * (1 - value) * chance) ** 2) / (n * (1 - chance) ** 2))


def _bounded(low: float, high: float, *, spread: float) -> tuple[float | None, float | None]:
    """The interval within −1…1; none where the sample has no spread (all agreed)."""
    if not spread > 1e-15:
        return None, None
    return max(-1.0, low), min(1.0, high)
