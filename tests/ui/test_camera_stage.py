"""The pictures of several cameras: large and small, side by side, zoomed and named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.core.recording.presentation import PLAIN, Orientation
from app.core.study.camera_places import offset_text
from app.ui.session.session import Session
from app.ui.views.camera_layout import HEADER, large_and_strip, side_by_side
from app.ui.views.cameras import CameraStage, CameraTile
from app.ui.views.video import VideoView
from tests.ui.camera_cases import add_camera, leading, opened_session, second
from tests.ui.found_widgets import now
from tests.ui.session_cases import quick

pytestmark = pytest.mark.usefixtures("quick")

__all__ = ["leading", "quick", "second"]


# the stage


@pytest.fixture
def stage(qtbot: QtBot) -> Callable[[Session], CameraStage]:
    def made(session: Session) -> CameraStage:
        stage = CameraStage(session, VideoView(session))
        qtbot.addWidget(stage)
        stage.resize(900, 500)
        stage.show()
        return stage

    return made


def tiles_of(stage: CameraStage) -> tuple[CameraTile, ...]:
    return tuple(one for one in stage.findChildren(CameraTile) if not one.isHidden())


def _video(stage: CameraStage) -> VideoView:
    view: Any = stage.findChild(VideoView)
    assert isinstance(view, VideoView)
    return view


def test_a_click_on_a_tile_makes_it_large_and_the_clock_stays(
    qtbot: QtBot, leading: Path, second: Path, stage: Callable[[Session], CameraStage]
) -> None:
    with opened_session(qtbot, leading) as session:
        view = stage(session)
        assert now(tiles_of(view)) == ()
        assert _video(view).geometry() == view.rect()
        camera = add_camera(qtbot, session, second)
        (tile,) = tiles_of(view)
        session.playback.seek(1.0)
        assert _video(view).width() > 2 * tile.width()
        qtbot.mouseClick(tile, Qt.MouseButton.LeftButton)
        assert now(session.cameras.large) is camera
        assert tile.width() > 2 * _video(view).width()
        assert session.playback.cursor == 1.0
        qtbot.mouseClick(_video(view), Qt.MouseButton.LeftButton)
        assert session.cameras.large is None
        assert _video(view).width() > 2 * tile.width()
        tile.setFocus(Qt.FocusReason.TabFocusReason)
        qtbot.keyClick(tile, Qt.Key.Key_Return)
        assert session.cameras.large is camera


def test_a_tile_shows_name_offset_and_why_it_is_empty(
    qtbot: QtBot, leading: Path, second: Path, stage: Callable[[Session], CameraStage]
) -> None:
    with opened_session(qtbot, leading) as session:
        view = stage(session)
        camera = add_camera(qtbot, session, second, 1.5)
        (tile,) = tiles_of(view)
        assert isinstance(tile, CameraTile)
        assert tile.offset.text() == "+1.50 s"
        assert "1.500 s earlier" in tile.offset.toolTip()
        view.resize(1400, 700)
        assert tile.offset.text() == "1.500 s earlier"
        assert "ceiling" in tile.accessibleName()
        asked: list[object] = []
        view.align_requested.connect(asked.append)
        tile.offset.click()
        assert asked == [camera]
        camera.refuse("“ceiling.mp4” is not where it was.")
        tile.show_state()
        assert not tile.find_button.isHidden()
        tile.close_button.click()
        assert tiles_of(view) == ()
        assert _video(view).geometry() == view.rect()


def test_a_tile_zooms_with_the_wheel_moves_by_dragging_and_turns(
    qtbot: QtBot, leading: Path, second: Path, stage: Callable[[Session], CameraStage]
) -> None:
    with opened_session(qtbot, leading) as session:
        view = stage(session)
        camera = add_camera(qtbot, session, second)
        session.cameras.enlarge(camera)
        (tile,) = tiles_of(view)
        picture = tile.picture
        whole = picture.picture_area
        _wheel(picture, 720)
        assert picture.picture_area.width() == pytest.approx(4 * whole.width())
        before = picture.picture_area
        middle = picture.rect().center()
        qtbot.mousePress(picture, Qt.MouseButton.LeftButton, pos=middle)
        qtbot.mouseMove(picture, middle + QPoint(-40, -30))
        qtbot.mouseRelease(picture, Qt.MouseButton.LeftButton, pos=middle + QPoint(-40, -30))
        assert picture.picture_area.left() == pytest.approx(before.left() - 40, abs=1)
        assert session.cameras.large is camera, "a drag is no click"
        picture.reset_zoom()
        assert picture.picture_area == whole
        session.cameras.set_look(camera, replace(PLAIN, orientation=Orientation(1)))
        turned = picture.picture_area
        assert turned.width() / turned.height() == pytest.approx(whole.height() / whole.width(), abs=0.01)
        qtbot.mouseClick(picture, Qt.MouseButton.LeftButton)
        assert session.cameras.large is None


def _wheel(widget: QWidget, turned: int) -> None:
    middle = QPointF(widget.rect().center())
    none = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(middle, widget.mapToGlobal(middle), QPoint(), QPoint(0, turned), *none, False)
    QApplication.sendEvent(widget, event)


def test_side_by_side_gives_all_pictures_one_size(
    qtbot: QtBot, leading: Path, second: Path, stage: Callable[[Session], CameraStage]
) -> None:
    with opened_session(qtbot, leading) as session:
        view = stage(session)
        add_camera(qtbot, session, second)
        session.cameras.set_side_by_side(True)
        (tile,) = tiles_of(view)
        assert abs(_video(view).width() - tile.width()) <= 1
        session.cameras.enlarge_next()
        assert not session.cameras.side_by_side
        assert tile.width() > _video(view).width()


@pytest.mark.parametrize("size", [QSize(840, 420), QSize(1300, 640), QSize(500, 700), QSize(240, 160)])
@pytest.mark.parametrize("others", [1, 2, 3])
def test_no_places_overlap_or_leave_the_stage(size: QSize, others: int) -> None:
    for places in (large_and_strip(size, others), side_by_side(size, others + 1)):
        assert len(places) == others + 1
        for at, place in enumerate(places):
            assert place.left() >= 0
            assert place.top() >= 0
            assert place.right() < size.width()
            assert place.bottom() < size.height()
            assert place.height() > HEADER
            assert not any(place.intersects(other) for other in places[at + 1 :])
    large = large_and_strip(size, others)
    assert all(large[0].width() >= place.width() for place in large[1:])


@pytest.mark.parametrize(
    ("offset", "words"),
    [(0.0, "is in sync"), (3.25, "begins 3.250 s earlier"), (-0.04, "begins 0.040 s later")],
)
def test_offsets_in_words(offset: float, words: str) -> None:
    assert offset_text(offset) == words
