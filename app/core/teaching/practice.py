"""A learner's sitting in a course: the next card, its answer, what a model said, and only then the key."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from app.core.errors import UserError
from app.core.semiology import FEATURE, Answer, Feature
from app.core.teaching.card_queue import CardQueue, ScoredAnswer
from app.core.teaching.card_score import CardScore, score_card
from app.core.teaching.course import (
    FeedbackTime,
    Sealing,
    Sitting,
    TeachingCard,
    cards_of,
    practice_cases,
)
from app.core.teaching.course_file import CourseFolder
from app.core.teaching.key_opening import (
    SEALED_TEST,
    FoilAnswer,
    OpenedKey,
    open_foil,
    open_key,
    opened_keys,
    usable_cases,
)
from app.core.teaching.learner_log import LearnerAnswer, LearnerLog, LearnerNote
from app.core.teaching.session_summary import SessionSummary, summarise

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class CardFeedback:
    """What is shown after an answer: its score, the key, and the feature with its definition; `hinted` when
    the definition was looked up before. `after_foil` is what the learner said after a model's answer."""

    score: CardScore
    own: Answer
    opened: OpenedKey
    feature: Feature
    hinted: bool = False
    after_foil: Answer | None = None


def utc_now() -> datetime:
    return datetime.now(UTC)


class PracticeSession:
    """One session of a learner. Cards are asked one after the other; `length` is how many.

    A key is given only for a card whose answer is on disk, in a course with feedback at the end only once the
    session is over, and for a card with a foil only after the learner said keep or change.
    """

    def __init__(
        self,
        folder: CourseFolder,
        log: LearnerLog,
        *,
        sitting: Sitting = Sitting.PRACTICE,
        length: int | None = None,
        beyond_due: bool = False,
        clock: Clock = utc_now,
    ) -> None:
        """With `beyond_due` the session goes on when nothing is due any longer (see `CardQueue`)."""
        self._folder, self._log, self._sitting, self._clock = folder, log, sitting, clock
        self._length = length or folder.course.rules.session
        self._beyond_due = beyond_due
        self._given: dict[TeachingCard, LearnerAnswer] = {}
        self._first: dict[TeachingCard, LearnerAnswer] = {}
        self._decided: dict[TeachingCard, Answer] = {}
        self._left_out: set[str] = set()
        self._count = 0
        self._has_ended = False
        self._queue = _queue(folder, log, self._left_out) if self._is_scheduled else None
        self._fixed = () if self._is_scheduled else self._fixed_cards()

    @property
    def answered(self) -> int:
        """How many answers were given in this session."""
        return self._count

    @property
    def length(self) -> int:
        """How many cards the session has at most."""
        return self._length if self._is_scheduled else len(self._fixed)

    @property
    def shows_keys(self) -> bool:
        """Whether keys of this sitting are shown at all: never in a test, before or after."""
        return self._is_scheduled

    @property
    def unusable(self) -> int:
        """How many cases for practice have no clip, or a key that cannot be opened."""
        return len(practice_cases(self._folder.course)) - len(usable_cases(self._folder))

    def next_card(self, *, beyond_due: bool = False) -> TeachingCard | None:
        """The card to answer now; None when the session is over or nothing is due (see `CardQueue`)."""
        if self._count >= self.length:
            return None
        if self._queue is None:
            return self._fixed[self._count]
        card = self._queue.next_card(self._clock(), beyond_due=beyond_due or self._beyond_due)
        self._has_ended = self._has_ended or card is None
        return card

    def take_course(self, folder: CourseFolder) -> None:
        """Go on with the same course to which cases were added. The cards of a test stay as they were."""
        self._folder = folder
        if self._queue is not None:
            self._queue = _queue(folder, self._log, self._left_out)

    def leave_out(self, case: str) -> None:
        """Ask nothing more about this case in this session, for example since its clip is damaged."""
        self._left_out.add(case)
        if self._queue is not None:
            self._queue = _queue(self._folder, self._log, self._left_out)
        self._fixed = (
            *self._fixed[: self._count],
            *(card for card in self._fixed[self._count :] if card.case != case),
        )

    def submit(self, card: TeachingCard, answer: Answer, *, hinted: bool = False) -> FoilAnswer | None:
        """Keep the learner's own answer; what a model said to the same, where the course has that.

        `hinted`: the definition was looked up before. Raises UserError when it could not be kept, or says
        nothing about presence.
        """
        self._check(card, answer)
        given = self._log.append(LearnerAnswer(card, answer, self._clock(), self._sitting, hinted=hinted))
        self._given[card] = given
        self._first.setdefault(card, given)
        self._decided.pop(card, None)
        self._count += 1
        self._has_ended = False
        if self._queue is not None:
            key = opened_keys(self._folder, {card}, None)[card]
            self._queue.record(ScoredAnswer(card, given.at, score_card(answer, key), hinted))
        return self.foil(card)

    def foil(self, card: TeachingCard) -> FoilAnswer | None:
        """What a model said to a card that was answered in this session."""
        if not self.shows_keys or card not in self._given:
            return None
        return open_foil(self._folder, card, self._given)

    def keep_or_change(self, card: TeachingCard, answer: Answer) -> None:
        """Keep what the learner says after they saw the foil; their own answer stays beside it."""
        if self.foil(card) is None:
            raise UserError("There is no other answer to compare this with.")
        self._check(card, answer)
        self._log.append(LearnerAnswer(card, answer, self._clock(), self._sitting, after_foil=True))
        self._decided[card] = answer

    def add_note(self, card: TeachingCard, text: str) -> None:
        """Keep why the learner thought so, for their teacher. Raises UserError when it could not be kept."""
        if card not in self._given:
            raise UserError("A note can be written on a card that you have answered.")
        self._log.append_note(LearnerNote(card, text, self._clock()))

    def feedback(self, card: TeachingCard) -> CardFeedback:
        """The key of a card that was answered in this session. Raises UserError while it may not be shown."""
        if not self.shows_keys:
            raise UserError(SEALED_TEST)
        if self._folder.course.rules.feedback is FeedbackTime.AT_END and not self.is_over:
            raise UserError("In this course the answers are shown at the end of the session.")
        if self.foil(card) is not None and card not in self._decided:
            raise UserError("Say first whether you keep or change your answer.")
        opened = open_key(self._folder, card, {one.card for one in self._log.learner.answers})
        given = self._given.get(card)
        if given is None:
            raise UserError("The key is shown after you have answered.")
        score = score_card(given.answer, opened.key)
        then = self._decided.get(card)
        return CardFeedback(score, given.answer, opened, FEATURE[card.feature], given.hinted, then)

    def summary(self) -> SessionSummary:
        """What the session achieved by feature and when each comes back; of a test only how many cards."""
        first = tuple(self._first.values())
        if self._queue is None:
            return SessionSummary(self._count)
        everything = {one.card for one in self._log.learner.own_answers(Sitting.PRACTICE)}
        keys = opened_keys(self._folder, everything, None) if everything else {}
        return summarise(self._count, first, self._log.learner, keys, self._queue)

    @property
    def is_over(self) -> bool:
        """Whether every card of the session is answered, or nothing was due; what becomes due later does not
        change that."""
        return self._has_ended or self.next_card() is None

    @property
    def _is_scheduled(self) -> bool:
        return self._sitting is Sitting.PRACTICE and self._folder.course.sealing is Sealing.PRACTICE

    def _check(self, card: TeachingCard, answer: Answer) -> None:
        if not self._folder.course.asks(card) or answer.feature != card.feature:
            raise UserError("This course does not ask that.")
        if answer.presence is None:
            raise UserError("Say yes, no or not assessable.")

    def _fixed_cards(self) -> tuple[TeachingCard, ...]:
        """What is left of a test: of the one before or after, or of a whole course that is a test."""
        course = self._folder.course
        cards = course.tests.get(self._sitting, ())
        if self._sitting is Sitting.PRACTICE:
            cards = cards_of(usable_cases(self._folder))
        own = self._log.learner.own_answers(self._sitting)
        done = {one.card for one in own}
        return _one_a_recording(card for card in cards if card not in done)[: self._length]


def _one_a_recording(cards: Iterable[TeachingCard]) -> tuple[TeachingCard, ...]:
    """The first card of each recording: no test asks two things of one."""
    first: dict[str, TeachingCard] = {}
    for card in cards:
        first.setdefault(card.case, card)
    return tuple(first.values())


def _queue(folder: CourseFolder, log: LearnerLog, left_out: Collection[str]) -> CardQueue:
    """The learner's memory from all that they answered in practice so far."""
    cases = tuple(case for case in usable_cases(folder) if case.id not in left_out)
    usable = set(cards_of(cases))
    queue = CardQueue(cases, log.learner.alias)
    own = [one for one in log.learner.own_answers(Sitting.PRACTICE) if one.card in usable]
    keys = opened_keys(folder, {one.card for one in own}, None)
    for one in own:
        queue.record(ScoredAnswer(one.card, one.at, score_card(one.answer, keys[one.card]), one.hinted))
    return queue
