"""What the benchmark of burned-in text counts as still readable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from benchmarks import hidden_text, text_controls
from benchmarks.benchmark import Options, Row
from benchmarks.kept_results import KeptResults
from benchmarks.planted_text import Plant, PlantedScene, pictures, scenes, strokes_of
from benchmarks.scene_file import MOMENTS
from benchmarks.text_controls import CONTROLS, Control, control_counts, decoys_of, is_chance, plain_box
from benchmarks.text_readers import reads

_PLANT = Plant("Lindqvist, Irene", (60, 60, 400, 100), "DejaVuSans", 36, 20, "plain")
_SCENE = PlantedScene("noise", 7, (_PLANT,))


def controls(same: int, box: int) -> dict[str, list[dict[str, int]]]:
    """Controls of which so many are read at one moment."""
    return {
        kind: [{"one": int(number < count), "other": 0} for number in range(CONTROLS)]
        for kind, count in ((Control.SAME, same), (Control.BOX, box))
    }


@pytest.mark.parametrize(
    ("moments", "same", "box", "chance"),
    [
        pytest.param(1, 1, 1, True, id="one control of each kind is read as well"),
        pytest.param(1, 0, 0, False, id="no control is read"),
        pytest.param(1, 12, 0, False, id="the outline of the cover is read"),
        pytest.param(1, 0, 12, False, id="only boxes are read"),
        pytest.param(2, 12, 12, False, id="the find is read at more moments than any control"),
    ],
)
def test_a_find_is_chance_where_controls_without_the_text_are_read_as_well(
    moments: int, same: int, box: int, chance: bool
) -> None:
    assert is_chance({"one": moments, "other": 0}, controls(same, box)) is chance


def test_every_reader_that_found_a_text_has_to_find_it_in_controls() -> None:
    assert not is_chance({"one": 1, "other": 1}, controls(12, 12))


class _Readings:
    """A reader that reads the planted text in the pictures of some folders only."""

    def __init__(self, folders: Iterable[str]) -> None:
        self._folders = set(folders)

    def __call__(
        self, folder: Path, names: Iterable[str], _readers: Iterable[str] = ()
    ) -> dict[str, dict[str, str]]:
        said = _PLANT.text if folder.name in self._folders else "lamp"
        return {"one": dict.fromkeys(names, said)}


def counted(
    monkeypatch: pytest.MonkeyPatch, folder: Path, bare: float, read_in: Iterable[str]
) -> tuple[Mapping[str, Row], tuple[str, ...]]:
    """The rows and notes of one scene with one text, of whose strokes that share is left uncovered."""
    read = _Readings(read_in)
    monkeypatch.setattr(hidden_text, "installed_readers", lambda: ("one",))
    for module in (hidden_text, text_controls):
        monkeypatch.setattr(module, "read_by_each", read)
    monkeypatch.setattr(text_controls, "_make_control", lambda *_: None)
    monkeypatch.setattr(hidden_text, "readable", lambda _folder, texts: list(texts))
    monkeypatch.setattr(hidden_text, "scenes", lambda _count: [_SCENE])
    monkeypatch.setattr(hidden_text, "_plant", lambda *_: (0.1, [bare]))
    monkeypatch.setenv("SEMIOSCOPE_HOME", str(folder))
    rows, notes = hidden_text.hidden_texts(folder, Options(), KeptResults("texts"), lambda _progress: None)
    return {row.what: row for row in rows}, notes


_IN_CONTROLS = [f"control-{kind}-{MOMENTS[0]}" for kind in Control]


@pytest.mark.parametrize(
    ("bare", "read_in", "expected"),
    [
        pytest.param(0.0, ["before"], (0, 0), id="not read"),
        pytest.param(0.01, ["after", *_IN_CONTROLS], (1, 0), id="some of its strokes show"),
        pytest.param(
            0.01, ["after-2", *_IN_CONTROLS], (1, 0), id="strokes show and it is read at another moment"
        ),
        pytest.param(0.0, ["after"], (1, 0), id="covered, but read where it was written alone"),
        pytest.param(0.0, ["after", *_IN_CONTROLS], (0, 1), id="covered, and read where it never was"),
        pytest.param(
            0.0,
            ["after", "after-10", *_IN_CONTROLS],
            (1, 0),
            id="covered, but read at more moments than controls",
        ),
    ],
)
def test_what_counts_as_readable(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    bare: float,
    read_in: list[str],
    expected: tuple[int, int],
) -> None:
    """`expected`: how many are still readable, and how many are read by chance."""
    left, chance = expected
    rows, notes = counted(monkeypatch, tmp_path, bare, read_in)
    what = "of 1 planted names and dates"
    by_chance = f"{what} are read by chance: all strokes covered, and read in controls without them too"
    assert rows[f"{what} are readable afterwards"].value == left
    assert rows[by_chance].value == chance
    assert any(note.startswith("Still readable") for note in notes) == bool(left)
    assert any(note.startswith("Covered, ") for note in notes) == (bare == 0 and "after" in read_in)


def test_names_that_were_never_written_are_looked_for_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rows, _ = counted(monkeypatch, tmp_path, 0.0, ["after"])
    assert rows["of 17 decoys (names never written in that scene) are read afterwards"].value == 0
    assert rows["of 2 names that were written there are read afterwards"].value == 2
    assert decoys_of(_SCENE, written=True) == ("Irene", "Lindqvist")
    assert set(decoys_of(_SCENE)).isdisjoint(("Irene", "Lindqvist"))


def test_controls_show_the_same_place_without_the_text_under_the_same_cover(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    cv2 = pytest.importorskip("cv2")
    monkeypatch.setattr(text_controls, "CONTROLS", 2)
    monkeypatch.setattr(text_controls, "read_by_each", _Readings([f"control-box-{MOMENTS[1]}"]))
    cover = np.zeros((100, 400), bool)
    cover[30:70, 40:200] = cover[50:60, 200:360] = True
    for frame in MOMENTS:
        text_controls.keep_cover(tmp_path, frame, "000-0", cover)
    counts = control_counts(tmp_path, _SCENE, 0, "000-0", ["one"])
    assert counts == {"same": [{"one": 0}] * 2, "box": [{"one": 1}] * 2}
    shown = [cv2.imread(str(tmp_path / f"control-same-6/000-0-0{number}.png")) for number in range(2)]
    assert shown[0].shape == (100, 400, 3)
    assert not np.array_equal(*shown)
    for picture in shown:
        assert len(np.unique(picture[cover], axis=0)) == 1
        assert len(np.unique(picture[~cover], axis=0)) > 10
    box = cv2.imread(str(tmp_path / "control-box-6/000-0-00.png"))
    assert len(np.unique(box[30:70, 40:360].reshape(-1, 3), axis=0)) == 1


def test_a_plain_box_is_about_the_cover_of_the_place_alone() -> None:
    cover = np.zeros((60, 200), bool)
    cover[0:5, 20:40] = True
    cover[20:40, 10:50] = cover[28:32, 50:120] = True
    box = plain_box(cover)
    assert box[20:40, 10:120].all()
    assert box.sum() == 20 * 110
    assert not plain_box(np.zeros((60, 200), bool)).any()


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


def test_the_share_of_strokes_that_a_cover_leaves() -> None:
    strokes = strokes_of(_PLANT, 0.0)
    assert hidden_text._bare_strokes(_PLANT, 0.0, strokes) == 0
    half = strokes.copy()
    half[:, : int(np.median(np.nonzero(strokes)[1]))] = False
    assert hidden_text._bare_strokes(_PLANT, 0.0, half) == pytest.approx(0.5, abs=0.05)


def test_a_word_counts_as_read_with_a_letter_or_two_wrong() -> None:
    assert reads("Lindqvist, Irene", "Lindqvlst")
    assert reads("04.07.1961", "O4.07.1961")
    assert not reads("Lindqvist, Irene", "lamp bed 12")
