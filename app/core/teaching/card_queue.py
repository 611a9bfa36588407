"""Which card comes next: features when they are about to be forgotten, each time in another recording.

What is remembered is a feature, so the memory model (FSRS 6 with its default weights, the package `fsrs`)
keeps one state for each feature, and the recording in which it is asked changes: the least often asked there,
never in that of the last card. Which recording it is never depends on a key.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import fsrs

from app.core.teaching.card_score import CardScore
from app.core.teaching.course import CourseCase, TeachingCard

RETENTION = 0.92
"""The share right at which a feature is asked again, by the memory model: a little above the nine of ten that
are to be kept, since its default weights come from flashcards, and some features are harder than these."""
AGAIN_AFTER = timedelta(minutes=10)
"""When a feature that was answered wrong is asked again."""
_AHEAD = timedelta(minutes=20)
"""What is due so soon is asked in the same session."""
_BETWEEN = 4
"""How many other cards come before a feature is asked again on the same day."""
_SAME_DAY = timedelta(hours=12)
"""For so long a recording is not used again for the same feature: its key is still in view."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ScoredAnswer:
    """An answer that was scored, as the memory model learns of it; `hinted` when the definition was seen."""

    card: TeachingCard
    at: datetime
    score: CardScore
    hinted: bool = False


class CardQueue:
    """The memory of one learner, and the next card of these cases. `learner` makes the order theirs."""

    def __init__(self, cases: Iterable[CourseCase], learner: str) -> None:
        self._learner = learner
        self._cases: dict[str, list[str]] = {}
        for case in cases:
            for feature in case.asked:
                self._cases.setdefault(feature, []).append(case.id)
        for feature, names in self._cases.items():
            names.sort(key=lambda name: self._order(feature, name))
        self._memory: dict[str, fsrs.Card] = {}
        self._asked: Counter[TeachingCard] = Counter()
        self._shown: dict[TeachingCard, datetime] = {}
        self._answers = 0
        self._place: dict[str, int] = {}
        self._last: TeachingCard | None = None
        self._latest = _EPOCH
        self._scheduler = fsrs.Scheduler(
            desired_retention=RETENTION,
            learning_steps=(AGAIN_AFTER,),
            relearning_steps=(AGAIN_AFTER,),
            enable_fuzzing=False,
        )

    def record(self, answer: ScoredAnswer) -> None:
        """Learn of an answer. A clock that was set back counts as standing still."""
        feature = answer.card.feature
        self._latest = max(self._latest, answer.at)
        card = self._memory.get(feature) or fsrs.Card(card_id=1, due=self._latest)
        self._memory[feature], _ = self._scheduler.review_card(card, _rating(answer), self._latest)
        self._asked[answer.card] += 1
        self._shown[answer.card] = self._latest
        self._answers += 1
        self._place[feature] = self._answers
        self._last = answer.card

    def next_card(self, now: datetime, *, beyond_due: bool = False) -> TeachingCard | None:
        """The next card: the feature longest due, else one that was never asked, else None.

        On one day the same feature comes only after some others and in a recording that is new to it.
        `beyond_due` gives the feature most likely to be forgotten next instead of None.
        """
        now = max(now, self._latest)
        due = [feature for feature in self._known() if self._is_due(feature, now)]
        if due:
            return self._card(min(due, key=lambda feature: self._memory[feature].due))
        new = [feature for feature in self._cases if feature not in self._memory]
        if new:
            return self._card(min(new, key=lambda feature: self._order(feature, "")))
        return self._card(self._weakest(now)) if beyond_due and self._cases else None

    def _is_due(self, feature: str, now: datetime) -> bool:
        if self._memory[feature].due > now + _AHEAD:
            return False
        cards = [TeachingCard(name, feature) for name in self._cases[feature]]
        shown = [self._shown[card] for card in cards if card in self._shown]
        if now - max(shown) >= _SAME_DAY:
            return True
        is_new_to_it = len(shown) < len(cards) or now - min(shown) >= _SAME_DAY
        return is_new_to_it and self._answers - self._place[feature] >= _BETWEEN

    def memory_of(self, feature: str, now: datetime) -> float | None:
        """The chance (0–1) that the feature is still recognised, by the memory model; None if never asked."""
        card = self._memory.get(feature)
        return None if card is None else self._scheduler.get_card_retrievability(card, max(now, self._latest))

    def due_at(self, feature: str) -> datetime | None:
        """When the feature is due again (UTC); None if it was never asked."""
        card = self._memory.get(feature)
        return None if card is None else card.due

    def _known(self) -> list[str]:
        return [feature for feature in self._cases if feature in self._memory]

    def _weakest(self, now: datetime) -> str:
        """The feature most likely to be forgotten; on one day the one asked longest ago."""
        return min(self._known(), key=lambda name: (self.memory_of(name, now) or 0.0, self._place[name]))

    def _card(self, feature: str) -> TeachingCard:
        """The feature in the recording in which it was asked least often, except that of the last card."""
        seen = self._last.case if self._last else ""
        names = [name for name in self._cases[feature] if name != seen] or self._cases[feature]
        return min((TeachingCard(name, feature) for name in names), key=lambda card: self._asked[card])

    def _order(self, feature: str, case: str) -> str:
        return hashlib.sha256(f"{self._learner}\0{feature}\0{case}".encode()).hexdigest()


def _rating(answer: ScoredAnswer) -> fsrs.Rating:
    if not answer.score.right:
        return fsrs.Rating.Again
    return fsrs.Rating.Good if answer.score.is_full and not answer.hinted else fsrs.Rating.Hard
