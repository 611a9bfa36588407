"""What the benchmark of burned-in text counts as still readable."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from benchmarks import deidentify
from benchmarks.planted_text import Plant, pictures, scenes, strokes_of
from benchmarks.text_readers import reads

_PLANT = Plant("Lindqvist, Irene", (60, 60, 400, 100), "DejaVuSans", 36, 20, "plain")


@pytest.mark.parametrize(
    ("bare", "again", "counted"),
    [
        pytest.param(0.01, False, True, id="some of its strokes show"),
        pytest.param(0.0, True, True, id="covered, and read at another moment too"),
        pytest.param(0.0, False, False, id="covered, and read once out of noise"),
    ],
)
def test_a_covered_text_that_is_read_once_was_read_by_chance(
    monkeypatch: pytest.MonkeyPatch, bare: float, again: bool, counted: bool
) -> None:
    def read_of(folder: Path, planted: dict[str, Plant], _frame: int) -> set[str]:
        read = folder.name == "after" or (again and folder.name == "after-10")
        return set(planted) if read else set()

    monkeypatch.setattr(deidentify, "_read_of", read_of)
    left, chance = deidentify._still_readable(Path("places"), {"000-0": _PLANT}, {"000-0": bare})
    assert (left, chance) == ((({"000-0"}, set())) if counted else (set(), {"000-0"}))


def test_strokes_are_where_the_letters_change_the_picture() -> None:
    for scene in islice(scenes(200), 12):
        for plant in scene.plants:
            style = "outline" if plant.style == "outline" else "plain"
            one = replace(scene, plants=(replace(plant, style=style, contrast=120),))
            (_, with_text), *_ = pictures(one, 1)
            (_, without), *_ = pictures(replace(scene, plants=()), 1)
            changed = np.abs(with_text.astype(int) - without).max(axis=2) > 3
            strokes = strokes_of(plant, 0.0)
            assert not (changed & ~strokes).any()
            assert changed.sum() > 0.5 * strokes.sum()


def test_a_text_with_strokes_that_show_is_read_at_every_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    def read_of(folder: Path, planted: dict[str, Plant], _frame: int) -> set[str]:
        return set(planted) if folder.name == "after-2" else set()

    monkeypatch.setattr(deidentify, "_read_of", read_of)
    shown, hidden = deidentify._still_readable(
        Path("places"), {"000-0": _PLANT, "000-1": _PLANT}, {"000-0": 0.01, "000-1": 0.0}
    )
    assert (shown, hidden) == ({"000-0"}, set())


def test_the_share_of_strokes_that_a_cover_leaves() -> None:
    strokes = strokes_of(_PLANT, 0.0)
    assert deidentify._bare_strokes(_PLANT, 0.0, strokes) == 0
    half = strokes.copy()
    half[:, : int(np.median(np.nonzero(strokes)[1]))] = False
    assert deidentify._bare_strokes(_PLANT, 0.0, half) == pytest.approx(0.5, abs=0.05)


def test_a_word_counts_as_read_with_a_letter_or_two_wrong() -> None:
    assert reads("Lindqvist, Irene", "Lindqvlst")
    assert reads("04.07.1961", "O4.07.1961")
    assert not reads("Lindqvist, Irene", "lamp bed 12")
