"""The teacher's view of a course: every alias with its results, as text and as JSON. No key is in either."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.core.agreement.figure import Figure
from app.core.evaluation.scoring import Estimate
from app.core.plural import plural
from app.core.semiology import FEATURE
from app.core.teaching.course import Sitting, TeachingCourse
from app.core.teaching.learner_log import LearnerNote
from app.core.teaching.learner_results import FeatureScores, FoilCounts, LearnerResult, SittingScores

FORMAT = "semioscope-course-results/1"
NOT_A_JUDGEMENT = "Agreement with this key in these recordings; it says nothing about fitness to practise."

_SITTINGS = {Sitting.PRACTICE: "practice", Sitting.BEFORE: "test before", Sitting.AFTER: "test after"}


def results_to_dict(course: TeachingCourse, results: tuple[LearnerResult, ...]) -> dict[str, Any]:
    """The results in their file format."""
    return {
        "format": FORMAT,
        "course": course.id,
        "title": course.title,
        "pass_mark": course.rules.pass_mark,
        "note": NOT_A_JUDGEMENT,
        "learners": [_learner_to_dict(result) for result in results],
    }


def _learner_to_dict(result: LearnerResult) -> dict[str, Any]:
    foil = result.foil
    return {
        "alias": result.alias,
        "unread_lines": result.unread,
        "unscored_cards": result.unscored,
        "sittings": {sitting.value: _sitting_to_dict(one) for sitting, one in result.sittings.items()},
        "weeks": [{"week": one.week.isoformat(), "right": one.right, "n": one.n} for one in result.weeks],
        "foil": {
            "given_up": foil.given_up,
            "mended": foil.mended,
            "stayed_right": foil.stayed_right,
            "stayed_wrong": foil.stayed_wrong,
        },
        "hinted": {"right": result.hinted.right, "n": result.hinted.n},
        "notes": [_note_to_dict(one) for one in result.notes],
    }


def _note_to_dict(note: LearnerNote) -> dict[str, str]:
    return {
        "case": note.card.case,
        "feature": note.card.feature,
        "at": note.at.isoformat(timespec="seconds"),
        "text": note.text,
    }


def _sitting_to_dict(scores: SittingScores) -> dict[str, Any]:
    return {
        "n": scores.n,
        "right": _figure(scores.right),
        "passed": scores.passed,
        "kappa": _figure(scores.kappa),
        "features": {one.feature: _feature_to_dict(one) for one in scores.features},
        "confusions": [
            {"shown": one.shown, "said": one.said, "count": one.count} for one in scores.confusions
        ],
    }


def _feature_to_dict(scores: FeatureScores) -> dict[str, Any]:
    figures = {
        "right": scores.right,
        "kappa": scores.kappa,
        "overlap": scores.spans.iou,
        "onset_error": scores.spans.onset,
        "side": scores.sides,
        "onset_within_experts": scores.onsets_within,
    }
    return {name: {**_figure(figure), "n": figure.n} for name, figure in figures.items()}


def _figure(figure: Figure | Estimate) -> dict[str, float | None]:
    return {"value": figure.value, "low": figure.low, "high": figure.high}


def result_lines(course: TeachingCourse, results: tuple[LearnerResult, ...]) -> Iterator[str]:
    """The results as lines of text."""
    for result in results:
        yield result.alias
        for sitting, scores in result.sittings.items():
            yield from _sitting_lines(_SITTINGS[sitting], scores, course)
        yield from _foil_lines(result.foil)
        if result.hinted.n:
            yield f"  with the definition looked up: {result.hinted.right} of {result.hinted.n} right"
        for note in result.notes:
            yield f"  {FEATURE[note.card.feature].name} in {note.card.case}: “{' '.join(note.text.split())}”"
        if result.unread:
            yield f"  {result.unread} damaged lines of this file were left out."
        if result.unscored:
            yield f"  {result.unscored} answered cards could not be scored: their key is missing or damaged."
    yield NOT_A_JUDGEMENT


def _sitting_lines(name: str, scores: SittingScores, course: TeachingCourse) -> Iterator[str]:
    verdict = {True: ", passed", False: f", below {course.rules.pass_mark:.0%}", None: ""}[scores.passed]
    yield (
        f"  {name}: {_share(scores.right)} of {plural(scores.n, 'card')} right{verdict}; κ with the key "
        f"{_number(scores.kappa)}"
    )
    for one in scores.features:
        yield (
            f"    {FEATURE[one.feature].name:<26}{_share(one.right):<18} of {one.right.n:<4}"
            f"onset {_seconds(one.spans.onset):<9} side {_share(one.sides)}"
        )
    for mixed in scores.confusions[:5]:
        shown, said = FEATURE[mixed.shown].name, FEATURE[mixed.said].name
        yield f"    {shown} taken for {said[:1].lower()}{said[1:]}: {mixed.count}"


def _foil_lines(foil: FoilCounts) -> Iterator[str]:
    if foil != FoilCounts():
        yield (
            f"  after seeing the model's answer: {foil.given_up} right ones given up, {foil.mended} wrong "
            f"ones mended, {foil.stayed_right + foil.stayed_wrong} kept"
        )


def _share(figure: Figure | Estimate) -> str:
    if figure.value is None:
        return "–"
    span = "" if figure.low is None or figure.high is None else f" ({figure.low:.0%}–{figure.high:.0%})"
    return f"{figure.value:.0%}{span}"


def _number(figure: Figure) -> str:
    if figure.value is None:
        return "not defined"
    span = "" if figure.low is None or figure.high is None else f" ({figure.low:.2f} to {figure.high:.2f})"
    return f"{figure.value:.2f}{span}"


def _seconds(figure: Figure) -> str:
    return "–" if figure.value is None else f"{figure.value:+.1f} s"
