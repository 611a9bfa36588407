"""Edits that were made together are undone and redone together, in every recording that they changed."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from app.core.errors import UserError
from app.core.reading import person
from app.core.semiology import FEATURES, Answer, Presence
from app.core.study.change_group import NotChanged
from app.core.study.change_requests import StepHistory
from app.core.study.content import Content
from app.core.study.edits import (
    EDITS,
    Conflict,
    LockReading,
    SetAnswer,
    SetBlindByDefault,
    SetNote,
    SetSavedFilter,
)
from app.core.study.expected_content import with_requests
from app.core.study.history import Operation
from app.core.study.store import Study
from tests.core.study_cases import ANA, ROOT, Clip, presence, tick

YES, NO = Presence.YES, Presence.NO
BO = person("Bo")
IDS = [feature.id for feature in FEATURES]


@pytest.fixture(name="study")
def _study(tmp_path: Path) -> Iterator[Study]:
    with Study.open(tmp_path / "clip.semioscope", author="Ana") as study:
        study.recording(Clip(tmp_path / "a.mp4"))
        study.recording(Clip(tmp_path / "b.mp4", "b" * 64))
        yield study


def _said(recording: int, feature: str, after: Presence = NO) -> SetAnswer:
    return SetAnswer(recording, ANA, Answer(feature), Answer(feature, after))


def _answers(study: Study) -> dict[int, int]:
    return {number: len(study.reading(number, ANA, viewer=None).answers) for number in (1, 2)}


@pytest.mark.parametrize("seen_from", [1, 2])
def test_an_import_into_two_recordings_is_one_undo_from_either(study: Study, seen_from: int) -> None:
    edits = [_said(number, feature) for number in (1, 2) for feature in IDS]
    made = study.apply_all(edits, why="imported from labels.csv")
    assert (made.operation, made.count, made.recordings, made.features) == (
        Operation.EDIT, 40, (1, 2), tuple(IDS),
    )  # fmt: skip
    undone = study.undo(seen_from)
    assert undone is not None
    assert (undone.operation, undone.count, undone.left) == (Operation.UNDO, 40, ())
    assert undone.phrase == "40 answers in 2 recordings (imported from labels.csv)"
    assert _answers(study) == {1: 0, 2: 0}
    assert study.undo(1) is study.undo(2) is None
    redone = study.redo(3 - seen_from)
    assert redone is not None
    assert (redone.operation, redone.count) == (Operation.REDO, 40)
    assert _answers(study) == {1: 20, 2: 20}
    assert study.redo(1) is study.redo(2) is None
    assert study.verify_history() == ()


def test_undo_goes_back_group_by_group(study: Study) -> None:
    tick(study, 1, IDS[0], YES)
    study.apply_all([_said(1, IDS[1]), SetNote(1, ANA, IDS[1], "", "seen")])
    study.apply_all([_said(1, IDS[2]), _said(1, IDS[3])])
    tick(study, 1, IDS[4], YES)
    phrases = [group.phrase for group in iter(lambda: study.undo(1), None) if group is not None]
    assert phrases == ["answer", "2 answers", "1 note, 1 answer", "answer"]
    phrases = [group.phrase for group in iter(lambda: study.redo(1), None) if group is not None]
    assert phrases == ["answer", "1 answer, 1 note", "2 answers", "answer"]
    assert study.verify_history() == ()


def test_what_somebody_else_has_changed_stays_and_is_named(study: Study) -> None:
    study.apply_all([_said(number, feature) for number in (1, 2) for feature in IDS[:3]])
    with Study.open(study.folder, author="Bo", shared=True) as other:
        other.apply(SetAnswer(2, ANA, Answer(IDS[1], NO), Answer(IDS[1], YES)))
    undone = study.undo(1)
    assert undone is not None
    assert undone.left == (NotChanged(2, IDS[1], "It was changed meanwhile."),)
    assert (
        undone.phrase == "5 answers in 2 recordings; 1 could not be changed back: It was changed meanwhile."
    )
    assert _answers(study) == {1: 0, 2: 1}
    assert presence(study, 2, IDS[1]) is YES
    redone = study.redo(1)
    assert redone is not None
    assert (redone.count, redone.left) == (5, ())
    assert _answers(study) == {1: 3, 2: 3}
    assert study.verify_history() == ()


def test_a_group_of_which_nothing_can_be_undone_is_passed_over(study: Study) -> None:
    tick(study, 1, IDS[5], YES)
    study.apply_all([_said(1, IDS[0]), _said(1, IDS[1])])
    with Study.open(study.folder, author="Bo", shared=True) as other:
        for feature in IDS[:2]:
            other.apply(SetAnswer(1, ANA, Answer(feature, NO), Answer(feature, YES)))
    undone = study.undo(1)
    assert undone is not None
    assert undone.features == (IDS[5],)
    assert study.undo(1) is None


def test_a_large_group_of_which_nothing_can_be_undone_is_read_once(study: Study) -> None:
    """Read again for each of its edits it would pass the limit of what one step may read."""
    texts = ["", *(f"note {number}" for number in range(3000))]
    study.apply_all([SetNote(1, ANA, IDS[0], *pair) for pair in pairwise(texts)])
    with Study.open(study.folder, author="Bo", shared=True) as other:
        other.apply(SetNote(1, ANA, IDS[0], texts[-1], "of somebody else"))
    assert study.undo(1) is None


def test_what_is_undone_in_another_recording_alone_is_not_shown_in_the_open_one(study: Study) -> None:
    content = Content(study.reading(1, ANA, viewer=None))
    undo = StepHistory(Operation.UNDO, 1, (_said(2, IDS[0]),))
    assert with_requests(content, (undo,), 1) == content
    assert with_requests(content, (undo,), 2).mine.answer(IDS[0]) == Answer(IDS[0], NO)


def test_a_locked_reading_keeps_its_part_of_a_group(study: Study) -> None:
    study.apply_all([_said(1, IDS[0]), _said(2, IDS[0])])
    study.apply(LockReading(2, ANA))
    undone = study.undo(1)
    assert undone is not None
    (left,) = undone.left
    assert (left.recording_id, left.feature) == (2, IDS[0])
    assert "locked" in left.why
    assert _answers(study) == {1: 0, 2: 1}


def test_a_group_that_is_all_locked_says_why_it_is_not_undone(study: Study) -> None:
    study.apply_all([_said(1, IDS[0]), _said(1, IDS[1])])
    with Study.open(study.folder, author="Bo", shared=True) as other:
        other.apply(LockReading(1, ANA))
    with pytest.raises(UserError, match="locked"):
        study.undo(1)
    assert _answers(study) == {1: 2, 2: 0}


def test_a_group_may_change_the_study_itself_too(study: Study) -> None:
    study.apply_all([SetSavedFilter("mine", None, "x"), SetBlindByDefault(before=True, after=False)])
    undone = study.undo(None)
    assert undone is not None
    assert (undone.phrase, undone.recordings) == ("2 settings", ())
    assert study.settings().filters == {}
    assert study.settings().blind_by_default


def test_one_that_does_not_fit_undoes_the_whole_group_of_edits(study: Study) -> None:
    with pytest.raises(Conflict):
        study.apply_all([_said(1, IDS[0]), SetNote(1, ANA, IDS[0], "another note", "seen")])
    assert study.history(viewer=None) == ()
    assert study.apply_all([]).count == 0


def test_nobody_undoes_a_group_of_somebody_else(study: Study) -> None:
    study.apply_all([_said(1, IDS[0]), _said(2, IDS[0])])
    with Study.open(study.folder, author="Bo", shared=True) as other:
        assert other.undo(1) is None
        assert other.undo(2) is None


def test_rows_of_a_group_name_its_first_edit_and_single_edits_name_none(study: Study) -> None:
    tick(study, 1, IDS[0], YES)
    study.apply_all([_said(1, IDS[1]), _said(2, IDS[1]), _said(2, IDS[2])])
    assert [row.target for row in study.history(viewer=None)] == [None, None, 2, 2]


@pytest.mark.parametrize("wrong", [77, 2])
def test_a_group_whose_row_names_a_wrong_first_edit_is_undone_alone(study: Study, wrong: int) -> None:
    """Such a row is nothing that this program writes; it must not take other edits with it."""
    tick(study, 1, IDS[0], YES)
    tick(study, 1, IDS[1], YES)
    study.close()
    with closing(sqlite3.connect(study.folder / "study.sqlite")) as connection:
        (trigger,) = connection.execute(
            "SELECT sql FROM sqlite_master WHERE name = 'history_rows_keep'"
        ).fetchone()
        connection.execute("DROP TRIGGER history_rows_keep")
        connection.execute("UPDATE history SET target = ? WHERE seq = 2", (wrong,))
        connection.execute(trigger)
        connection.commit()
    with Study.open(study.folder, author="Ana") as again:
        undone = again.undo(1)
        assert undone is not None
        assert undone.features == (IDS[1],)
        assert again.verify_history() != ()


def test_every_kind_of_edit_stands_in_the_table_once() -> None:
    assert len(set(EDITS)) == len(EDITS)
    names = [(kind.subject, kind.__name__) for kind in EDITS if kind.subject != "setting"]
    assert len({subject for subject, _name in names}) == len(names)
    assert all(kind.label and kind.plural for kind in EDITS)


def test_the_store_loads_neither_numbers_nor_pictures() -> None:
    heavy = ["numpy", "cv2", "av", "scipy", "PySide6"]
    code = (
        "import json, sys, app.core.study.store, app.core.study.edits;"
        f"print(json.dumps([name for name in {heavy!r} if name in sys.modules]))"
    )
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(said.stdout) == []
