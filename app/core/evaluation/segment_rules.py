"""How a reader's segments become one answer: any of them, several of them, or one that is sure enough.

The rule is chosen on other patients, so that what is reported for it is not the best of many looks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.evaluation.calibration import FOLDS
from app.core.evaluation.case_grid import CaseGrid, LaidOutReader
from app.core.evaluation.figures import share
from app.core.evaluation.labels import FeatureLabel, LabelState
from app.core.evaluation.patients import PatientGroups, intervals
from app.core.evaluation.scoring import Estimate, estimate
from app.core.readers.models.merge_rule import MergeRule
from app.core.readers.models.merging import FIRST_SEGMENT_ONLY
from app.core.semiology import FEATURES

Array = NDArray[Any]
Segments = Sequence[FeatureLabel]

RULES: tuple[MergeRule, ...] = (
    MergeRule(),
    *(MergeRule(at_least=count) for count in (2, 3, 4)),
    *(MergeRule(part=part) for part in (0.25, 0.5, 0.75)),
    *(MergeRule(confidence=confidence) for confidence in (60, 70, 80, 90)),
)
"""The rules among which one is chosen, the usual one first; of equally good ones the first is taken."""


def says_yes(rule: MergeRule, parts: Segments) -> bool:
    """Whether a rule says yes of the segments of a recording."""
    counted = sum(one.state is LabelState.YES and rule.counts(one.answer.confidence) for one in parts)
    return rule.says_yes(counted, sum(one.state in (LabelState.YES, LabelState.NO) for one in parts))


@dataclass(frozen=True, slots=True)
class MergedFigures:
    """F1 over `n` recordings by the rule *any*, and by the rule that was best in other patients.

    `gain` is the difference; `rules` says how often each rule was chosen, of the folds of patients.
    """

    n: int
    any_segment: Estimate
    chosen: Estimate
    gain: Estimate
    rules: Mapping[str, int]


def merge_reader(
    grid: CaseGrid, reader: LaidOutReader, groups: PatientGroups, draws: Array
) -> Mapping[str, MergedFigures]:
    """By feature, of those with segments in recordings of two patients or more."""
    found = {}
    for at, feature in enumerate(FEATURES):
        if feature.id == FIRST_SEGMENT_ONLY:
            continue
        rows = [
            (place, case.labels[feature.id].segments)
            for place, case in enumerate(reader.cases)
            if case is not None and feature.id in case.labels and _is_usable(case.labels[feature.id])
        ]
        rows = [(place, parts) for place, parts in rows if grid.truth[place, at] <= LabelState.YES]
        places = [place for place, _ in rows]
        patients = groups.numbers[places]
        if len(np.unique(patients)) > 1:
            truth = grid.truth[places, at] == LabelState.YES
            found[feature.id] = _merged([parts for _, parts in rows], truth, patients, groups, draws)
    return found


def _is_usable(label: FeatureLabel) -> bool:
    return any(one.state in (LabelState.YES, LabelState.NO) for one in label.segments)


def _merged(
    parts: Sequence[Segments], truth: Array, patients: Array, groups: PatientGroups, draws: Array
) -> MergedFigures:
    said = np.array([[says_yes(rule, one) for one in parts] for rule in RULES])
    chosen, rules = choose_rules(said, truth, patients)
    counts = [_counts(each, truth, patients, groups) for each in (said[0], chosen)]
    values = [f1_of(one.sum(axis=0)) for one in counts]
    drawn = [f1_of(draws @ one)[:, None] for one in counts]
    number = len(np.unique(patients))
    any_segment, best = (
        estimate(float(value), intervals(each, number), 0) for value, each in zip(values, drawn, strict=True)
    )
    gain = estimate(float(values[1] - values[0]), intervals(drawn[1] - drawn[0], number), 0)
    return MergedFigures(len(parts), any_segment, best, gain, rules)


def choose_rules(said: Array, truth: Array, patients: Array) -> tuple[Array, Mapping[str, int]]:
    """(c,): what the rule says that has the highest F1 in the other folds of patients; and which rules were
    chosen how often. `said` (rules, c) is what each rule says."""
    known = np.unique(patients)
    folds = np.searchsorted(known, patients) % min(FOLDS, len(known))
    chosen = np.zeros(len(truth), dtype=bool)
    names: Counter[str] = Counter()
    for fold in np.unique(folds):
        others = folds != fold
        scores = [float(np.nan_to_num(_f1(each[others], truth[others]))) for each in said]
        best = int(np.argmax(scores))
        chosen[~others] = said[best][~others]
        names[RULES[best].name] += 1
    return chosen, dict(names)


def _f1(said: Array, truth: Array) -> Array:
    return f1_of(np.array([(said & truth).sum(), said.sum(), truth.sum()], dtype=float))


def _counts(said: Array, truth: Array, patients: Array, groups: PatientGroups) -> Array:
    """(p, 3): by patient how often both say yes, how often the rule does, how often the truth does."""
    columns = (said & truth, said, truth)
    return np.stack(
        [np.bincount(patients, weights=column, minlength=groups.count) for column in columns], axis=1
    )


def f1_of(counts: Array) -> Array:
    """(…,): F1 of counts (…, 3): both yes, said yes, truly yes; NaN without any yes."""
    return share(2 * counts[..., 0], counts[..., 1] + counts[..., 2])
