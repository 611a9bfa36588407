"""The picture: where it lies, what is drawn over it, and the patient's box."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPainter, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.enhance.pose_track import Joint, PoseTrack
from app.core.jobs import Progress
from app.core.picture_box import Box
from app.core.semiology import Span
from app.ui.session.picture import Overlay
from app.ui.session.session import Session
from app.ui.views.overlay import box_area, fresh_row, missing, paint_pose
from app.ui.views.video import VideoView
from tests.ui.found_widgets import now
from tests.ui.made_poses import a_pose_track, without
from tests.ui.shown_session import a_recording, no_recording, player_of, show, shown_session

ALL = Overlay(skeleton=True, face=True, trails=True)
NOTHING = Overlay(skeleton=False, face=False, trails=False)
GREY = "#404448"


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with shown_session(tmp_path) as session:
        yield session


@pytest.fixture
def nothing_open() -> Iterator[Session]:
    with no_recording() as session:
        yield session


@pytest.fixture
def view(session: Session, qtbot: QtBot) -> VideoView:
    widget = VideoView(session)
    qtbot.addWidget(widget)
    widget.resize(800, 400)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def frame(width: int, height: int, colour: str = GREY) -> QImage:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    return image


def shown(session: Session, view: VideoView, seconds: float = 10.0) -> QImage:
    """The view with a grey frame of the size that it asked for."""
    paint(session, frame(*session.playback.picture_size), seconds)
    return view.grab().toImage()


def paint(session: Session, image: QImage, seconds: float = 0.0) -> None:
    """Let the player show a frame."""
    player_of(session).frame_shown.emit(image, seconds, round(seconds * 30))


def find_pose(session: Session, track: PoseTrack) -> None:
    """Let the analysis find a pose."""
    session.analysis.runner.pose_found.emit(track)


def drawn(image: QImage, area: QRectF) -> int:
    """How many pixels of the picture are not the frame's grey."""
    return sum(
        image.pixelColor(x, y).name() != GREY
        for x in range(round(area.left()), round(area.right()))
        for y in range(round(area.top()), round(area.bottom()))
    )


def press(view: VideoView, qtbot: QtBot, start: QPoint, end: QPoint) -> None:
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(view, (start + end) / 2)
    qtbot.mouseMove(view, end)


def test_asks_for_frames_of_the_painted_size(session: Session, view: VideoView) -> None:
    ratio = view.devicePixelRatioF()
    assert session.playback.picture_size == (round(711 * ratio), round(400 * ratio))
    before = len(player_of(session).said("set_size"))
    paint(session, frame(10, 10))
    assert len(player_of(session).said("set_size")) == before
    view.resize(400, 400)
    QApplication.processEvents()
    assert session.playback.picture_size == (round(400 * ratio), round(225 * ratio))


def test_a_frame_is_letterboxed_and_copied_pixel_by_pixel(session: Session, view: VideoView) -> None:
    width, height = session.playback.picture_size
    checks = frame(width, height)
    for x in range(0, width, 2):
        checks.setPixelColor(x, 100, QColor("#ffffff"))
    paint(session, checks)
    image = view.grab().toImage()
    left = round(view.picture_area.left() * view.devicePixelRatioF())
    assert image.pixelColor(left - 2, 100).name() == session.appearance.theme.stage
    row = [image.pixelColor(left + x, 100).name() for x in range(40)]
    assert row == ["#ffffff", GREY] * 20


def test_a_frame_of_another_size_still_fills_its_place(session: Session, view: VideoView) -> None:
    paint(session, frame(64, 36, "#ff0000"))
    image = view.grab().toImage()
    corner = view.picture_area.topLeft().toPoint() + QPoint(3, 3)
    assert image.pixelColor(corner).name() == "#ff0000"


def test_without_a_picture_there_is_a_page_for_the_work(
    qtbot: QtBot, nothing_open: Session, tmp_path: Path
) -> None:
    session = nothing_open
    view = VideoView(session)
    qtbot.addWidget(view)
    view.show()
    assert view._empty.isVisible()
    show(session, a_recording(tmp_path))
    assert not view._empty.isVisible()


def test_work_that_opens_the_first_recording_is_shown(qtbot: QtBot, nothing_open: Session) -> None:
    session = nothing_open
    view = VideoView(session)
    qtbot.addWidget(view)
    view.show()
    session.analysis.show_work(Progress("Rendering the demonstration", 0.43))
    assert "Rendering the demonstration … 43%" in view._empty._words.text()
    session.analysis.runner.ended.emit()
    assert not view._empty._words.text()


def test_a_recording_without_a_picture_says_so(session: Session, view: VideoView, tmp_path: Path) -> None:
    show(session, a_recording(tmp_path, video=None))
    image = view.grab().toImage()
    middle = QRectF(200, 180, 400, 40)
    assert any(
        image.pixelColor(x, y).name() == session.appearance.theme.muted
        for x in range(200, 600)
        for y in range(round(middle.top()), round(middle.bottom()))
    )


@pytest.mark.parametrize("part", ["skeleton", "face", "trails"])
def test_each_part_of_the_overlay_can_be_switched(session: Session, view: VideoView, part: str) -> None:
    find_pose(session, a_pose_track(12))
    session.picture.set_overlay(NOTHING)
    assert drawn(shown(session, view), view.picture_area) == 0
    session.picture.set_overlay(replace(NOTHING, **{part: True}))
    assert drawn(view.grab().toImage(), view.picture_area) > 100


def test_the_pose_is_that_of_the_frame_on_screen(session: Session, view: VideoView) -> None:
    """The cursor runs ahead of the frame; the skeleton belongs to the frame."""
    find_pose(session, a_pose_track(12))
    session.picture.set_overlay(replace(NOTHING, skeleton=True))
    at_ten = shown(session, view, 10.0)
    session.playback.seek(11.1)
    assert view.grab().toImage() == at_ten
    assert shown(session, view, 10.1) != at_ten


def test_without_a_pose_for_the_frame_nothing_is_drawn(session: Session, view: VideoView) -> None:
    session.picture.set_overlay(ALL)
    assert drawn(shown(session, view), view.picture_area) == 0
    find_pose(session, a_pose_track(5))
    assert drawn(shown(session, view, 10.0), view.picture_area) == 0
    assert drawn(shown(session, view, 4.0), view.picture_area) > 100


def test_what_was_not_found_is_said() -> None:
    track = without(a_pose_track(2), slice(10, 20))
    assert missing(track, 5, ALL) == ""
    assert missing(track, 12, ALL) == "No person found in this frame"
    assert missing(track, 12, NOTHING) == ""
    face = track.face.copy()
    face[5] = np.nan
    track = replace(track, face=face)
    assert missing(track, 5, ALL) == "Face not seen in this frame"
    assert missing(track, 5, Overlay()) == ""


def test_the_note_is_in_the_corner(session: Session, view: VideoView) -> None:
    find_pose(session, without(a_pose_track(12), slice(0, 400)))
    image = shown(session, view)
    area = view.picture_area
    corner = QRectF(area.left(), area.bottom() - 60, 300, 60)
    assert drawn(image, corner) > 100
    assert drawn(image, area) == drawn(image, corner)


@pytest.mark.parametrize(
    ("seconds", "noted"), [(0.0, True), (2.9, True), (3.0, False), (49.0, False), (50.0, True), (60.0, True)]
)
def test_a_stretch_without_a_picture_says_so(
    session: Session, view: VideoView, tmp_path: Path, seconds: float, *, noted: bool
) -> None:
    show(session, a_recording(tmp_path, gaps=(Span(0.0, 3.0), Span(50.0, 60.0))))
    session.playback.seek(seconds)
    image = shown(session, view, 3.0)
    area = view.picture_area
    assert (drawn(image, QRectF(area.left(), area.bottom() - 60, 300, 60)) > 100) == noted


def test_a_row_is_fresh_for_one_frame_only() -> None:
    track = a_pose_track(2)
    assert fresh_row(None, 1.0) is None
    assert fresh_row(track, 1.0) == 30
    assert fresh_row(track, 1.02) == 30
    assert fresh_row(track, 2.5) is None
    assert fresh_row(a_pose_track(0), 0.0) is None


def test_unsure_joints_are_fainter_and_unseen_ones_not_drawn() -> None:
    def ink(visibility: float) -> int:
        track = a_pose_track(1)
        joints = track.joints.copy()
        joints[:, :, 2] = visibility
        image = frame(320, 180, "#000000")
        painter = QPainter(image)
        picture = QRectF(0, 0, 320, 180)
        paint_pose(painter, picture, replace(track, joints=joints), 0, replace(NOTHING, skeleton=True))
        painter.end()
        return sum(image.pixelColor(x, y).lightness() for x in range(320) for y in range(180))

    assert ink(0.1) == 0
    assert 0 < ink(0.4) < ink(0.9)


def test_left_and_right_differ_in_tone_and_line() -> None:
    def arm(*joints: Joint) -> tuple[int, QImage]:
        track = a_pose_track(1)
        hidden = track.joints.copy()
        hidden[:, [joint for joint in range(33) if joint not in joints]] = np.nan
        image = frame(640, 360, "#000000")
        painter = QPainter(image)
        picture = QRectF(0, 0, 640, 360)
        paint_pose(painter, picture, replace(track, joints=hidden), 0, replace(NOTHING, skeleton=True))
        painter.end()
        bright = sum(image.pixelColor(x, y).lightness() > 90 for x in range(640) for y in range(360))
        return bright, image

    left, left_image = arm(Joint.LEFT_SHOULDER, Joint.LEFT_ELBOW)
    right, right_image = arm(Joint.RIGHT_SHOULDER, Joint.RIGHT_ELBOW)
    assert right < 0.85 * left

    def greenest(image: QImage) -> int:
        colours = [image.pixelColor(x, y) for x in range(640) for y in range(360)]
        return max(colour.green() - colour.red() for colour in colours)

    assert greenest(right_image) > 40 > greenest(left_image)


def test_a_box_is_drawn_with_the_mouse(session: Session, view: VideoView, qtbot: QtBot) -> None:
    shown(session, view)
    session.patient.draw(True)
    assert view.cursor().shape() == Qt.CursorShape.CrossCursor
    wanted = Box(0.25, 0.2, 0.75, 0.9)
    area = box_area(wanted, view.picture_area)
    press(view, qtbot, area.bottomRight().toPoint(), area.topLeft().toPoint())
    assert now(session.patient.box) is None
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=area.topLeft().toPoint())
    box = session.patient.box
    assert box is not None
    for name in ("left", "top", "right", "bottom"):
        assert getattr(box, name) == pytest.approx(getattr(wanted, name), abs=0.01)
    assert view.cursor().shape() == Qt.CursorShape.ArrowCursor


def test_esc_leaves_the_box_as_it_was(session: Session, view: VideoView, qtbot: QtBot) -> None:
    session.patient.draw(True)
    press(view, qtbot, QPoint(300, 100), QPoint(500, 300))
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(500, 300))
    assert not session.patient.drawing
    assert session.patient.box is None


def test_esc_is_an_actions_again_when_no_box_is_drawn(session: Session, view: VideoView) -> None:
    def claimed() -> bool:
        event = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier)
        event.ignore()
        QApplication.sendEvent(view, event)
        return event.isAccepted()

    assert not claimed()
    session.patient.draw(True)
    assert claimed()


def test_a_click_is_not_a_box(session: Session, view: VideoView, qtbot: QtBot) -> None:
    session.patient.draw(True)
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(300, 100))
    assert session.patient.box is None
    assert session.patient.drawing


def test_the_box_is_shown_with_the_skeleton(session: Session, view: VideoView) -> None:
    session.patient.set(Box(0.2, 0.2, 0.8, 0.8))
    assert drawn(shown(session, view), view.picture_area) > 100
    session.picture.set_overlay(NOTHING)
    assert drawn(view.grab().toImage(), view.picture_area) == 0


def test_a_click_does_nothing_and_two_ask_for_the_full_screen(
    session: Session, view: VideoView, qtbot: QtBot
) -> None:
    calls = list(player_of(session).calls)
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(300, 100))
    with qtbot.waitSignal(view.full_screen_requested):
        qtbot.mouseDClick(view, Qt.MouseButton.LeftButton, pos=QPoint(300, 100))
    assert player_of(session).calls == calls


def test_the_wheel_zooms_and_a_drag_pans(session: Session, view: VideoView, qtbot: QtBot) -> None:
    place = QPointF(500, 100)
    whole = view.picture_area
    share = (place.x() - whole.left()) / whole.width()
    event = QWheelEvent(
        place,
        QPointF(view.mapToGlobal(place.toPoint())),
        QPoint(),
        QPoint(0, 360),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, event)
    near = view.picture_area
    assert near.width() == pytest.approx(2 * whole.width(), abs=2)
    assert (place.x() - near.left()) / near.width() == pytest.approx(share, abs=0.01)
    press(view, qtbot, QPoint(300, 200), QPoint(320, 200))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(320, 200))
    assert view.picture_area.left() > near.left()
    view._reset.click()
    assert view.picture_area == whole
