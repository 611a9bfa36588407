"""Places to cover are kept with their recording as an edit: undone, proven by the history, checked."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import UserError
from app.core.picture_box import Box
from app.core.study.edits import SetHiddenPlaces, SetSavedFilter
from app.core.study.hidden_places import (
    MOST_PLACES,
    PREFIX,
    check_places,
    places_from_json,
    places_to_json,
)
from app.core.study.store import Study
from tests.core.study_cases import Clip

MARK = "f" * 64
ONE, TWO = Box(0.1, 0.2, 0.3, 0.4), Box(0.0, 0.0, 1.0, 1.0)

_SIDES = st.lists(st.floats(0, 1), min_size=2, max_size=2, unique=True).map(sorted)
_BOXES = st.builds(lambda across, down: Box(across[0], down[0], across[1], down[1]), _SIDES, _SIDES)


@given(st.dictionaries(st.text("abc-", min_size=1), st.lists(_BOXES, min_size=1, max_size=4).map(tuple)))
def test_places_come_back_as_they_were(places: dict[str, tuple[Box, ...]]) -> None:
    assert places_from_json(places_to_json(places)) == places


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "3",
        '{"a": 1}',
        '{"a": [[0, 0, 1]]}',
        '{"a": [[0.5, 0, 0.5, 1]]}',
        '{"a": [[0, 0, 1, 2]]}',
        '{"a": [[0, 0, 1, "b"]]}',
    ],
)
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises((ValueError, UserError)):
        places_from_json(text)


def test_there_is_a_limit_with_a_sentence() -> None:
    check_places({"a": (ONE,) * MOST_PLACES})
    with pytest.raises(UserError, match="At most 500 places"):
        check_places({"a": (ONE,) * MOST_PLACES, "b": (TWO,)})


def test_they_are_of_one_recording_and_undone_with_it(tmp_path: Path) -> None:
    with Study.open(tmp_path / "s", author="Ana") as study:
        for name, mark in (("a.mp4", MARK), ("b.mp4", "e" * 64)):
            study.recording(Clip(tmp_path / name, mark))
        study.apply(SetSavedFilter("mine", None, "{}"))
        study.apply(SetHiddenPlaces(1, {}, {MARK: (ONE,)}))
        study.apply(SetHiddenPlaces(1, {MARK: (ONE,)}, {MARK: (ONE, TWO)}))
        assert study.hidden_places(1) == {MARK: (ONE, TWO)}
        assert study.hidden_places(2) == {}
        assert study.settings().filters == {"mine": "{}"}
        assert study.verify_history() == ()
        assert study.undo(2) is None
        study.undo(1)
        assert study.hidden_places(1) == {MARK: (ONE,)}
        study.undo(1)
        study.redo(1)
        assert study.verify_history() == ()
    with Study.open(tmp_path / "s", author="Ana") as study:
        assert study.hidden_places(1) == {MARK: (ONE,)}


def test_what_was_written_past_the_history_is_found_and_costs_the_places_alone(tmp_path: Path) -> None:
    with Study.open(tmp_path / "s", author="Ana") as study:
        study.recording(Clip(tmp_path / "a.mp4"))
        study.apply(SetHiddenPlaces(1, {}, {MARK: (ONE,)}))
    with closing(sqlite3.connect(tmp_path / "s" / "study.sqlite")) as connection:
        connection.execute("UPDATE settings SET value = '[7]' WHERE name = ?", (PREFIX + MARK,))
        connection.commit()
    with Study.open(tmp_path / "s", author="Ana") as study:
        assert study.hidden_places(1) == {}
        assert len(study.faults()) == 1
        assert study.verify_history() != ()
