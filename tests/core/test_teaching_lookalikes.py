"""What a teacher chose as looking alike: sealed with the key, and shown only where it gives nothing away."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.core.bounded_json import canonical
from app.core.errors import UserError
from app.core.jobs import CancelToken, Task
from app.core.semiology import Answer, Span
from app.core.teaching import atlas_clips
from app.core.teaching.case_key import CaseKey, ChosenLookalike, key_from_bytes, key_to_bytes
from app.core.teaching.compared_clips import CHOSEN, DRAWN, ComparedPair, pair_of_card
from app.core.teaching.course import CourseRules, TeachingCard
from app.core.teaching.course_file import CLIPS, CourseFolder
from app.core.teaching.course_writing import add_case, begin_course
from app.core.teaching.key_opening import open_key
from app.core.teaching.lookalike_choice import NamedCase, choices_of_rows, keys_with_lookalikes
from tests.core.teaching_courses import NO, YES, a_key, case_name, make_course
from tests.media import write_recording

FIRST, OTHER = TeachingCard(case_name(0), "tonic"), TeachingCard(case_name(1), "tonic")
CHOICE = ChosenLookalike(case_name(1), Span(0.2, 1.6))
SHOWN = a_key(Answer("tonic", YES, None, (Span(0.3, 1.5),)), lookalikes={"tonic": CHOICE})
ALIKE, ELSE = a_key(Answer("tonic", NO)), a_key(Answer("clonic", NO))


@pytest.fixture(autouse=True)
def _tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("feature_script", "lookalike_script"):
        monkeypatch.setattr(atlas_clips, name, _made_tiny(getattr(atlas_clips, name)))


def _made_tiny(whole: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda feature: replace(whole(feature), duration=0.4, size=(64, 48))


def clip_course(path: Path, *keys: CaseKey) -> CourseFolder:
    """A course whose clips can be played."""
    course = begin_course(path, "Course", CourseRules(("tonic", "clonic")), len(keys))
    for number, key in enumerate(keys):
        write_recording(path / CLIPS / f"{case_name(number)}.mp4", frames=50)
        course = add_case(course, case_name(number), 2.0, key, tested=False)
    return course.folder


def compared(folder: CourseFolder, *answered: TeachingCard) -> ComparedPair:
    task = Task(lambda _progress: None, CancelToken(), lambda _what: None)
    opened = open_key(folder, FIRST, set(answered))
    return pair_of_card(folder, FIRST, opened, folder.path.parent / "drawn", task)


def test_it_is_shown_once_its_own_card_is_answered(tmp_path: Path) -> None:
    """That a recording only looks like a feature is the key of the same card there."""
    folder = make_course(tmp_path / "c", [SHOWN, ALIKE])
    assert open_key(folder, FIRST, {FIRST}).lookalike is None
    assert open_key(folder, FIRST, {FIRST, OTHER}).lookalike == CHOICE
    with pytest.raises(UserError, match="after you have answered"):
        open_key(folder, FIRST, {OTHER})


def test_it_is_shown_at_once_where_the_feature_is_not_asked(tmp_path: Path) -> None:
    folder = make_course(tmp_path / "c", [SHOWN, ELSE])
    assert open_key(folder, FIRST, {FIRST}).lookalike == CHOICE


def test_a_recording_kept_for_tests_or_gone_is_not_shown(tmp_path: Path) -> None:
    folder = make_course(tmp_path / "c", [SHOWN, ELSE], tested=1)
    assert open_key(folder, FIRST, {FIRST}).lookalike is None
    folder = make_course(tmp_path / "d", [SHOWN])
    assert open_key(folder, FIRST, {FIRST}).lookalike is None


def test_the_chosen_stretch_is_beside_the_case_itself(tmp_path: Path) -> None:
    pair = compared(clip_course(tmp_path / "c", SHOWN, ELSE), FIRST)
    assert (pair.shown.recording.name, pair.shown.span) == (f"{FIRST.case}.mp4", Span(0.3, 1.5))
    assert (pair.resembling.recording.name, pair.resembling.span) == (f"{OTHER.case}.mp4", Span(0.2, 1.6))
    assert pair.remark == CHOSEN


def test_where_the_key_says_no_the_feature_is_drawn(tmp_path: Path) -> None:
    pair = compared(clip_course(tmp_path / "c", replace(ALIKE, lookalikes={"tonic": CHOICE}), ELSE), FIRST)
    assert pair.shown.recording.name.startswith("clip-")
    assert pair.resembling.recording.name == f"{OTHER.case}.mp4"


@pytest.mark.parametrize("span", [Span(1.9, 1.9), Span(40.0, 50.0), None])
def test_a_stretch_is_within_its_clip_and_can_be_seen(tmp_path: Path, span: Span | None) -> None:
    key = replace(SHOWN, lookalikes={"tonic": ChosenLookalike(OTHER.case, span)})
    shown = compared(clip_course(tmp_path / "c", key, ELSE), FIRST).resembling.span
    assert 0 <= shown.start < shown.end <= 2.1
    assert shown.duration >= 1


def test_a_chosen_recording_that_was_changed_is_named_and_drawn_instead(tmp_path: Path) -> None:
    folder = clip_course(tmp_path / "c", SHOWN, ELSE)
    folder.clip(folder.course.case(OTHER.case)).write_bytes(b"another")
    pair = compared(folder, FIRST)
    assert "was changed" in pair.remark
    assert DRAWN in pair.remark
    assert pair.resembling.recording.name.startswith("clip-")


def test_a_key_of_before_there_were_any_is_read(tmp_path: Path) -> None:
    old = json.loads(key_to_bytes(ALIKE))
    del old["lookalikes"]
    assert key_from_bytes(canonical(old).encode()) == ALIKE


@pytest.mark.parametrize(
    "row",
    [
        {"feature": "nothing", "case": "case-00000001", "span": None},
        {"feature": "tonic", "case": "case-00000001", "span": [2, 1]},
        {"feature": "tonic", "case": "case-00000001"},
        "tonic",
    ],
)
def test_a_damaged_choice_is_one_sentence(row: object) -> None:
    data = {**json.loads(key_to_bytes(ALIKE)), "lookalikes": [row]}
    with pytest.raises(UserError, match="damaged"):
        key_from_bytes(canonical(data).encode())


def named(number: int, key: CaseKey) -> NamedCase:
    return NamedCase(case_name(number), number, f"{number}.mp4", 60.0, key)


def test_choices_of_a_table_reach_the_keys() -> None:
    cases = [named(0, a_key(Answer("tonic", YES))), named(1, ALIKE), named(2, a_key(Answer("tonic", YES)))]
    rows = [
        ["recording", "Feature", "looks alike", "from", "to"],
        ["", "tonic", "1.mp4"],
        ["2.mp4", "tonic", "1.mp4", "2", "4.5"],
        [],
    ]
    keys = keys_with_lookalikes(cases, choices_of_rows(rows))
    assert keys[case_name(0)].lookalikes == {"tonic": ChosenLookalike(case_name(1))}
    assert keys[case_name(1)].lookalikes is None, "nothing is compared with itself"
    assert keys[case_name(2)].lookalikes == {"tonic": ChosenLookalike(case_name(1), Span(2, 4.5))}


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (["", "stiffness", "1.mp4"], "Row 1"),
        (["", "tonic", ""], "Row 1"),
        (["", "tonic", "1.mp4", "5", "2"], "Row 1"),
        (["", "tonic", "1.mp4", "5", "soon"], "Row 1"),
        (["", "tonic", "9.mp4"], "not a recording of this course"),
        (["9.mp4", "tonic", "1.mp4"], "not a recording of this course"),
        (["", "tonic", "0.mp4"], "does not only look"),
        (["", "tonic", "1.mp4", "70", "80"], "ends before"),
    ],
)
def test_a_choice_that_cannot_be_is_one_sentence(row: list[str], why: str) -> None:
    cases = [named(0, a_key(Answer("tonic", YES))), named(1, ALIKE)]
    with pytest.raises(UserError, match=why):
        keys_with_lookalikes(cases, choices_of_rows([row]))
