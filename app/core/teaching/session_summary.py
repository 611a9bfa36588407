"""What one session of practice achieved: scores by feature, when each comes back, and the weeks so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.core.semiology import FEATURES
from app.core.teaching.card_queue import CardQueue
from app.core.teaching.course import Sitting
from app.core.teaching.learner_log import Learner, LearnerAnswer
from app.core.teaching.learner_results import (
    Confusion,
    FoilCounts,
    HintedCounts,
    Keys,
    WeekShare,
    count_foil,
    count_hinted,
    count_weeks,
    find_confusions,
    first_answers,
    is_right,
)


@dataclass(frozen=True, slots=True)
class FeatureOutcome:
    """One feature in a session: `right` of `n` answers without a hint, `hinted` ones apart, and when it is
    asked again (UTC)."""

    feature: str
    right: int
    n: int
    hinted: HintedCounts
    due: datetime | None


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """`answered` cards of a session. Of practice also the outcomes by feature in the order of the checklist,
    when the next feature is due (UTC), and of the whole course all weeks, what became of
    answers after a model's, and what was taken for what, most often first."""

    answered: int
    outcomes: tuple[FeatureOutcome, ...] = ()
    next_due: datetime | None = None
    weeks: tuple[WeekShare, ...] = ()
    foil: FoilCounts = field(default_factory=FoilCounts)
    confusions: tuple[Confusion, ...] = ()

    @property
    def right(self) -> int:
        """Right answers without a hint."""
        return sum(one.right for one in self.outcomes)

    @property
    def n(self) -> int:
        """Answers without a hint that have a key."""
        return sum(one.n for one in self.outcomes)

    @property
    def hinted(self) -> HintedCounts:
        """The answers with a hint."""
        found = [one.hinted for one in self.outcomes]
        return HintedCounts(sum(one.right for one in found), sum(one.n for one in found))


def summarise(
    answered: int,
    first: Sequence[LearnerAnswer],
    learner: Learner,
    keys: Keys,
    queue: CardQueue,
) -> SessionSummary:
    """The summary of a session of `answered` cards; `first` is the first answer to each."""
    scored = [one for one in first if one.card in keys]
    asked = {one.card.feature for one in scored}
    known = [due for feature in FEATURES if (due := queue.due_at(feature.id)) is not None]
    return SessionSummary(
        answered,
        tuple(
            _outcome(feature.id, [one for one in scored if one.card.feature == feature.id], keys, queue)
            for feature in FEATURES
            if feature.id in asked
        ),
        min(known, default=None),
        count_weeks(learner, keys),
        count_foil(learner.answers, keys),
        find_confusions(first_answers(learner.own_answers(Sitting.PRACTICE), keys), keys),
    )


def _outcome(feature: str, answers: Sequence[LearnerAnswer], keys: Keys, queue: CardQueue) -> FeatureOutcome:
    own = first_answers(answers, keys)
    right = sum(is_right(one, keys) for one in own)
    return FeatureOutcome(feature, right, len(own), count_hinted(answers, keys), queue.due_at(feature))
