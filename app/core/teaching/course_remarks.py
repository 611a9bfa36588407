"""What a learner should know of a course before a session, in one sentence each; nothing of a key."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.core.teaching.course import Sitting
from app.core.teaching.course_file import CourseFolder
from app.core.teaching.learner_log import Learner
from app.core.teaching.phantom_course import TITLE, WHAT_IT_TEACHES

_CLOCKS_DIFFER = timedelta(minutes=5)
"""By so much the last answer may be later than now: clocks of two computers differ."""


def course_remarks(folder: CourseFolder, learner: Learner, unusable: int, now: datetime) -> tuple[str, ...]:
    """Sentences on drawn patients, cases that are left out, damaged answers, a clock that was set back."""
    course = folder.course
    found = []
    if course.title == TITLE and not learner.answers:
        found.append(WHAT_IT_TEACHES)
    if unusable:
        number = f"{unusable} of the cases are" if unusable > 1 else "One case is"
        found.append(f"{number} left out, because the clip or the key is missing or damaged.")
    if learner.unread:
        found.append(f"{learner.unread} damaged lines in the file of your answers were left out.")
    if learner.answers and learner.answers[-1].at > now + _CLOCKS_DIFFER:
        last = learner.answers[-1].at.astimezone().strftime("%d %b %Y")
        found.append(
            f"The clock of this computer is earlier than your last answer ({last}), so times stand still."
        )
    return tuple(found)


def nothing_to_ask(
    folder: CourseFolder, sitting: Sitting, unusable: int, now: datetime, due: datetime | None
) -> str:
    """Why no card is asked."""
    course = folder.course
    if sitting is not Sitting.PRACTICE:
        asked = course.tests.get(sitting, ())
        return "Every card of this test is answered." if asked else "This course has no such test."
    if not any(not case.tested for case in course.cases):
        return "This course has no case that can be practised yet."
    if unusable >= sum(not case.tested for case in course.cases):
        return "No case of this course can be practised: clips or keys are missing or damaged."
    if due is None:
        return "There is nothing more to ask in this course."
    return f"Nothing is due now; the next card is due {due_text(due, now)}."


def due_text(due: datetime, now: datetime) -> str:
    """When something is due, as somebody says it: now, in 10 minutes, tomorrow, in 3 days, 12 Mar 2026."""
    if due <= now:
        return "now"
    minutes = round((due - now).total_seconds() / 60)
    if minutes < 60:
        return f"in {max(minutes, 1)} min"
    days = (due.astimezone().date() - now.astimezone().date()).days
    if days == 0:
        return f"today at {due.astimezone():%H:%M}"
    if days == 1:
        return "tomorrow"
    return f"in {days} days" if days < 60 else f"on {due.astimezone():%d %b %Y}"
