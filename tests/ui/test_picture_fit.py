"""Where the picture stands in its view: whole, zoomed, and boxes in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF, QSize

from app.ui.views.overlay import area_box, box_area
from app.ui.views.picture_fit import LARGEST_ZOOM, Zoom, decoded_size, fitted, panned_by, zoomed_at

sizes = st.tuples(st.integers(1, 4000), st.integers(1, 4000)).map(lambda two: QSize(*two))
places = st.tuples(st.floats(0, 1), st.floats(0, 1))


@given(sizes, sizes, st.sampled_from((1.0, 1.25, 1.5, 2.0)))
def test_the_whole_picture_fits_in_the_middle_on_device_pixels(
    picture: QSize, view: QSize, ratio: float
) -> None:
    area = fitted(picture, view, ratio, Zoom())
    assert area.width() <= view.width() + 1 / ratio
    assert area.height() <= view.height() + 1 / ratio
    for edge in (area.left(), area.top(), area.width(), area.height()):
        assert edge * ratio == pytest.approx(round(edge * ratio), abs=1e-6)
    assert abs(area.center().x() - view.width() / 2) <= 1 / ratio
    assert decoded_size(picture, area, ratio, Zoom()).width() == round(area.width() * ratio)


@given(places, st.lists(st.tuples(places, st.floats(0.2, 5)), max_size=6), st.floats(-900, 900))
def test_a_zoomed_picture_leaves_no_gap(
    start: tuple[float, float], turns: list[tuple[tuple[float, float], float]], move: float
) -> None:
    picture, view, zoom = QSize(1920, 1080), QSize(800, 450), Zoom()
    for (x, y), factor in [(start, 3.0), *turns]:
        area = fitted(picture, view, 1.0, zoom)
        zoom = zoomed_at(zoom, factor, QPointF(x * 800, y * 450), area, view)
        zoom = panned_by(zoom, QPointF(move, -move), fitted(picture, view, 1.0, zoom), view)
        area = fitted(picture, view, 1.0, zoom)
        assert 1.0 <= zoom.factor <= LARGEST_ZOOM
        assert area.left() <= 0.5
        assert area.top() <= 0.5
        assert area.right() >= 799.5
        assert area.bottom() >= 449.5
        size = decoded_size(picture, area, 1.0, zoom)
        assert size.width() <= 1920


@given(places, places)
def test_boxes_there_and_back(first: tuple[float, float], second: tuple[float, float]) -> None:
    picture = QRectF(40, 10, 640, 360)
    area = QRectF(
        QPointF(40 + first[0] * 640, 10 + first[1] * 360), QPointF(40 + second[0] * 640, 10 + second[1] * 360)
    ).normalized()
    box = area_box(area, picture)
    if box is not None:
        back = box_area(box, picture)
        assert abs(back.left() - area.left()) < 1e-6
        assert abs(back.bottom() - area.bottom()) < 1e-6
    else:
        assert area.width() < 13 or area.height() < 7.3
