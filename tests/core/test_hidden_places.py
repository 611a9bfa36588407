"""Places to cover are kept with their recording as an edit: undone, proven by the history, checked."""

from __future__ import annotations

import json
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
from app.core.study.rows import box_from_json, box_to_json
from app.core.study.store import Study
from tests.core.study_cases import Clip

MARK = "f" * 64
ONE, TWO = Box(0.1, 0.2, 0.3, 0.4), Box(0.0, 0.0, 1.0, 1.0)

_SIDES = st.lists(st.floats(0, 1), min_size=2, max_size=2, unique=True).map(sorted)
_BOXES = st.builds(lambda across, down: Box(across[0], down[0], across[1], down[1]), _SIDES, _SIDES)


@given(st.dictionaries(st.text("abc-", min_size=1), st.lists(_BOXES, min_size=1, max_size=4).map(tuple)))
def test_places_come_back_as_they_were(places: dict[str, tuple[Box, ...]]) -> None:
    assert places_from_json(places_to_json(places)) == places


WRONG_BOXES = [
    "[0, 0, 1]",
    "[0, 0, 1, 1, 1]",
    "[0.5, 0, 0.5, 1]",
    "[0.6, 0, 0.5, 1]",
    "[0, 1, 1, 0]",
    "[0, 0, 1, 2]",
    "[-0.1, 0, 1, 1]",
    "[0, 0, 1, NaN]",
    "[0, 0, Infinity, 1]",
    "[0, 0, 1, 1e999]",
    '[0, 0, 1, "1"]',
    "[0, 0, 1, true]",
    "[0, 0, 1, null]",
    "{}",
    "1",
]


@pytest.mark.parametrize("box", WRONG_BOXES)
def test_a_box_from_elsewhere_is_one_within_the_picture(box: str) -> None:
    """The same for places to cover and for the patient's box."""
    for read in (box_from_json, lambda it: places_from_json(f'{{"a": [[0, 0, 1, 1], {it}]}}')):
        with pytest.raises((ValueError, UserError)):
            read(box)


@given(*(st.floats() for _ in range(4)))
def test_no_box_reaches_out_of_the_picture(left: float, top: float, right: float, bottom: float) -> None:
    within = 0 <= left < right <= 1 and 0 <= top < bottom <= 1
    if within:
        assert box_from_json(box_to_json(Box(left, top, right, bottom))) == Box(left, top, right, bottom)
    else:
        with pytest.raises(ValueError, match="no box"):
            Box(left, top, right, bottom)


@pytest.mark.parametrize("text", ["[]", "3", '{"a": 1}', '{"a": [1]}', '{"a": {}}'])
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises((ValueError, UserError)):
        places_from_json(text)


def test_there_is_a_limit_with_a_sentence() -> None:
    check_places({"a": (ONE,) * MOST_PLACES})
    with pytest.raises(UserError, match="At most 500 places"):
        check_places({"a": (ONE,) * MOST_PLACES, "b": (TWO,)})
    crowded = {"a": [[0, 0, 1, 1]] * (MOST_PLACES + 1)}
    empty: dict[str, list[list[int]]] = {str(n): [] for n in range(MOST_PLACES + 1)}
    for many in (crowded, empty):
        with pytest.raises(UserError, match="At most 500 places"):
            places_from_json(json.dumps(many))


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
        with pytest.raises(UserError, match="cannot be read, so nothing was made"):
            study.places_to_cover(1)
        study.apply(SetHiddenPlaces(1, {}, {MARK: (TWO,)}))
        assert study.places_to_cover(1) == {MARK: (TWO,)}
