"""Burned-in text is found wherever and however it is written, and what moves is left alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.core.hiding.burned_in_text import Mask, find_text, join_masks, spread_evenly, text_in
from app.core.recording.probe import open_recording
from app.core.semiology import Span
from benchmarks import planted_text
from benchmarks.planted_text import Picture, Plant, PlantedScene
from tests.media import write_recording

NAME = Plant("Kowalski, Greta", (60, 40, 260, 62), "DejaVuSans", 24, 255, "plain")
CLOCK = Plant("2026-03-14 12:04:00", (300, 300, 550, 322), "DejaVuSansMono", 22, 255, "plain", changing=True)


def pictures_of(background: str, *plants: Plant, count: int = 6) -> list[Picture]:
    """The upper left quarter of some pictures of a scene, which is quicker to search."""
    scene = PlantedScene(background, 7, plants)
    whole = planted_text.pictures(scene, count, rate=2.0)
    return [np.ascontiguousarray(picture[:360, :640]) for _, picture in whole]


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


def test_text_that_is_shown_for_a_part_only_is_found() -> None:
    titled = pictures_of("body", NAME, count=12)
    assert covered(find_text([*titled, *pictures_of("body", count=12)]), NAME) > 0.98


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
    assert find_text([]) is None


def test_text_in_a_recording_is_found_by_its_time(tmp_path: Path) -> None:
    path = write_recording(
        tmp_path / "a.mp4",
        size=(640, 360),
        pictures=[picture[:, :, ::-1] for picture in pictures_of("room", NAME, count=12)],
        rate=10,
    )
    recording = open_recording(path)
    shares: list[float] = []
    mask = text_in(recording, Span(0.3, 1.2), report=shares.append)
    assert covered(mask, NAME) > 0.98
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    half = text_in(recording, Span(0.0, 1.2), size=(320, 180))
    assert half is not None
    assert half.shape == (180, 320)


def test_masks_are_joined() -> None:
    left, right = np.zeros((2, 4), np.bool_), np.zeros((2, 4), np.bool_)
    left[:, 0], right[:, 3] = True, True
    joined = join_masks((left, None, right))
    assert joined is not None
    assert joined.sum() == 4
    assert join_masks((None,)) is None


def test_numbers_are_spread_over_the_whole() -> None:
    assert spread_evenly(3, 12) == [0, 1, 2]
    spread = spread_evenly(1000, 10)
    assert len(spread) == 10
    assert spread[0] < 100
    assert spread[-1] >= 900
