"""The queue of a study's explanations that a person rates, and the summary of the ratings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.core.agreement.faithfulness import (
    AnswerOutcome,
    FeatureScore,
    RatingSummary,
    build_queue,
    summarise_by_feature,
    summarise_scores,
)
from app.core.agreement.faithfulness_sheet import count_sheets
from app.core.agreement.study_readings import RecordingReadings
from app.core.reading import ReaderIdentity, Reading
from app.core.study.rating import Particular, Sheet
from app.core.study.ratings import Explained, StoredRating, known_by
from app.core.study.store import Study


@dataclass(frozen=True, slots=True)
class ToRate:
    """One explanation of the queue, where it is, and the text that is rated."""

    explained: Explained
    recording: str
    outcome: AnswerOutcome
    explanation: str


@dataclass(frozen=True, slots=True)
class RatingQueue:
    """The whole queue, rated or not, in its order; `missing` by feature as in `faithfulness.Queue`."""

    items: tuple[ToRate, ...]
    missing: Mapping[str, int]


def build_rating_queue(
    recordings: Sequence[RecordingReadings],
    reference: Sequence[Reading],
    readings: Sequence[Reading],
) -> RatingQueue:
    """The queue of a study's reader against a reference. Raises UserError when they share no recording."""
    # The fingerprint stands for the content here, see RecordingRead.
    places = {one.recording.sha256: each for each in recordings for one in each.readings}
    found = build_queue(reference, readings)
    items = []
    for item in found.items:
        place = places[item.reading.recording.sha256]
        explained = Explained(place.number, item.reading.reader, item.feature)
        text = item.reading.answer(item.feature).explanation
        items.append(ToRate(explained, place.name, item.outcome, text))
    return RatingQueue(tuple(items), found.missing)


def find_unrated(study: Study, found: RatingQueue, rater: ReaderIdentity) -> frozenset[int]:
    """The places in the queue that the rater has not rated yet, or rated when the text was another one."""
    left = {known_by(one) for one in study.unrated((item.explained for item in found.items), rater)}
    return frozenset(place for place, item in enumerate(found.items) if known_by(item.explained) in left)


@dataclass(frozen=True, slots=True)
class Faithfulness:
    """The summary of the ratings of a queue.

    By feature, over all, and over true positives and true negatives apart. `outside` are ratings of
    this reader's explanations that are not in the queue, `outdated` those whose explanation has
    become another one since; neither is counted.
    """

    features: Mapping[str, RatingSummary]
    overall: RatingSummary
    outcomes: Mapping[AnswerOutcome, RatingSummary]
    outside: int
    outdated: int
    particulars: Mapping[Particular, tuple[int, int]]
    """By particular of the sheets how often it held, and how often it was answered."""


def summarise_ratings(found: RatingQueue, ratings: Iterable[StoredRating]) -> Faithfulness:
    """The summary of these ratings, as far as they are of explanations in the queue."""
    outcomes = {known_by(item.explained): item.outcome for item in found.items}
    counted: list[FeatureScore] = []
    scores: dict[AnswerOutcome, list[int]] = {outcome: [] for outcome in AnswerOutcome}
    sheets: list[Sheet] = []
    outside = outdated = 0
    for kept in ratings:
        outcome = outcomes.get(known_by(kept.explained))
        if not kept.current:
            outdated += 1
        elif outcome is None:
            outside += 1
        else:
            counted.append(FeatureScore(kept.explained.feature, kept.rating.score))
            sheets.append(kept.rating.sheet)
            scores[outcome].append(kept.rating.score)
    return Faithfulness(
        summarise_by_feature(counted),
        summarise_scores([one.score for one in counted]),
        {outcome: summarise_scores(each) for outcome, each in scores.items()},
        outside,
        outdated,
        count_sheets(sheets),
    )
