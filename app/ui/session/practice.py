"""Practising a course: the card that is asked, its answer, and only then what may be shown of its key.

What is on disk is read and written in a background thread, one thing after the other; meanwhile the answer
cannot be changed. Nothing of a course is written into a study, and the open recording is not touched.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.core.jobs import Task
from app.core.semiology import FEATURE, Answer, Feature, Span
from app.core.teaching.compared_clips import ComparedPair, pair_of_card
from app.core.teaching.course import TeachingCard
from app.core.teaching.course_file import CourseFolder
from app.core.teaching.key_opening import FoilAnswer
from app.core.teaching.practice import CardFeedback
from app.core.teaching.sitting_steps import StepPart, again_step, ask_step, begin_step, note_step, review_step
from app.core.teaching.sitting_work import (
    AskedCard,
    EndedSession,
    KeptAnswer,
    OpenSitting,
    ReviewedCard,
    SittingChoice,
    keep_answer,
    keep_decision,
)
from app.ui.session.background import Background
from app.ui.session.practice_answer import DraftAnswer
from app.ui.session.practice_clip import PracticeClip

_UNANSWERED = "Say yes, no or not assessable first."


class PracticeStage(StrEnum):
    """What the learner sees: nothing yet, a question, a model's answer, the key, or the end."""

    WAITING = "waiting"
    QUESTION = "question"
    FOIL = "foil"
    FEEDBACK = "feedback"
    OVER = "over"


class Practice(QObject):
    """One learner in one course; a key is held only between the answer to its card and the next card."""

    changed = Signal()
    """Anything but the draft and the clip."""
    began = Signal(object)
    """A course was opened with this SittingChoice."""
    refused = Signal(str)
    """A course could not be opened, in one sentence."""
    ticked = Signal()
    """`seconds_left` is another number."""

    def __init__(self, clip: PracticeClip, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.clip = clip
        self.draft = DraftAnswer(self)
        self.draft.changed.connect(self._end_reminder)
        self._work = Background("practice", self)
        self._work.done.connect(self._take)
        self._work.failed.connect(self._fail)
        self._work.ended.connect(self.changed)
        clip.failed.connect(self.say)
        self._clock = QTimer(self)
        self._clock.setInterval(1000)
        self._clock.timeout.connect(self._tick)
        self._reset()

    def _reset(self) -> None:
        self._sitting: OpenSitting | None = None
        self._opened: list[OpenSitting] = []
        self._grown: CourseFolder | None = None
        self._stage = PracticeStage.WAITING
        self._remarks: tuple[str, ...] = ()
        self._to_review: tuple[TeachingCard, ...] = ()
        self._reviewed = -1
        self._asked: AskedCard | None = None
        self._ended: EndedSession | None = None
        self._seconds_left: int | None = None
        self._forget_key()

    def _forget_key(self) -> None:
        self._own: Answer | None = None
        self._foil: FoilAnswer | None = None
        self._feedback: CardFeedback | None = None
        self._hinted = False

    # what is seen

    @property
    def stage(self) -> PracticeStage:
        return self._stage

    @property
    def busy(self) -> bool:
        """Whether something is being read or written, so that nothing can be submitted."""
        return self._work.running

    @property
    def title(self) -> str:
        """The title of the course, and the alias."""
        sitting = self._sitting
        return f"{sitting.folder.course.title} · {sitting.log.learner.alias}" if sitting else ""

    @property
    def remarks(self) -> tuple[str, ...]:
        """Sentences on the course, a clip, or what could not be done."""
        return self._remarks

    @property
    def asked(self) -> AskedCard | None:
        """The card that is asked or was answered last."""
        return self._asked

    @property
    def feature(self) -> Feature | None:
        """The feature that is asked."""
        return FEATURE[self.draft.answer.feature] if self._asked or self._feedback else None

    @property
    def own(self) -> Answer | None:
        """The learner's own answer to the card, once it is on disk."""
        return self._own

    @property
    def shows_keys(self) -> bool:
        """Whether keys are shown in this sitting at all."""
        return self._sitting is not None and self._sitting.shows_keys

    @property
    def foil(self) -> FoilAnswer | None:
        """What a model said to the answered card."""
        return self._foil

    @property
    def feedback(self) -> CardFeedback | None:
        """The key of the answered card, if it is shown now."""
        return self._feedback

    @property
    def ended(self) -> EndedSession | None:
        """The end of the session, once it is over."""
        return self._ended

    @property
    def may_hint(self) -> bool:
        """Whether the definition may be looked up before the answer."""
        return self._sitting is not None and self._sitting.folder.course.rules.hints

    @property
    def hinted(self) -> bool:
        """Whether the definition was looked up for this card."""
        return self._hinted

    @property
    def seconds_left(self) -> int | None:
        """Seconds left for the card; None without a limit."""
        return self._seconds_left

    @property
    def reviewing(self) -> bool:
        """Whether the cards of a session that is over are gone through."""
        return self._reviewed >= 0

    @property
    def expert_spans(self) -> tuple[Span, ...]:
        """The expert's spans; empty before the key is shown."""
        return self._feedback.opened.key.answer.evidence if self._feedback else ()

    def compare(self, drawn: Path) -> Callable[[Task], ComparedPair] | None:
        """What gives the feature of the key that is shown beside what looks alike, of clips in the folder
        `drawn` if need be; None while no key is shown."""
        sitting, card, feedback = self._sitting, self._noted_card, self._feedback
        if sitting is None or card is None or feedback is None:
            return None
        course, opened = sitting.folder, feedback.opened
        return lambda task: pair_of_card(course, card, opened, drawn, task)

    # what can be done

    def begin(self, choice: SittingChoice) -> None:
        """Open a course for an alias and ask the first card."""
        self.leave()
        opened = self._opened
        self._start(lambda task: begin_step(choice, opened, task.cancel))

    def take_course(self, folder: CourseFolder) -> None:
        """The course has more cases by now, which are asked from the next card on."""
        if self._sitting is not None and self._sitting.folder.path == folder.path:
            self._grown = folder

    def look_up(self) -> None:
        """Show the definition before the answer, which is kept with the answer."""
        if self._stage is PracticeStage.QUESTION and self.may_hint and not self._hinted:
            self._hinted = True
            self.changed.emit()

    def submit(self) -> None:
        """Keep the answer, or after a foil what the learner says now."""
        sitting, asked, answer, hinted = self._sitting, self._asked, self.draft.answer, self._hinted
        if self.busy or sitting is None or asked is None:
            return
        if self._stage is PracticeStage.WAITING:  # the next card could not be read
            self._ask_next()
        elif answer.presence is None:
            self.say(_UNANSWERED)
        elif self._stage is PracticeStage.QUESTION:
            self._start(lambda _task: (keep_answer(sitting, asked.card, answer, hinted=hinted),))
        elif self._stage is PracticeStage.FOIL:
            self._start(lambda _task: (keep_decision(sitting, asked.card, answer),))

    def go_on(self, note: str = "") -> None:
        """Keep the note on the card that was answered, and ask the next one or show the next key."""
        sitting, noted, grown = self._sitting, self._noted_card, self._grown
        if self.busy or sitting is None or self._stage is not PracticeStage.FEEDBACK:
            return
        if not self.reviewing:
            self._start(lambda task: ask_step(sitting, grown, task.cancel, noted=noted, note=note))
            return
        following = self._to_review[self._reviewed + 1 : self._reviewed + 2]
        self._start(lambda task: review_step(sitting, following, task.cancel, noted=noted, note=note))

    def keep_note(self, note: str) -> None:
        """Keep the note on the card that was answered, before the course is left."""
        sitting, noted = self._sitting, self._noted_card
        shown = self._stage is PracticeStage.FEEDBACK and not self.busy
        if shown and sitting is not None and noted is not None and note.strip():
            self._start(lambda _task: note_step(sitting, noted, note))

    def review(self) -> None:
        """Go through the keys of the session that is over."""
        sitting, first = self._sitting, self._to_review[:1]
        if sitting is not None and first and self._stage is PracticeStage.OVER and not self.busy:
            self._start(lambda task: review_step(sitting, first, task.cancel))

    def begin_again(self, *, beyond_due: bool = False) -> None:
        """Another session of the same course; `beyond_due` also asks what is not due."""
        sitting, grown = self._sitting, self._grown
        if sitting is not None and self._stage is PracticeStage.OVER and not self.busy:
            self._start(lambda task: again_step(sitting, grown, task.cancel, beyond_due=beyond_due))

    def leave(self) -> None:
        """Close the course; an answer that was not submitted is not kept."""
        self._clock.stop()
        self._work.close()
        for sitting in self._opened:  # also one whose opening was not waited for
            sitting.close()
        self._reset()
        self.clip.clear()
        self.changed.emit()

    def close(self) -> None:
        """Returns when everything has ended."""
        self.leave()
        self.clip.close()

    # what comes back

    @property
    def _noted_card(self) -> TeachingCard | None:
        if self.reviewing:
            return self._to_review[self._reviewed]
        return self._asked.card if self._asked else None

    def _start(self, work: Callable[[Task], object]) -> None:
        self._work.start(work)
        self.changed.emit()

    def _take(self, result: tuple[StepPart, ...]) -> None:
        for part in result:
            self._take_part(part)
        self.changed.emit()

    def _take_part(self, part: StepPart) -> None:
        if isinstance(part, OpenSitting):
            self._sitting = part
            self.began.emit(part.choice)
        elif isinstance(part, AskedCard):
            self._ask(part)
        elif isinstance(part, KeptAnswer):
            self._on_kept(part)
        elif isinstance(part, ReviewedCard):
            self._on_reviewed(part)
        elif isinstance(part, EndedSession):
            self._end(part)
        elif isinstance(part, str):
            self._remarks = (*self._remarks, part)

    def _ask(self, asked: AskedCard) -> None:
        self._forget_key()
        self._asked, self._ended, self._reviewed = asked, None, -1
        self._stage = PracticeStage.QUESTION
        self._remarks = (*self._remarks, *asked.remarks)
        self.draft.begin(asked.card.feature)
        self.clip.show(asked.recording)
        self._begin_clock()
        self.clip.playback.play()

    def _on_kept(self, kept: KeptAnswer) -> None:
        self._clock.stop()
        self._seconds_left = None
        self._remarks = (kept.remark,) if kept.remark else ()
        self._own = self._own or self.draft.answer
        self._foil, self._feedback = kept.foil or self._foil, kept.feedback
        if kept.feedback is not None:
            self._stage = PracticeStage.FEEDBACK
        elif kept.foil is not None:
            self._stage = PracticeStage.FOIL
        else:
            self._ask_next()

    def _ask_next(self) -> None:
        sitting, grown = self._sitting, self._grown
        if sitting is not None:
            self._stage = PracticeStage.WAITING
            self._start(lambda task: ask_step(sitting, grown, task.cancel))

    def _on_reviewed(self, shown: ReviewedCard) -> None:
        self._forget_key()
        self._feedback, self._stage = shown.feedback, PracticeStage.FEEDBACK
        self._reviewed = self._to_review.index(shown.card)
        self._remarks = (shown.remark,) if shown.remark else ()
        self.draft.begin(shown.card.feature)
        if shown.recording is None:
            self.clip.clear()
        else:
            self.clip.show(shown.recording)

    def _end(self, ended: EndedSession) -> None:
        self._forget_key()
        self._clock.stop()
        self._asked, self._ended, self._reviewed = None, ended, -1
        self._to_review = ended.to_review
        self._remarks = (*self._remarks, *ended.remarks)
        self._stage = PracticeStage.OVER
        self.clip.clear()

    def _fail(self, sentence: str) -> None:
        if self._sitting is None:
            self.refused.emit(sentence)
        self.say(sentence)

    def say(self, sentence: str) -> None:
        """Show a sentence until the next card."""
        self._remarks = (sentence,)
        self.changed.emit()

    def _end_reminder(self) -> None:
        if self._remarks == (_UNANSWERED,) and self.draft.answer.presence is not None:
            self._remarks = ()
            self.changed.emit()

    def _begin_clock(self) -> None:
        self._seconds_left = self._sitting.choice.seconds if self._sitting else None
        if self._seconds_left:
            self._clock.start()

    def _tick(self) -> None:
        if self._seconds_left:
            self._seconds_left -= 1
            if not self._seconds_left:
                self._clock.stop()
                self.clip.playback.pause()
            self.ticked.emit()
