"""What the benchmark of burned-in text counts as still readable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import islice
from math import comb
from pathlib import Path

import numpy as np
import pytest

from benchmarks import hidden_text, text_controls
from benchmarks.benchmark import Options, Row
from benchmarks.kept_results import KeptResults
from benchmarks.planted_text import Plant, PlantedScene, pictures, scenes, strokes_of
from benchmarks.scene_file import FRAMES, MIDDLE, MOMENTS, RATE
from benchmarks.text_controls import (
    PICTURES,
    Shown,
    chance_of,
    control_counts,
    decoys_of,
    is_chance,
    plain_box,
)
from benchmarks.text_readers import reads

_PLANT = Plant("Lindqvist, Irene", (60, 60, 400, 100), "DejaVuSans", 36, 20, "plain")
_SCENE = PlantedScene("noise", 7, (_PLANT,))


def counts_of(text: int, cover: int, box: int) -> dict[str, dict[str, int]]:
    """In so many pictures of each kind the one reader reads the words; another reads them in none."""
    return {
        shown: {"one": count, "other": 0}
        for shown, count in ((Shown.TEXT, text), (Shown.COVER, cover), (Shown.BOX, box))
    }


@pytest.mark.parametrize(
    ("bare", "text", "cover", "box", "chance"),
    [
        pytest.param(0.0, 8, 8, 8, True, id="as often without the text"),
        pytest.param(0.0, 15, 8, 1, True, id="not significantly more often with it"),
        pytest.param(0.0, 0, 0, 1, True, id="only at the moments of the recording, and in a box"),
        pytest.param(0.001, 8, 8, 8, False, id="some of its strokes show"),
        pytest.param(0.0, 17, 8, 8, False, id="significantly more often with the text"),
        pytest.param(0.0, 17, 0, 17, False, id="boxes do not stand for the cover of the find"),
        pytest.param(0.0, 8, 8, 0, False, id="the outline of the cover is read"),
    ],
)
def test_a_find_is_chance_only_where_it_is_read_as_often_without_the_text(
    bare: float, text: int, cover: int, box: int, chance: bool
) -> None:
    assert is_chance(bare, {"one"}, counts_of(text, cover, box)) is chance


def test_every_reader_that_found_a_text_has_to_read_it_without_the_text() -> None:
    assert not is_chance(0.0, ("one", "other"), counts_of(8, 8, 8))


def test_the_test_of_chance_is_fishers_exact_one() -> None:
    """Against the sum over tables with the same margins that are at least as extreme."""
    both, text = 24, 16
    ways = [comb(PICTURES, more) * comb(PICTURES, both - more) for more in range(both + 1)]
    assert chance_of(counts_of(text, both - text, 0), "one") == pytest.approx(sum(ways[text:]) / sum(ways))


class _Readings:
    """A reader that reads the planted text in the pictures of some folders only."""

    def __init__(self, folders: Iterable[str]) -> None:
        self._folders = set(folders)

    def __call__(self, folder: Path, names: Iterable[str]) -> dict[str, dict[str, str]]:
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
    monkeypatch.setattr(text_controls, "_make_pictures", lambda *_: None)
    monkeypatch.setattr(hidden_text, "readable", lambda _folder, texts: list(texts))
    monkeypatch.setattr(hidden_text, "scenes", lambda _count: [_SCENE])
    monkeypatch.setattr(hidden_text, "_plant", lambda *_: (0.1, [bare]))
    monkeypatch.setenv("SEMIOSCOPE_HOME", str(folder))
    rows, notes = hidden_text.hidden_texts(folder, Options(), KeptResults("texts"), lambda _progress: None)
    return {row.what: row for row in rows}, notes


_IN_CONTROLS = ["control-cover", "control-box"]


@pytest.mark.parametrize(
    ("bare", "read_in", "expected"),
    [
        pytest.param(0.0, ["before"], (0, 0), id="not read"),
        pytest.param(0.01, ["after", *_IN_CONTROLS], (1, 0), id="some of its strokes show"),
        pytest.param(
            0.01, ["after-2", *_IN_CONTROLS], (1, 0), id="strokes show and it is read at another moment"
        ),
        pytest.param(
            0.0, ["after", "control-text"], (1, 0), id="covered, but read where it was written alone"
        ),
        pytest.param(0.0, ["after", *_IN_CONTROLS], (0, 1), id="covered, and read where it never was"),
        pytest.param(0.0, ["after"], (1, 0), id="covered, and read nowhere else"),
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
    by_chance = f"{what} are read by chance: all strokes covered, and read as often where they never were"
    assert rows[f"{what} are readable afterwards"].value == left
    assert rows[by_chance].value == chance
    assert any(note.startswith("Still readable") for note in notes) == bool(left)
    assert any(note.startswith("Covered, ") for note in notes) == (bare == 0 and "after" in read_in)


def test_the_rates_with_the_text_and_without_it_are_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rows, notes = counted(monkeypatch, tmp_path, 0.0, ["after", "control-text", "control-box"])
    where = ("with the text", "without it under the same cover", "without it under a plain box")
    values = [rows[f"of 60 pictures of covered finds {shown} one reads the words"].value for shown in where]
    assert values == [60, 0, 60]
    assert notes[-1] == (
        "Covered, “Lindqvist, Irene”: one, which found it, reads its words in 60 of 60 pictures with the "
        "text, 0 of 60 pictures without it under the same cover, 60 of 60 pictures without it under a plain "
        "box (p = 1e-35)."
    )


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
    monkeypatch.setattr(text_controls, "PICTURES", 2)
    monkeypatch.setattr(text_controls, "read_by_each", _Readings(["control-box"]))
    cover = np.zeros((100, 400), bool)
    cover[30:70, 40:200] = cover[50:60, 200:360] = True
    for frame in MOMENTS:
        text_controls.keep_cover(tmp_path, frame, "000-0", cover)
    counts = control_counts(tmp_path, _SCENE, 0, "000-0")
    assert counts == {Shown.TEXT: {"one": 0}, Shown.COVER: {"one": 0}, Shown.BOX: {"one": 2}}
    shown = {
        kind: [cv2.imread(str(tmp_path / f"control-{kind}/000-0-0{number}.png")) for number in range(2)]
        for kind in ("text", "cover", "box")
    }
    for one, other in shown.values():
        assert one.shape == (100, 400, 3)
        assert not np.array_equal(one, other)
    for picture in (*shown["text"], *shown["cover"]):
        assert len(np.unique(picture[cover], axis=0)) == 1
        assert len(np.unique(picture[~cover], axis=0)) > 10
    for box, bare in zip(shown["box"], shown["cover"], strict=True):
        assert len(np.unique(box[30:70, 40:360].reshape(-1, 3), axis=0)) == 1
        assert np.array_equal(box[:20], bare[:20])


def test_pictures_with_the_text_are_of_later_moments_of_the_scene(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without a cover they are what the scene shows then, but for the coding; the controls lack the text."""
    cv2 = pytest.importorskip("cv2")
    monkeypatch.setattr(text_controls, "PICTURES", 2)
    monkeypatch.setattr(text_controls, "read_by_each", _Readings([]))
    clock = replace(_PLANT, text="2026-03-14 12:04:00", size=24, contrast=120, changing=True)
    scene = PlantedScene("plain", 7, (clock,))
    for frame in MOMENTS:
        text_controls.keep_cover(tmp_path, frame, "000-0", np.zeros((100, 400), bool))
    control_counts(tmp_path, scene, 0, "000-0")
    for number in range(2):
        start = FRAMES * (number + 1) + MIDDLE
        ((_, then),) = pictures(scene, 1, rate=RATE, start=start)
        with_text = cv2.imread(str(tmp_path / f"control-text/000-0-0{number}.png"))
        assert np.abs(with_text.astype(int) - then[30:130, 30:430]).max() < 60
        without = cv2.imread(str(tmp_path / f"control-cover/000-0-0{number}.png"))
        assert np.ptp(without) < 10 < np.ptp(with_text)


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
