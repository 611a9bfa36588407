"""A figure with its value, interval, number of cases, explanation and cautions."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray


SMALL_N = 20
"""Below this many cases a figure is flagged."""

ONE_SIDED = 0.9
"""From this share of one answer on, prevalence is flagged: κ is then low whatever the readers do."""

RESAMPLES = 2000
SEED = 20260503


class Flag(StrEnum):
    """A caution about a figure; the text is the displayed sentence."""

    SMALL_N = "Fewer than 20 cases, so the figure says little."
    ONE_SIDED = "Nearly all answers are the same, which makes kappa low even where the readers agree."
    UNDEFINED = "The figure is not defined for these answers."
    NO_SPREAD = "All cases came out alike, so the width of the interval cannot be estimated."


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. `value` is None where it is not defined, `low` and `high` bound the 95 % interval.

    `n` is the number of cases it rests on; `explanation` is one plain sentence.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    explanation: str
    flags: tuple[Flag, ...] = ()


def figure(
    value: float | None,
    interval: tuple[float | None, float | None],
    n: int,
    explanation: str,
    *,
    one_sided: bool = False,
) -> Figure:
    """The figure with the flags that apply; NaN and infinity are undefined."""
    value, low, high = _finite(value), _finite(interval[0]), _finite(interval[1])
    flags = []
    if value is None:
        flags.append(Flag.UNDEFINED)
        low = high = None
    elif low is None or high is None:
        flags.append(Flag.NO_SPREAD)
        low = high = None
    if n < SMALL_N:
        flags.append(Flag.SMALL_N)
    if one_sided:
        flags.append(Flag.ONE_SIDED)
    return Figure(value, low, high, n, explanation, tuple(flags))


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def is_one_sided(yes: int, no: int) -> bool:
    """Whether nearly all of these answers are the same."""
    return yes + no > 0 and max(yes, no) / (yes + no) >= ONE_SIDED


def proportion(part: int, n: int, explanation: str, *, one_sided: bool = False) -> Figure:
    """A share with its Wilson interval (statsmodels); undefined for n = 0."""
    return figure(part / n if n else None, wilson(part, n), n, explanation, one_sided=one_sided)


def wilson(part: int, n: int) -> tuple[float | None, float | None]:
    """Wilson's 95 % score interval of `part` out of `n`; (None, None) for n = 0."""
    if n == 0:
        return None, None
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(part, n, alpha=0.05, method="wilson")
    return max(0.0, float(low)), min(1.0, float(high))


def bootstrap(
    counts: NDArray[Any], statistic: Callable[[NDArray[Any]], NDArray[Any]]
) -> tuple[float | None, float | None]:
    """95 % percentile bootstrap interval over cases that fall into few kinds.

    `counts` (k,) says how many cases are of each kind; `statistic` takes resampled counts (b, k) and
    gives (b,), NaN where undefined (those are left out). Always the same for the same counts.
    """
    import numpy as np

    total = int(counts.sum())
    if total < 2 or (counts > 0).sum() < 2:
        return None, None
    draws = np.random.default_rng(SEED).multinomial(total, counts / total, size=RESAMPLES)
    values = statistic(draws.astype(float))
    values = values[np.isfinite(values)]
    if len(values) < RESAMPLES // 2:
        return None, None
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def mean_interval(values: NDArray[Any]) -> tuple[float | None, float | None]:
    """95 % percentile bootstrap interval of the mean of `values` (n,)."""
    import numpy as np

    return _resampled(values, np.mean)


def median_interval(values: NDArray[Any]) -> tuple[float | None, float | None]:
    """95 % percentile bootstrap interval of the median of `values` (n,)."""
    import numpy as np

    return _resampled(values, np.median)


def _resampled(values: NDArray[Any], statistic: Callable[..., Any]) -> tuple[float | None, float | None]:
    import numpy as np

    if len(values) < 2 or np.ptp(values) == 0:
        return None, None
    # In slices, so that a study of thousands of recordings does not need gigabytes.
    generator = np.random.default_rng(SEED)
    found = [
        statistic(generator.choice(values, size=(100, len(values))), axis=1) for _ in range(RESAMPLES // 100)
    ]
    low, high = np.percentile(np.concatenate(found), [2.5, 97.5])
    return float(low), float(high)
