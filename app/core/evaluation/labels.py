"""Labels: what one reader says of each feature in many recordings, with what was not said kept apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from app.core.readers.models.merging import NOT_ASKED
from app.core.reading import ReaderKind, Reading
from app.core.semiology import Answer, Presence


class LabelState(IntEnum):
    """What is said of a feature; the number is its place in tables of counts.

    *Failed* is a reader that was asked and gave no answer, *unanswered* a feature that was left open.
    """

    NO = 0
    YES = 1
    NOT_ASSESSABLE = 2
    FAILED = 3
    UNANSWERED = 4


_STATES: Mapping[Presence | None, LabelState] = {
    Presence.YES: LabelState.YES,
    Presence.NO: LabelState.NO,
    Presence.NOT_ASSESSABLE: LabelState.NOT_ASSESSABLE,
    None: LabelState.UNANSWERED,
}
PRESENCES: Mapping[LabelState, Presence] = {
    state: presence for presence, state in _STATES.items() if presence is not None
}
"""The presence of each state that has one."""


@dataclass(frozen=True, slots=True)
class FeatureLabel:
    """The state of one feature in one recording, and the answer with its confidence, spans and side.

    `ratings` are the scores (1–5) of its explanation by rater; `segments` what it was merged from, in order,
    where it was.
    """

    state: LabelState
    answer: Answer
    ratings: Mapping[str, int] = field(default_factory=dict)
    segments: tuple[FeatureLabel, ...] = ()


@dataclass(frozen=True, slots=True)
class LabelledCase:
    """One recording as a reader labelled it.

    `name` is the written name, `key` the one by which recordings are matched; `sha256` and `fingerprint` are
    "" where they are not known. `columns` holds the columns of a table that are not labels, by their titles;
    `places` says where the labels stand, by feature, "" for all others.
    """

    name: str
    key: str
    labels: Mapping[str, FeatureLabel]
    sha256: str = ""
    fingerprint: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)

    def state(self, feature: str) -> LabelState:
        """The state of `feature`, unanswered if nothing is said of it."""
        label = self.labels.get(feature)
        return LabelState.UNANSWERED if label is None else label.state

    def answer(self, feature: str) -> Answer:
        """The answer for `feature`, an unanswered one if there is none."""
        label = self.labels.get(feature)
        return Answer(feature) if label is None else label.answer


@dataclass(frozen=True, slots=True)
class ReaderLabels:
    """All cases of one reader; `reader` is "" where the source does not name who answered, `kind` None where
    it does not say what kind of reader that is (a table). `changed` of the answers were changed after
    unblinding; `beyond_people` of those of a consensus have spans that only a program marked."""

    reader: str
    cases: tuple[LabelledCase, ...]
    kind: ReaderKind | None = None
    changed: int = 0
    beyond_people: int = 0


def label_of(answer: Answer) -> FeatureLabel:
    """The label that an answer is."""
    return FeatureLabel(_STATES[answer.presence], answer)


def labels_of_reading(reading: Reading) -> dict[str, FeatureLabel]:
    """The labels of a reading by feature.

    A model's answer that is missing with a reason is one that failed.
    """
    is_model = reading.reader.kind is ReaderKind.MODEL
    return {
        feature: FeatureLabel(LabelState.FAILED, answer)
        if is_model and _has_failed(answer)
        else label_of(answer)
        for feature, answer in reading.answers.items()
    }


def _has_failed(answer: Answer) -> bool:
    return answer.presence is None and answer.explanation not in ("", NOT_ASKED)
