"""Places that are drawn by hand over a frame, to be covered in a clip."""

from __future__ import annotations

from functools import partial

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from app.core.deidentify.drawn_covers import DrawnCovers
from app.core.picture_box import Box
from app.ui.dialogs.drawn_places import DrawnPlaces

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def places(qtbot: QtBot) -> DrawnPlaces:
    """A frame of 400 × 200 in a widget of 400 × 300: 50 px above and below are not of the picture."""
    made = DrawnPlaces(DrawnCovers())
    qtbot.addWidget(made)
    made.resize(400, 300)
    made.show()
    image = QImage(800, 400, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.darkGray)
    made.show_frame(image)
    return made


def drag(qtbot: QtBot, places: DrawnPlaces, start: tuple[int, int], end: tuple[int, int]) -> None:
    qtbot.mousePress(places, LEFT, pos=QPoint(*start))
    qtbot.mouseMove(places, QPoint(*end))
    qtbot.mouseRelease(places, LEFT, pos=QPoint(*end))


def test_a_drag_in_any_direction_is_a_place_in_shares_of_the_picture(
    qtbot: QtBot, places: DrawnPlaces
) -> None:
    with qtbot.waitSignal(places.changed):
        drag(qtbot, places, (100, 100), (200, 150))
    drag(qtbot, places, (200, 150), (100, 100))
    for box in places.places:
        assert (box.left, box.top, box.right, box.bottom) == pytest.approx((0.25, 0.25, 0.5, 0.5))


def test_a_drag_beyond_the_picture_ends_at_its_border(qtbot: QtBot, places: DrawnPlaces) -> None:
    drag(qtbot, places, (300, 200), (399, 299))
    box = places.places[0]
    assert box.bottom == 1.0
    assert box.right == pytest.approx(399 / 400)


def test_a_click_draws_nothing_and_chooses_what_is_taken_away(qtbot: QtBot, places: DrawnPlaces) -> None:
    drag(qtbot, places, (40, 80), (80, 120))
    drag(qtbot, places, (200, 80), (280, 120))
    qtbot.mouseClick(places, LEFT, pos=QPoint(60, 100))
    assert len(places.places) == 2
    qtbot.keyClick(places, Qt.Key.Key_Delete)
    assert [box.left for box in places.places] == [pytest.approx(0.5)]


def test_without_a_choice_the_last_is_taken_away_and_none_is_no_fault(
    qtbot: QtBot, places: DrawnPlaces
) -> None:
    drag(qtbot, places, (40, 80), (80, 120))
    drag(qtbot, places, (200, 80), (280, 120))
    qtbot.mouseClick(places, LEFT, pos=QPoint(390, 240))
    for left in (1, 0, 0):
        places.remove()
        assert len(places.places) == left


def test_without_a_frame_nothing_is_drawn(qtbot: QtBot, places: DrawnPlaces) -> None:
    places.show_frame(None)
    drag(qtbot, places, (40, 80), (80, 120))
    places.repaint()
    assert places.places == ()


def sides(box: Box) -> tuple[float, float, float, float]:
    return box.left, box.top, box.right, box.bottom


def test_places_are_made_moved_and_taken_away_with_keys(qtbot: QtBot, places: DrawnPlaces) -> None:
    press = partial(qtbot.keyClick, places)
    press(Qt.Key.Key_Insert)
    press(Qt.Key.Key_Left)
    press(Qt.Key.Key_Up)
    press(Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert sides(places.places[0]) == pytest.approx((0.39, 0.39, 0.60, 0.59))
    press(Qt.Key.Key_Insert)
    press(Qt.Key.Key_Space)
    press(Qt.Key.Key_Delete)
    assert sides(places.places[0]) == pytest.approx((0.4, 0.4, 0.6, 0.6))
    assert len(places.places) == 1


def test_a_place_that_is_moved_with_keys_stays_in_the_picture(qtbot: QtBot, places: DrawnPlaces) -> None:
    qtbot.keyClick(places, Qt.Key.Key_Insert)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down):
        for _ in range(60):
            qtbot.keyClick(places, key)
    assert sides(places.places[0]) == pytest.approx((0.8, 0.8, 1.0, 1.0))
    for _ in range(60):
        qtbot.keyClick(places, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    box = places.places[0]
    assert box.left < box.right <= 1.0


def test_every_change_is_undone_and_a_moving_as_one(qtbot: QtBot, places: DrawnPlaces) -> None:
    drag(qtbot, places, (40, 80), (80, 120))
    drawn = places.places
    for _ in range(5):
        qtbot.keyClick(places, Qt.Key.Key_Right)
    assert places.places != drawn
    places.undo()
    assert places.places == drawn
    places.remove()
    places.undo()
    assert places.places == drawn
    for _ in range(3):
        places.undo()
        assert places.places == ()
    assert not places.can_undo
