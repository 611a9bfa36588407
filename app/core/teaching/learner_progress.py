"""How learners of a course come on: results by alias, over the weeks, by feature, and for the whole group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from app.core.agreement.figure import Figure, proportion
from app.core.agreement.overlap import overlap_figures, side_agreement
from app.core.errors import UserError
from app.core.evaluation.patients import ALONE, PatientGroups, resample
from app.core.evaluation.resampled_mean import resampled_mean
from app.core.evaluation.scoring import Estimate
from app.core.semiology import FEATURES
from app.core.teaching.course import Sitting
from app.core.teaching.course_file import CourseFolder
from app.core.teaching.key_opening import opened_keys
from app.core.teaching.learner_certainty import LearnerCertainty, certainty_of
from app.core.teaching.learner_log import Learner, LearnerAnswer, learners_of
from app.core.teaching.learner_results import (
    Confusion,
    Keys,
    LearnerResult,
    first_answers,
    result_of,
    weeks_of,
)

ALL_FEATURES = ""
"""What the weeks of all features together are called."""


@dataclass(frozen=True, slots=True)
class SpansAndSides:
    """All features of a sitting together: how often the side is the key's, and by how many seconds the first
    onset is later than the key's, the median."""

    sides: Figure
    onset: Figure


@dataclass(frozen=True, slots=True)
class WeekFigure:
    """The share right of the first answers in the week from Monday `week`, with Wilson's interval."""

    week: date
    right: Figure


@dataclass(frozen=True, slots=True)
class LearnerProgress:
    """A learner's results; sides and onsets by sitting, the weeks of practice by feature (ALL_FEATURES for
    all together), and their certainty."""

    result: LearnerResult
    spans: Mapping[Sitting, SpansAndSides]
    weeks: Mapping[str, tuple[WeekFigure, ...]]
    certainty: LearnerCertainty | None


@dataclass(frozen=True, slots=True)
class GroupFeature:
    """A feature over all learners: the share right with its interval over learners (None of fewer than two),
    of `n` first answers of `learners`, and what it was taken for most often ("" for nothing)."""

    feature: str
    right: Estimate
    n: int
    learners: int
    taken_for: str = ""
    times: int = 0


def progress_of_course(
    folder: CourseFolder, passphrase: str | None = None, *, only: str | None = None
) -> tuple[LearnerProgress, ...]:
    """How all learners of a course come on, by alias, or `only` one; of a test by the teacher's passphrase.

    Raises UserError when nobody, or not this alias, has answered anything.
    """
    found = learners_of(folder)
    if not found:
        raise UserError("Nobody has answered anything in this course yet.")
    learners = [one for one in found if only is None or one.alias.casefold() == only.casefold()]
    if not learners:
        known = ", ".join(one.alias for one in found)
        raise UserError(f"There is no learner “{only}” in this course. There are: {known}.")
    answered = {one.card for learner in learners for one in learner.answers if folder.course.asks(one.card)}
    keys = opened_keys(folder, answered, passphrase)
    return tuple(_progress(learner, folder, keys) for learner in learners)


def _progress(learner: Learner, folder: CourseFolder, every_key: Keys) -> LearnerProgress:
    keys = {card: every_key[card] for card in {one.card for one in learner.answers} & set(every_key)}
    practised = first_answers(learner.own_answers(Sitting.PRACTICE), keys)
    sittings = {one: first_answers(learner.own_answers(one), keys) for one in Sitting}
    every = [answer for answers in sittings.values() for answer in answers]
    return LearnerProgress(
        result_of(learner, folder.course, keys),
        {one: spans_and_sides(answers, keys) for one, answers in sittings.items() if answers},
        weeks_by_feature(practised, keys),
        certainty_of(every, keys),
    )


def spans_and_sides(answers: Sequence[LearnerAnswer], keys: Keys) -> SpansAndSides:
    """Sides and onsets of these answers against the key, all features together."""
    pairs = [(keys[one.card].answer, one.answer) for one in answers]
    return SpansAndSides(side_agreement(pairs)[0], overlap_figures(pairs).onset)


def weeks_by_feature(answers: Sequence[LearnerAnswer], keys: Keys) -> dict[str, tuple[WeekFigure, ...]]:
    """The share right week by week, for each feature that was asked and for all together."""
    asked = {one.card.feature for one in answers}
    names = [ALL_FEATURES, *(feature.id for feature in FEATURES if feature.id in asked)]
    return {
        name: _weeks([one for one in answers if name in (ALL_FEATURES, one.card.feature)], keys)
        for name in names
    }


def _weeks(answers: Sequence[LearnerAnswer], keys: Keys) -> tuple[WeekFigure, ...]:
    return tuple(
        WeekFigure(
            one.week, proportion(one.right, one.n, f"{one.right} of {one.n} first answers were right.")
        )
        for one in weeks_of(answers, keys)
    )


def group_features(learners: Sequence[LearnerProgress]) -> tuple[GroupFeature, ...]:
    """Every feature that was asked, over the learners and their sittings, the weakest first."""
    found = [_group_feature(feature.id, learners) for feature in FEATURES]
    asked = [one for one in found if one.n]
    return tuple(sorted(asked, key=lambda one: one.right.value if one.right.value is not None else 1.0))


def _group_feature(feature: str, learners: Sequence[LearnerProgress]) -> GroupFeature:
    counts = [_counts(feature, one.result) for one in learners]
    counts = [(right, n) for right, n in counts if n]
    values = np.array([value for right, n in counts for value in [1.0] * right + [0.0] * (n - right)])
    owners = np.array([at for at, (_right, n) in enumerate(counts) for _ in range(n)], dtype=int)
    groups = PatientGroups(np.arange(len(counts)), len(counts), ALONE)
    right = resampled_mean(values, owners, groups, resample(groups)) if counts else Estimate(None)
    mixed = _confusions(feature, learners)
    said, times = mixed.most_common(1)[0] if mixed else ("", 0)
    return GroupFeature(feature, right, len(values), len(counts), said, times)


def _counts(feature: str, result: LearnerResult) -> tuple[int, int]:
    """How many first answers to the feature were right, and how many there are."""
    scored = (one for scores in result.sittings.values() for one in scores.features)
    rows = [one.right for one in scored if one.feature == feature]
    return sum(round((row.value or 0.0) * row.n) for row in rows), sum(row.n for row in rows)


def _confusions(feature: str, learners: Sequence[LearnerProgress]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for one in learners:
        for mixed in confusions_of(one):
            if mixed.shown == feature:
                counts[mixed.said] += mixed.count
    return counts


def confusions_of(learner: LearnerProgress) -> tuple[Confusion, ...]:
    """What a learner took for what in all sittings, most often first."""
    counts: Counter[tuple[str, str]] = Counter()
    for scores in learner.result.sittings.values():
        for one in scores.confusions:
            counts[one.shown, one.said] += one.count
    return tuple(Confusion(shown, said, count) for (shown, said), count in counts.most_common())
