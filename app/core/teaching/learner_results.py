"""A learner's results: first answers scored with the key, per feature over recordings, and over weeks.

Only cards that were answered are scored, and only the first answer to each: later ones were given by somebody
who had seen the key. First answers after a look at the definition (hints) are counted apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from app.core.agreement.figure import Figure, proportion
from app.core.agreement.kappa import pair_figures
from app.core.agreement.overlap import OverlapFigures, overlap_figures, side_agreement
from app.core.agreement.reading_pairs import count_answers
from app.core.evaluation.patients import ALONE, PatientGroups, resample
from app.core.evaluation.resampled_mean import resampled_mean
from app.core.evaluation.scoring import Estimate
from app.core.plural import plural
from app.core.semiology import FEATURES, Answer, Presence
from app.core.teaching.card_score import score_card
from app.core.teaching.case_key import KeyAnswer
from app.core.teaching.course import Sitting, TeachingCard, TeachingCourse
from app.core.teaching.learner_log import Learner, LearnerAnswer, LearnerNote

Keys = Mapping[TeachingCard, KeyAnswer]


@dataclass(frozen=True, slots=True)
class FeatureScores:
    """One feature over recordings: the share right, κ with the key, spans (key first, so that a positive
    onset is late), sides, and how often the onset is among the experts' where there are several."""

    feature: str
    right: Figure
    kappa: Figure
    spans: OverlapFigures
    sides: Figure
    onsets_within: Figure


@dataclass(frozen=True, slots=True)
class Confusion:
    """How often a learner missed `shown` and said `said` instead, in the same recording at the same time."""

    shown: str
    said: str
    count: int


@dataclass(frozen=True, slots=True)
class SittingScores:
    """One sitting: `right` is the share of `n` cards with its interval over recordings."""

    n: int
    right: Estimate
    passed: bool | None
    kappa: Figure
    features: tuple[FeatureScores, ...]
    confusions: tuple[Confusion, ...]


@dataclass(frozen=True, slots=True)
class FoilCounts:
    """What became of own answers after a model's was shown: right ones given up, wrong ones mended, the rest
    kept as they were or changed without a gain."""

    given_up: int = 0
    mended: int = 0
    stayed_right: int = 0
    stayed_wrong: int = 0


@dataclass(frozen=True, slots=True)
class WeekShare:
    """How many of `n` first answers in the week from Monday `week` were right."""

    week: date
    right: int
    n: int


@dataclass(frozen=True, slots=True)
class HintedCounts:
    """How many of `n` first answers that were given with a hint were right."""

    right: int = 0
    n: int = 0


@dataclass(frozen=True, slots=True)
class LearnerResult:
    """All results of an alias; `unread` lines of their file were damaged, `unscored` cards have no key.
    `hinted` answers are in no other figure; `notes` are what the learner wrote, with or after an answer."""

    alias: str
    sittings: Mapping[Sitting, SittingScores]
    weeks: tuple[WeekShare, ...]
    foil: FoilCounts
    unread: int
    unscored: int
    hinted: HintedCounts = field(default_factory=HintedCounts)
    notes: tuple[LearnerNote, ...] = ()


def result_of(learner: Learner, course: TeachingCourse, keys: Keys) -> LearnerResult:
    """The results of a learner; `keys` are those of the cards they answered."""
    sittings = {}
    for sitting in Sitting:
        first = first_answers(learner.own_answers(sitting), keys)
        if first:
            sittings[sitting] = score_sitting(first, keys, course.rules.pass_mark)
    return LearnerResult(
        learner.alias,
        sittings,
        count_weeks(learner, keys),
        count_foil(learner.answers, keys),
        learner.unread,
        len({one.card for one in learner.answers} - set(keys)),
        count_hinted(learner.own_answers(*Sitting), keys),
        notes_of(learner),
    )


def count_hinted(answers: Iterable[LearnerAnswer], keys: Keys) -> HintedCounts:
    """The first answers that were given after a look at the definition, and how many of them were right."""
    hinted = [one for one in _firsts(answers, keys) if one.hinted]
    return HintedCounts(sum(is_right(one, keys) for one in hinted), len(hinted))


def notes_of(learner: Learner) -> tuple[LearnerNote, ...]:
    """What the learner wrote, in the order of time: reasons with their answers, and the last note on a card
    after it."""
    reasons = (
        LearnerNote(one.card, one.answer.explanation, one.at)
        for one in learner.answers
        if one.answer.explanation
    )
    last = {one.card: one for one in learner.notes}
    found = (*reasons, *(one for one in last.values() if one.text))
    return tuple(sorted(found, key=lambda one: one.at))


def first_answers(answers: Iterable[LearnerAnswer], keys: Keys) -> tuple[LearnerAnswer, ...]:
    """The first answer to each card that has a key, if it was given without a hint."""
    return tuple(one for one in _firsts(answers, keys) if not one.hinted)


def _firsts(answers: Iterable[LearnerAnswer], keys: Keys) -> tuple[LearnerAnswer, ...]:
    first: dict[TeachingCard, LearnerAnswer] = {}
    for one in answers:
        if one.card in keys:
            first.setdefault(one.card, one)
    return tuple(first.values())


def score_sitting(answers: Sequence[LearnerAnswer], keys: Keys, pass_mark: float) -> SittingScores:
    """The scores of these answers, no two of one card."""
    right = _share_right(answers, keys)
    presences = count_answers((keys[one.card].answer.presence, one.answer.presence) for one in answers)
    asked = {one.card.feature for one in answers}
    return SittingScores(
        len(answers),
        right,
        None if right.value is None else right.value >= pass_mark,
        pair_figures(presences).kappa,
        tuple(
            _score_feature(name, [one for one in answers if one.card.feature == name], keys)
            for name in (feature.id for feature in FEATURES)
            if name in asked
        ),
        find_confusions(answers, keys),
    )


def _share_right(answers: Sequence[LearnerAnswer], keys: Keys) -> Estimate:
    """The share right, its interval over recordings: cards of one recording are not independent."""
    numbers = {case: at for at, case in enumerate(dict.fromkeys(one.card.case for one in answers))}
    recordings = np.array([numbers[one.card.case] for one in answers])
    right = np.array([is_right(one, keys) for one in answers], dtype=float)
    groups = PatientGroups(np.arange(len(numbers)), len(numbers), ALONE)
    return resampled_mean(right, recordings, groups, resample(groups))


def is_right(answer: LearnerAnswer, keys: Keys) -> bool:
    """Whether the presence is the key's."""
    return answer.answer.presence is keys[answer.card].answer.presence


def _score_feature(feature: str, answers: Sequence[LearnerAnswer], keys: Keys) -> FeatureScores:
    pairs = [(keys[one.card].answer, one.answer) for one in answers]
    n, right = len(answers), sum(is_right(one, keys) for one in answers)
    within = [score_card(one.answer, keys[one.card]).onset_within for one in answers]
    known = [one for one in within if one is not None]
    return FeatureScores(
        feature,
        proportion(right, n, f"The key says the same in {right} of {plural(n, 'recording')}."),
        pair_figures(count_answers((one.presence, other.presence) for one, other in pairs)).kappa,
        overlap_figures(pairs),
        side_agreement(pairs)[0],
        proportion(sum(known), len(known), "The onset is between the experts' first and last."),
    )


def find_confusions(answers: Sequence[LearnerAnswer], keys: Keys) -> tuple[Confusion, ...]:
    """What was taken for what, most often first, among the features that the learner answered."""
    by_case: dict[str, list[LearnerAnswer]] = {}
    for one in answers:
        by_case.setdefault(one.card.case, []).append(one)
    counts: Counter[tuple[str, str]] = Counter()
    for group in by_case.values():
        missed = [one for one in group if _presences(one, keys) == (Presence.YES, Presence.NO)]
        claimed = [one for one in group if _presences(one, keys) == (Presence.NO, Presence.YES)]
        counts.update(
            (one.card.feature, other.card.feature)
            for one in missed
            for other in claimed
            if _meet(keys[one.card].answer, other.answer)
        )
    return tuple(Confusion(shown, said, count) for (shown, said), count in counts.most_common())


def _presences(answer: LearnerAnswer, keys: Keys) -> tuple[Presence | None, Presence | None]:
    return keys[answer.card].answer.presence, answer.answer.presence


def _meet(expert: Answer, said: Answer) -> bool:
    """Whether spans of both overlap; true where either has none, since then they may."""
    if not expert.evidence or not said.evidence:
        return True
    return any(one.overlaps(other) for one in expert.evidence for other in said.evidence)


def count_foil(answers: Sequence[LearnerAnswer], keys: Keys) -> FoilCounts:
    """What became of own answers once a model's was shown."""
    own: dict[TeachingCard, bool] = {}
    counts: Counter[tuple[bool, bool]] = Counter()
    for one in answers:
        if one.card not in keys:
            continue
        if not one.after_foil:
            own[one.card] = is_right(one, keys)
        elif one.card in own:
            counts[own.pop(one.card), is_right(one, keys)] += 1
    return FoilCounts(counts[True, False], counts[False, True], counts[True, True], counts[False, False])


def count_weeks(learner: Learner, keys: Keys) -> tuple[WeekShare, ...]:
    """The first answers in practice without a hint, week by week."""
    return weeks_of(first_answers(learner.own_answers(Sitting.PRACTICE), keys), keys)


def weeks_of(answers: Iterable[LearnerAnswer], keys: Keys) -> tuple[WeekShare, ...]:
    """How many of these answers were right, by weeks that begin on Monday."""
    asked: Counter[date] = Counter()
    right: Counter[date] = Counter()
    for one in answers:
        day = one.at.date()
        week = day - timedelta(days=day.weekday())
        asked[week] += 1
        right[week] += is_right(one, keys)
    return tuple(WeekShare(week, right[week], asked[week]) for week in sorted(asked))
