"""The history is append-only, every meddling with it shows, and undo follows it exactly."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.reading import Reading, RecordingIdentity
from app.core.semiology import FEATURES, Answer, Presence
from app.core.study.edits import Conflict, SetAnswer
from app.core.study.store import Study
from tests.core.study_cases import ANA, SIGNAL, Clip, presence, tick


@pytest.fixture
def folder(tmp_path: Path, nine_rows: Path) -> Path:
    """A closed study with nine rows of history of every operation."""
    return Path(shutil.copytree(nine_rows, tmp_path / "clip.semioscope"))


@pytest.fixture(scope="module")
def nine_rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("nine rows") / "clip.semioscope"
    with Study.open(place, author="Ana") as study:
        recording = study.recording(Clip(place.parent / "clip.mp4"))
        for feature in FEATURES[:6]:
            tick(study, recording, feature.id, Presence.YES)
        study.undo(recording)
        study.redo(recording)
        study.keep_reading(
            recording, Reading(RecordingIdentity("", "", 0), SIGNAL, {"tonic": Answer("tonic", Presence.NO)})
        )
        assert study.verify_history() == ()
    return place


def _meddle(folder: Path, *statements: str) -> None:
    """Change the history past its triggers, which are there again afterwards: a study without is refused."""
    with closing(sqlite3.connect(folder / "study.sqlite")) as connection:
        guards = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        meanwhile = [f"DROP TRIGGER {name}" for name, _sql in guards]
        for statement in (*meanwhile, *statements, *(sql for _name, sql in guards)):
            connection.execute(statement)
        connection.commit()


def _broken(folder: Path) -> list[int]:
    with Study.open(folder, author="Ana") as study:
        return [broken.seq for broken in study.verify_history()]


@pytest.mark.parametrize("statement", ["DELETE FROM history WHERE seq = 3", "UPDATE history SET who = 'Bo'"])
def test_the_file_itself_refuses_to_change_its_history(folder: Path, statement: str) -> None:
    with (
        closing(sqlite3.connect(folder / "study.sqlite")) as connection,
        pytest.raises(sqlite3.IntegrityError, match="append-only"),
    ):
        connection.execute(statement)


@pytest.mark.parametrize("seq", [1, 5, 9])
@pytest.mark.parametrize(
    "change",
    [
        "at = '2020-01-01T00:00:00.000000+00:00'",
        "who = 'Bo'",
        "operation = 'x'",
        "subject = 'x'",
        "recording = 'x'",
        "reader = 'x'",
        "feature = 'x'",
        "old = '1'",
        "new = 'not json'",
        "target = 99",
        "why = 'x'",
        "previous = ''",
        "hash = ''",
    ],
)
def test_every_changed_row_is_found(folder: Path, seq: int, change: str) -> None:
    _meddle(folder, f"UPDATE history SET {change} WHERE seq = {seq}")
    assert seq in _broken(folder)


@pytest.mark.parametrize("seqs", [(1,), (4,), (9,), (8, 9), (1, 2, 3), (3, 6), tuple(range(1, 10))])
def test_every_dropped_row_is_found_also_the_last_ones(folder: Path, seqs: tuple[int, ...]) -> None:
    _meddle(folder, f"DELETE FROM history WHERE seq IN ({', '.join(map(str, seqs))})")
    assert seqs[0] in _broken(folder)


def test_a_row_that_was_slipped_in_or_swapped_is_found(folder: Path) -> None:
    _meddle(folder, "INSERT INTO history SELECT seq + 9, " + _REST + " FROM history WHERE seq = 1")
    assert 10 in _broken(folder)


def test_swapped_rows_are_found(folder: Path) -> None:
    _meddle(
        folder,
        "UPDATE history SET seq = 100 WHERE seq = 3",
        "UPDATE history SET seq = 3 WHERE seq = 4",
        "UPDATE history SET seq = 4 WHERE seq = 100",
    )
    assert {3, 4} <= set(_broken(folder))


_REST = "at, who, operation, subject, recording, reader, feature, old, new, target, why, previous, hash"


def test_a_changed_row_with_a_mended_hash_breaks_the_next_link(folder: Path) -> None:
    with Study.open(folder, author="Ana") as study:
        row = study.history(viewer=None)[2]
    _meddle(folder, "UPDATE history SET who = 'Bo' WHERE seq = 3")
    with Study.open(folder, author="Ana") as study:
        mended = study.history(viewer=None)[2].hash_of_content()
    assert mended != row.hash
    _meddle(folder, f"UPDATE history SET hash = '{mended}' WHERE seq = 3")
    assert _broken(folder) == [4]


def test_a_gap_stays_visible_after_new_changes(folder: Path) -> None:
    _meddle(folder, "DELETE FROM history WHERE seq > 7")
    with Study.open(folder, author="Ana") as study:
        tick(study, 1, FEATURES[10].id, Presence.NO)
        assert study.history(viewer=None)[-1].seq == 10
    assert 8 in _broken(folder)


def test_a_history_of_another_study_is_found(folder: Path) -> None:
    _meddle(folder, "UPDATE meta SET value = 'another' WHERE key = 'study_id'")
    assert _broken(folder) == [1]


@pytest.mark.parametrize(
    "statement",
    [
        f"UPDATE answers SET presence = 'no' WHERE feature = '{FEATURES[2].id}'",
        f"DELETE FROM answers WHERE feature = '{FEATURES[2].id}'",
        "UPDATE recordings SET patient_box = '[0.0,0.0,1.0,1.0]'",
        "INSERT INTO spans SELECT recording_id, reader_id, feature, 1, 2 FROM answers WHERE reader_id = 1",
        "UPDATE answers SET presence = 'maybe'",
    ],
)
def test_an_answer_that_bypassed_the_history_is_found(folder: Path, statement: str) -> None:
    _meddle(folder, statement)
    assert len(_broken(folder)) >= 1


def test_a_row_says_who_when_what_was_and_what_is(folder: Path) -> None:
    with Study.open(folder, author="Ana") as study:
        rows = study.history(viewer=None)
    assert [row.seq for row in rows] == list(range(1, 10))
    assert [row.operation for row in rows[5:]] == ["edit", "undo", "redo", "reading_kept"]
    assert [row.target for row in rows[5:]] == [None, 6, 6, None]
    assert {row.who for row in rows} == {"Ana"}
    assert [row.at for row in rows] == sorted(row.at for row in rows)
    assert json.loads(rows[0].old)["presence"] is None
    assert json.loads(rows[0].new)["presence"] == "yes"
    assert json.loads(rows[0].reader or "") == ["person", "Ana"]


class _Model:
    """What undo and redo mean, written down as the two stacks they are."""

    def __init__(self) -> None:
        self.state: dict[str, Presence | None] = {}
        self.undo: list[tuple[str, Presence | None, Presence | None]] = []
        self.redo: list[tuple[str, Presence | None, Presence | None]] = []

    def edit(self, feature: str, after: Presence | None) -> None:
        self.undo.append((feature, self.state.get(feature), after))
        self.redo.clear()
        self.state[feature] = after

    def take_back(self) -> bool:
        if not self.undo:
            return False
        feature, before, _after = self.undo[-1]
        self.redo.append(self.undo.pop())
        self.state[feature] = before
        return True

    def bring_back(self) -> bool:
        if not self.redo:
            return False
        feature, _before, after = self.redo[-1]
        self.undo.append(self.redo.pop())
        self.state[feature] = after
        return True


_NAMES = [feature.id for feature in FEATURES[:3]]
_STEPS = st.lists(
    st.one_of(
        st.sampled_from(["undo", "undo", "redo", "redo", "open again"]),
        st.tuples(st.sampled_from(_NAMES), st.none() | st.sampled_from(Presence)),
    ),
    max_size=40,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_STEPS)
def test_undo_and_redo_are_two_stacks_over_any_number_of_restarts(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str | tuple[str, Presence | None]]
) -> None:
    folder = tmp_path_factory.mktemp("study")
    study = Study.open(folder, author="Ana")
    recording = study.recording(Clip(folder / "clip.mp4"))
    model = _Model()
    for step in steps:
        if step == "undo":
            assert (study.undo(recording) is not None) == model.take_back()
        elif step == "redo":
            assert (study.redo(recording) is not None) == model.bring_back()
        elif isinstance(step, tuple):
            tick(study, recording, *step)
            model.edit(*step)
        else:
            study.close()
            study = Study.open(folder, author="Ana")
        assert {name: presence(study, recording, name) for name in _NAMES} == {
            name: model.state.get(name) for name in _NAMES
        }
    assert study.verify_history() == ()
    study.close()


def test_a_refused_edit_leaves_no_row(folder: Path) -> None:
    with Study.open(folder, author="Ana") as study:
        with pytest.raises(Conflict):
            study.apply(SetAnswer(1, ANA, Answer(FEATURES[0].id), Answer(FEATURES[0].id, Presence.NO)))
        with pytest.raises(LookupError):
            study.apply(SetAnswer(99, ANA, Answer("tonic"), Answer("tonic", Presence.NO)))
        assert len(study.history(viewer=None)) == 9
        assert study.verify_history() == ()
