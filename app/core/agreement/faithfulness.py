"""The faithfulness of a model's explanations: ratings 1–5 by a person, and the queue of what to rate.

After arXiv 2605.03352: a person rates whether what an explanation names is there to be seen or heard.
The score is 1–5 (20–100 %), and the share rated 3 or more is reported.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.core.agreement.anchors import ANCHORS
from app.core.agreement.figure import SEED, Figure, figure, mean_interval, proportion
from app.core.agreement.reading_pairs import match_readings
from app.core.errors import UserError
from app.core.reading import Reading
from app.core.semiology import FEATURES, Presence

FAITHFUL = 3
"""From this score on an explanation counts as faithful."""


@dataclass(frozen=True, slots=True)
class FeatureScore:
    """A person's score (1–5) of one explanation. Raises ValueError for any other score."""

    feature: str
    score: int

    def __post_init__(self) -> None:
        if self.score not in {anchor.score for anchor in ANCHORS}:
            raise ValueError(f"no score: {self.score}")


@dataclass(frozen=True, slots=True)
class RatingSummary:
    """The ratings of one feature: how many of each score, their mean, and the share that is faithful."""

    distribution: Mapping[int, int]
    mean: Figure
    faithful: Figure


def summarise_by_feature(ratings: Iterable[FeatureScore]) -> dict[str, RatingSummary]:
    """By feature, in the order of the checklist; features without a rating are left out."""
    scores: dict[str, list[int]] = {}
    for rating in ratings:
        scores.setdefault(rating.feature, []).append(rating.score)
    return {feature.id: summarise_scores(scores[feature.id]) for feature in FEATURES if feature.id in scores}


def summarise_scores(scores: Sequence[int]) -> RatingSummary:
    """The summary of these scores, each 1–5; the share has a Wilson, the mean a bootstrap interval."""
    import numpy as np

    n = len(scores)
    good = sum(score >= FAITHFUL for score in scores)
    values = np.array(scores, dtype=float)
    return RatingSummary(
        {anchor.score: list(scores).count(anchor.score) for anchor in ANCHORS},
        figure(
            float(values.mean()) if n else None,
            mean_interval(values),
            n,
            f"The mean of {n} ratings from 1 (made up) to 5 (right).",
        ),
        proportion(good, n, f"{good} of {n} explanations are rated {FAITHFUL} or more."),
    )


class AnswerOutcome(StrEnum):
    TRUE_POSITIVE = "true_positive"
    TRUE_NEGATIVE = "true_negative"


@dataclass(frozen=True, slots=True)
class QueueItem:
    """One explanation to rate."""

    reading: Reading
    feature: str
    outcome: AnswerOutcome


@dataclass(frozen=True, slots=True)
class Queue:
    """The explanations to rate: recordings in random order, and within each its features.

    `missing` says by feature how many true negatives fewer there are than true positives.
    """

    items: tuple[QueueItem, ...]
    missing: Mapping[str, int]


def build_queue(reference: Sequence[Reading], readings: Sequence[Reading], *, seed: int = SEED) -> Queue:
    """All true positives of a reader and, per feature, equally many random true negatives.

    Only answers with an explanation. What is drawn hangs on the seed, the recording and the feature
    alone: the same tomorrow, and another recording in the study changes next to nothing of it. Raises
    UserError when no recording is in both.
    """
    pairs = match_readings(reference, readings)
    if not pairs:
        raise UserError("The reference has none of the recordings that are to be rated.")

    def lot(item: QueueItem) -> bytes:
        return _lot(seed, _name(item), item.feature)

    items: list[QueueItem] = []
    missing = {}
    for feature in FEATURES:
        positives = _right(pairs, feature.id, Presence.YES, AnswerOutcome.TRUE_POSITIVE)
        negatives = _right(pairs, feature.id, Presence.NO, AnswerOutcome.TRUE_NEGATIVE)
        if len(negatives) < len(positives):
            missing[feature.id] = len(positives) - len(negatives)
        items += positives + sorted(negatives, key=lot)[: len(positives)]
    # One recording after the other: who has just seen it need not look for the patient anew.
    items.sort(key=lambda item: (_lot(seed, _name(item)), lot(item)))
    return Queue(tuple(items), missing)


def _name(item: QueueItem) -> str:
    return item.reading.recording.sha256 or item.reading.recording.name


def _lot(seed: int, *names: str) -> bytes:
    return hashlib.sha256("\0".join((str(seed), *names)).encode("utf-8", "surrogatepass")).digest()


def _right(
    pairs: Sequence[tuple[Reading, Reading]], feature: str, presence: Presence, outcome: AnswerOutcome
) -> list[QueueItem]:
    return [
        QueueItem(said, feature, outcome)
        for truth, said in pairs
        if truth.answer(feature).presence is said.answer(feature).presence is presence
        and said.answer(feature).explanation.strip()
    ]
