"""An undo of many edits: nothing unreadable holds up the others, and too much ends in one sentence."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app.core.errors import StorageError, UserError
from app.core.reading import person
from app.core.semiology import FEATURES, Answer, Presence
from app.core.study import text_limit
from app.core.study.edits import SetAnswer, SetMark, SetPerson
from app.core.study.marks import Mark, MarkKind
from app.core.study.store import Study
from tests.core.study_cases import ANA, Clip

IDS = [feature.id for feature in FEATURES]


@pytest.fixture(name="study")
def _study(tmp_path: Path) -> Iterator[Study]:
    with Study.open(tmp_path / "clip.semioscope", author="Ana") as study:
        for name in ("a", "b", "c"):
            study.recording(Clip(tmp_path / f"{name}.mp4", name * 64))
        yield study


def _edits(*numbers: int) -> list[SetAnswer]:
    return [
        SetAnswer(number, ANA, Answer(feature), Answer(feature, Presence.NO))
        for number in numbers
        for feature in IDS
    ]


def _execute(study: Study, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(study.folder / "study.sqlite", isolation_level=None)) as connection:
        connection.execute(statement, values)


def test_a_recording_that_cannot_be_read_does_not_block_the_undo_of_the_others(study: Study) -> None:
    study.apply_all(_edits(1, 2, 3))
    _execute(study, "UPDATE recordings SET duration = -1 WHERE id = 2")
    undone = study.undo(1)
    assert undone is not None
    assert undone.recordings == (3, 1)
    assert [one.feature for one in undone.left] == IDS[::-1]
    assert undone.phrase == (
        "40 answers in 2 recordings; 20 could not be changed back: What the study says of the recording "
        "“b.mp4” (number 2) cannot be read, so nothing is kept for it."
    )
    assert [len(study.reading(number, ANA, viewer=None).answers) for number in (1, 3)] == [0, 0]
    _execute(study, "UPDATE recordings SET duration = 10 WHERE id = 2")
    rest = study.undo(2)
    assert rest is not None
    assert (rest.count, rest.left) == (20, ())
    assert study.verify_history() == ()


def test_an_edit_before_a_group_that_cannot_be_read_can_be_undone(study: Study) -> None:
    study.apply_all(_edits(1, 2)[:1])
    study.apply_all([*_edits(1)[1:2], *_edits(2)[:2]])
    study.undo(1)
    study.redo(1)
    _execute(study, "UPDATE recordings SET duration = -1 WHERE id = 2")
    assert [undone.features for _ in range(2) if (undone := study.undo(1))] == [(IDS[1],), (IDS[0],)]


def _count_statements(study: Study, edits: int) -> tuple[int, int]:
    """How many statements an undo of so many edits and its redo take."""
    study.apply_all(_edits(1, 2, 3)[:edits])
    counts = []
    for step in (study.undo, study.redo):
        statements: list[str] = []
        connection = study._database._connection
        connection.set_trace_callback(statements.append)
        group = step(1)
        connection.set_trace_callback(None)
        assert group is not None
        assert group.count == edits
        counts.append(len(statements))
    study.undo(1)
    return counts[0], counts[1]


def test_each_further_edit_of_a_group_takes_few_statements(study: Study) -> None:
    for few, many in zip(_count_statements(study, 10), _count_statements(study, 20), strict=True):
        assert (many - few) / 10 <= 7


def test_an_undo_follows_persons_who_are_renamed_in_between(study: Study) -> None:
    """What is remembered during the step is forgotten with each change of a reader."""
    bo = person("Bo")
    answer = SetAnswer(1, bo, Answer(IDS[0]), Answer(IDS[0], Presence.YES))
    cleo = SetAnswer(1, person("Cleo"), answer.after, Answer(IDS[0], Presence.NO))
    study.apply_all([answer, SetPerson("Bo", "Cleo"), cleo])
    undone = study.undo(1)
    assert undone is not None
    assert (undone.count, undone.left) == (3, ())
    assert study.reading(1, bo, viewer=None).answers == {}
    redone = study.redo(1)
    assert redone is not None
    assert (redone.count, redone.left) == (3, ())
    assert study.reading(1, person("Cleo"), viewer=None).answer(IDS[0]).presence is Presence.NO
    assert study.verify_history() == ()


@pytest.fixture(name="phases")
def _phases(study: Study) -> Study:
    """A study with a group of phases, of which each is compared with all others."""
    marks = [Mark(MarkKind.PHASE, float(number), "tonic") for number in range(600)]
    study.apply_all([SetMark(1, ANA, None, mark) for mark in marks])
    return study


@pytest.mark.parametrize("limited", ["time", "text"])
def test_an_undo_that_is_too_much_ends_in_one_sentence(
    limited: str, phases: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        if limited == "time":
            patched.setattr(phases._database, "_writing_seconds", -1e3)
        else:
            patched.setattr(text_limit, "_LEAST", 0)
        with pytest.raises(UserError) as raised:
            phases.undo(1)
    assert str(raised.value) == "This cannot be undone because it takes too long; nothing was changed."
    # Neither waits for the disk nor counts as damage.
    assert not isinstance(raised.value, StorageError)
    assert len(phases.full_reading(1, ANA, viewer=None).marks) == 600
    undone = phases.undo(1)
    assert undone is not None
    assert undone.count == 600


def test_a_study_that_has_grown_since_it_was_opened_is_given_more_time(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = study._database._connection.limit
    given: list[float] = []
    begin = limit.begin

    def note(seconds: float) -> None:
        given.append(seconds)
        begin(seconds)

    monkeypatch.setattr(limit, "begin", note)
    study.apply_all(_edits(1))
    study.apply_all(
        [SetAnswer(2, ANA, Answer(IDS[0]), Answer(IDS[0], Presence.NO, explanation="x" * 4_000_000))]
    )
    study.undo(2)
    assert given[-1] > given[1] + 5.0
