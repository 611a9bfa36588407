"""The first course: drawn patients with lookalikes, keyed by the truth, made one case after the other.

Each course draws its own patients, so that nothing about one follows from another. It can be practised after
its first case; one that was interrupted is continued. Drawn patients teach the vocabulary and the program,
neither medicine nor subtlety.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.core.errors import Cancelled, UserError
from app.core.jobs import CancelToken, Report, share_of
from app.core.phantom.random_course import random_script
from app.core.phantom.script import PhantomScript
from app.core.phantom.truth import lookalikes, truth
from app.core.semiology import FEATURES
from app.core.teaching.case_key import CaseKey, KeyAnswer
from app.core.teaching.course import CourseRules
from app.core.teaching.course_file import CLIPS, CourseFolder
from app.core.teaching.course_writing import (
    UnfinishedCourse,
    add_case,
    add_tests,
    begin_course,
    continue_course,
    take_back_course,
)
from app.core.teaching.drawn_words import key_of_drawn

TITLE = "First course: drawn patients"
WHAT_IT_TEACHES = (
    "The patients of this course are drawn. They teach the words and the program, not medicine, and nothing "
    "about how subtle real seizures are."
)
DURATION = 40.0
"""Seconds of a case."""
CASES = 40
FEWEST_WITH_TESTS = 8
"""The fewest cases of which some are kept for tests."""


def make_phantom_course(
    path: Path,
    cases: int,
    *,
    duration: float = DURATION,
    size: tuple[int, int] | None = None,
    report: Report,
    cancel: CancelToken,
) -> CourseFolder:
    """The course of drawn patients in `path`, complete. One that is there is continued.

    Half of the cases, made last, are kept for the tests before and after. Raises UserError, Cancelled with
    the cases that are complete left as a course; before the first one nothing is left.
    """
    was_there = path.is_dir()
    course = continue_course(path) or begin_course(path, TITLE, _RULES, cases)
    if course.folder.course.title != TITLE:
        raise UserError(f"“{path.name}” is another course; choose another folder.")
    planned = course.folder.course.planned
    test_size = planned // 4 if planned >= FEWEST_WITH_TESTS else 0
    for number in range(len(course.folder.course.cases), planned):
        part = share_of(report, number / planned, (number + 1) / planned)
        tested = number >= planned - 2 * test_size
        try:
            course = _add_drawn_case(course, duration, size, tested=tested, report=part, cancel=cancel)
        except Cancelled:
            if number == 0:
                take_back_course(path, keep_folder=was_there)
            raise
    if test_size and not course.folder.course.tests:
        course = add_tests(course, test_size)
    return course.folder


_QUANTISER = 24
"""40 clips of 40 s stay below 300 MB; what is asked about is larger than what that takes away."""

_RULES = CourseRules(tuple(feature.id for feature in FEATURES), hints=True)


def _add_drawn_case(
    course: UnfinishedCourse,
    duration: float,
    size: tuple[int, int] | None,
    *,
    tested: bool,
    report: Report,
    cancel: CancelToken,
) -> UnfinishedCourse:
    from app.core.phantom.render import render_phantom

    cancel.check()
    script = random_script(secrets.randbelow(1 << 31), duration)
    script = replace(script, size=size or script.size)
    case = f"case-{secrets.token_hex(4)}"
    clip = course.folder.path / CLIPS / f"{case}.mp4"
    render_phantom(script, clip, None, report, cancel, quantiser=_QUANTISER)
    return add_case(course, case, script.frames / script.fps, key_of_script(script), tested=tested)


def key_of_script(script: PhantomScript) -> CaseKey:
    """The truth of a script as the key of a case; the note says what only resembles a feature."""
    reading = truth(script)
    answers = {name: KeyAnswer(key_of_drawn(answer)) for name, answer in reading.answers.items()}
    return CaseKey("the script of the drawn patient", answers, _note(lookalikes(script)))


def _note(rows: list[dict[str, Any]]) -> str:
    parts = [f"{row['kind']} ({row['start']:.1f}–{row['end']:.1f} s)" for row in rows]
    return f"Only resembles a feature, or hides one: {', '.join(parts)}." if parts else ""
