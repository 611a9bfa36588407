"""When a detector is asked, and for how long what it found counts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from app.core.hiding.face_detector import FoundFace
from app.core.hiding.face_memory import asking
from app.core.hiding.face_search import EVERY, FaceSearch
from app.core.hiding.heads import NEAR
from app.core.hiding.picture_hider import PictureHider, hide_frames
from tests.core.hiding_scenes import FacesInTurn, GivenFaces, Image, noise, standing

FRAME = noise()
FACE = FoundFace(100.0, 200.0, 50.0, 0.9)


def film(seconds: float, rate: float, image: Image = FRAME) -> Iterator[tuple[float, Image]]:
    for number in range(round(seconds * rate)):
        yield number / rate, image


@pytest.mark.parametrize("rate", [2.0, 10.0, 15.0, 24.0, 29.97, 60.0])
def test_every_frame_is_searched_before_and_after(rate: float) -> None:
    eye = GivenFaces([FACE])
    frames = list(film(1.0, rate, noise(size=(90, 160))))
    hider = PictureHider(standing([time for time, _ in frames]), eye=eye)
    made = list(hide_frames(iter(frames), hider))
    assert [time for time, _ in made] == [time for time, _ in frames]
    assert all(any(round(head.x) == 100 for head in picture.heads) for _, picture in made)
    assert eye.searches <= min(len(frames), 1.0 / EVERY + 3)


@pytest.mark.parametrize("after", [False, True])
def test_a_face_counts_a_quarter_of_a_second_before_and_after_it_was_found(after: bool) -> None:
    times = [0.0, NEAR, NEAR + 0.05]
    found = FacesInTurn([(), (FACE,)] if after else [(FACE,), ()])
    search = FaceSearch(asking(found), None)
    first, last = (0.0, 1.0)
    search.search(FRAME, first)
    search.search(FRAME, last)
    place = last if after else first
    for apart in times:
        seconds = place - apart if after else place + apart
        assert bool(search.about(seconds)) is (apart <= NEAR), apart


def test_a_frame_between_no_two_searches_is_searched() -> None:
    """Without a search after it somebody may just have come in."""
    eye = GivenFaces()
    hider = PictureHider(standing([0.0, 0.1, 0.2]), eye=eye)
    for count, seconds in enumerate((0.0, 0.1, 0.2)):
        hider.hide(FRAME, seconds)
        assert eye.searches == count + 1


def test_both_sides_of_a_cut_are_searched() -> None:
    before, after = np.full_like(FRAME, 200), FRAME.copy()
    before[:, :320], after[:180] = 20, 0
    eye = FacesInTurn([])
    frames = [(number / 30, before if number < 4 else after) for number in range(6)]
    list(hide_frames(iter(frames), PictureHider(standing([time for time, _ in frames]), eye=eye)))
    assert [image is before for image in eye.shown] == [True, True, False, False]


def test_a_head_that_moves_is_covered_on_its_way() -> None:
    there = FoundFace(FACE.x + 120.0, FACE.y, FACE.size, 0.9)
    search = FaceSearch(asking(FacesInTurn([(FACE,), (there,)])), None)
    search.search(FRAME, 0.0)
    search.search(FRAME, 0.2)
    for x in np.linspace(FACE.x, there.x, 20):
        assert any(abs(head.x - x) <= head.radius / 2 for head in search.about(0.1)), x


def test_two_heads_far_apart_are_two() -> None:
    search = FaceSearch(asking(FacesInTurn([(FACE,), (FoundFace(500.0, FACE.y, FACE.size, 0.9),)])), None)
    search.search(FRAME, 0.0)
    search.search(FRAME, 0.2)
    assert sorted(round(head.x) for head in search.about(0.1)) == [100, 500]


def test_memory_ends() -> None:
    search = FaceSearch(asking(GivenFaces([FACE])), None)
    for number in range(400):
        search.search(FRAME, number * 0.2)
    assert len(search._searched) < 10
