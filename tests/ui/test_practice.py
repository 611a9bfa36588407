"""Practising in the window: answers with keys, the key only afterwards, and what is damaged in a sentence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QDialog, QSpinBox, QStyle, QStyleOptionSpinBox
from pytestqt.qtbot import QtBot

from app.core.semiology import Answer, Laterality, Presence, Span
from app.core.teaching.course import CourseRules, FeedbackTime, Sitting
from app.core.teaching.course_file import open_course
from app.core.teaching.course_writing import begin_course, continue_course
from app.core.teaching.learner_log import LearnerLog, learners_of
from app.ui.commands.practice_keys import COMPARE, LOOK_UP
from app.ui.dialogs.form import lay_out
from app.ui.dialogs.practice_key_list import PracticeKeyList
from app.ui.session.practice import PracticeStage
from tests.core.teaching_courses import NO, YES, a_key, case_name, plain_keys
from tests.ui.found_widgets import now
from tests.ui.practice_cases import (
    EXPERT,
    SECRETS,
    TONIC,
    Key,
    PractisingPerson,
    all_words,
    answers,
    clip_course,
    person,
    tonic_keys,
    with_case,
)

__all__ = ["person"]


def test_an_answer_with_keys_is_kept_and_then_compared(person: PractisingPerson, tmp_path: Path) -> None:
    clip_course(tmp_path / "c", tonic_keys(3), TONIC)
    person.begin(tmp_path / "c")
    assert person.sees(PracticeStage.QUESTION)
    person.practice.clip.playback._move(0.7)
    person.press(Key.Key_I)
    person.practice.clip.playback._move(1.4)
    person.press(Key.Key_O, Key.Key_Q)
    assert not answers(tmp_path / "c"), "nothing is kept before Return"
    person.press(Key.Key_Return)
    (kept,) = answers(tmp_path / "c")
    assert (kept.answer.presence, kept.answer.laterality) == (YES, Laterality.LEFT)
    assert kept.answer.evidence == (Span(0.7, 1.4),)
    assert person.sees(PracticeStage.FEEDBACK)
    assert all(secret in person.words for secret in SECRETS), "its card was the only one of the case"
    assert "0.2 s late" in person.words
    assert [row.name for row in person.window.strip.rows] == ["You", "Key"]
    person.press(Key.Key_R)
    assert person.practice.clip.loop.span == Span(0.5, 1.5)
    person.press(Key.Key_Return)
    assert person.practice.clip.loop.span is None


def test_without_a_presence_nothing_is_submitted(person: PractisingPerson, tmp_path: Path) -> None:
    clip_course(tmp_path / "c", tonic_keys(2), TONIC)
    person.begin(tmp_path / "c")
    person.press(Key.Key_Return)
    assert "Say yes, no or not assessable" in person.words
    assert not answers(tmp_path / "c")


def test_marks_and_sides_can_be_taken_back(person: PractisingPerson, tmp_path: Path) -> None:
    clip_course(tmp_path / "c", tonic_keys(2), TONIC)
    person.begin(tmp_path / "c")
    draft = person.practice.draft
    person.press(Key.Key_I)
    assert now(draft.begun) == 0
    person.press(Key.Key_Backspace)
    assert now(draft.begun) is None
    draft.add_span(1.2, 1.8)
    draft.add_span(0.2, 0.4)
    person.press(Key.Key_Backspace)
    assert draft.answer.evidence == (Span(1.2, 1.8),), "the one marked last goes first"
    person.press(Key.Key_4, Key.Key_N)
    assert draft.answer == Answer("tonic", NO), "no has neither span nor side"
    person.press(Key.Key_Y)
    assert draft.answer.laterality is Laterality.BOTH
    person.press(Key.Key_4, Key.Key_Backspace, Key.Key_Backspace)
    assert draft.answer.presence is None


def test_no_side_is_asked_of_what_has_none(person: PractisingPerson, tmp_path: Path) -> None:
    stare = CourseRules(("blank_stare",))
    clip_course(tmp_path / "c", [a_key(Answer("blank_stare", YES))] * 2, stare)
    person.begin(tmp_path / "c")
    assert not person.window.question.side_row.isVisible()
    person.press(Key.Key_2)
    assert person.practice.draft.answer == Answer("blank_stare")
    clip_course(tmp_path / "d", tonic_keys(2), TONIC)
    person.begin(tmp_path / "d")
    assert person.window.question.side_row.isVisible()


def test_a_span_is_marked_while_a_key_is_held(qtbot: QtBot, person: PractisingPerson, tmp_path: Path) -> None:
    clip_course(tmp_path / "c", tonic_keys(2), TONIC)
    person.begin(tmp_path / "c")
    person.practice.clip.playback._move(0.4)
    qtbot.keyPress(person.window.picture, Key.Key_H)
    person.practice.clip.playback._move(0.9)
    qtbot.keyRelease(person.window.picture, Key.Key_H)
    assert person.practice.draft.answer.evidence == (Span(0.4, 0.9),)


def test_dragging_in_the_own_row_marks_a_span(qtbot: QtBot, person: PractisingPerson, tmp_path: Path) -> None:
    clip_course(tmp_path / "c", tonic_keys(2), TONIC)
    person.begin(tmp_path / "c")
    strip = person.window.strip
    left = Qt.MouseButton.LeftButton
    qtbot.mousePress(strip, left, pos=QPoint(100, 30))
    qtbot.mouseMove(strip, QPoint(200, 30))
    qtbot.mouseRelease(strip, left, pos=QPoint(200, 30))
    (span,) = person.practice.draft.answer.evidence
    assert span.start == pytest.approx(strip._seconds(100))
    assert span.end == pytest.approx(strip._seconds(200))
    person.press(Key.Key_Return)
    qtbot.mousePress(strip, left, pos=QPoint(100, 30))
    qtbot.mouseMove(strip, QPoint(200, 30))
    qtbot.mouseRelease(strip, left, pos=QPoint(200, 30))
    assert len(answers(tmp_path / "c")[0].answer.evidence) == 1
    assert person.practice.draft.answer.evidence == (span,), "an answer that was given is not changed"


def test_a_reason_and_the_certainty_are_typed_and_kept(person: PractisingPerson, tmp_path: Path) -> None:
    clip_course(tmp_path / "c", tonic_keys(2), TONIC)
    person.begin(tmp_path / "c")
    person.press(Key.Key_N)
    person.press(Key.Key_C, shift=True)
    person.press(Key.Key_8, Key.Key_0, Key.Key_Return)
    question = person.window.question
    question.reason.setFocus()
    person.press(Key.Key_Y, Key.Key_U, Key.Key_Return)
    assert person.sees(PracticeStage.QUESTION), "Return in a field only leaves it"
    person.press(Key.Key_Return)
    person.window.feedback.note.setFocus()
    person.press(Key.Key_H, Key.Key_M, Key.Key_Return, Key.Key_Return)
    (learner,) = learners_of(open_course(tmp_path / "c"))
    assert learner.answers[0].answer == Answer("tonic", NO, 80, explanation="yu")
    assert [note.text for note in learner.notes] == ["hm"]


def test_the_definition_is_looked_up_and_logged(person: PractisingPerson, tmp_path: Path) -> None:
    clip_course(tmp_path / "c", tonic_keys(2), TONIC)
    person.begin(tmp_path / "c")
    assert "Looks alike" not in person.words
    person.press(Key.Key_H, shift=True)
    assert "Looks alike" in person.words
    assert not any(secret in person.words for secret in SECRETS)
    person.press(Key.Key_N, Key.Key_Return)
    assert [one.hinted for one in answers(tmp_path / "c")] == [True]


def test_a_course_without_hints_has_none(person: PractisingPerson, tmp_path: Path) -> None:
    clip_course(tmp_path / "c", tonic_keys(2), replace(TONIC, hints=False))
    person.begin(tmp_path / "c")
    person.press(Key.Key_H, shift=True)
    assert "Looks alike" not in person.words
    person.press(Key.Key_N, Key.Key_Return)
    assert [one.hinted for one in answers(tmp_path / "c")] == [False]


# no key before its answer


# models, the end, tests


@pytest.mark.parametrize(
    ("key", "said_then", "fact"),
    [(None, NO, "kept after the model's answer"), (Key.Key_Y, YES, "changed to yes")],
)
def test_a_models_answer_comes_after_the_own_one_and_is_kept_or_changed(
    person: PractisingPerson, tmp_path: Path, key: Qt.Key | None, said_then: Presence, fact: str
) -> None:
    foil = Answer("tonic", YES, 90, (Span(0.1, 0.2),), explanation="a model")
    clip_course(tmp_path / "c", tonic_keys(2, foil), TONIC)
    person.begin(tmp_path / "c", length=1)
    assert "signal" not in person.words
    person.press(Key.Key_N, Key.Key_Return)
    assert person.sees(PracticeStage.FOIL)
    assert "“signal” says yes, 00:00.1–00:00.2, 90 % sure." in person.words
    assert "“a model”" in person.words
    assert "Keep my answer" in person.words
    assert not any(secret in person.words for secret in SECRETS)
    if key is not None:
        person.press(key)
        assert "Change to “yes”" in person.words
    person.press(Key.Key_Return)
    assert person.sees(PracticeStage.FEEDBACK)
    own, then = answers(tmp_path / "c")
    assert (own.answer.presence, own.after_foil) == (NO, False)
    assert (then.answer.presence, then.after_foil) == (said_then, True)
    assert fact in person.words
    person.press(Key.Key_Return)
    assert person.sees(PracticeStage.OVER)
    assert f"given up 0, wrong ones mended {int(key is not None)}." in person.words


def test_keys_at_the_end_are_gone_through_after_the_session(person: PractisingPerson, tmp_path: Path) -> None:
    features = ("tonic", "clonic")
    keys = [a_key(EXPERT, Answer("clonic", NO, explanation="sealed words, limp")) for _ in range(2)]
    clip_course(tmp_path / "c", keys, CourseRules(features, FeedbackTime.AT_END))
    person.begin(tmp_path / "c")
    for _ in features:
        assert not any(secret in person.words for secret in SECRETS)
        person.press(Key.Key_N, Key.Key_Return)
    assert person.sees(PracticeStage.OVER)
    assert "1 of 2 right" in person.words
    assert not any(secret in person.words for secret in SECRETS)
    person.window.end.review.click()
    person.wait()
    for _ in features:
        assert person.sees(PracticeStage.FEEDBACK)
        assert "sealed words" in person.words
        person.press(Key.Key_Return)
    assert person.sees(PracticeStage.OVER)
    assert not any(secret in person.words for secret in SECRETS)


def test_the_end_says_what_comes_back_and_another_session_begins(
    person: PractisingPerson, tmp_path: Path
) -> None:
    clip_course(tmp_path / "c", plain_keys(3, ("tonic", "clonic")), CourseRules(("tonic", "clonic")))
    person.begin(tmp_path / "c", length=1)
    person.press(Key.Key_N, Key.Key_Return, Key.Key_Return)
    assert person.sees(PracticeStage.OVER)
    assert "of 1 right" in person.words
    assert person.window.end.features.rowCount() == 1
    assert person.window.end.weeks.rowCount() == 1
    person.press(Key.Key_Return)
    assert person.sees(PracticeStage.QUESTION)
    person.press(Key.Key_N, Key.Key_Return, Key.Key_Return)
    person.press(Key.Key_Return)
    assert person.sees(PracticeStage.OVER), "everything was asked today"
    assert "next card is due" in person.words
    person.press(Key.Key_Return)
    assert person.sees(PracticeStage.QUESTION), "what is not due can be practised too"


def test_a_test_shows_no_key_and_never_a_recording_twice(person: PractisingPerson, tmp_path: Path) -> None:
    features = ("tonic", "clonic")
    keys = [
        a_key(*(Answer(name, YES, explanation="sealed words") for name in features), note="sealed note")
        for _ in range(9)
    ]
    clip_course(tmp_path / "c", keys, CourseRules(features), test_size=4)
    person.begin(tmp_path / "c", sitting=Sitting.BEFORE)
    for _ in range(4):
        assert person.sees(PracticeStage.QUESTION)
        person.press(Key.Key_N, Key.Key_Return)
        assert not any(secret in person.words for secret in SECRETS)
    assert person.sees(PracticeStage.OVER)
    assert "4 cards answered" in person.words
    assert not person.window.end.again.isVisible()
    assert not person.window.end.review.isVisible()
    assert len({one.card.case for one in answers(tmp_path / "c")}) == 4
    person.begin(tmp_path / "c", sitting=Sitting.BEFORE)
    assert "Every card of this test is answered" in person.words


def test_why_a_clip_is_silent_is_said(person: PractisingPerson, tmp_path: Path) -> None:
    clip_course(tmp_path / "c", tonic_keys(2), TONIC)
    person.begin(tmp_path / "c")
    assert "This clip has no sound" in person.words


def test_a_limit_stops_the_clip_and_leaves_the_answer_open(person: PractisingPerson, tmp_path: Path) -> None:
    clip_course(tmp_path / "c", tonic_keys(2), TONIC)
    person.begin(tmp_path / "c", seconds=2)
    practice = person.practice
    assert practice.seconds_left == 2
    for _ in range(2):
        practice._tick()
    assert "The time is up" in person.words
    assert not practice.clip.playback.playing
    person.press(Key.Key_Space)
    assert not practice.clip.playback.playing
    person.press(Key.Key_N, Key.Key_Return)
    assert len(answers(tmp_path / "c")) == 1


def test_cases_drawn_meanwhile_are_asked_next(person: PractisingPerson, tmp_path: Path) -> None:
    rules = CourseRules(("tonic", "clonic"))
    begun = begin_course(tmp_path / "c", "Course", rules, 2)
    with_case(begun, 0, a_key(EXPERT))
    person.begin(tmp_path / "c")
    more = continue_course(tmp_path / "c")
    assert more is not None
    person.practice.take_course(with_case(more, 1, a_key(Answer("clonic", NO))).folder)
    person.press(Key.Key_N, Key.Key_Return, Key.Key_Return)
    assert person.practice.asked is not None
    assert person.practice.asked.card.case == case_name(1)


# what is damaged


def test_closing_the_window_lets_another_program_practise(person: PractisingPerson, tmp_path: Path) -> None:
    folder = clip_course(tmp_path / "c", tonic_keys(2), TONIC)
    person.begin(tmp_path / "c")
    person.window.close()
    LearnerLog.open(folder, "Ana").close()


def test_a_note_is_kept_when_the_window_is_closed(person: PractisingPerson, tmp_path: Path) -> None:
    clip_course(tmp_path / "c", tonic_keys(2), TONIC)
    person.begin(tmp_path / "c")
    person.press(Key.Key_N, Key.Key_Return)
    person.window.feedback.note.setText("I looked away")
    person.window.close()
    (learner,) = learners_of(open_course(tmp_path / "c"))
    assert [note.text for note in learner.notes] == ["I looked away"]


def test_everything_fits_on_a_small_screen(person: PractisingPerson, tmp_path: Path) -> None:
    clip_course(tmp_path / "c", tonic_keys(2), TONIC)
    person.begin(tmp_path / "c")
    person.press(Key.Key_H, shift=True)
    assert person.window.minimumSizeHint().height() <= 640
    assert person.window.minimumSizeHint().width() <= 1000


def test_a_question_mark_lists_the_present_keys(person: PractisingPerson, tmp_path: Path) -> None:
    clip_course(tmp_path / "c", tonic_keys(2), TONIC)
    person.begin(tmp_path / "c")
    person.press(Key.Key_Question)
    person.press(Key.Key_Question)
    (shown,) = person.window.findChildren(PracticeKeyList)
    words = " ".join(all_words(shown)).split()
    assert {"Space", "Y", "H", "R", "Return", LOOK_UP, COMPARE} <= set(words)
    assert "Slower" not in words, "it has no key here"
    assert not answers(tmp_path / "c")


def test_a_card_says_that_practice_may_end_sooner(person: PractisingPerson, tmp_path: Path) -> None:
    clip_course(tmp_path / "c", plain_keys(3))
    person.begin(tmp_path / "c")
    assert person.window.progress.text() == "Card 1 of at most 20"


def test_the_reminder_goes_with_the_answer_and_an_answer_said_again_stays(
    person: PractisingPerson, tmp_path: Path
) -> None:
    clip_course(tmp_path / "c", tonic_keys(2), TONIC)
    person.begin(tmp_path / "c")
    person.press(Key.Key_Return)
    assert person.window.remarks.isVisible()
    yes = person.window.question.presences[YES]
    for _again in range(2):
        yes.click()
        assert not person.window.remarks.isVisible()
        assert person.practice.draft.answer.presence is YES
        assert yes.isChecked(), "what is shown is what would be kept"


def test_return_presses_nothing_while_a_course_is_opened(person: PractisingPerson) -> None:
    person.press(Key.Key_Return)
    assert not isinstance(person.window.focusWidget(), QAbstractButton)
    assert not person.window.findChildren(QDialog)


def test_a_dialog_of_the_window_has_fields_with_arrows(qtbot: QtBot, person: PractisingPerson) -> None:
    number, dialog = QSpinBox(), QDialog(person.window)
    qtbot.addWidget(dialog)
    lay_out(dialog, number)
    dialog.show()
    option = QStyleOptionSpinBox()
    number.initStyleOption(option)
    up = number.style().subControlRect(
        QStyle.ComplexControl.CC_SpinBox, option, QStyle.SubControl.SC_SpinBoxUp, number
    )
    assert up.width() > 5
