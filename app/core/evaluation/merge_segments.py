"""The segments of a recording merged to one case, by the rule of readings (`readers/models/merging.py`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from app.core.errors import UserError
from app.core.evaluation.labels import FeatureLabel, LabelledCase, LabelState, label_of
from app.core.exchange.phrases import shorten
from app.core.readers.models.merging import FIRST_SEGMENT_ONLY, SegmentAnswer, merge
from app.core.readers.models.segments import OVERLAP_SECONDS, SEGMENT_SECONDS, Segment
from app.core.semiology import Span


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """One segment's row of a table: its number and what it says."""

    number: int
    case: LabelledCase


_Who = tuple[str, str]
"""A reader and the key of a recording."""


def merge_segments(found: Mapping[_Who, Sequence[SegmentRow]]) -> dict[_Who, LabelledCase]:
    """The merged case of each reader and recording. Raises UserError for a segment that is there twice.

    Where no recording has a segment 0 the numbers count from 1.
    """
    first = min((row.number for rows in found.values() for row in rows), default=0)
    return {who: _merged_case(rows, min(first, 1)) for who, rows in found.items()}


def _merged_case(rows: Sequence[SegmentRow], first: int) -> LabelledCase:
    ordered = sorted(rows, key=lambda row: row.number)
    if len({row.number for row in ordered}) < len(ordered):
        raise UserError(f"The table has a segment of “{shorten(rows[0].case.name)}” twice.")
    features = ordered[0].case.labels
    labels = {
        feature: _merged_label(feature, [(row.number - first, row.case.labels[feature]) for row in ordered])
        for feature in features
    }
    return replace(ordered[0].case, name=ordered[0].case.key, labels=labels)


def _merged_label(feature: str, said: Sequence[tuple[int, FeatureLabel]]) -> FeatureLabel:
    merged = merge(feature, [_segment_answer(feature, number, label) for number, label in said])
    parts = tuple(one for _, one in said)
    label = replace(label_of(replace(merged, evidence=())), segments=parts)
    asked = [one for number, one in said if feature != FIRST_SEGMENT_ONLY or number == 0]
    if label.state is LabelState.UNANSWERED and _has_failed(asked):
        return replace(label, state=LabelState.FAILED)
    return label


def _has_failed(labels: Iterable[FeatureLabel]) -> bool:
    return any(label.state is LabelState.FAILED for label in labels)


def _segment_answer(feature: str, number: int, label: FeatureLabel) -> SegmentAnswer:
    start = number * (SEGMENT_SECONDS - OVERLAP_SECONDS)
    segment = Segment(number, Span(start, start + SEGMENT_SECONDS))
    failed = label.state is LabelState.FAILED
    return SegmentAnswer(segment, feature, None if failed else label.answer, "failed" if failed else "")
