"""How the picture is shown: light, turn, mirror, aim, inset, snapshot; and what of it is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.core.enhance.pose_track import Doubt, Joint
from app.core.mirroring import mirrored_readings
from app.core.picture_box import Box
from app.core.reading import ReaderKind
from app.core.recording.presentation import (
    PLAIN,
    Aim,
    Corner,
    Orientation,
    Presentation,
    Tone,
    presentation_from_dict,
    presentation_to_dict,
)
from app.core.semiology import Laterality
from app.ui.session.session import Session
from app.ui.views.aim import Paths, body_path, face_path
from app.ui.views.developing import Developer, oriented
from app.ui.views.inset import inset_area
from app.ui.views.overlay import area_box, box_area
from app.ui.views.picture_paint import look_words, snapshot
from app.ui.views.video import VideoView
from tests.ui.made_poses import a_pose_track
from tests.ui.shown_session import a_reading, a_recording, player_of, show, shown_session, yes

orientations = strategies.builds(Orientation, strategies.integers(0, 3), strategies.booleans())
tones = strategies.builds(
    Tone, strategies.floats(-1, 1), strategies.floats(-1, 1), strategies.floats(0.25, 4)
)
looks = strategies.builds(
    Presentation,
    tones,
    orientations,
    strategies.sampled_from(Aim),
    strategies.booleans(),
    strategies.sampled_from(Corner),
)


def an_image(width: int = 64, height: int = 48) -> QImage:
    """Every pixel of another colour; the upper left corner is red."""
    y, x = np.mgrid[:height, :width]
    colours = np.stack((x * y, y * 5, x * 3), axis=2).astype(np.uint8)  # blue, green, red: modulo 256
    image = QImage(colours.data, width, height, 3 * width, QImage.Format.Format_BGR888)
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    image.setPixelColor(0, 0, QColor(255, 0, 0))
    return image


def rgb(image: QImage) -> Any:
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    raw = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return raw[:, : image.width() * 4].reshape(image.height(), image.width(), 4)[:, :, :3].copy()


@given(tones)
def test_a_tone_never_turns_light_into_dark(tone: Tone) -> None:
    table = tone.table().astype(int)
    assert (np.diff(table) >= 0).all()


def test_a_plain_tone_changes_nothing() -> None:
    assert (Tone().table() == np.arange(256)).all()


@given(looks)
def test_a_look_comes_back(look: Presentation) -> None:
    assert presentation_from_dict(presentation_to_dict(look)) == look


@pytest.mark.parametrize(
    "damaged",
    [{}, {"gamma": "x"}, {"quarters": 7}, {"mirrored": 1}, {"aim": "moon"}, {"brightness": float("nan")}],
)
def test_a_damaged_look_is_as_recorded(damaged: dict[str, Any]) -> None:
    assert presentation_from_dict(damaged) == PLAIN


@given(orientations, strategies.lists(strategies.floats(0, 1), min_size=2, max_size=2))
def test_what_is_shown_is_found_again(orientation: Orientation, point: list[float]) -> None:
    points = np.array([point])
    assert orientation.stored(orientation.shown(points)) == pytest.approx(points)


@given(orientations)
def test_points_go_where_the_picture_goes(orientation: Orientation) -> None:
    image = QImage(8, 6, QImage.Format.Format_RGB32)
    image.fill(0)
    image.setPixelColor(1, 0, QColor(255, 0, 0))
    turned = oriented(image, orientation)
    x, y = orientation.shown(np.array([1.5 / 8, 0.5 / 6]))
    assert turned.pixelColor(int(x * turned.width()), int(y * turned.height())) == QColor(255, 0, 0)


@given(orientations)
def test_turning_turns_what_is_on_screen(orientation: Orientation) -> None:
    image = an_image(8, 6)
    once = oriented(oriented(image, orientation), Orientation(1))
    assert (rgb(once) == rgb(oriented(image, orientation.turned(1)))).all()
    flipped = oriented(oriented(image, orientation), Orientation(0, True))
    assert (rgb(flipped) == rgb(oriented(image, orientation.flipped()))).all()


def test_light_is_what_the_table_says() -> None:
    image, tone = an_image(), Tone(0.1, 0.3, 2.0)
    toned = Developer().developed(image, Presentation(tone))
    assert (rgb(toned) == tone.table()[rgb(image)]).all()
    assert toned.pixelColor(0, 0).alpha() == 255


def test_a_plain_look_hands_the_frame_through() -> None:
    image = an_image()
    assert Developer().developed(image, PLAIN) is image


def test_the_same_frame_is_developed_once() -> None:
    image, developer = an_image(), Developer()
    look = Presentation(Tone(gamma=2.0), Orientation(1, True))
    assert developer.developed(image, look) is developer.developed(image, look)
    assert developer.developed(image, look) is not developer.developed(an_image(), look)


@given(orientations)
def test_a_box_comes_back_from_the_screen(orientation: Orientation) -> None:
    box, picture = Box(0.1, 0.2, 0.4, 0.9), QRectF(10, 20, 300, 200)
    back = area_box(box_area(box, picture, orientation), picture, orientation)
    assert back is not None
    assert (back.left, back.top, back.right, back.bottom) == pytest.approx((0.1, 0.2, 0.4, 0.9))


# the sides of mirrored recordings


def test_mirrored_readers_change_sides_and_persons_do_not() -> None:
    answer = replace(
        yes("clonic", (1, 2), why="Left wrist moved, the right leg was left out."),
        laterality=Laterality.LEFT,
    )
    signal, model, person = (
        a_reading(kind, "x", (answer,)) for kind in (ReaderKind.SIGNAL, ReaderKind.MODEL, ReaderKind.PERSON)
    )
    shown = mirrored_readings((signal, model, person))
    assert [one.answer("clonic").laterality for one in shown] == [
        Laterality.RIGHT,
        Laterality.RIGHT,
        Laterality.LEFT,
    ]
    assert shown[0].answer("clonic").explanation == "Right wrist moved, the left leg was left out."
    assert shown[1].answer("clonic").explanation.startswith(answer.explanation), "a model is quoted"
    assert "mirrored" in shown[1].answer("clonic").explanation
    assert mirrored_readings(shown)[0] == signal, "twice mirrored is as stored"


# the view


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with shown_session(tmp_path) as session:
        session.analysis.runner.pose_found.emit(a_pose_track())
        player_of(session).frame_shown.emit(an_image(640, 360), 1.0, 30)
        yield session


@pytest.fixture
def view(qtbot: QtBot, session: Session) -> VideoView:
    view = VideoView(session)
    qtbot.addWidget(view)
    view.resize(640, 360)
    view.show()
    return view


def test_a_turned_picture_is_fitted_and_asked_for_as_stored(view: VideoView, session: Session) -> None:
    session.picture.present(Presentation(orientation=Orientation(1)))
    assert view.picture_size == QSize(360, 640)
    asked = session.playback.picture_size
    assert asked[0] > asked[1], "the decoder knows nothing of turning"
    assert view.picture_area.height() > view.picture_area.width()


def test_a_mirrored_picture_is_mirrored_and_says_so(view: VideoView, session: Session) -> None:
    session.picture.set_overlay(replace(session.picture.overlay, skeleton=False))
    plain = rgb(view.grab().toImage())
    session.picture.present(Presentation(orientation=Orientation(0, True)))
    mirrored = rgb(view.grab().toImage())
    below = slice(120, None)  # the words are above
    assert (mirrored[below] == plain[below, ::-1]).all()
    assert (mirrored[:60, :160] != plain[:60, ::-1][:, :160]).any(), "the word is there"
    assert look_words(session.picture.presentation) == "Mirrored"


def test_letters_follow_the_patients_own_sides(view: VideoView, session: Session) -> None:
    """In the mirrored picture the solid line is on the arm that the model calls right."""
    from app.ui.views.overlay import _PoseCanvas

    assert session.analysis.pose is not None
    sheet = _PoseCanvas(QRectF(0, 0, 640, 360), session.analysis.pose, Orientation(0, True))
    assert sheet.side("LEFT") == "RIGHT"
    left = session.analysis.pose.joints[:1, Joint.LEFT_WRIST, :2]
    assert sheet.placed(left)[0] == pytest.approx((640 - left[0, 0], left[0, 1]), abs=0.01)


def test_the_face_is_followed_and_a_hand_lets_go(view: VideoView, session: Session) -> None:
    session.picture.aim(Aim.FACE)
    assert view._zoom.factor > 2
    middle = view._zoom.middle
    assert (middle.x(), middle.y()) == pytest.approx((0.5, 0.2), abs=0.05)
    view._let_go()
    assert session.picture.presentation.aim is Aim.WHOLE
    assert view._zoom.factor > 2, "what is seen stays"
    session.picture.aim(Aim.PATIENT)
    view.reset_zoom()
    assert view._zoom.factor == 1
    assert session.picture.presentation.aim is Aim.WHOLE


def test_following_does_not_ask_for_other_sizes_all_the_time(view: VideoView, session: Session) -> None:
    session.picture.aim(Aim.PATIENT)
    asked = len(player_of(session).said("set_size"))
    for second in range(20):
        player_of(session).frame_shown.emit(an_image(640, 360), float(second), 30 * second)
    assert len(player_of(session).said("set_size")) == asked


def test_the_inset_is_painted_in_its_corner_and_sharp(
    view: VideoView, session: Session, tmp_path: Path
) -> None:
    show(session, a_recording(tmp_path, width=1920, height=1080))
    session.analysis.runner.pose_found.emit(a_pose_track(width=1920, height=1080))
    player_of(session).frame_shown.emit(an_image(640, 360), 1.0, 30)
    before = rgb(view.grab().toImage())
    session.picture.present(Presentation(inset=True))
    after = rgb(view.grab().toImage())
    place = inset_area(view.picture_area, view.size(), Corner.BOTTOM_RIGHT).toRect()
    changed = (before != after).any(axis=2)
    assert changed[place.top() : place.bottom(), place.left() : place.right()].mean() > 0.5
    assert not changed[:, : place.left() - 4].any()
    assert session.playback.picture_size[0] > 640, "more pixels than the view has"


def test_nothing_to_follow_is_said(view: VideoView, session: Session) -> None:
    session.analysis.reset()
    session.picture.aim(Aim.FACE)
    assert "looked for" in view._not_found()
    nobody = a_pose_track()
    nobody.joints[:] = np.nan
    nobody.face[:] = np.nan
    session.analysis.runner.pose_found.emit(nobody)
    assert view._not_found() == "No face was found"
    assert face_path(nobody) is None
    assert body_path(nobody) is None


def test_who_is_not_surely_the_patient_is_not_followed() -> None:
    track = a_pose_track()
    middle = len(track.times) // 2
    track.joints[middle:, :, 0] += 300.0
    track.face[middle:, :, 0] += 300.0
    track.doubt[middle:] = Doubt.UNCERTAIN
    paths, end = Paths(track), float(track.times[-1])
    for path in (paths.face, paths.body):
        assert path is not None
        assert path.area(end).center().x() - path.area(0.0).center().x() < 60.0, (
            "it stays where the patient was"
        )
    track.doubt[:] = Doubt.UNCERTAIN
    assert Paths(track).face is None


def test_the_inset_goes_round_all_corners() -> None:
    look, seen = PLAIN, []
    for _ in Corner:
        seen.append(look.corner)
        look = look.next_corner()
    assert set(seen) == set(Corner)
    assert look == PLAIN


def test_a_snapshot_has_the_overlays_and_the_size_of_the_frame(session: Session) -> None:
    frame = an_image(640, 360)
    session.picture.present(Presentation(orientation=Orientation(1, True)))
    taken = snapshot(frame, session, 1.0)
    assert taken.size() == QSize(360, 640)
    bare = rgb(oriented(frame, session.picture.presentation.orientation))
    assert 0.001 < (rgb(taken) != bare).any(axis=2).mean() < 0.5, "lines and words, the rest as it was"


def test_the_box_is_drawn_where_it_is_seen(qtbot: QtBot, view: VideoView, session: Session) -> None:
    session.picture.present(Presentation(orientation=Orientation(0, True)))
    session.patient.draw(True)
    place = view.picture_area
    start = QPointF(place.left() + 10, place.top() + 10).toPoint()
    end = QPointF(place.left() + 110, place.top() + 200).toPoint()
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(view, end)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=end)
    box = session.patient.box
    assert box is not None
    assert box.left > 0.5, "on the left of a mirrored picture is on the right of the stored one"
