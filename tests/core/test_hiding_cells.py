"""Cells are never smaller than what was found, or could be there, demands."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.hiding.cells import body_cell, coarse_cell, in_cells
from app.core.hiding.covers import cover
from tests.core.hiding_scenes import noise

SIZES = st.tuples(st.integers(2, 400), st.integers(2, 400))


def picture(size: tuple[int, int]) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.zeros((*size, 3), np.uint8)


@given(SIZES, st.lists(st.floats(0, 500), max_size=4), st.booleans())
def test_cells_are_a_third_of_the_largest_head_and_a_twentieth_of_the_picture(
    size: tuple[int, int], heads: list[float], known: bool
) -> None:
    cell = coarse_cell(picture(size), heads, known=known)
    assert cell >= max(size) / (20 if known else 12) - 1e-9
    assert cell >= min(max(heads, default=0.0) / 3, max(size)) - 1e-9


def test_cells_are_no_larger_than_one_step_more() -> None:
    wide = picture((360, 640))
    assert coarse_cell(wide, []) == 32.0
    assert coarse_cell(wide, [96.0, 20.0]) == 32.0
    assert coarse_cell(wide, [97.0]) == pytest.approx(40.0)
    assert coarse_cell(wide, [], known=False) == pytest.approx(640 / 12)
    assert body_cell(wide) == pytest.approx(640 / 30)


def test_a_cell_does_not_follow_each_pixel_of_a_head() -> None:
    """In a film the picture would pulse."""
    cells = {coarse_cell(picture((360, 640)), [size]) for size in np.linspace(130.0, 140.0, 11)}
    assert len(cells) == 1


@given(st.integers(1, 6), st.integers(1, 6), st.integers(2, 24), st.integers(0, 9))
def test_nothing_finer_than_a_cell_is_left(rows: int, columns: int, cell: int, seed: int) -> None:
    """Pictures that differ only within their cells become the same."""
    rng = np.random.default_rng(seed)
    cells = rng.integers(0, 256, (rows, columns, cell * cell, 3)).astype(np.uint8)
    pictures = (cells, rng.permuted(cells, axis=2))
    made = [
        in_cells(
            each.reshape(rows, columns, cell, cell, 3).swapaxes(1, 2).reshape(rows * cell, columns * cell, 3),
            float(cell),
        )
        for each in pictures
    ]
    assert np.abs(made[0].astype(int) - made[1]).max() <= 1


@given(SIZES, st.floats(1, 500))
def test_a_picture_of_any_size_keeps_it(size: tuple[int, int], cell: float) -> None:
    assert in_cells(picture(size), cell).shape == (*size, 3)


def test_noise_is_flat_within_a_cell() -> None:
    made = in_cells(noise(), 40.0)
    assert np.abs(np.diff(made.astype(int), axis=0)).max() <= 2


def test_what_is_covered_has_no_colour_and_the_rest_stays() -> None:
    """A disc of the colour of skin with the skeleton's lines across it is a face to detectors."""
    skin = np.full((40, 60, 3), (120, 140, 170), np.uint8)
    made, where = skin.copy(), np.zeros((40, 60), np.bool_)
    where[10:30, 20:50] = True
    cover(made, where, skin)
    assert np.ptp(made[where]) == 0
    assert 120 <= made[where][0, 0] <= 170
    assert np.array_equal(made[~where], skin[~where])


def test_a_cover_is_where_it_is_asked_for_however_far_apart() -> None:
    random = np.random.default_rng(2)
    image = random.integers(0, 255, (40, 60, 3), np.uint8)
    where = random.random((40, 60)) > 0.97
    where[0, 0] = where[39, 59] = True
    for wanted in (where, np.zeros_like(where), np.ones_like(where)):
        made = image.copy()
        cover(made, wanted, image)
        assert np.array_equal(made[~wanted], image[~wanted])
        assert not wanted.any() or np.ptp(made[wanted]) == 0
