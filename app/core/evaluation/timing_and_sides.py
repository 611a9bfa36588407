"""A reader's spans and sides where both say yes, with answers that need no recording for comparison."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.agreement.overlap import iou
from app.core.evaluation.case_grid import CaseGrid, LaidOutReader
from app.core.evaluation.patients import PatientGroups
from app.core.evaluation.resampled_mean import resampled_mean
from app.core.evaluation.scoring import Estimate
from app.core.semiology import FEATURES, Answer, Presence, Span

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class TimingFigures:
    """Overlap with the reference's spans (0–1), and mean absolute errors of first onset and last end in s."""

    iou: Estimate
    onset_error: Estimate
    end_error: Estimate


@dataclass(frozen=True, slots=True)
class FeatureTiming:
    """The reader's timing over `n` cases, and that of a `constant` span.

    The constant span of a case runs from the median onset to the median end of the reference in other
    patients; both are over the cases that have one.
    """

    n: int
    reader: TimingFigures
    constant: TimingFigures


@dataclass(frozen=True, slots=True)
class FeatureSides:
    """Where both say yes and name a side: the share of the same, over `n` cases.

    `chance` is the share that answers with both sides' own frequencies would have, `constant` that of always
    naming the reference's most frequent side.
    """

    n: int
    same: Estimate
    chance: float
    constant: float


_Pair = tuple[int, Answer, Answer]
"""A case's patient, and the answers of reference and reader, which both say yes."""


def _yes_pairs(grid: CaseGrid, reader: LaidOutReader, groups: PatientGroups, feature: str) -> list[_Pair]:
    pairs = [
        (int(patient), case.answer(feature), other.answer(feature))
        for patient, case, other in zip(groups.numbers, grid.cases, reader.cases, strict=True)
        if other is not None
    ]
    return [pair for pair in pairs if pair[1].presence is pair[2].presence is Presence.YES]


def time_reader(
    grid: CaseGrid, reader: LaidOutReader, groups: PatientGroups, draws: Array
) -> Mapping[str, FeatureTiming]:
    """The timing by feature, of the features with at least one case."""
    found = {}
    for feature in FEATURES:
        pairs = [pair for pair in _yes_pairs(grid, reader, groups, feature.id) if _are_timed(pair)]
        constants = _constant_spans(pairs)
        kept = [(pair, span) for pair, span in zip(pairs, constants, strict=True) if span is not None]
        if kept:
            patients = np.array([pair[0] for pair, _ in kept])
            truth = [pair[1].evidence for pair, _ in kept]
            said = [pair[2].evidence for pair, _ in kept]
            fixed = [(span,) for _, span in kept]
            found[feature.id] = FeatureTiming(
                len(kept),
                _timing(truth, said, patients, groups, draws),
                _timing(truth, fixed, patients, groups, draws),
            )
    return found


def _are_timed(pair: _Pair) -> bool:
    return bool(pair[1].evidence and pair[2].evidence)


def _constant_spans(pairs: Sequence[_Pair]) -> list[Span | None]:
    """For each case the median span of the reference in other patients, None where there is no other."""
    patients = np.array([pair[0] for pair in pairs])
    starts = np.array([pair[1].evidence[0].start for pair in pairs])
    ends = np.array([_end(pair[1].evidence) for pair in pairs])
    spans: list[Span | None] = []
    for patient in patients:
        others = patients != patient
        spans.append(_median_span(starts[others], ends[others]) if others.any() else None)
    return spans


def _median_span(starts: Array, ends: Array) -> Span:
    return Span(float(np.median(starts)), float(np.median(ends)))


def _end(spans: Sequence[Span]) -> float:
    return max(span.end for span in spans)


def _timing(
    truth: Sequence[Sequence[Span]],
    said: Sequence[Sequence[Span]],
    patients: Array,
    groups: PatientGroups,
    draws: Array,
) -> TimingFigures:
    rows = [
        (iou(one, other) or 0.0, abs(other[0].start - one[0].start), abs(_end(other) - _end(one)))
        for one, other in zip(truth, said, strict=True)
    ]
    columns = np.array(rows).T
    return TimingFigures(*(resampled_mean(column, patients, groups, draws) for column in columns))


def compare_sides(
    grid: CaseGrid, reader: LaidOutReader, groups: PatientGroups, draws: Array
) -> Mapping[str, FeatureSides]:
    """The sides by feature, of the features with at least one case."""
    found = {}
    for feature in FEATURES:
        pairs = _yes_pairs(grid, reader, groups, feature.id)
        sides = [(p, one.laterality, other.laterality) for p, one, other in pairs]
        named = [(p, one, other) for p, one, other in sides if one is not None and other is not None]
        if named:
            found[feature.id] = same_names(named, groups, draws)
    return found


def same_names(
    named: Sequence[tuple[int, Hashable, Hashable]], groups: PatientGroups, draws: Array
) -> FeatureSides:
    """How often both name the same, of cases (k) with a patient, what the reference and the reader name."""
    patients = np.array([patient for patient, _, _ in named])
    same = np.array([one == other for _, one, other in named], dtype=float)
    truth, said = (Counter(row[at] for row in named) for at in (1, 2))
    n = len(named)
    return FeatureSides(
        n,
        resampled_mean(same, patients, groups, draws),
        sum(truth[name] * said[name] for name in truth) / n**2,
        max(truth.values()) / n,
    )
