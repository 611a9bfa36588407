"""The queue of explanations and what its ratings say, read beside the window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.core.reading import ReaderIdentity, Reading
from app.core.semiology import FEATURE, Presence, Span
from app.ui.session.background import Task
from app.ui.session.comparing import Cell, figure_cell
from app.ui.session.study_look import StudyLook

if TYPE_CHECKING:
    from app.core.agreement.faithfulness import RatingSummary
    from app.core.agreement.figure import Figure
    from app.core.agreement.of_study import RecordingRead
    from app.core.agreement.rating_queue import Faithfulness, RatingQueue, ToRate
    from app.core.study.ratings import KeptRating
    from app.core.study.store import Study

COLUMNS = ("n", "1", "2", "3", "4", "5", "Mean", "≥ 3")


@dataclass(frozen=True, slots=True)
class RatingItem:
    """One explanation to rate: where it is, what is said, and the person's own score (1–5) of it."""

    number: int
    recording: str
    feature: str
    reader: ReaderIdentity
    presence: Presence
    explanation: str
    evidence: tuple[Span, ...]
    score: int | None


@dataclass(frozen=True, slots=True)
class RatingWork:
    """Whose explanations can be rated against whom, what was chosen, the queue, and its results."""

    readers: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    chosen: tuple[str, str] | None = None
    items: tuple[RatingItem, ...] = ()
    rows: tuple[tuple[str, tuple[Cell, ...]], ...] = ()
    remark: str = ""


def load_ratings(look: StudyLook, wanted: tuple[str, str], everybody: bool, task: Task) -> RatingWork:
    """The queue of the wanted reader against the wanted reference, else of the first against the usual one.

    The results are of the person's own ratings, or with `everybody` of all persons'.
    """
    from app.core.agreement import of_study
    from app.core.agreement.rating_queue import faithfulness, left_to_rate, rating_queue

    with look.open() as study:
        recordings = of_study.recordings_read(study, look.viewer)
        task.cancel.check()
        explaining, judging = of_study.explaining(recordings), of_study.judging(recordings)
        reader = wanted[0] if wanted[0] in explaining else next(iter(explaining), None)
        usual = of_study.usual_reference(judging, study.settings().reference, look.me)
        reference = wanted[1] if wanted[1] in judging else usual or next(iter(judging), None)
        if reader is None or reference is None:
            return RatingWork(tuple(explaining), tuple(judging))
        found = rating_queue(recordings, judging[reference], explaining[reader])
        left = left_to_rate(study, found, look.me)
        ratings = _ratings(study, look, explaining[reader], everybody)
    task.cancel.check()
    mine = {place for place in range(len(found.items)) if place not in left}
    said = faithfulness(found, ratings)
    return RatingWork(
        tuple(explaining),
        tuple(judging),
        (reader, reference),
        _items(recordings, found, mine, _scores(ratings, look.me)),
        _rows(said),
        _remark(found, said),
    )


def _ratings(
    study: Study, look: StudyLook, readings: Sequence[Reading], everybody: bool
) -> tuple[KeptRating, ...]:
    key = readings[0].reader.exact_key
    kept = study.ratings(rater=None if everybody else look.me, viewer=look.viewer)
    return tuple(one for one in kept if one.explained.reader.exact_key == key)


def _scores(ratings: Sequence[KeptRating], me: ReaderIdentity) -> dict[tuple[int, str], int]:
    return {
        (one.explained.recording_id, one.explained.feature): one.rating.score
        for one in ratings
        if one.rater.name == me.name and one.current
    }


def _items(
    recordings: Sequence[RecordingRead],
    found: RatingQueue,
    rated: set[int],
    scores: dict[tuple[int, str], int],
) -> tuple[RatingItem, ...]:
    by_number = {recording.number: recording for recording in recordings}

    def item(place: int, one: ToRate) -> RatingItem:
        about = one.explained
        key = about.reader.exact_key
        reading = next(
            each for each in by_number[about.recording_id].readings if each.reader.exact_key == key
        )
        answer = reading.answer(about.feature)
        score = scores.get((about.recording_id, about.feature)) if place in rated else None
        return RatingItem(
            about.recording_id,
            one.recording,
            about.feature,
            about.reader,
            answer.presence or Presence.NOT_ASSESSABLE,
            one.explanation,
            answer.evidence,
            score,
        )

    return tuple(item(place, one) for place, one in enumerate(found.items))


def _rows(said: Faithfulness) -> tuple[tuple[str, tuple[Cell, ...]], ...]:
    from app.core.agreement.faithfulness import Outcome

    words = {Outcome.TRUE_POSITIVE: "Rightly yes", Outcome.TRUE_NEGATIVE: "Rightly no"}
    rows = [("All", _cells(said.overall))]
    rows += [(words[outcome], _cells(each)) for outcome, each in said.outcomes.items()]
    rows += [(FEATURE[feature].name, _cells(each)) for feature, each in said.features.items()]
    return tuple(rows)


def _cells(each: RatingSummary) -> tuple[Cell, ...]:
    from app.core.agreement.faithfulness import ANCHORS

    n = each.faithful.n
    mean = figure_cell(each.mean, ".1f")
    counts = (
        Cell(
            str(each.distribution[anchor.score] or "·"),
            f"{each.distribution[anchor.score]} of {n} ratings are {anchor.score}: {anchor.name}. "
            f"{anchor.meaning}",
        )
        for anchor in ANCHORS
    )
    return (
        Cell(str(n), f"{n} explanations were rated."),
        *counts,
        replace(mean, words=mean.words.rstrip("*")),
        _share(each.faithful),
    )


def _share(figure: Figure) -> Cell:
    """The share with its interval, as short as a narrow panel needs it."""
    cell = figure_cell(figure, ".0%")
    if figure.low is None or figure.high is None:
        return cell
    return replace(cell, words=f"{cell.words} {100 * figure.low:.0f}–{100 * figure.high:.0f}")


def _remark(found: RatingQueue, said: Faithfulness) -> str:
    parts = []
    short = sum(found.missing.values())
    if short:
        parts.append(f"There are {short} true negatives fewer than true positives.")
    if said.outside:
        parts.append(f"{said.outside} ratings of explanations outside the queue are not counted.")
    if said.outdated:
        parts.append(f"{said.outdated} ratings of texts that have changed since are not counted.")
    return " ".join(parts)
