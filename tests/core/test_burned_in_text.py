"""Burned-in text is found wherever and however it is written, and what moves is left alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.core.hiding.burned_in_text import Mask, TextSearch, spread_evenly, text_in
from app.core.hiding.covered_places import CoveredPlaces
from app.core.recording.probe import open_recording
from app.core.semiology import Span
from benchmarks import planted_text
from benchmarks.planted_text import Picture, Plant, PlantedScene
from tests.media import write_recording

_NAME, _TIME = "Kowalski, Greta", "2026-03-14 12:04:00"
NAME = Plant(_NAME, planted_text.box_of(_NAME, "DejaVuSans", 24, 60, 40), "DejaVuSans", 24, 255, "plain")
CLOCK = Plant(
    _TIME,
    planted_text.box_of(_TIME, "DejaVuSansMono", 22, 300, 300),
    "DejaVuSansMono",
    22,
    255,
    "plain",
    changing=True,
)


def pictures_of(background: str, *plants: Plant, count: int = 6) -> list[Picture]:
    """The upper left quarter of some pictures of a scene, which is quicker to search."""
    scene = PlantedScene(background, 7, plants)
    whole = planted_text.pictures(scene, count, rate=2.0)
    return [np.ascontiguousarray(picture[:360, :640]) for _, picture in whole]


def find_all(pictures: Sequence[Picture], rate: float = 2.0) -> CoveredPlaces:
    """What is found in pictures of this rate (Hz), of which up to nine are searched alone."""
    search, alone = TextSearch(), set(spread_evenly(len(pictures), 9))
    for number, picture in enumerate(pictures):
        search.add(picture, number / rate, single=number in alone)
    return search.found()


def find_text(pictures: Sequence[Picture]) -> Mask | None:
    """(h, w) what is covered at the beginning."""
    height, width = pictures[0].shape[:2]
    return find_all(pictures).at(0.0, (width, height))


def covered(mask: Mask | None, plant: Plant) -> float:
    """The share of the columns of a text that are covered over its whole height."""
    left, top, right, bottom = plant.box
    return 0.0 if mask is None else float(mask[top:bottom, left:right].all(axis=0).mean())


@pytest.mark.parametrize("background", planted_text.BACKGROUNDS)
def test_a_name_is_found_on_every_background(background: str) -> None:
    assert covered(find_text(pictures_of(background, NAME)), NAME) > 0.98


@pytest.mark.parametrize(("size", "contrast"), [(13, 255), (18, 60), (28, -90), (64, 30)])
def test_small_faint_dark_and_large_text_is_found(size: int, contrast: int) -> None:
    box = planted_text.box_of("04.07.1961", "DejaVuSans", size, 20, 200)
    plant = Plant("04.07.1961", box, "DejaVuSans", size, contrast, "plain")
    mask = find_text(pictures_of("plain", plant))
    assert mask is not None
    assert covered(mask, plant) > 0.9


def test_a_clock_whose_digits_go_on_is_covered_to_its_end() -> None:
    mask = find_text(pictures_of("moving", CLOCK, count=10))
    assert covered(mask, CLOCK) > 0.98


def test_small_text_of_a_part_is_found_and_covered_all_the_time() -> None:
    titled = [*pictures_of("body", NAME, count=12), *pictures_of("body", count=12)]
    found = find_all(titled)
    for seconds in (0.0, 11.5):
        assert covered(found.at(seconds, (640, 360)), NAME) > 0.98


def test_text_across_a_turned_picture_is_found() -> None:
    turned = [np.ascontiguousarray(np.rot90(picture)) for picture in pictures_of("room", NAME)]
    mask = find_text(turned)
    assert mask is not None
    assert covered(np.rot90(mask, -1), NAME) > 0.98


@pytest.mark.parametrize("background", ["plain", "noise", "moving", "stripes"])
def test_where_there_is_no_text_next_to_nothing_is_covered(background: str) -> None:
    mask = find_text(pictures_of(background))
    assert mask is None or mask.mean() < 0.02


def test_most_of_the_picture_stays_uncovered() -> None:
    mask = find_text(pictures_of("plain", NAME))
    assert mask is not None
    assert mask.mean() < 0.05


def test_no_picture_has_no_text() -> None:
    assert TextSearch().found() == CoveredPlaces()


def test_text_in_a_recording_is_found_by_its_time(tmp_path: Path) -> None:
    path = write_recording(
        tmp_path / "a.mp4",
        size=(640, 360),
        pictures=[picture[:, :, ::-1] for picture in pictures_of("room", NAME, count=12)],
        rate=10,
    )
    recording = open_recording(path)
    shares: list[float] = []
    found = text_in(recording, Span(0.3, 1.2), report=shares.append)
    assert covered(found.at(0.5, (640, 360)), NAME) > 0.98
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    half = text_in(recording, Span(0.0, 1.2), size=(320, 180)).at(0.5, (320, 180))
    assert half is not None
    assert half.shape == (180, 320)


LARGE = Plant("Greta", planted_text.box_of("Greta", "DejaVuSans", 64, 60, 0), "DejaVuSans", 64, 255, "plain")
STEP = 18


def moving_title(count: int) -> list[Picture]:
    """Large letters that move down by `STEP` px from picture to picture."""
    left, top, right, bottom = LARGE.box
    moved = [replace(LARGE, box=(left, top + n * STEP, right, bottom + n * STEP)) for n in range(count)]
    return [pictures_of("plain", plant, count=1)[0] for plant in moved]


def test_a_large_title_that_moves_is_covered_where_it_is_at_each_time() -> None:
    pictures = moving_title(14)
    found = find_all(pictures)
    left, top, right, bottom = LARGE.box
    ways = np.zeros(len(pictures))
    for number in range(len(pictures)):
        mask = found.at(number / 2.0, (640, 360))
        assert mask is not None
        assert mask[top + number * STEP : bottom + number * STEP, left:right].mean() > 0.95
        ways[number] = mask[:, left:right].any(axis=1).sum()
    assert ways.max() < 0.75 * (bottom - top + (len(pictures) - 1) * STEP)


def test_a_large_title_that_stands_is_covered_all_the_time() -> None:
    found = find_all([*pictures_of("body", LARGE, count=12), *pictures_of("body", LARGE, count=12)])
    for seconds in (0.0, 5.9, 11.9):
        assert covered(found.at(seconds, (640, 360)), LARGE) > 0.98


def test_numbers_are_spread_over_the_whole() -> None:
    assert spread_evenly(3, 12) == [0, 1, 2]
    spread = spread_evenly(1000, 10)
    assert len(spread) == 10
    assert spread[0] < 100
    assert spread[-1] >= 900
