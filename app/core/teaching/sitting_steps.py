"""The steps of a sitting as a window takes them, each in a background thread."""

from __future__ import annotations

from collections.abc import Sequence

from app.core.jobs import CancelToken
from app.core.teaching.course import TeachingCard
from app.core.teaching.course_file import CourseFolder
from app.core.teaching.sitting_work import (
    AskedCard,
    EndedSession,
    KeptAnswer,
    OpenSitting,
    ReviewedCard,
    SittingChoice,
    ask_next,
    begin_again,
    end_again,
    open_sitting,
    review_card,
    take_cases,
)

StepPart = OpenSitting | AskedCard | KeptAnswer | ReviewedCard | EndedSession | str
"""What a step gives; a str is a remark."""


def begin_step(choice: SittingChoice, opened: list[OpenSitting], cancel: CancelToken) -> tuple[StepPart, ...]:
    """Open a course, add it to `opened`, which the caller closes, and ask. Raises UserError, Cancelled."""
    sitting, remarks = open_sitting(choice)
    opened.append(sitting)
    return (sitting, *remarks, ask_next(sitting, cancel))


def ask_step(
    sitting: OpenSitting,
    grown: CourseFolder | None,
    cancel: CancelToken,
    *,
    noted: TeachingCard | None = None,
    note: str = "",
) -> tuple[StepPart, ...]:
    """Keep the note on the card before and ask the next one, of the course that may have grown. Raises
    UserError when the note could not be kept, Cancelled."""
    _keep_note(sitting, noted, note)
    if grown is not None and grown is not sitting.folder:
        take_cases(sitting, grown)
    return (ask_next(sitting, cancel),)


def review_step(
    sitting: OpenSitting,
    following: Sequence[TeachingCard],
    cancel: CancelToken,
    *,
    noted: TeachingCard | None = None,
    note: str = "",
) -> tuple[StepPart, ...]:
    """Keep the note on the card before and show the key of the first that follows, else the end again. Raises
    UserError when the note could not be kept, Cancelled."""
    _keep_note(sitting, noted, note)
    return (review_card(sitting, following[0], cancel) if following else end_again(sitting),)


def again_step(
    sitting: OpenSitting, grown: CourseFolder | None, cancel: CancelToken, *, beyond_due: bool
) -> tuple[StepPart, ...]:
    """Begin another session of the course that may have grown. Raises Cancelled."""
    if grown is not None and grown is not sitting.folder:
        take_cases(sitting, grown)
    begin_again(sitting, beyond_due=beyond_due)
    return (ask_next(sitting, cancel),)


def note_step(sitting: OpenSitting, noted: TeachingCard, note: str) -> tuple[StepPart, ...]:
    """Keep the note on a card, and go nowhere. Raises UserError when it could not be kept."""
    _keep_note(sitting, noted, note)
    return ()


def _keep_note(sitting: OpenSitting, card: TeachingCard | None, note: str) -> None:
    if card is not None and note.strip():
        sitting.session.add_note(card, note.strip())
