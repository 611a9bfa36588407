"""A sitting that a window shows: hints, notes, cases that come or are left out, the end and its summary."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.core.errors import Cancelled, UserError
from app.core.jobs import CancelToken, Progress, Task, no_report
from app.core.semiology import FEATURE, Answer, Laterality, Span
from app.core.settings import Settings, load_settings, save_settings, with_recent_course
from app.core.teaching import first_course
from app.core.teaching.card_queue import CardQueue, ScoredAnswer
from app.core.teaching.card_score import CardScore, score_card
from app.core.teaching.course import CourseRules, FeedbackTime, Sitting, TeachingCard
from app.core.teaching.course_file import CourseFolder, open_course
from app.core.teaching.course_list import answered_courses, list_course, list_courses
from app.core.teaching.course_remarks import course_remarks, due_text, nothing_to_ask
from app.core.teaching.course_results import result_lines, results_to_dict
from app.core.teaching.course_writing import add_case, add_tests, continue_course
from app.core.teaching.feedback_text import (
    answer_text,
    confusions_text,
    feedback_facts,
    foil_counts_text,
    onset_text,
    verdict,
)
from app.core.teaching.key_opening import OpenedKey
from app.core.teaching.learner_log import Learner, LearnerAnswer, LearnerLog, LearnerNote
from app.core.teaching.learner_results import Confusion, FoilCounts, HintedCounts
from app.core.teaching.practice import CardFeedback, PracticeSession
from tests.core.teaching_courses import (
    MONDAY,
    NO,
    YES,
    SteppingClock,
    a_key,
    case_name,
    make_course,
    plain_keys,
    results_of,
)

TONIC = TeachingCard(case_name(0), "tonic")
RULES = CourseRules(("tonic",), hints=True)


def tonic_course(path: Path, cases: int = 3, rules: CourseRules = RULES) -> CourseFolder:
    """A course whose key says that every case is tonic on the left from 10 to 14 s."""
    key = a_key(Answer("tonic", YES, None, (Span(10, 14),), Laterality.LEFT, "stiff arm"), note="a lookalike")
    return make_course(path, [key] * cases, rules)


def test_an_answer_with_the_definition_looked_up_counts_apart_and_comes_back_earlier(tmp_path: Path) -> None:
    folder = tonic_course(tmp_path / "c")
    clock = SteppingClock()
    with LearnerLog.open(folder, "Ana") as log:
        session = PracticeSession(folder, log, clock=clock)
        card = session.next_card()
        assert card is not None
        session.submit(card, Answer("tonic", YES, evidence=(Span(10, 14),)), hinted=True)
        assert session.feedback(card).hinted
        outcome = session.summary().outcomes[0]
        assert (outcome.right, outcome.n, outcome.hinted) == (0, 0, HintedCounts(1, 1))
    (result,) = results_of(folder)
    assert (result.sittings, result.weeks, result.hinted) == ({}, (), HintedCounts(1, 1))
    assert any(
        "definition looked up: 1 of 1 right" in line for line in result_lines(folder.course, (result,))
    )
    with LearnerLog.open(folder, "Ana") as log:
        log.append(LearnerAnswer(card, Answer("tonic", YES), MONDAY + timedelta(days=9)))
    assert results_of(folder)[0].sittings == {}, "the answer after the key does not count instead"
    due = []
    for hinted in (False, True):
        queue = CardQueue(folder.course.cases, "Ana")
        queue.record(ScoredAnswer(TONIC, MONDAY, CardScore(True), hinted))
        due.append(queue.due_at("tonic"))
    assert due[1] is not None
    assert due[0] is not None
    assert due[1] < due[0]


def test_the_teacher_reads_why_the_learner_thought_so(tmp_path: Path) -> None:
    folder = tonic_course(tmp_path / "c")
    with LearnerLog.open(folder, "Ana") as log:
        session = PracticeSession(folder, log, clock=SteppingClock())
        card = session.next_card()
        assert card is not None
        with pytest.raises(UserError, match="answered"):
            session.add_note(card, "too early")
        session.submit(card, Answer("tonic", NO, explanation="it was limp"))
        session.add_note(card, "I looked at the\nwrong arm")
        session.add_note(card, "I looked at the left arm")
    (result,) = results_of(folder)
    assert [note.text for note in result.notes] == ["it was limp", "I looked at the left arm"]
    assert result.unread == 0
    written = results_to_dict(folder.course, (result,))["learners"][0]["notes"]
    assert [row["text"] for row in written] == ["it was limp", "I looked at the left arm"]


@pytest.mark.parametrize(
    "damage", ['"note":7', '"note":"x","case":"elsewhere"', '"note":"x","at":"2026-03-02"']
)
def test_a_damaged_note_costs_itself_alone(tmp_path: Path, damage: str) -> None:
    folder = tonic_course(tmp_path / "c")
    with LearnerLog.open(folder, "Ana") as log:
        log.append_note(LearnerNote(TONIC, "kept", MONDAY))
        file = next(folder.path.rglob("answers.jsonl"))
    head = f'"case":"{TONIC.case}","feature":"tonic","at":"{MONDAY.isoformat()}"'
    with file.open("a", encoding="ascii") as lines:
        lines.write(f"\n{{{head},{damage}}}")
    with LearnerLog.open(folder, "Ana") as log:
        assert ([note.text for note in log.learner.notes], log.learner.unread) == (["kept"], 1)


def test_a_case_that_is_left_out_is_asked_no_further(tmp_path: Path) -> None:
    folder = tonic_course(tmp_path / "c")
    with LearnerLog.open(folder, "Ana") as log:
        session = PracticeSession(folder, log, clock=SteppingClock())
        first = session.next_card()
        assert first is not None
        session.leave_out(first.case)
        second = session.next_card()
        assert second is not None
        assert second.case != first.case


def test_a_case_of_a_test_that_is_left_out_costs_its_card(tmp_path: Path) -> None:
    keys = plain_keys(9, ("tonic", "clonic"))
    make_course(tmp_path / "c", keys, CourseRules(("tonic", "clonic")), tested=8)
    unfinished = continue_course(tmp_path / "c")
    assert unfinished is not None
    folder = add_tests(unfinished, 4).folder
    with LearnerLog.open(folder, "Ana") as log:
        session = PracticeSession(folder, log, sitting=Sitting.BEFORE, clock=SteppingClock())
        cards = folder.course.tests[Sitting.BEFORE]
        session.submit(cards[0], Answer(cards[0].feature, NO))
        session.leave_out(cards[1].case)
        assert (session.length, session.next_card()) == (3, cards[2])
        assert session.summary().outcomes == ()


def test_cases_that_are_added_meanwhile_are_asked(tmp_path: Path) -> None:
    folder = make_course(tmp_path / "c", plain_keys(1, ("tonic",)), RULES)
    with LearnerLog.open(folder, "Ana") as log:
        session = PracticeSession(folder, log, clock=SteppingClock())
        session.submit(TONIC, Answer("tonic", NO))
        unfinished = continue_course(folder.path)
        assert unfinished is not None
        (folder.path / "clips" / f"{case_name(1)}.mp4").write_bytes(b"another")
        key = plain_keys(1, ("clonic",))[0]
        grown = make_course_wider(unfinished.folder)
        added = add_case(type(unfinished)(grown, unfinished.secret), case_name(1), 60.0, key, tested=False)
        session.take_course(added.folder)
        assert session.next_card() == TeachingCard(case_name(1), "clonic")


def make_course_wider(folder: CourseFolder) -> CourseFolder:
    """The course with another feature in its rules."""
    from dataclasses import replace

    rules = replace(folder.course.rules, features=("tonic", "clonic"))
    return CourseFolder(folder.path, replace(folder.course, rules=rules, planned=2))


def test_keys_shown_at_the_end_stay_open_although_something_is_due_later(tmp_path: Path) -> None:
    folder = tonic_course(tmp_path / "c", 1, CourseRules(("tonic",), FeedbackTime.AT_END))
    clock = SteppingClock()
    with LearnerLog.open(folder, "Ana") as log:
        session = PracticeSession(folder, log, clock=clock)
        session.submit(TONIC, Answer("tonic", NO))
        assert session.next_card() is None
        clock.step(days=3)
        assert session.feedback(TONIC).own.presence is NO


def test_a_session_beyond_what_is_due_goes_on(tmp_path: Path) -> None:
    folder = tonic_course(tmp_path / "c")
    clock = SteppingClock()
    with LearnerLog.open(folder, "Ana") as log:
        session = PracticeSession(folder, log, clock=clock)
        card = session.next_card()
        assert card is not None
        session.submit(card, Answer("tonic", YES, evidence=(Span(10, 14),), laterality=Laterality.LEFT))
        assert session.next_card() is None
        summary = session.summary()
        assert (summary.right, summary.n) == (1, 1)
        assert summary.next_due is not None
        assert summary.next_due > MONDAY
        assert [(week.right, week.n) for week in summary.weeks] == [(1, 1)]
        assert PracticeSession(folder, log, beyond_due=True, clock=clock).next_card() is not None


# in words


def shown(own: Answer, key: Answer, onsets: tuple[float, ...] = ()) -> CardFeedback:
    from app.core.teaching.case_key import KeyAnswer

    opened = OpenedKey("Dr. Stern", KeyAnswer(key, onsets), "")
    return CardFeedback(score_card(own, opened.key), own, opened, FEATURE[own.feature])


def test_the_onset_is_compared_with_the_spread_of_experts() -> None:
    key = Answer("tonic", YES, None, (Span(10, 14),), Laterality.LEFT)
    late = shown(Answer("tonic", YES, evidence=(Span(12.5, 14),)), key, (9.0, 11.0, 10.0))
    text = onset_text(late.score, late.opened, late.own)
    assert text == "00:12.5: 2.5 s late, outside of the onsets of 3 experts (00:09.0–00:11.0)"
    early = shown(Answer("tonic", YES, evidence=(Span(9.5, 14),)), key, (9.0, 11.0))
    assert ": 0.5 s early, among the onsets of 2 experts" in onset_text(early.score, early.opened, early.own)
    alone = shown(Answer("tonic", YES, evidence=(Span(9.5, 14),)), key, (10.0,))
    assert onset_text(alone.score, alone.opened, alone.own).endswith("; one expert marked it")
    without = shown(Answer("tonic", NO), key)
    assert onset_text(without.score, without.opened, without.own) == ""


@pytest.mark.parametrize(
    ("own", "words"),
    [
        (Answer("tonic", NO), "Not what the key says: yes"),
        (Answer("tonic", YES, None, (Span(10, 14),), Laterality.LEFT), "Right: yes"),
        (Answer("tonic", YES, None, (Span(10, 14),), Laterality.RIGHT), "Right: yes, except for the side"),
        (Answer("tonic", YES), "Right: yes, except for the side and the span"),
    ],
)
def test_the_verdict_says_what_was_missed(own: Answer, words: str) -> None:
    assert verdict(shown(own, Answer("tonic", YES, None, (Span(10, 14),), Laterality.LEFT))) == words


def test_the_feedback_has_the_definition_and_what_looks_alike() -> None:
    facts = dict(feedback_facts(shown(Answer("tonic", NO, 80), Answer("tonic", YES, explanation="stiff"))))
    assert facts["You"] == "no, 80 % sure"
    assert facts["In words"] == "stiff"
    assert facts["Looks alike"].casefold() == FEATURE["tonic"].confusers.casefold()
    assert {"Counts as", "At least"} <= set(facts)
    assert answer_text(Answer("tonic", None)) == "unanswered"


def test_what_was_taken_for_what_and_what_a_model_changed_is_said() -> None:
    counts = [Confusion("tonic", "clonic", 3), Confusion("clonic", "head_turning", 1)]
    assert confusions_text(counts) == "Said in this course: Clonic for Tonic (3×), Head turning for Clonic."
    assert confusions_text(()) == ""
    assert foil_counts_text(FoilCounts()) == ""
    assert "(10 in this course): right answers given up 1, wrong ones mended 2." in foil_counts_text(
        FoilCounts(1, 2, 3, 4)
    )


def test_remarks_name_what_is_left_out_and_a_clock_that_was_set_back(tmp_path: Path) -> None:
    folder = tonic_course(tmp_path / "c")
    learner = Learner("Ana", (LearnerAnswer(TONIC, Answer("tonic", NO), MONDAY),), unread=2)
    said = course_remarks(folder, learner, 2, MONDAY - timedelta(days=3))
    assert all(part in sentence for part, sentence in zip(("2 of", "2 damaged", "clock"), said, strict=True))
    assert course_remarks(folder, Learner("Ana"), 0, MONDAY) == ()


def test_what_is_due_is_said_in_words() -> None:
    for ahead, words in (
        (timedelta(0), "now"),
        (timedelta(minutes=9), "in 9 min"),
        (timedelta(days=1), "tomorrow"),
        (timedelta(days=12), "in 12 days"),
    ):
        assert due_text(MONDAY + ahead, MONDAY) == words


def test_why_nothing_is_asked(tmp_path: Path) -> None:
    folder = tonic_course(tmp_path / "c", 2)
    assert "no such test" in nothing_to_ask(folder, Sitting.BEFORE, 0, MONDAY, None)
    assert "missing or damaged" in nothing_to_ask(folder, Sitting.PRACTICE, 2, MONDAY, None)
    later = MONDAY + timedelta(days=2)
    assert "due in 2 days" in nothing_to_ask(folder, Sitting.PRACTICE, 0, MONDAY, later)


# the courses of an account


def test_the_last_course_and_the_alias_are_remembered(tmp_path: Path) -> None:
    settings = with_recent_course(Settings(), tmp_path / "a", "Ana")
    settings = with_recent_course(settings, tmp_path / "b", "Bo")
    save_settings(with_recent_course(settings, tmp_path / "a", "Bo"))
    kept = load_settings()
    assert kept.recent_courses == (str(tmp_path / "a"), str(tmp_path / "b"))
    assert kept.learner_alias == "Bo"


def test_courses_are_listed_with_what_they_offer(tmp_path: Path) -> None:
    tonic_course(tmp_path / "c")
    (tmp_path / "newer").mkdir()
    (tmp_path / "newer" / "course.json").write_text('{"format": "semioscope-course/9"}')
    first, mine, newer = list_courses((str(tmp_path / "c"), str(tmp_path / "newer"), str(tmp_path / "gone")))
    assert ("40 drawn patients" in first.about, first.problem) == (True, "")
    assert (mine.title, mine.about) == ("Course", "3 cases, 3 cards.")
    assert "newer version" in newer.problem
    first.path.mkdir(parents=True)
    (first.path / "course.json").write_text("{")
    assert "damaged" in list_course(first.path).problem


def test_courses_that_somebody_answered_are_offered_the_last_one_first(tmp_path: Path) -> None:
    for name in ("b", "a"):
        with LearnerLog.open(tonic_course(tmp_path / name), "Bo"):
            pass
    tonic_course(tmp_path / "unanswered")
    (tmp_path / "damaged").mkdir()
    recent = tuple(str(tmp_path / name) for name in ("b", "unanswered", "gone", "damaged", "a"))
    assert [one.path.name for one in answered_courses(recent)] == ["b", "a"]


def a_task(posted: list[object]) -> Task:
    return Task(no_report, CancelToken(), posted.append)


def test_the_first_course_is_handed_over_after_every_case(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "first.semioscope-course"
    asked: list[Any] = []

    def draw(module: str, job: dict[str, Any], **given: Any) -> bytes:
        asked.append((module, job))
        make_course(path, plain_keys(1, ("tonic",)), RULES)
        given["report"](Progress("Drawing", 0.5))
        return b""

    monkeypatch.setattr(first_course, "run_process", draw)
    posted: list[Any] = []
    done = first_course.draw_first_course(path, a_task(posted))
    assert done is not None
    assert first_course.is_complete(done)
    assert [len(folder.course.cases) for folder in posted] == [1]
    assert asked == [(first_course.PROCESS, {"path": str(path), "cases": 40, "duration": 40.0})]
    (path / "clips" / ".case-00000009.mp4.part").write_bytes(b"left by a process that was ended")
    first_course.draw_first_course(path, a_task(posted))
    assert len(asked) == 1, "what is complete is not drawn again"
    assert [one.name for one in (path / "clips").iterdir()] == [f"{case_name(0)}.mp4"]


def test_the_first_course_is_drawn_in_a_process_and_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    path = tmp_path / "first.semioscope-course"
    posted: list[Any] = []
    token = CancelToken()

    def stop_after_one(folder: object) -> None:
        posted.append(folder)
        if len(open_course(path).course.cases) == 1:
            token.cancel()

    with pytest.raises(Cancelled):
        first_course.draw_first_course(path, Task(no_report, token, stop_after_one), cases=2, duration=2.0)
    first = open_course(path).course.cases[:1]
    assert first
    done = first_course.draw_first_course(path, a_task(posted), cases=2, duration=2.0)
    assert done is not None
    assert (done.course.cases[:1], len(done.course.cases)) == (first, 2)
    with LearnerLog.open(done, "Ana") as log:
        assert PracticeSession(done, log).next_card() is not None


def test_two_programs_do_not_draw_the_first_course_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "first.semioscope-course"
    inner: list[object] = []

    def draw(_module: str, _job: dict[str, Any], **_given: Any) -> bytes:
        make_course(path, plain_keys(1, ("tonic",)), RULES)
        inner.append(first_course.draw_first_course(path, a_task(inner)))
        return b""

    monkeypatch.setattr(first_course, "run_process", draw)
    assert first_course.draw_first_course(path, a_task([])) is not None
    assert inner == [open_course(path), None]
