"""A reader scored against a reference, feature by feature, with the score of always answering yes beside it.

Accuracy, precision, recall and F1 from scikit-learn. Intervals (95 %): Wilson for accuracy, and for
precision and recall of *yes*; percentile bootstrap over recordings (2,000 resamples, fixed seed) for
F1 and for macro averages. For verbal responsiveness precision, recall and F1 are macro averages over
the classes that occur, as in arXiv 2605.03352.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.agreement.figure import Figure, bootstrap, figure, is_one_sided, proportion
from app.core.agreement.reading_pairs import Counts, count_answers, match_readings
from app.core.reading import Reading
from app.core.semiology import FEATURE, FEATURES

MACRO = frozenset({"verbal_responsiveness"})
"""Features of which both classes matter alike, so that their scores are averages over the classes."""


@dataclass(frozen=True, slots=True)
class Scores:
    """A reader against the reference in one feature.

    In `counts` the first word is the reference's. `not_assessable` and unanswered are in no figure.
    """

    counts: Counts
    accuracy: Figure
    precision: Figure
    recall: Figure
    f1: Figure
    always_yes_f1: Figure

    @property
    def n(self) -> int:
        return self.counts.n

    @property
    def positives(self) -> int:
        """Recordings in which the reference says yes, among `n`."""
        return self.counts.yes_yes + self.counts.yes_no


def evaluate(reference: Sequence[Reading], readings: Sequence[Reading]) -> Mapping[str, Scores]:
    """Scores by feature over the recordings that both have read. Raises UserError like `match_readings`."""
    pairs = match_readings(reference, readings)
    return {
        feature.id: score_counts(
            count_answers(
                (truth.answer(feature.id).presence, said.answer(feature.id).presence) for truth, said in pairs
            ),
            feature.id,
        )
        for feature in FEATURES
    }


def score_counts(counts: Counts, feature: str) -> Scores:
    """The scores that these counts (reference first) make."""
    macro = feature in MACRO
    name = FEATURE[feature].name
    n = counts.n
    one_sided = is_one_sided(counts.yes_yes + counts.yes_no, counts.no_no + counts.no_yes)
    right = counts.yes_yes + counts.no_no
    accuracy = proportion(
        right, n, f"{name}: {right} of {n} answers are those of the reference.", one_sided=one_sided
    )
    make = _macro if macro else _of_yes
    precision, recall, f1 = make(counts, name, one_sided)
    return Scores(counts, accuracy, precision, recall, f1, _always_yes(counts, name, macro=macro))


def _of_yes(counts: Counts, name: str, one_sided: bool) -> tuple[Figure, Figure, Figure]:
    precision, recall, f1 = _scikit_learn(counts, macro=False)
    hits, said, there = counts.yes_yes, counts.yes_yes + counts.no_yes, counts.yes_yes + counts.yes_no
    interval = bootstrap(_kinds(counts), lambda draws: _f1(draws[:, 0], draws[:, 1], draws[:, 2]))
    return (
        _share(precision, hits, said, f"{name}: of {said} times yes, {hits} are also the reference's."),
        _share(recall, hits, there, f"{name}: of {there} times the reference says yes, {hits} were found."),
        figure(
            f1,
            interval,
            counts.n,
            f"{name}: the harmonic mean of precision and recall over {counts.n} recordings.",
            one_sided=one_sided,
        ),
    )


def _share(value: float | None, part: int, n: int, explanation: str) -> Figure:
    share = proportion(part, n, explanation)
    return figure(value, (share.low, share.high), n, explanation)


def _macro(counts: Counts, name: str, one_sided: bool) -> tuple[Figure, Figure, Figure]:
    values = _scikit_learn(counts, macro=True)
    made = []
    for place, (word, value) in enumerate(zip(("precision", "recall", "F1"), values, strict=True)):
        interval = bootstrap(_kinds(counts), lambda draws, place=place: _macro_of(draws)[place])  # type: ignore[misc] # the default binds the loop's place
        explanation = f"{name}: the mean {word} of the classes yes and no over {counts.n} recordings."
        made.append(figure(value, interval, counts.n, explanation, one_sided=one_sided))
    return made[0], made[1], made[2]


def _scikit_learn(counts: Counts, *, macro: bool) -> tuple[float | None, float | None, float | None]:
    """Precision, recall, F1 of *yes*, or their macro averages over the classes that occur."""
    if counts.n == 0:
        return None, None, None
    from sklearn import config_context
    from sklearn.metrics import precision_recall_fscore_support

    weight = _kinds(counts)
    there = weight > 0
    with config_context(assume_finite=True, skip_parameter_validation=True):
        result = precision_recall_fscore_support(
            np.array([1, 1, 0, 0])[there],
            np.array([1, 0, 1, 0])[there],
            labels=None if macro else [1],
            average="macro" if macro else None,
            sample_weight=weight[there],
            # By convention a class that occurs and is never named counts 0 in a macro average.
            zero_division=0.0 if macro else np.nan,
        )
    precision, recall, f1 = (float(np.atleast_1d(value)[0]) for value in result[:3])
    return precision, recall, f1


def _kinds(counts: Counts) -> NDArray[Any]:
    """(4,): reference and reader yes-yes, yes-no, no-yes, no-no."""
    return np.array([counts.yes_yes, counts.yes_no, counts.no_yes, counts.no_no])


def _f1(hits: NDArray[Any], missed: NDArray[Any], false: NDArray[Any]) -> NDArray[Any]:
    with np.errstate(invalid="ignore", divide="ignore"):
        result: NDArray[Any] = 2 * hits / (2 * hits + missed + false)
    return result


def _macro_of(draws: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Macro precision, recall and F1 (b,) of resampled counts (b, 4), over the classes that occur."""
    hits, missed, false, rejected = draws.T
    classes = ((hits, missed, false), (rejected, false, missed))
    occurs = np.array([(h + m + f) > 0 for h, m, f in classes])
    found = (
        [_divided(h, h + f) for h, m, f in classes],
        [_divided(h, h + m) for h, m, f in classes],
        [_divided(2 * h, 2 * h + m + f) for h, m, f in classes],
    )
    number = np.maximum(occurs.sum(axis=0), 1)
    precision, recall, f1 = ((np.array(each) * occurs).sum(axis=0) / number for each in found)
    return precision, recall, f1


def _divided(part: NDArray[Any], whole: NDArray[Any]) -> NDArray[Any]:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _always_yes(counts: Counts, name: str, *, macro: bool) -> Figure:
    """What always answering yes would score on the same recordings."""
    there, absent = counts.yes_yes + counts.yes_no, counts.no_yes + counts.no_no
    constant = np.array([there, 0, absent, 0])
    one = 2 * there / (2 * there + absent) if there + absent else None
    if macro:
        # A second class that occurs is never named, so its F1 is 0.
        value = None if one is None else one / (2 if there and absent else 1)
        interval = bootstrap(constant, lambda draws: _macro_of(draws)[2])
    else:
        value = one
        interval = bootstrap(constant, lambda draws: _f1(draws[:, 0], draws[:, 1], draws[:, 2]))
    return figure(value, interval, counts.n, f"{name}: the F1 of always answering yes.")
