"""How learners come on: weeks by feature, certainty, the group, and the page of the tests; hand-made."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app import cli
from app.core.errors import UserError
from app.core.report.blocks import Document, Facts, Paragraph, Table
from app.core.report.html import write_html
from app.core.semiology import Answer, Laterality, Presence, Span
from app.core.teaching.course import CourseRules, Sitting, TeachingCard, cards_of
from app.core.teaching.course_file import CourseFolder
from app.core.teaching.course_writing import add_tests, continue_course
from app.core.teaching.learner_certainty import certainty_of
from app.core.teaching.learner_log import LearnerAnswer, LearnerLog
from app.core.teaching.learner_page import SAYS_NOT, difference_interval, learner_page
from app.core.teaching.learner_progress import (
    ALL_FEATURES,
    confusions_of,
    group_features,
    progress_of_course,
)
from tests.core.teaching_courses import (
    MONDAY,
    NO,
    PASSPHRASE,
    YES,
    SteppingClock,
    a_key,
    case_name,
    make_course,
    plain_keys,
)

FEATURES = ("tonic", "clonic")
MADE = datetime(2026, 3, 20, tzinfo=UTC)


def answer(
    folder: CourseFolder,
    alias: str,
    rows: list[tuple[int, str, Presence, int | None]],
    clock: SteppingClock | None = None,
    sitting: Sitting = Sitting.PRACTICE,
) -> None:
    """Answers (number of the case, feature, presence, certainty), an hour apart."""
    clock = clock or SteppingClock()
    with LearnerLog.open(folder, alias) as log:
        for number, feature, presence, certain in rows:
            card = TeachingCard(case_name(number), feature)
            log.append(LearnerAnswer(card, Answer(feature, presence, certain), clock(), sitting))
            clock.step(hours=1)


# key of plain_keys: case 0 has tonic no and clonic yes, case 1 tonic yes and clonic no


def test_weeks_are_counted_for_each_feature(tmp_path: Path) -> None:
    folder = make_course(tmp_path / "c", plain_keys(4, FEATURES))
    clock = SteppingClock()
    answer(folder, "fox", [(0, "tonic", NO, None), (0, "clonic", NO, None)], clock)
    clock.step(days=7)
    answer(folder, "fox", [(1, "tonic", YES, None), (2, "tonic", YES, None), (1, "tonic", NO, None)], clock)
    (fox,) = progress_of_course(folder)
    counted = {
        name: [(one.week.isoformat(), one.right.value, one.right.n) for one in weeks]
        for name, weeks in fox.weeks.items()
    }
    assert counted == {
        ALL_FEATURES: [("2026-03-02", 0.5, 2), ("2026-03-09", 0.5, 2)],
        "tonic": [("2026-03-02", 1.0, 1), ("2026-03-09", 0.5, 2)],
        "clonic": [("2026-03-02", 0.0, 1)],
    }


def test_certainty_is_compared_with_what_was_right(tmp_path: Path) -> None:
    folder = make_course(tmp_path / "c", plain_keys(4, FEATURES))
    rows: list[tuple[int, str, Presence, int | None]] = [
        (0, "tonic", NO, 100),
        (0, "clonic", NO, 100),
        (1, "tonic", YES, 50),
        (1, "clonic", NO, 59),
        (2, "tonic", NO, None),
    ]
    answer(folder, "fox", rows)
    (fox,) = progress_of_course(folder)
    found = fox.certainty
    assert found is not None
    assert (found.n, found.right) == (4, 0.75)
    assert found.certainty == pytest.approx(0.7725)
    assert found.too_certain == pytest.approx(0.0225)
    assert found.brier == pytest.approx((0 + 1 + 0.25 + 0.41**2) / 4)
    assert [(one.low, one.right.value, one.right.n) for one in found.bins] == [(40, 1.0, 2), (80, 0.5, 2)]
    assert certainty_of([], {}) is None


def test_the_group_has_the_weakest_feature_first_and_what_it_is_taken_for(tmp_path: Path) -> None:
    keys = [a_key(Answer("tonic", YES), Answer("clonic", NO)) for _ in range(3)]
    folder = make_course(tmp_path / "c", keys, CourseRules(FEATURES))
    answer(folder, "fox", [(0, "tonic", NO, None), (0, "clonic", YES, None), (1, "clonic", NO, None)])
    answer(folder, "owl", [(0, "tonic", YES, None), (1, "tonic", NO, None), (2, "clonic", NO, None)])
    learners = progress_of_course(folder)
    assert [(one.shown, one.said, one.count) for one in confusions_of(learners[0])] == [
        ("tonic", "clonic", 1)
    ]
    tonic, clonic = group_features(learners)
    assert (tonic.feature, tonic.n, tonic.learners) == ("tonic", 3, 2)
    assert tonic.right.value == pytest.approx(1 / 3)
    assert (tonic.taken_for, tonic.times) == ("clonic", 1)
    assert (clonic.feature, clonic.taken_for) == ("clonic", "")
    assert clonic.right.value == pytest.approx(2 / 3)
    assert tonic.right.low is not None


def test_weeks_and_certainty_are_in_the_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = make_course(tmp_path / "c", plain_keys(4, FEATURES))
    answer(folder, "fox", [(0, "tonic", NO, 100), (0, "clonic", NO, None)])
    assert cli.main(["course", "results", str(folder.path), "--json", "-"]) == 0
    (fox,) = json.loads(capsys.readouterr().out)["learners"]
    assert fox["weeks_by_feature"]["clonic"] == [
        {"week": "2026-03-02", "value": 0.0, "low": 0.0, "high": pytest.approx(0.7935, abs=1e-3), "n": 1}
    ]
    assert (fox["certainty"]["n"], fox["certainty"]["brier"]) == (1, 0.0)
    assert fox["certainty"]["bands"][0]["low"] == 80


def test_one_alias_is_found_whatever_its_capitals(tmp_path: Path) -> None:
    folder = make_course(tmp_path / "c", plain_keys(2, FEATURES))
    with pytest.raises(UserError, match="Nobody"):
        progress_of_course(folder)
    answer(folder, "Fox", [(0, "tonic", NO, None)])
    assert [one.result.alias for one in progress_of_course(folder, only="fox")] == ["Fox"]
    with pytest.raises(UserError, match=r"no learner “owl”.*Fox"):
        progress_of_course(folder, only="owl")


@pytest.fixture
def tested(tmp_path: Path) -> CourseFolder:
    """A course with tests of two cards, in which fox has one right before and two after."""
    keys = [
        a_key(Answer("tonic", YES, None, (Span(2, 5),), Laterality.LEFT), Answer("clonic", NO))
        for _ in range(8)
    ]
    make_course(tmp_path / "c", keys, CourseRules(FEATURES), tested=6)
    begun = continue_course(tmp_path / "c")
    assert begun is not None
    folder = add_tests(begun, 2).folder
    for sitting, wrong in ((Sitting.BEFORE, 1), (Sitting.AFTER, 0)):
        with LearnerLog.open(folder, "fox") as log:
            for number, card in enumerate(folder.course.tests[sitting]):
                log.append(LearnerAnswer(card, _said(card, wrong=number < wrong), MONDAY, sitting))
    return folder


def _said(card: TeachingCard, *, wrong: bool) -> Answer:
    if card.feature == "clonic":
        return Answer("clonic", YES if wrong else NO)
    return Answer("tonic", NO) if wrong else Answer("tonic", YES, None, (Span(3, 5),), Laterality.LEFT)


def texts_of(document: Document) -> str:
    """Every word of a page."""
    found: list[Any] = []
    for chapter in document.chapters:
        for block in chapter.blocks:
            if isinstance(block, Table):
                cells = [cell for row in block.rows for cell in row.cells]
                found += [f"{cell.text} {cell.soft}" for cell in cells]
            elif isinstance(block, Facts):
                found += [" ".join(row) for row in block.rows]
            elif isinstance(block, Paragraph):
                found.append(block.text)
    return "\n".join(found)


def test_the_page_has_both_tests_and_what_they_do_not_say(tested: CourseFolder) -> None:
    (fox,) = progress_of_course(tested)
    words = texts_of(learner_page(tested.course, fox, MADE))
    assert "Test before" in words
    assert "50%*" in words
    assert "100%*" in words
    assert "not reached" in words
    assert "changed by +50 points" in words
    assert "+1.0*" in words  # the onset, a second late
    assert SAYS_NOT in words
    assert "2026-03-20" in words


def test_the_page_needs_a_test(tmp_path: Path) -> None:
    folder = make_course(tmp_path / "c", plain_keys(2, FEATURES))
    answer(folder, "fox", [(0, "tonic", NO, None)])
    (fox,) = progress_of_course(folder)
    with pytest.raises(UserError, match="no test"):
        learner_page(folder.course, fox, MADE)
    sealed = make_course(tmp_path / "t", plain_keys(2, FEATURES), passphrase=PASSPHRASE)
    answer(sealed, "fox", [(0, "tonic", NO, None)])
    (fox,) = progress_of_course(sealed, PASSPHRASE)
    assert "First answers" in texts_of(learner_page(sealed.course, fox, MADE))


def test_the_interval_of_a_change_is_newcombes() -> None:
    # Newcombe (1998), table II: 56/70 and 48/80 give 0.0524 to 0.3339.
    low, high = difference_interval(56, 70, 48, 80)
    assert [low, high] == pytest.approx([0.0524, 0.3339], abs=5e-4)


def test_the_command_writes_the_page_of_an_alias(
    tested: CourseFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "fox.html"
    assert cli.main(["course", "results", str(tested.path), "--alias", "fox", "--pdf", str(page)]) == 0
    assert "Test results of fox" in page.read_text(encoding="utf-8")
    again = ["course", "results", str(tested.path), "--pdf", str(page)]
    assert cli.main([*again, "--alias", "fox"]) == 1
    assert "“fox.html” exists already" in capsys.readouterr().err
    assert cli.main([*again, "--replace"]) == 1
    assert "--alias" in capsys.readouterr().err


def test_an_alias_is_plain_text_on_the_page(tmp_path: Path) -> None:
    folder = make_course(tmp_path / "c", plain_keys(2, FEATURES), passphrase=PASSPHRASE)
    answer(folder, "<b>fox</b>", [(0, "tonic", NO, None)])
    (fox,) = progress_of_course(folder, PASSPHRASE)
    write_html(tmp_path / "p.html", learner_page(folder.course, fox, MADE))
    assert "<b>fox" not in (tmp_path / "p.html").read_text(encoding="utf-8")
    assert cards_of(folder.course.cases)
