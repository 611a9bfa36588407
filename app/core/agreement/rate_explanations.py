"""The queue of a study's explanations for rating, and the results of their ratings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app.core.agreement import study_readings
from app.core.agreement.anchors import ANCHORS
from app.core.agreement.comparison_cells import ComparisonCell, Rows, figure_cell
from app.core.agreement.faithfulness import AnswerOutcome, RatingSummary
from app.core.agreement.figure import Figure
from app.core.agreement.rating_items import RatingItem, RatingWork
from app.core.agreement.rating_queue import (
    Faithfulness,
    RatingQueue,
    ToRate,
    build_rating_queue,
    find_unrated,
    summarise_ratings,
)
from app.core.agreement.study_readings import RecordingReadings
from app.core.errors import UserError
from app.core.jobs import CancelToken
from app.core.reading import ReaderIdentity, Reading
from app.core.semiology import FEATURE, Presence
from app.core.study.ratings import StoredRating, known_by
from app.core.study.store import Study
from app.core.study.viewer import Seal, Viewer, reader_named, sealed_error, settle_seal

_PURPOSE = "agreement --faithfulness"


@dataclass(frozen=True, slots=True)
class RatedExplanations:
    """How the explanations of a reader were rated where the reference says the same; `raters` are names."""

    reader: str
    reference: str
    raters: tuple[str, ...]
    queue: RatingQueue
    faithfulness: Faithfulness
    seal: Seal


def summarise_reader(
    study: Study, viewer: Viewer, *, reader: str | None, reference: str | None, rater: str | None
) -> RatedExplanations:
    """The ratings of a reader against a reference, of one rater or everybody, that the viewer may see.

    Without names: the only reader that explains, the study's usual reference, everybody. Raises UserError
    that names those there are when one of the names is not among them.
    """
    recordings = study_readings.visible_recordings(study, viewer)
    seal = settle_seal(study, viewer, study_readings.count_withheld(recordings), _PURPOSE)
    try:
        explaining, judging = (
            study_readings.explaining_readers(recordings),
            study_readings.possible_references(recordings),
        )
        name = reader or _only(explaining)
        readings = study_readings.find_reader(explaining, name, "reader with explanations")
        right = reference or _usual(study, judging)
        reference_readings = study_readings.find_reader(judging, right, "reader who can be the reference")
    except UserError as error:
        raise sealed_error(seal, str(error)) from error
    ratings = _of_reader(study_readings.visible_ratings(study, viewer), readings)
    if rater is not None:
        (who,) = reader_named(study, rater).readers
        ratings = [one for one in ratings if one.rater.is_same(who)]
    raters = tuple(sorted({one.rater.name for one in ratings}))
    found = build_rating_queue(recordings, reference_readings, readings)
    return RatedExplanations(name, right, raters, found, summarise_ratings(found, ratings), seal)


def _only(explaining: Mapping[str, Sequence[Reading]]) -> str:
    if len(explaining) == 1:
        return next(iter(explaining))
    known = ", ".join(explaining)
    raise UserError(
        f"Say with --reader whose explanations: {known}." if known else "Nobody has explained an answer here."
    )


def _usual(study: Study, judging: dict[str, list[Reading]]) -> str:
    usual = study_readings.default_reference(judging, study.settings().reference)
    if usual is None:
        raise UserError(f"Say with --reference who is right: {', '.join(judging) or 'nobody has read'}.")
    return usual


def load_ratings(
    study: Study,
    viewer: Viewer,
    me: ReaderIdentity,
    wanted: tuple[str, str],
    *,
    everybody: bool,
    cancel: CancelToken,
) -> RatingWork:
    """The queue of the wanted reader against the wanted reference, else of the first against the usual one.

    The results are of my ratings, or with `everybody` of all persons'. Raises UserError, Cancelled.
    """
    recordings = study_readings.visible_recordings(study, viewer)
    cancel.check()
    explaining, judging = (
        study_readings.explaining_readers(recordings),
        study_readings.possible_references(recordings),
    )
    reader = wanted[0] if wanted[0] in explaining else next(iter(explaining), None)
    usual = study_readings.default_reference(judging, study.settings().reference, me)
    reference = wanted[1] if wanted[1] in judging else usual or next(iter(judging), None)
    if reader is None or reference is None:
        return RatingWork(tuple(explaining), tuple(judging))
    found = build_rating_queue(recordings, judging[reference], explaining[reader])
    kept = study_readings.visible_ratings(study, viewer)
    ratings = _of_reader(kept, explaining[reader])
    cancel.check()
    counted = [one for one in ratings if everybody or one.rater.is_same(me)]
    said = summarise_ratings(found, counted)
    return RatingWork(
        tuple(explaining),
        tuple(judging),
        (reader, reference),
        _items(recordings, found, find_unrated(study, found, me), _scores(ratings, me)),
        _rows(said),
        _remark(found, said),
    )


def _of_reader(ratings: Sequence[StoredRating], readings: Sequence[Reading]) -> list[StoredRating]:
    keys = {one.reader.exact_key for one in readings}
    return [one for one in ratings if one.explained.reader.exact_key in keys]


def _scores(ratings: Sequence[StoredRating], me: ReaderIdentity) -> dict[tuple[int, str, str], int]:
    """My scores of explanations that are still the same, by what was rated."""
    return {
        known_by(one.explained): one.rating.score for one in ratings if one.rater.is_same(me) and one.current
    }


def _items(
    recordings: Sequence[RecordingReadings],
    found: RatingQueue,
    left: frozenset[int],
    scores: dict[tuple[int, str, str], int],
) -> tuple[RatingItem, ...]:
    by_number = {recording.number: recording for recording in recordings}

    def item(place: int, one: ToRate) -> RatingItem:
        about = one.explained
        readings = by_number[about.recording_id].readings
        reading = next(each for each in readings if each.reader.is_same_version(about.reader))
        answer = reading.answer(about.feature)
        return RatingItem(
            about.recording_id,
            one.recording,
            about.feature,
            about.reader,
            answer.presence or Presence.NOT_ASSESSABLE,
            one.explanation,
            answer.evidence,
            None if place in left else scores.get(known_by(about)),
        )

    return tuple(item(place, one) for place, one in enumerate(found.items))


def _rows(said: Faithfulness) -> Rows:
    words = {AnswerOutcome.TRUE_POSITIVE: "Rightly yes", AnswerOutcome.TRUE_NEGATIVE: "Rightly no"}
    rows = [("All", _cells(said.overall))]
    rows += [(words[outcome], _cells(each)) for outcome, each in said.outcomes.items()]
    rows += [(FEATURE[feature].name, _cells(each)) for feature, each in said.features.items()]
    return tuple(rows)


def _cells(each: RatingSummary) -> tuple[ComparisonCell, ...]:
    n = each.faithful.n
    mean = figure_cell(each.mean, ".1f")
    counts = (
        ComparisonCell(
            str(each.distribution[anchor.score] or "·"),
            f"{each.distribution[anchor.score]} of {n} ratings are {anchor.score}: {anchor.name}. "
            f"{anchor.meaning}",
        )
        for anchor in ANCHORS
    )
    return (
        ComparisonCell(str(n), f"{n} explanations were rated."),
        *counts,
        replace(mean, text=mean.text.rstrip("*")),
        _share(each.faithful),
    )


def _share(figure: Figure) -> ComparisonCell:
    """The share with its interval, as short as a narrow panel needs it."""
    cell = figure_cell(figure, ".0%")
    if figure.low is None or figure.high is None:
        return cell
    return replace(cell, text=f"{cell.text} {100 * figure.low:.0f}–{100 * figure.high:.0f}")


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
