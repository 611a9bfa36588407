"""The movement strip and the filmstrip: computed when somebody looks, ended with the recording."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.core.enhance import limb_movement
from app.core.errors import UserError
from app.core.folders import cache_folder
from app.core.jobs import CancelToken, Progress
from app.core.recording import key_frames
from app.core.recording.movement import PictureMovement
from app.ui.session import filmstrip
from app.ui.session.session import Session
from app.ui.views.filmstrip import FilmstripView
from app.ui.views.movement import AGAIN, MovementView
from app.ui.window import Window
from tests.ui.found_widgets import child, displayed, docked, now
from tests.ui.session_cases import QuickReader, at_rest, opened, quick, recording_path

__all__ = ["quick", "recording_path"]

TIMES = np.arange(0, 2.0, 0.2)
FOUND = PictureMovement(TIMES, np.where(TIMES > 1.0, 9.0, 1.0).astype(np.float32))


class Searching:
    """Stands in for the search for movement: counts, can fail and can hang until it is cancelled."""

    def __init__(self) -> None:
        self.count = 0
        self.error: UserError | None = None
        self.hangs = False
        self.cancelled = threading.Event()

    def __call__(self, _recording: Any, *, report: Any, cancel: CancelToken) -> PictureMovement:
        self.count += 1
        report(Progress("Finding movement", 0.25, 80.0))
        if self.error is not None:
            raise self.error
        while self.hangs:
            if cancel.wait(0.01):
                self.cancelled.set()
            cancel.check()
        return FOUND


@pytest.fixture
def searching(monkeypatch: pytest.MonkeyPatch) -> Searching:
    found = Searching()
    monkeypatch.setattr("app.core.recording.movement.picture_movement", found)
    return found


@pytest.fixture
def session(
    qtbot: QtBot, quick: type[QuickReader], searching: Searching, recording_path: Path
) -> Iterator[Session]:
    with opened(qtbot, recording_path) as session:
        yield session


@pytest.fixture
def strip(qtbot: QtBot, session: Session) -> MovementView:
    view: MovementView = displayed(qtbot, MovementView(session))
    view.resize(800, 60)
    return view


def test_movement_is_looked_for_once_somebody_looks(
    qtbot: QtBot, session: Session, searching: Searching
) -> None:
    assert searching.count == 0
    view = displayed(qtbot, MovementView(session))
    qtbot.waitUntil(lambda: session.analysis.movement.picture is not None)
    assert view.words() == ""
    qtbot.waitUntil(lambda: session.analysis.movement.limbs is not None)
    view.hide()
    view.show()
    assert searching.count == 1
    place = QPointF(view.scale_of_time.x(1.5), 20)
    assert "picture 9.0 levels" in view.words_at(place)
    assert "limbs" in view.words_at(QPointF(view.scale_of_time.x(0.5), 20))
    assert view.words_at(QPointF(20, 20)).startswith("Area: ")


def test_much_movement_is_painted_higher(qtbot: QtBot, strip: MovementView, session: Session) -> None:
    qtbot.waitUntil(lambda: session.analysis.movement.picture is not None)
    image = strip.grab().toImage()
    ground = strip.theme.panel
    ratio = image.devicePixelRatio()

    def highest(seconds: float) -> int:
        x = round(strip.scale_of_time.x(seconds) * ratio)
        return next(y for y in range(image.height()) if image.pixelColor(x, y).name() != ground)

    assert highest(1.55) < highest(0.45)


def test_the_strip_keeps_no_curve_of_a_former_recording(
    qtbot: QtBot, strip: MovementView, session: Session
) -> None:
    qtbot.waitUntil(lambda: session.analysis.movement.limbs is not None)
    qtbot.waitUntil(lambda: session.analysis.movement.picture is not None)
    strip.grab()
    assert len(strip._sizes) == 2
    session.analysis.movement.take_pose(None)
    session.opened.take(None)
    session.opened.recording_changed.emit()
    assert len(now(strip._sizes)) == 0


def test_how_far_it_is_and_why_it_failed_is_said(
    qtbot: QtBot, session: Session, searching: Searching
) -> None:
    searching.hangs = True
    view = displayed(qtbot, MovementView(session))
    qtbot.waitUntil(lambda: "25%" in view.words() or "25 %" in view.words())
    assert "01:20 left" in view.words()
    session.analysis.movement.cancel()
    qtbot.waitUntil(lambda: "cancelled" in view.words())
    assert AGAIN in view.words()
    searching.hangs, searching.error = False, UserError("It is gone.")
    qtbot.mouseDClick(view, Qt.MouseButton.LeftButton, pos=QPoint(400, 20))
    qtbot.waitUntil(lambda: "It is gone." in view.words())
    assert searching.count == 2


def test_the_search_ends_with_its_recording(qtbot: QtBot, session: Session, searching: Searching) -> None:
    searching.hangs = True
    displayed(qtbot, MovementView(session))
    qtbot.waitUntil(lambda: searching.count == 1)
    session.opened.take(None)
    session.opened.recording_changed.emit()
    qtbot.waitUntil(searching.cancelled.is_set)
    assert now(session.analysis.movement.picture) is None
    assert session.analysis.movement.progress is None


def test_limbs_are_measured_beside_the_window_and_forgotten_with_their_pose(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    measure, threads, goes_on = limb_movement.limb_movement, list[threading.Thread](), threading.Event()

    def measured(track: Any) -> Any:
        threads.append(threading.current_thread())
        goes_on.wait(60)
        return measure(track)

    monkeypatch.setattr(limb_movement, "limb_movement", measured)
    movement, pose = session.analysis.movement, session.analysis.pose
    assert pose is not None
    movement.take_pose(pose)
    movement.want(True)
    qtbot.waitUntil(lambda: len(threads) == 1)
    assert threads[0] is not threading.main_thread()
    movement.want(True)
    movement.take_pose(None)
    goes_on.set()
    threads[0].join()
    QApplication.processEvents()
    assert now(movement.limbs) is None
    assert len(threads) == 1


def test_a_click_goes_there(qtbot: QtBot, strip: MovementView, session: Session) -> None:
    place = QPoint(round(strip.scale_of_time.x(1.2)), 20)
    qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=place)
    assert session.playback.cursor == pytest.approx(1.2, abs=0.05)


# --- the filmstrip -----------------------------------------------------------------------------


@pytest.fixture
def film(qtbot: QtBot, session: Session) -> FilmstripView:
    view: FilmstripView = displayed(qtbot, FilmstripView(session))
    view.resize(800, 64)
    return view


def shown_pictures(view: FilmstripView) -> list[int]:
    slots = view.slots(view.scale_of_time, view.height() - 2)
    moments = [(start + end) / 2 for start, end in slots]
    return [
        number for number, image in view.session.analysis.filmstrip.pictures(moments) if image is not None
    ]


def test_pictures_of_key_frames_come_and_a_click_goes_there(
    qtbot: QtBot, film: FilmstripView, session: Session
) -> None:
    slots = film.slots(film.scale_of_time, film.height() - 2)
    assert slots[0][0] <= 0.0
    assert slots[-1][1] >= session.opened.duration
    assert all(one[1] == other[0] for one, other in pairwise(slots))
    qtbot.waitUntil(lambda: len(shown_pictures(film)) == len(slots))
    assert set(shown_pictures(film)) <= {0, 12, 24, 36, 48}
    place = QPoint(round(film.scale_of_time.x(0.8)), 30)
    qtbot.mouseClick(film, Qt.MouseButton.LeftButton, pos=place)
    assert session.playback.cursor == pytest.approx(0.8, abs=0.05)


def has_picture(session: Session, moment: float) -> bool:
    ((_number, image),) = session.analysis.filmstrip.pictures([moment])
    return image is not None


def test_pictures_are_bounded_in_memory_and_forgotten_with_the_recording(
    qtbot: QtBot, film: FilmstripView, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filmstrip, "MOST", 2)
    film.hide()  # it would keep all that it shows
    for moment in (0.0, 0.5, 1.0, 1.5):
        qtbot.waitUntil(partial(has_picture, session, moment))
    assert len(session.analysis.filmstrip._kept) <= 2
    session.opened.take(None)
    session.opened.recording_changed.emit()
    assert len(now(session.analysis.filmstrip._kept)) == 0
    assert "open recording" in film.words()


def test_more_pictures_in_sight_than_are_kept_are_decoded_once(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filmstrip, "MOST", 2)
    searched, found = list[Any](), key_frames.key_frames

    def counted(recording: Any) -> Any:
        searched.append(recording)
        return found(recording)

    monkeypatch.setattr(key_frames, "key_frames", counted)
    strip, moments = session.analysis.filmstrip, [0.0, 0.5, 1.0, 1.5]
    qtbot.waitUntil(lambda: all(image is not None for _number, image in strip.pictures(moments)))
    assert len(strip._kept) == len(moments)
    assert not strip._later.isActive()
    assert len(searched) == 1, "the key frames of a recording do not change"


def test_a_file_that_is_gone_is_said_and_not_asked_for_again(
    qtbot: QtBot, session: Session, recording_path: Path
) -> None:
    at_rest(qtbot, session)
    recording_path.unlink()
    session.analysis.filmstrip.pictures([0.0, 1.0])
    qtbot.waitUntil(lambda: session.analysis.filmstrip.problem != "")
    view = displayed(qtbot, FilmstripView(session))
    assert view.words() == session.analysis.filmstrip.problem
    session.analysis.filmstrip.pictures([0.5])
    assert not session.analysis.filmstrip._later.isActive()


def test_no_picture_of_the_patient_is_written(qtbot: QtBot, film: FilmstripView, session: Session) -> None:
    qtbot.waitUntil(lambda: bool(shown_pictures(film)))
    folder = cache_folder()
    names = {path.relative_to(folder).parts[0] for path in folder.rglob("*") if path.is_file()}
    assert not any("film" in name or "picture" in name for name in names)


# --- the window --------------------------------------------------------------------------------


def is_below(one: QWidget, other: QWidget) -> bool:
    return one.y() > other.y()


def test_the_panels_are_hidden_until_they_are_wanted_and_stand_below_the_timeline(
    qtbot: QtBot, session: Session
) -> None:
    window = Window(session)
    qtbot.addWidget(window)
    window.resize(1280, 800)
    window.show()
    for name, kind in (("movement", MovementView), ("filmstrip", FilmstripView)):
        dock = window._panels.docks[name]
        assert dock.isHidden()
        window.actions_[f"show_{name}"].trigger()
        view = docked(window, name, kind)
        qtbot.waitUntil(view.isVisible)
        timeline = window._docks["timeline"]
        qtbot.waitUntil(partial(is_below, dock, timeline))
        assert dock.x() == timeline.x()
        assert dock.width() == timeline.width()
    assert child(window, MovementView).scale_of_time == child(window, FilmstripView).scale_of_time
