"""A course that is open for one learner: the next card with its clip, answers kept, keys shown after them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from app.core.errors import UserError
from app.core.jobs import CancelToken
from app.core.recording.probe import open_recording
from app.core.recording.recording import Recording
from app.core.semiology import Answer
from app.core.teaching.course import FeedbackTime, Sitting, TeachingCard
from app.core.teaching.course_file import CourseFolder, open_course
from app.core.teaching.course_remarks import course_remarks, nothing_to_ask
from app.core.teaching.key_opening import FoilAnswer, check_clip
from app.core.teaching.learner_log import LearnerLog
from app.core.teaching.practice import CardFeedback, PracticeSession
from app.core.teaching.session_summary import SessionSummary


@dataclass(frozen=True, slots=True)
class SittingChoice:
    """What is practised: the course in `path`, as `alias`, how many cards (None: as the course says), and the
    seconds for each (None: no limit)."""

    path: Path
    alias: str
    sitting: Sitting = Sitting.PRACTICE
    length: int | None = None
    seconds: int | None = None


@dataclass(slots=True)
class OpenSitting:
    """A course that is open for one alias, until `close`; `given` are the cards of this session in order."""

    folder: CourseFolder
    log: LearnerLog
    session: PracticeSession
    choice: SittingChoice
    given: list[TeachingCard] = field(default_factory=list)

    def close(self) -> None:
        """Let another program practise as this alias."""
        self.log.close()

    @property
    def shows_keys(self) -> bool:
        """Whether keys are shown in this sitting at all."""
        return self.session.shows_keys

    @property
    def shows_at_once(self) -> bool:
        """Whether a key is shown after each answer."""
        return self.shows_keys and self.folder.course.rules.feedback is FeedbackTime.AT_ONCE


@dataclass(frozen=True, slots=True)
class AskedCard:
    """A card to answer, with its clip; `number` counts from 1; `remarks` say what was left out before it.

    The session has `length` cards, of which one that is `scheduled` may ask fewer: only what is due.
    """

    card: TeachingCard
    recording: Recording
    number: int
    length: int
    remarks: tuple[str, ...] = ()
    scheduled: bool = False

    @property
    def place(self) -> str:
        """Which card of the session it is."""
        return f"Card {self.number} of {'at most ' if self.scheduled else ''}{self.length}"


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer is on disk. `foil` is what a model said, `feedback` the key if it is shown now, `remark` why
    there is none although there should be."""

    foil: FoilAnswer | None = None
    feedback: CardFeedback | None = None
    remark: str = ""


@dataclass(frozen=True, slots=True)
class EndedSession:
    """The session is over: its summary, why nothing more is asked, and the cards whose keys can be seen."""

    summary: SessionSummary
    why: str
    to_review: tuple[TeachingCard, ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReviewedCard:
    """A card of a session that is over, with its clip (None if it cannot be shown any longer) and its key."""

    card: TeachingCard
    recording: Recording | None
    feedback: CardFeedback
    remark: str = ""


def open_sitting(choice: SittingChoice) -> tuple[OpenSitting, tuple[str, ...]]:
    """The sitting, and what the learner should know of the course. Raises UserError."""
    folder = open_course(choice.path)
    log = LearnerLog.open(folder, choice.alias)
    try:
        session = _session(folder, log, choice)
        remarks = course_remarks(folder, log.learner, session.unusable, datetime.now(UTC))
    except BaseException:
        log.close()
        raise
    return OpenSitting(folder, log, session, choice), remarks


def _session(
    folder: CourseFolder, log: LearnerLog, choice: SittingChoice, *, beyond_due: bool = False
) -> PracticeSession:
    return PracticeSession(folder, log, sitting=choice.sitting, length=choice.length, beyond_due=beyond_due)


def begin_again(sitting: OpenSitting, *, beyond_due: bool) -> None:
    """Begin another session of the same sitting."""
    sitting.session = _session(sitting.folder, sitting.log, sitting.choice, beyond_due=beyond_due)
    sitting.given.clear()


def take_cases(sitting: OpenSitting, folder: CourseFolder) -> None:
    """Go on with the course that has more cases by now."""
    sitting.folder = folder
    sitting.session.take_course(folder)


def ask_next(sitting: OpenSitting, cancel: CancelToken) -> AskedCard | EndedSession:
    """The next card whose clip can be shown, or the end of the session. Raises Cancelled."""
    session, remarks = sitting.session, []
    while (card := session.next_card()) is not None:
        try:
            recording = _clip(sitting, card, cancel)
        except UserError as error:
            remarks.append(str(error))
            session.leave_out(card.case)
        else:
            number, is_practice = session.answered + 1, session.shows_keys
            return AskedCard(card, recording, number, session.length, tuple(remarks), is_practice)
    return _ended(sitting, tuple(remarks))


def _clip(sitting: OpenSitting, card: TeachingCard, cancel: CancelToken) -> Recording:
    """The clip of a card, unchanged since the course was made. Raises UserError, Cancelled."""
    case = sitting.folder.course.case(card.case)
    check_clip(sitting.folder, case)
    return open_recording(sitting.folder.clip(case), cancel=cancel)


def end_again(sitting: OpenSitting) -> EndedSession:
    """The end of the session, after its keys were gone through."""
    return _ended(sitting, ())


def _ended(sitting: OpenSitting, remarks: tuple[str, ...]) -> EndedSession:
    session, now = sitting.session, datetime.now(UTC)
    summary = session.summary()
    why = ""
    if session.answered < session.length or not session.length:
        why = nothing_to_ask(sitting.folder, sitting.choice.sitting, session.unusable, now, summary.next_due)
    at_end = sitting.shows_keys and not sitting.shows_at_once
    return EndedSession(summary, why, tuple(dict.fromkeys(sitting.given)) if at_end else (), remarks)


def keep_answer(sitting: OpenSitting, card: TeachingCard, answer: Answer, *, hinted: bool) -> KeptAnswer:
    """Keep an answer; what may be shown after it. Raises UserError, and then it was not kept."""
    session = sitting.session
    before = session.answered
    try:
        foil = session.submit(card, answer, hinted=hinted)
    except UserError as error:
        if session.answered == before:
            raise
        session.leave_out(card.case)  # the answer is on disk, but the key was damaged meanwhile
        return KeptAnswer(remark=str(error))
    sitting.given.append(card)
    return KeptAnswer(foil) if foil is not None else _shown(sitting, card)


def keep_decision(sitting: OpenSitting, card: TeachingCard, answer: Answer) -> KeptAnswer:
    """Keep what the learner says after the foil. Raises UserError, and then it was not kept."""
    sitting.session.keep_or_change(card, answer)
    return _shown(sitting, card)


def _shown(sitting: OpenSitting, card: TeachingCard) -> KeptAnswer:
    if not sitting.shows_at_once:
        return KeptAnswer()
    try:
        return KeptAnswer(feedback=sitting.session.feedback(card))
    except UserError as error:
        return KeptAnswer(remark=str(error))


def review_card(sitting: OpenSitting, card: TeachingCard, cancel: CancelToken) -> ReviewedCard:
    """The key of a card of a session that is over. Raises UserError while it may not be shown, Cancelled."""
    feedback = sitting.session.feedback(card)
    try:
        return ReviewedCard(card, _clip(sitting, card, cancel), feedback)
    except UserError as error:
        return ReviewedCard(card, None, feedback, str(error))
