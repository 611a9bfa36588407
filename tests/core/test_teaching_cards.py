"""Which card comes next, and the tests before and after."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.errors import UserError
from app.core.semiology import Answer
from app.core.teaching.card_queue import CardQueue, ScoredAnswer
from app.core.teaching.card_score import CardScore
from app.core.teaching.course import CourseCase, CourseRules, Sitting, TeachingCard
from app.core.teaching.course_writing import add_tests, continue_course
from app.core.teaching.learner_log import LearnerLog
from app.core.teaching.matched_tests import matched_tests
from app.core.teaching.practice import PracticeSession
from benchmarks.teaching import take_course
from tests.core.teaching_courses import (
    IDS,
    MONDAY,
    NO,
    PASSPHRASE,
    YES,
    SteppingClock,
    case_name,
    make_course,
    plain_keys,
)

RIGHT, WRONG = CardScore(True), CardScore(False)


def cases(number: int, features: tuple[str, ...] = IDS) -> list[CourseCase]:
    return [CourseCase(case_name(at), f"{case_name(at)}.mp4", "", 60.0, features) for at in range(number)]


def test_a_feature_that_was_wrong_comes_back_in_another_recording() -> None:
    queue = CardQueue(cases(5), "Ana")
    first = queue.next_card(MONDAY)
    assert first is not None
    queue.record(ScoredAnswer(first, MONDAY, WRONG))
    for _ in range(4):
        other = queue.next_card(MONDAY)
        assert other is not None
        assert other.feature != first.feature
        queue.record(ScoredAnswer(other, MONDAY, RIGHT))
    again = queue.next_card(MONDAY)
    assert again is not None
    assert (again.feature, again.case != first.case) == (first.feature, True)


def test_who_knows_nothing_is_not_asked_the_same_few_cards_over_and_over() -> None:
    queue = CardQueue(cases(2, IDS[:6]), "Ana")
    asked = []
    while (card := queue.next_card(MONDAY)) is not None:
        asked.append(card)
        queue.record(ScoredAnswer(card, MONDAY, WRONG))
    assert len(asked) == len(set(asked))
    assert {card.feature for card in asked} == set(IDS[:6])
    assert queue.next_card(MONDAY + timedelta(days=1)) is not None


def test_a_course_of_one_feature_goes_on_the_next_day() -> None:
    queue = CardQueue(cases(1, ("tonic",)), "Ana")
    queue.record(ScoredAnswer(TeachingCard(case_name(0), "tonic"), MONDAY, WRONG))
    assert queue.next_card(MONDAY) is None
    assert queue.next_card(MONDAY + timedelta(days=1)) is not None


def test_every_recording_is_used_before_one_comes_again() -> None:
    queue = CardQueue(cases(6, ("tonic",)), "Ana")
    seen = []
    for day in range(6):
        card = queue.next_card(MONDAY + timedelta(days=day), beyond_due=True)
        assert card is not None
        seen.append(card.case)
        queue.record(ScoredAnswer(card, MONDAY + timedelta(days=day), WRONG))
    assert len(set(seen)) == 6


def test_what_is_known_is_not_asked_until_it_is_due() -> None:
    queue = CardQueue(cases(3, ("tonic", "clonic")), "Ana")
    for _ in range(4):
        card = queue.next_card(MONDAY)
        if card is not None:
            queue.record(ScoredAnswer(card, MONDAY, RIGHT))
    assert queue.next_card(MONDAY) is None
    assert queue.next_card(MONDAY, beyond_due=True) is not None
    assert queue.next_card(MONDAY + timedelta(days=60)) is not None
    kept = queue.memory_of("tonic", MONDAY + timedelta(days=60))
    assert kept is not None
    assert kept < 0.9


def test_a_clock_that_was_set_back_stands_still() -> None:
    queue = CardQueue(cases(3, ("tonic",)), "Ana")
    card = TeachingCard(case_name(0), "tonic")
    queue.record(ScoredAnswer(card, MONDAY, RIGHT))
    queue.record(ScoredAnswer(card, MONDAY - timedelta(days=900), RIGHT))
    assert queue.memory_of("tonic", MONDAY - timedelta(days=900)) == 1.0
    assert queue.next_card(MONDAY - timedelta(days=900)) is None


def test_a_course_without_cases_has_no_card() -> None:
    assert CardQueue([], "Ana").next_card(MONDAY, beyond_due=True) is None


@settings(max_examples=60, deadline=None)
@given(st.lists(st.booleans(), max_size=40), st.integers(1, 6))
def test_the_same_recording_is_never_shown_twice_in_a_row(rights: list[bool], number: int) -> None:
    queue = CardQueue(cases(number, IDS[:4]), "Ana")
    last = ""
    for at, right in enumerate(rights):
        now = MONDAY + timedelta(hours=7 * at)
        card = queue.next_card(now, beyond_due=True)
        assert card is not None
        assert number == 1 or card.case != last
        last = card.case
        queue.record(ScoredAnswer(card, now, RIGHT if right else WRONG))


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 10), st.integers(0, 10), st.integers(0, 2**32 - 1))
def test_tests_are_disjoint_and_matched(size: int, more: int, seed: int) -> None:
    keys = {case_name(number): key for number, key in enumerate(plain_keys(2 * size + more, IDS[:5]))}
    tests = matched_tests(keys, IDS[:5], size, seed)
    before, after = tests[Sitting.BEFORE], tests[Sitting.AFTER]
    recordings = [card.case for card in (*before, *after)]
    assert len(set(recordings)) == len(recordings) == 2 * size
    assert sorted(card.feature for card in before) == sorted(card.feature for card in after)
    shown = [
        sum(keys[card.case].answers[card.feature].answer.presence is YES for card in cards)
        for cards in (before, after)
    ]
    assert abs(shown[0] - shown[1]) <= (1 if size > 2 else size)


def test_tests_need_enough_recordings() -> None:
    keys = {case_name(number): key for number, key in enumerate(plain_keys(3))}
    with pytest.raises(UserError, match="need 4 recordings"):
        matched_tests(keys, IDS, 2, 0)


def test_a_test_shows_no_key_asks_each_card_once_and_goes_on_where_it_stopped(tmp_path: Path) -> None:
    make_course(tmp_path / "c", plain_keys(8, IDS[:3]), tested=6)
    unfinished = continue_course(tmp_path / "c")
    assert unfinished is not None
    folder = add_tests(unfinished, 3).folder
    with LearnerLog.open(folder, "Ana") as log:
        session = PracticeSession(folder, log, sitting=Sitting.BEFORE, clock=SteppingClock())
        assert session.length == 3
        card = session.next_card()
        assert card is not None
        assert session.submit(card, Answer(card.feature, NO)) is None
        with pytest.raises(UserError, match="test"):
            session.feedback(card)
        session = PracticeSession(folder, log, sitting=Sitting.BEFORE, clock=SteppingClock())
        assert session.length == 2
        practice = PracticeSession(folder, log, clock=SteppingClock())
        held = {one.id for one in folder.course.cases if one.tested}
        for _ in range(6):
            asked = practice.next_card(beyond_due=True)
            assert asked is not None
            assert asked.case not in held
            practice.submit(asked, Answer(asked.feature, YES))


def test_a_course_that_is_a_test_asks_one_card_of_a_recording_in_a_session(tmp_path: Path) -> None:
    folder = make_course(tmp_path / "c", plain_keys(3, IDS[:2]), CourseRules(IDS[:2]), passphrase=PASSPHRASE)
    with LearnerLog.open(folder, "Ana") as log:
        session = PracticeSession(folder, log, clock=SteppingClock())
        seen = []
        while (card := session.next_card()) is not None:
            seen.append(card.case)
            session.submit(card, Answer(card.feature, YES))
        assert len(set(seen)) == len(seen) == 3
        assert PracticeSession(folder, log, clock=SteppingClock()).length == 3


def test_simulated_learners_keep_more_with_the_schedule_than_in_random_order() -> None:
    for seed in range(3):
        one, other = take_course(seed, 12, True), take_course(seed, 10, False)
        assert one.cards < other.cards
        assert one.retention > other.retention


def test_an_answer_to_what_is_not_asked_is_refused(tmp_path: Path) -> None:
    folder = make_course(tmp_path / "c", plain_keys(1, ("tonic",)))
    with LearnerLog.open(folder, "Ana") as log:
        session = PracticeSession(folder, log, clock=SteppingClock())
        card = TeachingCard(case_name(0), "tonic")
        for wrong, answer in (
            (card, Answer("clonic", YES)),
            (card, Answer("tonic")),
            (TeachingCard(case_name(0), "clonic"), Answer("clonic", YES)),
            (TeachingCard("case-ffffffff", "tonic"), Answer("tonic", YES)),
        ):
            with pytest.raises(UserError):
                session.submit(wrong, answer)
        assert log.learner.answers == ()
