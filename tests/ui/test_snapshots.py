"""The picture that is copied or saved: hidden unless it is asked for as recorded, and named so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QFileDialog, QProgressDialog, QPushButton
from pytestqt.qtbot import QtBot

from app.core.errors import UserError
from app.core.hiding import hidden_frames, text_of_recording
from app.core.hiding.covered_places import CoveredPlaces
from app.core.jobs import Progress
from app.core.recording.presentation import Orientation
from app.core.study.edits import SetHiddenPlaces
from app.core.study.store import Study
from app.ui.session.session import Session
from app.ui.views.snapshots import Snapshots
from app.ui.window import Window
from tests.core.planted_recordings import DRAWN, Image, drawn_of, is_covered, name_of, planted_recording
from tests.media import write_recording
from tests.ui.session_cases import QuickReader, at_rest, opened, opened_name, quick

__all__ = ["quick"]

pytestmark = pytest.mark.timeout(600)  # a process loads its network


@pytest.fixture
def session(qtbot: QtBot, quick: type[QuickReader], tmp_path: Path) -> Iterator[Session]:
    with opened(qtbot, planted_recording(tmp_path / "Greta Kowalski.mp4")) as session:
        yield session


@pytest.fixture
def snapshots(session: Session) -> Iterator[Snapshots]:
    made = Snapshots(session)
    yield made
    made.close()


@pytest.fixture
def without_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search for text finds nothing, at once."""
    monkeypatch.setattr(hidden_frames, "text_of_recording", lambda *_args, **_rest: CoveredPlaces())


def pixels(image: QImage) -> Image:
    """(h, w, 3) BGR."""
    made = image.convertToFormat(QImage.Format.Format_RGB32)
    rows = np.frombuffer(made.constBits(), np.uint8).reshape(made.height(), made.bytesPerLine())
    return rows[:, : 4 * made.width()].reshape(made.height(), made.width(), 4)[:, :, :3].copy()


def said(qtbot: QtBot, session: Session, start: str) -> str:
    """The status line, when it begins so."""
    qtbot.waitUntil(lambda: session.status.line.startswith(start), timeout=400_000)
    return session.status.line


def draw_place(session: Session) -> None:
    """Let the study keep a place to cover."""
    recording, folder = session.opened.recording, session.study.folder
    assert recording is not None
    assert folder is not None
    with Study.open(folder, author="Ana", shared=True) as study:
        study.apply(SetHiddenPlaces(session.study.recording_number, {}, {recording.picture_key: (DRAWN,)}))


def test_names_and_drawn_places_are_covered_on_the_clipboard_and_in_the_file(
    qtbot: QtBot, session: Session, snapshots: Snapshots, tmp_path: Path
) -> None:
    draw_place(session)
    session.analysis._pose = None
    snapshots.copy()
    assert "all of it is coarse, because it is not certain" in said(qtbot, session, "Picture copied; ")
    copied = pixels(QApplication.clipboard().image())
    snapshots.save(tmp_path / "out.png")
    said(qtbot, session, "Picture saved as out.png; ")
    for made in (copied, pixels(QImage(str(tmp_path / "out.png")))):
        assert made.shape == (360, 640, 3)
        assert is_covered(name_of(made))
        assert is_covered(drawn_of(made))
        assert not is_covered(made)


def test_as_recorded_it_is_the_frame_with_its_overlays(
    qtbot: QtBot, session: Session, snapshots: Snapshots, tmp_path: Path
) -> None:
    draw_place(session)
    snapshots.copy(as_recorded=True)
    assert said(qtbot, session, "Picture copied") == "Picture copied as recorded: people can be recognised"
    copied = pixels(QApplication.clipboard().image())
    snapshots.save(tmp_path / "out.png", as_recorded=True)
    assert "as recorded: people can be recognised" in said(qtbot, session, "Picture saved as out.png")
    for made in (copied, pixels(QImage(str(tmp_path / "out.png")))):
        assert not is_covered(name_of(made), 60)
        assert not is_covered(drawn_of(made), 6)
    snapshots.save(tmp_path / "nowhere" / "out.png", as_recorded=True)
    qtbot.waitUntil(lambda: "nowhere" in session.status.message)


@pytest.mark.usefixtures("without_text")
def test_what_is_drawn_where_no_study_can_keep_it_is_covered(
    qtbot: QtBot, session: Session, snapshots: Snapshots, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording, study = session.opened.recording, session.study
    assert recording is not None
    session.picture.drawn_covers.of(study.folder, recording, (), can_keep=False).add(DRAWN)
    monkeypatch.setattr(type(study), "read_only", True)
    snapshots.copy()
    said(qtbot, session, "Picture copied; ")
    assert is_covered(drawn_of(pixels(QApplication.clipboard().image())))


def test_before_somebody_has_said_who_reads_there_is_none(
    session: Session, snapshots: Snapshots, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session.study, "access", lambda: None)
    snapshots.copy()
    assert session.status.line == "say who reads first; then the places to cover can be read"
    assert not snapshots.work.running


@pytest.mark.usefixtures("without_text")
def test_nothing_is_painted_over_a_hidden_picture_that_shows_a_face(
    qtbot: QtBot, session: Session, snapshots: Snapshots, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> str:
        raise AssertionError("the pose with its face was painted")

    monkeypatch.setattr("app.ui.views.picture_paint.paint_overlay", refuse)
    session.picture.present(replace(session.picture.presentation, orientation=Orientation(1, True)))
    snapshots.copy()
    assert said(qtbot, session, "Picture") == "Picture copied; people and text are covered"
    assert QApplication.clipboard().image().size() == QSize(360, 640), "turned as it is shown"


@pytest.fixture(params=["faces", "text"])
def without_a_detector(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The detector of faces, or that of text, is missing."""

    def fail(*_: Any, **__: Any) -> bytes:
        raise UserError("The detector is missing from this installation.")

    monkeypatch.setattr(text_of_recording, "run_process", fail)
    text_of_recording._kept.clear()
    if request.param == "faces":
        monkeypatch.setattr(hidden_frames, "CenterFace", fail)


@pytest.mark.usefixtures("without_a_detector")
def test_without_a_detector_nothing_is_written(
    qtbot: QtBot, session: Session, snapshots: Snapshots, tmp_path: Path
) -> None:
    QApplication.clipboard().clear()
    for path in (tmp_path / "out.png", None):
        session.status.show_message("")
        if path is None:
            snapshots.copy()
        else:
            snapshots.save(path)
        qtbot.waitUntil(lambda: "The detector is missing" in session.status.message)
        qtbot.waitUntil(lambda: not snapshots.work.running)
    assert not (tmp_path / "out.png").exists()
    assert QApplication.clipboard().image().isNull()


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search for text goes on until it is cancelled."""

    def search(*_: Any, report: Any, cancel: Any) -> CoveredPlaces:
        report(Progress("Looking for text in the picture", 0.5))
        cancel.wait(60.0)
        cancel.check()
        raise AssertionError

    monkeypatch.setattr(hidden_frames, "text_of_recording", search)


@pytest.mark.usefixtures("endless")
def test_it_shows_how_far_it_is_and_can_be_cancelled(
    qtbot: QtBot, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out.png"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(out), ""))
    window = Window(session)
    qtbot.addWidget(window)
    window.show()
    window._tools.save_picture()
    qtbot.waitUntil(lambda: any(one.isVisible() for one in window.findChildren(QProgressDialog)))
    (dialog,) = window.findChildren(QProgressDialog)
    assert dialog.labelText() == "Looking for text in the picture"
    assert not dialog.isModal()
    window._tools._snapshots.copy(as_recorded=True)
    assert session.status.line == "the picture before this one is still being made"
    (button,) = dialog.findChildren(QPushButton)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    said(qtbot, session, "no picture was made")
    qtbot.waitUntil(lambda: not window.findChildren(QProgressDialog))
    assert not out.exists()
    at_rest(qtbot, session)
    window.close()


@pytest.mark.usefixtures("endless")
def test_no_picture_of_one_recording_is_made_while_another_is_shown(
    qtbot: QtBot, session: Session, snapshots: Snapshots, tmp_path: Path
) -> None:
    snapshots.copy()
    session.opening.open(write_recording(tmp_path / "other.mp4"))
    qtbot.waitUntil(lambda: opened_name(session) == "other.mp4")
    qtbot.waitUntil(lambda: not snapshots.work.running)
    assert session.status.line != "Picture copied"


def test_only_the_name_of_what_is_as_recorded_is_the_recordings(
    qtbot: QtBot, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[tuple[str, Path]] = []

    def ask(_parent: object, title: str, start: str, _kinds: str = "") -> tuple[str, str]:
        begun.append((title, Path(start)))
        return "", ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", ask)
    window = Window(session)
    qtbot.addWidget(window)
    window._tools.save_picture()
    window._tools.save_picture(as_recorded=True)
    (hidden_title, hidden), (recorded_title, recorded) = begun
    assert hidden.name == "hidden picture 00-00.000.png"
    assert "people and text covered" in hidden_title
    assert recorded.name == "Greta Kowalski 00-00.000.png"
    assert "people can be recognised" in recorded_title
    at_rest(qtbot, session)
    window.close()
