"""Courses to choose from: the first one, and those that were opened last, each with what it offers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.core.containment import folders_inside
from app.core.errors import UserError
from app.core.plural import plural
from app.core.teaching.course import Sealing, Sitting
from app.core.teaching.course_file import LEARNERS, CourseFolder, open_course
from app.core.teaching.first_course import first_course_path, is_complete
from app.core.teaching.phantom_course import CASES, TITLE

_MINUTES = "drawing them takes some minutes, the first is ready in one"


@dataclass(frozen=True, slots=True)
class ListedCourse:
    """A course that can be chosen: `about` says what it holds, `problem` why it cannot be opened, `session`
    how many cards a session has by its rules."""

    path: Path
    title: str
    about: str
    sittings: tuple[Sitting, ...] = (Sitting.PRACTICE,)
    session: int = 20
    problem: str = ""


def list_courses(recent: Sequence[str]) -> tuple[ListedCourse, ...]:
    """The first course, and the recent ones that are still there."""
    first = first_course_path()
    others = (Path(place) for place in dict.fromkeys(recent) if Path(place) != first)
    return (list_course(first), *(list_course(path) for path in _there(others)))


def answered_courses(recent: Sequence[str]) -> tuple[CourseFolder, ...]:
    """The recent courses and the first one, in this order, as far as anybody has answered them."""
    every = dict.fromkeys((*(Path(place) for place in recent), first_course_path()))
    opened = (_opened(path) for path in _there(every))
    return tuple(one for one in opened if one is not None and folders_inside(one.path / LEARNERS, one.path))


def _opened(path: Path) -> CourseFolder | None:
    try:
        return open_course(path)
    except UserError:
        return None


def _there(paths: Iterable[Path]) -> list[Path]:
    return [path for path in paths if path.is_dir()]


def list_course(path: Path) -> ListedCourse:
    """What a course offers; the first one may not be drawn yet."""
    try:
        folder = open_course(path)
    except UserError as error:
        if path != first_course_path():
            return ListedCourse(path, path.name, "", problem=str(error))
        if path.is_dir() and any(path.glob("course.json")):
            return ListedCourse(path, TITLE, "", problem=str(error))
        return ListedCourse(path, TITLE, f"{CASES} drawn patients; {_MINUTES}.")
    course = folder.course
    cards = sum(len(case.asked) for case in course.cases)
    about = f"{plural(len(course.cases), 'case')}, {plural(cards, 'card')}"
    if not is_complete(folder):
        about = f"{len(course.cases)} of {plural(course.planned, 'case')} so far"
        about += "; the others are drawn while you practise" if path == first_course_path() else ""
    if course.sealing is Sealing.TEST:
        about += "; a test, whose answers your teacher opens"
    return ListedCourse(
        path, course.title, f"{about}.", (Sitting.PRACTICE, *course.tests), course.rules.session
    )
