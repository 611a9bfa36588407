"""What is missing, damaged, newer or in use while practising is a sentence, and nothing is lost."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.core.semiology import Answer
from app.core.teaching.course import CourseRules, TeachingCard
from app.core.teaching.course_file import CLIPS, FILE_NAME, KEYS
from app.core.teaching.learner_log import LearnerAnswer, LearnerLog
from app.ui.session.practice import PracticeStage
from tests.core.teaching_courses import MONDAY, NO, a_key, case_name, plain_keys
from tests.ui.practice_cases import (
    EXPERT,
    TONIC,
    Key,
    PractisingPerson,
    answers,
    clip_course,
    person,
    tonic_keys,
)

__all__ = ["person"]


def test_a_missing_clip_and_a_damaged_key_cost_their_cards(person: PractisingPerson, tmp_path: Path) -> None:
    clip_course(tmp_path / "c", tonic_keys(4), TONIC)
    (tmp_path / "c" / CLIPS / f"{case_name(0)}.mp4").unlink()
    (tmp_path / "c" / KEYS / f"{case_name(1)}.sealed").write_bytes(b"damaged")
    person.begin(tmp_path / "c")
    assert "2 of the cases are left out" in person.words
    assert person.practice.asked is not None
    assert person.practice.asked.card.case in {case_name(2), case_name(3)}


def test_a_clip_that_was_changed_is_left_out_in_a_sentence(person: PractisingPerson, tmp_path: Path) -> None:
    clip_course(tmp_path / "c", tonic_keys(2), TONIC)
    for number in range(2):
        with (tmp_path / "c" / CLIPS / f"{case_name(number)}.mp4").open("ab") as clip:
            clip.write(b"more")
    person.begin(tmp_path / "c")
    assert person.sees(PracticeStage.OVER)
    assert "was changed since this course was made" in person.words


@pytest.mark.parametrize("removed", [KEYS, CLIPS])
def test_a_course_without_keys_or_clips_says_so(
    person: PractisingPerson, tmp_path: Path, removed: str
) -> None:
    clip_course(tmp_path / "c", tonic_keys(2), TONIC)
    for path in (tmp_path / "c" / removed).iterdir():
        path.unlink()
    person.begin(tmp_path / "c")
    assert person.sees(PracticeStage.OVER)
    assert "No case of this course can be practised" in person.words


def test_a_newer_course_and_no_course_are_refused_in_a_sentence(
    qtbot: QtBot, person: PractisingPerson, tmp_path: Path
) -> None:
    clip_course(tmp_path / "c", tonic_keys(2), TONIC)
    file = tmp_path / "c" / FILE_NAME
    file.write_text(json.dumps({**json.loads(file.read_text()), "format": "semioscope-course/2"}))
    for folder, words in ((tmp_path / "c", "newer version"), (tmp_path, "not the folder of a course")):
        with qtbot.waitSignal(person.practice.refused):
            person.begin(folder)
        assert words in person.words
        assert person.window.other.isVisible()


def test_two_residents_cannot_use_one_alias_at_once(person: PractisingPerson, tmp_path: Path) -> None:
    folder = clip_course(tmp_path / "c", tonic_keys(2), TONIC)
    with LearnerLog.open(folder, "Ana"):
        person.begin(tmp_path / "c", "ANA")
        assert "choose another alias" in person.words
        person.begin(tmp_path / "c", "Bo")
        assert person.sees(PracticeStage.QUESTION)
    person.practice.leave()
    LearnerLog.open(folder, "Bo").close()


def test_a_clock_that_was_set_back_loses_nothing_and_is_named(
    person: PractisingPerson, tmp_path: Path
) -> None:
    folder = clip_course(tmp_path / "c", tonic_keys(2), TONIC)
    future = MONDAY.replace(year=2126)
    with LearnerLog.open(folder, "Ana") as log:
        log.append(LearnerAnswer(TeachingCard(case_name(0), "tonic"), Answer("tonic", NO), future))
    person.begin(tmp_path / "c")
    assert "The clock of this computer is earlier" in person.words
    if person.sees(PracticeStage.QUESTION):
        person.press(Key.Key_N, Key.Key_Return)
        assert [one.at for one in answers(tmp_path / "c")] == [future, future]


def test_a_key_damaged_while_it_is_asked_keeps_the_answer_and_goes_on(
    person: PractisingPerson, tmp_path: Path
) -> None:
    clip_course(tmp_path / "c", plain_keys(3, ("tonic", "clonic")), CourseRules(("tonic", "clonic")))
    person.begin(tmp_path / "c")
    assert person.practice.asked is not None
    (tmp_path / "c" / KEYS / f"{person.practice.asked.card.case}.sealed").write_bytes(b"damaged")
    first = person.practice.asked.card
    person.press(Key.Key_N, Key.Key_Return)
    assert len(answers(tmp_path / "c")) == 1
    assert person.sees(PracticeStage.QUESTION)
    assert person.practice.asked.card != first
    assert "damaged" in person.words


def test_foreign_text_is_plain(person: PractisingPerson, tmp_path: Path) -> None:
    key = a_key(replace(EXPERT, explanation="<b>bold</b>"))
    clip_course(tmp_path / "c", [key, key], TONIC)
    person.begin(tmp_path / "c")
    person.press(Key.Key_N, Key.Key_Return)
    labels = person.window.findChildren(QLabel)
    assert any(label.text() == "<b>bold</b>" for label in labels)
    assert all(label.textFormat() is Qt.TextFormat.PlainText for label in labels if "<b>" in label.text())
