"""Scores of answers with a key, worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from app.core.phantom.demonstration import demo_script
from app.core.phantom.random_course import random_script
from app.core.phantom.truth import truth
from app.core.semiology import FEATURE, Answer, Laterality, Presence, Span
from app.core.teaching.card_score import CardScore, score_card
from app.core.teaching.case_key import CaseKey, KeyAnswer
from app.core.teaching.course import CourseRules, Sitting, TeachingCard
from app.core.teaching.course_results import result_lines, results_to_dict
from app.core.teaching.learner_log import LearnerAnswer, LearnerLog
from app.core.teaching.learner_results import (
    Confusion,
    FoilCounts,
    WeekShare,
    count_foil,
    find_confusions,
    score_sitting,
)
from app.core.teaching.phantom_course import key_of_script
from tests.core.teaching_courses import (
    IDS,
    MONDAY,
    NO,
    UNSURE,
    YES,
    a_key,
    case_name,
    make_course,
    results_of,
)

LEFT, RIGHT = Laterality.LEFT, Laterality.RIGHT
TONIC = KeyAnswer(Answer("tonic", YES, None, (Span(10, 20),), LEFT), (8.0, 10.0, 11.0))

SCORES = {
    "as the key": (Answer("tonic", YES, None, (Span(10, 20),), LEFT), CardScore(True, True, 1.0, 0.0, True)),
    "late and short": (
        Answer("tonic", YES, None, (Span(15, 20),), LEFT),
        CardScore(True, True, 0.5, 5.0, False),
    ),
    "early": (Answer("tonic", YES, None, (Span(8, 18),), LEFT), CardScore(True, True, 8 / 12, -2.0, True)),
    "other side": (
        Answer("tonic", YES, None, (Span(10, 20),), RIGHT),
        CardScore(True, False, 1.0, 0.0, True),
    ),
    "no side, no span": (Answer("tonic", YES), CardScore(True, False, 0.0)),
    "onset alone": (
        Answer("tonic", YES, None, (Span(11, 11),), LEFT),
        CardScore(True, True, 0.0, 1.0, True),
    ),
    "elsewhere": (Answer("tonic", YES, None, (Span(30, 40),), LEFT), CardScore(True, True, 0.0, 20.0, False)),
    "missed": (Answer("tonic", NO), CardScore(False)),
    "not assessable": (Answer("tonic", UNSURE), CardScore(False)),
}


@pytest.mark.parametrize("name", SCORES)
def test_a_card_is_scored_exactly(name: str) -> None:
    answer, expected = SCORES[name]
    assert score_card(answer, TONIC) == expected


def test_what_the_key_does_not_say_is_not_scored() -> None:
    one_expert = KeyAnswer(Answer("tonic", YES, None, (Span(10, 20),)), (10.0,))
    found = score_card(Answer("tonic", YES, None, (Span(10, 20),), LEFT), one_expert)
    assert (found.side_right, found.onset_within) == (None, None)
    assert score_card(Answer("tonic", YES, None, (Span(1, 2),), LEFT), KeyAnswer(Answer("tonic", YES))) == (
        CardScore(True)
    )
    assert score_card(Answer("tonic", NO), KeyAnswer(Answer("tonic", NO))) == CardScore(True)
    with pytest.raises(ValueError, match="open"):
        score_card(Answer("tonic", NO), KeyAnswer(Answer("tonic")))


def test_a_side_is_scored_only_where_one_is_asked() -> None:
    for name in IDS:
        key = KeyAnswer(Answer(name, YES, laterality=Laterality.BOTH))
        found = score_card(Answer(name, YES), key).side_right
        assert found is (False if FEATURE[name].has_side else None), name


def test_the_key_of_a_drawn_patient_says_what_is_to_be_seen_or_nothing() -> None:
    for seed in range(30):
        for one in key_of_script(random_script(seed, 40.0)).answers.values():
            words = one.answer.explanation
            assert "script" not in words.casefold()
            assert words[:1] == words[:1].upper()
            assert bool(words) == (one.answer.presence is not NO or bool(one.answer.evidence))


def test_a_learner_who_says_the_truth_of_a_phantom_is_right_in_everything() -> None:
    script = demo_script()
    key, said = key_of_script(script), truth(script)
    scores = [score_card(said.answer(name), key.answers[name]) for name in key.asked]
    assert len(scores) == len(IDS)
    assert all(score.is_full and score.onset_error in (None, 0.0) for score in scores)
    assert all(score.overlap in (None, 1.0) for score in scores)


def answered(
    case: int, feature: str, presence: Presence, *, foil: bool = False, **fields: object
) -> LearnerAnswer:
    answer = Answer(feature, presence, **fields)  # type: ignore[arg-type]  # by name
    return LearnerAnswer(TeachingCard(case_name(case), feature), answer, MONDAY, after_foil=foil)


def keys_of(*cases: CaseKey) -> Mapping[TeachingCard, KeyAnswer]:
    return {
        TeachingCard(case_name(number), name): one
        for number, key in enumerate(cases)
        for name, one in key.answers.items()
    }


def test_a_sitting_is_scored_over_recordings() -> None:
    keys = keys_of(*(a_key(Answer("tonic", YES if number < 4 else NO)) for number in range(8)))
    answers = [answered(number, "tonic", YES if number < 3 or number == 7 else NO) for number in range(8)]
    found = score_sitting(answers, keys, 0.75)
    (tonic,) = found.features
    assert found.n == 8
    assert found.right.value == tonic.right.value == 0.75
    assert found.passed
    assert not score_sitting(answers, keys, 0.76).passed
    assert found.kappa.value == pytest.approx(0.5)  # 0.75 agreed, 0.5 by chance
    assert found.right.low is not None
    assert found.right.low < 0.75
    assert tonic.right.low == pytest.approx(0.409, abs=1e-3)
    assert tonic.right.high == pytest.approx(0.929, abs=1e-3)


def test_what_was_missed_and_what_was_said_instead_is_a_confusion_at_the_same_time_only() -> None:
    key = a_key(Answer("clonic", YES, None, (Span(10, 20),)), Answer("tonic", NO), Answer("eye_blinking", NO))
    answers = [
        answered(0, "clonic", NO),
        answered(0, "tonic", YES, evidence=(Span(15, 25),)),
        answered(0, "eye_blinking", YES, evidence=(Span(40, 45),)),
    ]
    assert find_confusions(answers, keys_of(key)) == (Confusion("clonic", "tonic", 1),)
    assert find_confusions(answers[1:], keys_of(key)) == ()


def test_right_answers_that_are_given_up_and_wrong_ones_that_are_mended_are_counted() -> None:
    keys = keys_of(*(a_key(Answer("tonic", YES)) for _ in range(5)))
    own = [YES, NO, YES, NO, YES]
    after = [NO, YES, YES, UNSURE, None]
    answers = []
    for number, (first, second) in enumerate(zip(own, after, strict=True)):
        answers.append(answered(number, "tonic", first))
        if second is not None:
            answers.append(answered(number, "tonic", second, foil=True))
    assert count_foil(answers, keys) == FoilCounts(1, 1, 1, 1)


def test_the_first_answer_counts_and_what_was_not_answered_is_not_scored(tmp_path: Path) -> None:
    keys = [a_key(Answer("tonic", YES), Answer("clonic", NO)) for _ in range(2)]
    folder = make_course(tmp_path / "c", keys, CourseRules(("tonic", "clonic"), pass_mark=0.5))
    with LearnerLog.open(folder, "Ana") as log:
        log.append(answered(0, "tonic", NO))
        log.append(answered(0, "tonic", YES))
        later = answered(1, "tonic", YES)
        log.append(LearnerAnswer(later.card, later.answer, MONDAY + timedelta(days=8)))
        log.append(LearnerAnswer(later.card, later.answer, MONDAY + timedelta(days=8), Sitting.AFTER))
        log.append(LearnerAnswer(TeachingCard("case-ffffffff", "tonic"), later.answer, MONDAY))
    results = results_of(folder)
    practice = results[0].sittings[Sitting.PRACTICE]
    assert (practice.n, practice.right.value, practice.passed) == (2, 0.5, True)
    assert results[0].sittings[Sitting.AFTER].n == 1
    assert results[0].weeks == (WeekShare(MONDAY.date(), 0, 1), WeekShare(MONDAY.date() + timedelta(7), 1, 1))
    assert (
        results_to_dict(folder.course, results)["learners"][0]["sittings"]["practice"]["right"]["value"]
        == 0.5
    )
    text = "\n".join(result_lines(folder.course, results))
    assert "practice: 50%" in text
    assert "fitness" in text
