"""The overview of a whole EEG: it finds the phantom's seizure, is cached, cancelled, clicked and dragged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.eeg import overview_cache
from app.core.eeg.display_choices import TrendView
from app.core.eeg.displayed_file import DisplayedFile
from app.core.eeg.eeg_file import opened_eeg
from app.core.eeg.file_overview import FileOverview, trends_to_arrays
from app.core.eeg.overview_cache import OVERVIEWS, overview_key
from app.core.eeg.overview_process import trends_of_file
from app.core.eeg.sync import Sync
from app.core.eeg.trends import Trends
from app.core.folders import cache_folder
from app.core.jobs import Progress, no_report
from app.core.phantom.eeg import EegScript, PhantomEeg, phantom_eeg
from app.core.phantom.eeg_file import write_phantom_eeg
from app.core.phantom.eeg_sources import EegSeizure
from app.core.recording.analysis_process import run_process
from app.core.recording.array_cache import save_arrays
from app.core.semiology import Span
from app.ui.session.session import Session
from app.ui.views.eeg_overview import CAUTION, EegOverviewPanel
from app.ui.views.eeg_overview_picture import EegOverviewPicture
from app.ui.views.eeg_panel import EegPanel
from tests.ui.shown_eeg import displayed, flat, panel_on_screen, write_made_eeg
from tests.ui.shown_session import a_recording, shown_session

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
SEIZURE = Span(400.0, 450.0)
SECONDS = 600.0
OFFSET = -300.0
"""The recording begins 300 s after the EEG."""


@pytest.fixture(scope="module")
def phantom() -> PhantomEeg:
    script = EegScript(5, SECONDS, EegSeizure(SEIZURE))
    return phantom_eeg(script)


@pytest.fixture(scope="module")
def trends(phantom: PhantomEeg, tmp_path_factory: pytest.TempPathFactory) -> Trends:
    """What the process computes, once for all tests that only look at it."""
    path = tmp_path_factory.mktemp("eeg") / "phantom.edf"
    write_phantom_eeg(path, phantom)
    with opened_eeg(path) as eeg:
        return trends_of_file(eeg, frozenset(), no_report)


@pytest.fixture
def file(tmp_path: Path, phantom: PhantomEeg) -> Path:
    path = tmp_path / "phantom.edf"
    write_phantom_eeg(path, phantom)
    return path


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with shown_session(tmp_path, a_recording(tmp_path, 200.0)) as session:
        yield session


@pytest.fixture
def shown(session: Session, file: Path) -> Iterator[DisplayedFile]:
    with displayed(session, file, Sync(OFFSET)) as shown:
        yield shown


@pytest.fixture
def panel(qtbot: QtBot, session: Session, shown: DisplayedFile, trends: Trends) -> EegPanel:
    assert shown.duration == SECONDS
    save_arrays(OVERVIEWS, overview_key(shown), trends_to_arrays(trends))
    panel = panel_on_screen(qtbot, session, 1000, 620)
    session.eeg.change(overview=True)
    computed(qtbot, session)
    return panel


def computed(qtbot: QtBot, session: Session) -> FileOverview:
    """The overview once it is there."""
    qtbot.waitUntil(lambda: session.eeg_overview.found is not None, timeout=60_000)
    found = session.eeg_overview.found
    assert found is not None
    return found


def x_of(picture: EegOverviewPicture, seconds: float) -> QPoint:
    canvas = picture.canvas()
    return QPointF(canvas.x(seconds), canvas.plot.center().y()).toPoint()


def test_the_seizure_is_found_where_it_is_and_a_key_goes_there(
    qtbot: QtBot, session: Session, panel: EegPanel
) -> None:
    found = computed(qtbot, session)
    evolving = [event for event in found.events if event.evolves]
    assert len(evolving) == 1
    assert SEIZURE.start <= evolving[0].start <= SEIZURE.start + 15
    assert abs(evolving[0].end - SEIZURE.end) <= 6
    assert evolving[0].channels[0] == "T7"
    assert "left temporal" in found.groups.names
    assert panel.overview.caution.text() == CAUTION
    assert CAUTION.startswith("Not a diagnosis")
    session.eeg.position.go_to(0.0)
    panel.overview.picture.setFocus()
    first = min(event.start for event in found.events)
    QTest.keyClick(panel.overview.picture, Qt.Key.Key_Down)
    assert session.eeg.position.contains(first)
    for _ in found.events:
        QTest.keyClick(panel.overview.picture, Qt.Key.Key_Down)
    assert session.eeg.position.contains(max(event.start for event in found.events))
    for _ in found.events:
        QTest.keyClick(panel.overview.picture, Qt.Key.Key_Up)
    assert session.eeg.position.contains(first)


def test_a_click_shows_the_page_and_the_frame(session: Session, panel: EegPanel) -> None:
    picture = panel.overview.picture
    QTest.mouseClick(picture, LEFT, NONE, x_of(picture, 420.0))
    within = 2 / picture.canvas().pixels_per_second
    assert session.eeg.position.contains(420.0)
    assert abs(session.playback.cursor - (420.0 + OFFSET)) <= within


def test_where_there_is_no_picture_only_the_page_goes(session: Session, panel: EegPanel) -> None:
    picture, before = panel.overview.picture, session.playback.cursor
    QTest.mouseClick(picture, LEFT, NONE, x_of(picture, 100.0))
    assert session.eeg.position.contains(100.0)
    assert session.playback.cursor == before


def test_the_page_is_dragged_as_a_window(session: Session, panel: EegPanel) -> None:
    picture = panel.overview.picture
    session.eeg.position.go_to(200.0)
    first, last = x_of(picture, 205.0), x_of(picture, 355.0)
    QTest.mousePress(picture, LEFT, NONE, first)
    QTest.mouseMove(picture, last)
    QTest.mouseRelease(picture, LEFT, NONE, last)
    assert abs(session.eeg.position.start - 350.0) <= 2 / picture.canvas().pixels_per_second
    window = picture.page_window()
    assert window.width() >= 7
    assert window.left() <= last.x() <= window.right()


def test_the_wheel_zooms_and_everything_comes_back(session: Session, panel: EegPanel) -> None:
    picture, overview = panel.overview.picture, session.eeg_overview
    assert overview.shown == (0.0, SECONDS)
    for _ in range(20):
        _wheel(picture, x_of(picture, 420.0))
    start, end = overview.shown
    assert start <= 420.0 <= end
    assert end - start == pytest.approx(60.0)
    overview.scroll(1e6)
    assert overview.shown[1] == pytest.approx(SECONDS)
    panel.overview.whole.click()
    assert overview.shown == (0.0, SECONDS)


def _wheel(picture: EegOverviewPicture, place: QPoint) -> None:
    event = QWheelEvent(
        QPointF(place),
        QPointF(picture.mapToGlobal(place)),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.ControlModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(picture, event)


def test_the_second_time_it_comes_from_the_cache(
    qtbot: QtBot, session: Session, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with displayed(session, file):
        session.eeg_overview.want(True)
        first = computed(qtbot, session)
    assert session.eeg_overview.found is None
    stored = list((cache_folder() / OVERVIEWS).iterdir())
    assert [one.suffix for one in stored] == [".npz"]

    def refuse(*_arguments: object, **_options: object) -> bytes:
        raise AssertionError("it is computed again")

    monkeypatch.setattr(overview_cache, "run_process", refuse)
    with displayed(session, file):
        again = computed(qtbot, session)
    assert again.trends.names == first.trends.names
    np.testing.assert_array_equal(again.trends.spectrum, first.trends.spectrum)


def test_other_bad_channels_are_another_overview(qtbot: QtBot, session: Session, file: Path) -> None:
    with displayed(session, file, bad=frozenset({"EEG T7-REF"})):
        session.eeg_overview.want(True)
        assert "T7" not in computed(qtbot, session).trends.names


def test_it_is_cancelled_and_begun_again(
    qtbot: QtBot, session: Session, shown: DisplayedFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shown.is_complete
    process = run_process

    def wait(*_arguments: object, **options: object) -> bytes:
        report, cancel = options["report"], options["cancel"]
        report(Progress("Computing", 0.25))  # type: ignore[operator]
        while not cancel.wait(0.01):  # type: ignore[attr-defined]
            pass
        cancel.check()  # type: ignore[attr-defined]
        return b""

    monkeypatch.setattr(overview_cache, "run_process", wait)
    panel = EegOverviewPanel(session)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitUntil(lambda: panel.progress.value() == 250)
    assert panel.progress.isVisible()
    panel.button.click()
    qtbot.waitUntil(lambda: not session.eeg_overview.running)
    assert session.eeg_overview.found is None
    assert session.eeg_overview.problem == "The overview was cancelled."
    assert not list((cache_folder() / OVERVIEWS).iterdir())
    monkeypatch.setattr(overview_cache, "run_process", process)
    panel.button.click()
    computed(qtbot, session)


def test_an_eeg_without_brain_says_so(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    path = write_made_eeg(tmp_path / "heart.edf", [(0.0, flat(20, 1))], labels=("ECG",))
    with displayed(session, path):
        session.eeg_overview.want(True)
        qtbot.waitUntil(lambda: bool(session.eeg_overview.problem))
        assert "no channel of EEG" in session.eeg_overview.problem


@pytest.mark.parametrize("view", list(TrendView))
def test_each_view_shows_the_chosen_channels(session: Session, panel: EegPanel, view: TrendView) -> None:
    session.eeg.change(trend_view=view)
    picture = panel.overview.picture
    everywhere = picture.grab().toImage()
    session.eeg_overview.choose_source("T8")
    other = picture.grab().toImage()
    assert other != everywhere
    session.eeg_overview.choose_source("all channels")
    assert picture.grab().toImage() == everywhere


def test_the_tip_says_look_here_and_no_diagnosis(session: Session, panel: EegPanel) -> None:
    picture = panel.overview.picture
    tip = panel.overview._pointer.tip_at(QPointF(x_of(picture, 430.0)))
    assert "look here" in tip
    assert "T7" in tip
    assert "Not a diagnosis" in tip
    assert session.eeg_overview.event_at(430.0) is not None
    assert "look here" not in panel.overview._pointer.tip_at(QPointF(x_of(picture, 550.0)))
