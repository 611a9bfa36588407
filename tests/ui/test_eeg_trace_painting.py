"""The picture of the traces: every pixel in the colour of its layer and level, whatever moved before."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtGui import QImage

from app.ui.theme import DARK
from app.ui.views.eeg_colours import LAYERS, colour_pairs, colour_table, premultiplied
from app.ui.views.eeg_traces import TracePicture, TraceScale
from tests.core.tile_cases import ROWS, a_plan, whole_tile

PLAN = a_plan(Fraction(10))
TILES = tuple(whole_tile(PLAN, number) for number in (1, 2))
COLOURS = premultiplied(colour_table(DARK))


def a_scale(columns: int) -> TraceScale:
    middles = tuple(20.0 + 30.0 * number for number in range(len(ROWS)))
    layers = tuple(LAYERS.index(name) for name in ("left", "right", "middle"))
    width = Fraction(10, columns)
    return TraceScale(columns, 110, width, middles, (0.4,) * len(ROWS), layers, 25.0, 1.0)


def pixels(image: QImage) -> npt.NDArray[np.uint32]:
    """The pixels of a picture as numbers."""
    found = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), -1)
    return found[:, : image.width()].copy()


@pytest.mark.parametrize("columns", [300, 301, 1])
def test_each_pixel_has_the_colour_of_its_layer(columns: int) -> None:
    picture, scale = TracePicture(), a_scale(columns)
    shown = pixels(picture.image(TILES, columns, scale, colour_pairs(COLOURS)))
    assert shown.shape == (scale.height, columns)
    assert set(shown.reshape(-1).tolist()) <= set(COLOURS.tolist())
    for number, middle in enumerate(scale.middles):
        levels = COLOURS[16 * scale.layers[number] + 1 : 16 * scale.layers[number] + 16]
        band = shown[round(middle) - 15 : round(middle) + 15]
        assert np.isin(band, levels).any(axis=0).all(), "a wave in every column"


def test_the_colours_of_two_pixels_are_in_their_order() -> None:
    table = np.arange(1000, 1256, dtype=np.uint32)
    both = np.array([3, 200], np.uint8)
    assert colour_pairs(table)[both.view(np.uint16)].view(np.uint32).tolist() == [1003, 1200]


@pytest.mark.parametrize("columns", [300, 301])
def test_what_was_scrolled_is_as_if_painted_anew(columns: int) -> None:
    scrolled, scale, pairs = TracePicture(), a_scale(columns), colour_pairs(COLOURS)
    for first in (columns, columns + 3, columns + 150, columns + 149, columns + 20):
        image = pixels(scrolled.image(TILES, first, scale, pairs))
        anew = pixels(TracePicture().image(TILES, first, scale, pairs))
        assert (image == anew).all()
