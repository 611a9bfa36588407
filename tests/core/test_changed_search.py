"""A search that looks again only where the picture has changed loses no face that came, moved or left."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.hiding.changed_search import ChangedSearch
from app.core.hiding.face_detector import FoundFace, PixelBox

Image = npt.NDArray[np.uint8]
WIDTH, HEIGHT, FACE = 1280, 720, 40
WHOLE = (0, 0, WIDTH, HEIGHT)


class BrightSpots:
    """A detector for which each white square of 40 px is a face, if all of it is in the part that it sees."""

    def __init__(self) -> None:
        self.places: list[PixelBox] = []

    def find_in(self, image: Image, place: PixelBox) -> tuple[FoundFace, ...]:
        self.places.append(place)
        left, top, right, bottom = place
        corners = np.argwhere((image[::FACE, ::FACE] == 255).all(axis=2)) * FACE
        return tuple(
            FoundFace(x + FACE / 2, y + FACE / 2, float(FACE), 0.9)
            for y, x in corners.tolist()
            if left <= x and x + FACE <= right and top <= y and y + FACE <= bottom
        )


@cache
def empty_room(light: float) -> Image:
    """A room with nobody in it; only to be copied."""
    picture = np.random.default_rng(5).integers(60, 140, (HEIGHT, WIDTH, 3), np.uint8)
    return (picture * light).astype(np.uint8)


def room(*faces: tuple[int, int], light: float = 1.0) -> Image:
    """A room with white squares at these places of a grid of 32 × 18."""
    picture = empty_room(light).copy()
    for column, row in faces:
        picture[row * FACE : (row + 1) * FACE, column * FACE : (column + 1) * FACE] = 255
    return picture


def centres(found: tuple[FoundFace, ...]) -> set[tuple[int, int]]:
    return {(int(face.x // FACE), int(face.y // FACE)) for face in found}


@given(st.lists(st.sets(st.tuples(st.integers(0, 31), st.integers(0, 17)), max_size=4), max_size=5))
def test_whatever_comes_and_goes_is_what_a_whole_search_would_find(
    course: list[set[tuple[int, int]]],
) -> None:
    search = ChangedSearch(BrightSpots())
    for faces in course:
        assert centres(search.find(room(*faces))) == faces


def test_a_picture_that_stands_still_is_not_searched_again_for_a_while() -> None:
    eye = BrightSpots()
    search = ChangedSearch(eye)
    still = room((3, 4))
    found = [centres(search.find(still)) for _ in range(10)]
    assert found == [{(3, 4)}] * 10
    assert eye.places == [WHOLE, WHOLE], "and then all of it, changed or not"


def test_only_the_part_that_changed_is_searched() -> None:
    eye = BrightSpots()
    search = ChangedSearch(eye)
    search.find(room((3, 4)))
    assert centres(search.find(room((3, 4), (20, 10)))) == {(3, 4), (20, 10)}
    left, top, right, bottom = eye.places[-1]
    assert left <= 20 * FACE - 40
    assert right >= 21 * FACE + 40
    assert (right - left) * (bottom - top) < 0.2 * WIDTH * HEIGHT
    assert eye.places[-1] != WHOLE


def test_a_change_at_a_known_face_searches_all_of_the_face() -> None:
    eye = BrightSpots()
    search = ChangedSearch(eye)
    search.find(room((10, 10)))
    changed = room((10, 10))
    changed[10 * FACE - 80 : 10 * FACE - 60, 10 * FACE : 11 * FACE] = 0
    assert centres(search.find(changed)) == {(10, 10)}
    assert len(eye.places) == 2


def test_a_face_that_comes_slowly_is_found_because_small_changes_add_up() -> None:
    eye = BrightSpots()
    search = ChangedSearch(eye)
    picture = room()
    search.find(picture)
    for step in range(1, 7):
        picture = picture.copy()
        area = picture[400:440, 400:440].astype(np.float32)
        picture[400:440, 400:440] = (area + step * 2).clip(0, 255).astype(np.uint8)
        search.find(picture)
    assert len(eye.places) > 1


@pytest.mark.parametrize("light", [0.15, 1.6])
def test_another_light_is_searched_as_a_whole(light: float) -> None:
    eye = BrightSpots()
    search = ChangedSearch(eye)
    search.find(room())
    search.find(room(light=light))
    assert eye.places == [WHOLE, WHOLE]


def test_pictures_of_another_size_are_searched_as_a_whole() -> None:
    eye = BrightSpots()
    search = ChangedSearch(eye)
    search.find(room())
    search.find(np.ascontiguousarray(room()[:400]))
    assert eye.places[-1] == (0, 0, WIDTH, 400)
