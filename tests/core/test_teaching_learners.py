"""Answers of learners: on disk before they count, one program for an alias, nothing lost to damage."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.errors import UserError
from app.core.semiology import Answer, Laterality, Span
from app.core.teaching.course import Sitting, TeachingCard
from app.core.teaching.course_file import LEARNERS, CourseFolder
from app.core.teaching.learner_log import LearnerAnswer, LearnerLog, checked_alias, learners_of
from tests.core.teaching_courses import MONDAY, NO, YES, case_name, make_course, plain_keys

CARD = TeachingCard(case_name(0), "tonic")
FULL = Answer("tonic", YES, 80, (Span(1.5, 4.0),), Laterality.LEFT, "both arms were stiff\nand straight")


@pytest.fixture
def course(tmp_path: Path) -> CourseFolder:
    return make_course(tmp_path / "c", plain_keys(2))


def said(answer: Answer = FULL, **fields: object) -> LearnerAnswer:
    return LearnerAnswer(CARD, answer, MONDAY, **fields)  # type: ignore[arg-type]  # by name


def answers_file(course: CourseFolder) -> Path:
    return next((course.path / LEARNERS).rglob("answers.jsonl"))


def test_an_answer_is_there_after_opening_again(course: CourseFolder) -> None:
    with LearnerLog.open(course, "Ana") as log:
        log.append(said())
        log.append(said(Answer("tonic", NO), sitting=Sitting.BEFORE, after_foil=True))
    with LearnerLog.open(course, "Ana") as log:
        assert log.learner.answers == (
            said(),
            said(Answer("tonic", NO), sitting=Sitting.BEFORE, after_foil=True),
        )


def test_two_programs_cannot_write_one_alias_and_two_aliases_are_two_files(course: CourseFolder) -> None:
    with LearnerLog.open(course, "Ana") as ana, LearnerLog.open(course, "Bo") as bo:
        with pytest.raises(UserError, match="another window"):
            LearnerLog.open(course, "ana")
        ana.append(said())
        bo.append(said(Answer("tonic", NO)))
    assert [(one.alias, one.answers[0].answer.presence) for one in learners_of(course)] == [
        ("Ana", YES),
        ("Bo", NO),
    ]
    LearnerLog.open(course, "Ana").close()


def test_a_damaged_last_line_costs_that_line(course: CourseFolder) -> None:
    with LearnerLog.open(course, "Ana") as log:
        for _ in range(3):
            log.append(said())
    content = answers_file(course).read_bytes()
    answers_file(course).write_bytes(content[:-20])
    with LearnerLog.open(course, "Ana") as log:
        assert (len(log.learner.answers), log.learner.unread) == (2, 1)
        log.append(said())
    with LearnerLog.open(course, "Ana") as log:
        assert (len(log.learner.answers), log.learner.unread) == (3, 1)


@settings(deadline=None, max_examples=30)
@given(st.binary(max_size=200))
def test_any_line_costs_that_line_alone(line: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        course = make_course(Path(place) / "c", plain_keys(1))
        with LearnerLog.open(course, "Ana") as log:
            log.append(said())
        with answers_file(course).open("ab") as file:
            file.write(b"\n" + line)
        with LearnerLog.open(course, "Ana") as log:
            assert log.learner.answers == (said(),)
            log.append(said())
            assert len(log.learner.answers) == 2


def test_a_clock_that_was_set_back_loses_nothing(course: CourseFolder) -> None:
    with LearnerLog.open(course, "Ana") as log:
        log.append(said())
        kept = log.append(LearnerAnswer(CARD, FULL, MONDAY - timedelta(days=400)))
        assert kept.at == MONDAY
    with LearnerLog.open(course, "Ana") as log:
        assert [one.at for one in log.learner.answers] == [MONDAY, MONDAY]


def test_an_alias_is_plain_text_and_never_a_path(course: CourseFolder) -> None:
    for alias in ("../../etc", "CON", "é\u202etxt", "a" * 60):
        with LearnerLog.open(course, alias) as log:
            log.append(said())
    assert len(learners_of(course)) == 4
    assert len(list((course.path / LEARNERS).iterdir())) == 4
    for alias in ("", " \t", "\u202e", "a" * 61):
        with pytest.raises(UserError, match="alias"):
            checked_alias(alias)


def test_a_folder_of_answers_that_is_a_link_is_refused(course: CourseFolder, tmp_path: Path) -> None:
    with LearnerLog.open(course, "Ana") as log:
        log.append(said())
    place = answers_file(course).parent
    moved = place.rename(tmp_path / "elsewhere")
    place.symlink_to(moved)
    with pytest.raises(UserError, match="link"):
        LearnerLog.open(course, "Ana")
    assert learners_of(course) == ()


def test_answers_to_another_course_are_not_mixed_in(course: CourseFolder, tmp_path: Path) -> None:
    other = make_course(tmp_path / "other", plain_keys(1))
    with LearnerLog.open(other, "Ana") as log:
        log.append(said())
    (other.path / LEARNERS).rename(tmp_path / "kept")
    (course.path / LEARNERS).rmdir()
    (tmp_path / "kept").rename(course.path / LEARNERS)
    with pytest.raises(UserError, match="another course"):
        LearnerLog.open(course, "Ana")
    assert learners_of(course) == ()


def test_reasons_are_bounded_and_plain(course: CourseFolder) -> None:
    with LearnerLog.open(course, "Ana") as log:
        kept = log.append(said(Answer("tonic", YES, explanation="a\u202e" * 5000)))
        assert "\u202e" not in kept.answer.explanation
        assert len(kept.answer.explanation) <= 2000
        with pytest.raises(UserError, match="spans"):
            log.append(said(Answer("tonic", YES, evidence=tuple(Span(at, at) for at in range(200)))))
