"""Agreement of more than two readers: Fleiss' κ (statsmodels) and Krippendorff's α (krippendorff).

Intervals: percentile bootstrap over recordings (2,000 resamples, fixed seed).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.agreement.figure import Figure, bootstrap, figure, is_one_sided
from app.core.semiology import Presence


@dataclass(frozen=True, slots=True)
class ManyFigures:
    """Agreement of any number of readers in yes and no."""

    readers: int
    fleiss: Figure
    alpha: Figure


def many_figures(rows: Sequence[Sequence[Presence | None]], *, cases: str = "recordings") -> ManyFigures:
    """Both figures of one feature; a row is a recording, with what each reader says, in one order.

    Fleiss' κ takes only recordings that all readers decided; α takes every one that at least two
    did. Neither is defined without a case or when all answers are the same. `cases` is what the
    sentences call the rows, which may as well be the features of one recording.
    """
    readers = len(rows[0]) if rows else 0
    counts = [(row.count(Presence.YES), row.count(Presence.NO)) for row in map(list, rows)]
    complete = [pair for pair in counts if sum(pair) == readers and readers > 1]
    shared = [pair for pair in counts if sum(pair) > 1]
    return ManyFigures(readers, _fleiss(complete, readers, cases), _alpha(shared, cases))


_Pairs = list[tuple[int, int]]


def _fleiss(pairs: _Pairs, readers: int, cases: str) -> Figure:
    explanation = (
        f"How much the {readers} readers agree beyond chance in the {len(pairs)} {cases} all decided."
    )
    yes, no = _totals(pairs)
    if yes == 0 or no == 0:
        return figure(None, (None, None), len(pairs), explanation, one_sided=is_one_sided(yes, no))
    from statsmodels.stats.inter_rater import fleiss_kappa

    value = float(fleiss_kappa(np.array(pairs), method="fleiss"))
    kinds, counts = _kinds(pairs)
    interval = bootstrap(counts, lambda draws: _fleiss_of(draws, kinds))
    return figure(value, interval, len(pairs), explanation, one_sided=is_one_sided(yes, no))


def _alpha(pairs: _Pairs, cases: str) -> Figure:
    explanation = f"Agreement beyond chance in the {len(pairs)} {cases} that two or more readers decided."
    yes, no = _totals(pairs)
    if yes == 0 or no == 0:
        return figure(None, (None, None), len(pairs), explanation, one_sided=is_one_sided(yes, no))
    import krippendorff

    value = float(krippendorff.alpha(value_counts=np.array(pairs), level_of_measurement="nominal"))
    kinds, counts = _kinds(pairs)
    interval = bootstrap(counts, lambda draws: _alpha_of(draws, kinds))
    return figure(value, interval, len(pairs), explanation, one_sided=is_one_sided(yes, no))


def _totals(pairs: _Pairs) -> tuple[int, int]:
    return sum(yes for yes, _ in pairs), sum(no for _, no in pairs)


def _kinds(pairs: _Pairs) -> tuple[NDArray[Any], NDArray[Any]]:
    """The different pairs (k, 2) and how many recordings have each (k,)."""
    found = Counter(pairs)
    return np.array(list(found)), np.array(list(found.values()))


def _fleiss_of(draws: NDArray[Any], kinds: NDArray[Any]) -> NDArray[Any]:
    """Fleiss' κ (b,) of resampled counts (b, k); only for the interval."""
    readers = kinds[0].sum()
    agreed = (kinds * (kinds - 1)).sum(axis=1) / (readers * (readers - 1))
    recordings = draws.sum(axis=1)
    shares = draws @ kinds / (recordings * readers)[:, None]
    chance = (shares**2).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        result: NDArray[Any] = (draws @ agreed / recordings - chance) / (1 - chance)
    return result


def _alpha_of(draws: NDArray[Any], kinds: NDArray[Any]) -> NDArray[Any]:
    """Krippendorff's nominal α (b,) of resampled counts (b, k); only for the interval."""
    answers = kinds.sum(axis=1)
    disagreed = draws @ (2 * kinds[:, 0] * kinds[:, 1] / (answers - 1))
    total = draws @ answers
    yes, no = draws @ kinds[:, 0], draws @ kinds[:, 1]
    with np.errstate(invalid="ignore", divide="ignore"):
        result: NDArray[Any] = 1 - (disagreed / total) / (2 * yes * no / (total * (total - 1)))
    return result
