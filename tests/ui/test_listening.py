"""How a recording is heard: volume, track, offset, the file that goes, and the sound for the eye."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.reading import ReaderKind
from app.core.recording.file_watch import FileNews, FileState
from app.core.recording.presentation import PLAIN, Orientation, Presentation, Streams, Tone
from app.core.recording.probe import open_recording
from app.core.semiology import Span
from app.core.settings import load_settings
from app.ui.dialogs.brightness import LightDialog
from app.ui.dialogs.sound import SoundDialog, track_name
from app.ui.session import sound_detail
from app.ui.session.background import close_all
from app.ui.session.session import Session
from app.ui.session.sound_detail import Detail, SoundDetail
from app.ui.views.sound_paint import sample_columns
from app.ui.views.waveform import WaveformView
from app.ui.window import Window
from tests.media import tone, write_recording
from tests.odd_recordings import two_cameras
from tests.ui.session_cases import QuickReader, at_rest, opened, opened_name, player_of, quick, recording_path

__all__ = ["quick", "recording_path"]


@pytest.fixture
def session(qtbot: QtBot, quick: type[QuickReader], recording_path: Path) -> Any:
    with opened(qtbot, recording_path) as session:
        yield session


def test_streams_reach_the_player_once(session: Session) -> None:
    session.picture.present(
        replace(session.picture.presentation, streams=Streams(offset=0.08, channel=1, deinterlace=True))
    )
    session.picture.present(replace(session.picture.presentation, tone=Tone(gamma=2.0)))
    player = player_of(session)
    assert player.said("set_offset") == [(0.08,)]
    assert player.said("set_channel") == [(1,)]
    assert player.said("set_deinterlace") == [(True,)]


def test_another_recording_begins_as_recorded(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    session.picture.present(Presentation(orientation=Orientation(1, True), streams=Streams(deinterlace=True)))
    session.opening.open(write_recording(tmp_path / "other.mp4", frames=30, sound=tone(1.0)))
    qtbot.waitUntil(lambda: opened_name(session) == "other.mp4")
    at_rest(qtbot, session)
    assert session.picture.presentation == PLAIN
    assert player_of(session).said("set_deinterlace")[-1] == (None,)


def test_the_volume_is_kept_in_bounds_and_told(session: Session) -> None:
    session.sound.set_volume(3.0)
    assert session.sound.volume == 1.0
    session.sound.set_volume(0.25)
    assert player_of(session).said("set_volume")[-1] == (0.25,)


def test_a_file_that_goes_is_said(session: Session) -> None:
    player_of(session).file_changed.emit(FileNews(FileState.VANISHED, "“a.mp4” is gone."))
    assert session.status.message == "“a.mp4” is gone."


def test_the_look_of_a_recording_comes_back(
    qtbot: QtBot, quick: type[QuickReader], recording_path: Path
) -> None:
    look = Presentation(Tone(0.1, -0.2, 1.5), Orientation(3, True), inset=True, streams=Streams(offset=-0.2))
    with opened(qtbot) as session:
        window = Window(session)
        qtbot.addWidget(window)
        session.opening.open(recording_path)
        qtbot.waitUntil(lambda: session.opened.recording is not None)
        at_rest(qtbot, session)
        session.picture.present(look)
        session.sound.set_volume(0.5)
        window.close()
    assert load_settings().volume == 0.5
    with opened(qtbot) as session:
        window = Window(session)
        qtbot.addWidget(window)
        session.opening.open(recording_path)
        qtbot.waitUntil(lambda: session.opened.recording is not None)
        at_rest(qtbot, session)
        assert session.picture.presentation == look
        assert session.sound.volume == 0.5
        assert player_of(session).said("set_offset")[-1] == (-0.2,)
        window.close()


def test_mirroring_swaps_what_the_reader_says(session: Session) -> None:
    words = session.answers.others[0].answer("clonic").explanation
    assert words.startswith("left")
    session.picture.present(Presentation(orientation=Orientation(0, True)))
    assert session.answers.others[0].answer("clonic").explanation.startswith("right")
    session.picture.present(PLAIN)
    assert session.answers.others[0].answer("clonic").explanation == words


def test_the_sliders_act_at_once_and_go_back(qtbot: QtBot, session: Session) -> None:
    dialog = LightDialog(session)
    qtbot.addWidget(dialog)
    dialog.sliders["gamma"].setValue(50)
    dialog.sliders["brightness"].setValue(-20)
    assert session.picture.presentation.tone == Tone(-0.2, 0.0, 2.0)
    dialog._reset()
    assert session.picture.presentation == PLAIN
    assert dialog.sliders["gamma"].value() == 0


def test_the_sound_dialog_sets_the_offset(qtbot: QtBot, session: Session) -> None:
    dialog = SoundDialog(session)
    qtbot.addWidget(dialog)
    dialog.offset.setValue(40)
    assert session.picture.presentation.streams.offset == pytest.approx(0.04)
    dialog.again.click()
    assert player_of(session).said("look_for_outputs") == [()]
    dialog.scrub.setChecked(True)
    assert session.sound.scrub_sound
    assert session.opened.recording is not None
    assert track_name(0, session.opened.recording.tracks[0]).startswith("1: ")


# the sound for the eye


def _wait(qtbot: QtBot, ready: Callable[[], Any]) -> Any:
    qtbot.waitUntil(lambda: ready() is not None)
    return ready()


def test_single_samples_are_the_sound(qtbot: QtBot, recording_path: Path) -> None:
    recording = open_recording(recording_path)
    sound = SoundDetail()
    sound.open(recording)
    visible = Span(0.5, 0.52)
    detail = _wait(qtbot, lambda: sound.near(visible))
    assert detail.span.contains(0.5)
    assert np.abs(detail.samples).max() > 0.05
    assert sound.near(Span(0.0, 100.0)) is None, "too long to be shown in samples"
    assert sample_columns(detail, visible, 5000) is None, "fewer samples than columns"
    bounds = sample_columns(detail, visible, 50)
    assert bounds is not None
    low, high = bounds
    assert (low <= high).all()
    assert detail.spectrogram.picture(0.0, 0.5, 20).any()
    close_all(sound)


def test_one_stretch_is_read_at_a_time_and_the_newest_next(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = open_recording(write_recording(tmp_path / "a.mp4", frames=250, sound=tone(10.0)))
    go, read = threading.Event(), []
    real = sound_detail._read

    def slowly(recording: Any, wanted: Span) -> Detail:
        read.append(wanted)
        go.wait(60)
        return real(recording, wanted)

    monkeypatch.setattr(sound_detail, "_read", slowly)
    sound = SoundDetail()
    sound.open(recording)
    spans = [Span(float(start), start + 0.02) for start in (0, 3, 6, 9)]
    assert [sound.near(span) for span in spans] == [None] * 4
    qtbot.waitUntil(lambda: len(read) == 1)
    go.set()
    qtbot.waitUntil(lambda: sound.near(spans[-1]) is not None)
    assert [span.contains(start) for span, start in zip(read, (0.0, 9.0), strict=True)] == [True, True]
    close_all(sound)


def test_the_columns_are_the_extremes() -> None:
    samples = np.zeros(1000, np.float32)
    samples[500], samples[510] = 0.7, -0.4
    detail = Detail(10.0, 1000, samples, SimpleNamespace())  # type: ignore[arg-type]
    bounds = sample_columns(detail, Span(10.0, 11.0), 10)
    assert bounds is not None
    assert bounds[1].tolist() == pytest.approx([0, 0, 0, 0, 0, 0.7, 0, 0, 0, 0])
    assert bounds[0].tolist() == pytest.approx([0, 0, 0, 0, 0, -0.4, 0, 0, 0, 0])


def test_the_panel_shows_samples_and_spectrogram(qtbot: QtBot, session: Session) -> None:
    view = WaveformView(session)
    qtbot.addWidget(view)
    view.resize(800, 200)
    view.show()
    plain = _ground(view)
    session.sound_detail.show_spectrogram(True)
    qtbot.waitUntil(lambda: session.sound_detail.spectrogram is not None)
    both = _ground(view)
    assert both != plain
    session.visible.set(Span(0.5, 0.53))
    view.grab()
    _wait(qtbot, lambda: session.sound_detail.near(session.visible.span))
    QApplication.processEvents()
    assert _ground(view) != both


def _ground(view: WaveformView) -> QImage:
    image = QImage(QSize(800, 200), QImage.Format.Format_RGB32)
    image.fill(0)
    painter = QPainter(image)
    view.paint_ground(painter, QSize(800, 200))
    painter.end()
    assert not QRectF(image.rect()).isEmpty()
    return image


def test_another_picture_of_the_file_is_shown_and_remembered(
    qtbot: QtBot, quick: type[QuickReader], tmp_path: Path
) -> None:
    path = two_cameras(tmp_path / "two.mkv", (40, 60))

    def shown(session: Session) -> int:
        return session.opened.recording.picture if session.opened.recording is not None else -1

    with opened(qtbot) as session:
        window = Window(session)
        qtbot.addWidget(window)
        session.opening.open(path)
        qtbot.waitUntil(lambda: shown(session) == 0)
        at_rest(qtbot, session)
        assert "more than one picture" in session.status.message
        session.playback.seek(0.8)
        dialog = SoundDialog(session)
        qtbot.addWidget(dialog)
        assert [dialog.picture.itemData(row) for row in range(dialog.picture.count())] == [0, 1]
        dialog.picture.setCurrentIndex(1)
        dialog.picture.activated.emit(1)
        qtbot.waitUntil(lambda: shown(session) == 1)
        at_rest(qtbot, session)
        assert session.playback.cursor == pytest.approx(0.8)
        assert session.opened.recording is not None
        assert session.opened.recording.video is not None
        assert session.opened.recording.video.n == 60
        assert quick.read_count == 2
        known = session.answers.my_reading.known
        assert {one.details.get("picture_track") for one in known if one.kind is ReaderKind.SIGNAL} == {
            None,
            "2",
        }
        session.opening.open_picture(0)
        qtbot.waitUntil(lambda: shown(session) == 0)
        at_rest(qtbot, session)
        assert quick.read_count == 2
        session.opening.open_picture(1)
        qtbot.waitUntil(lambda: shown(session) == 1)
        at_rest(qtbot, session)
        window.close()
    with opened(qtbot) as session:
        window = Window(session)
        qtbot.addWidget(window)
        session.opening.open(path)
        qtbot.waitUntil(lambda: shown(session) == 1)
        at_rest(qtbot, session)
        session.picture.present(
            replace(
                session.picture.presentation,
                streams=replace(session.picture.presentation.streams, picture=None),
            )
        )
        qtbot.waitUntil(lambda: shown(session) == 0)
        at_rest(qtbot, session)
        window.close()
