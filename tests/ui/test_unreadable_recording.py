"""A recording in which nothing can be read for a while: it is said when it opens, and marked on the time."""

from __future__ import annotations

import random
from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from app.ui.views.waveform import WaveformView
from tests.media import tone, write_recording
from tests.ui.session_cases import opened

NOISE = random.Random(8).randbytes(1 << 20)


def damaged_recording(folder: Path) -> Path:
    path = folder / "seizure.mp4"
    muxer = {"movflags": "frag_keyframe+empty_moov"}
    whole = write_recording(path, frames=100, sound=tone(4.0), muxer=muxer).read_bytes()
    half = whole.index(b"moof", len(whole) // 2) - 4
    path.write_bytes(whole[:half] + NOISE + whole[half:])
    return path


def colours_at(view: WaveformView, seconds: float) -> set[str]:
    """The colours behind the sound at this time."""
    image = QImage(QSize(view.width(), view.height()), QImage.Format.Format_RGB32)
    image.fill(0)
    painter = QPainter(image)
    view.paint_grid(painter, 0.0, float(view.height()))
    painter.end()
    x = round(view.scale_of_time.x(seconds))
    return {image.pixelColor(column, y).name() for column in (x, x + 1) for y in range(view.height())}


def test_a_cut_is_said_and_marked(qtbot: QtBot, tmp_path: Path) -> None:
    path = damaged_recording(tmp_path)
    with opened(qtbot) as session:
        said: list[str] = []
        session.status.message_changed.connect(lambda: said.append(session.status.message))
        session.opening.open(path)
        qtbot.waitUntil(lambda: session.opened.recording is not None)
        recording = session.opened.recording
        assert recording is not None
        (cut,) = recording.unreadable
        words = f"Nothing can be read in 1 MB after {cut.seconds:.1f} s; what follows is shown."
        qtbot.waitUntil(lambda: any(words in message for message in said))
        view = WaveformView(session)
        qtbot.addWidget(view)
        view.resize(800, 100)
        caution = session.appearance.theme.caution
        assert caution in colours_at(view, cut.seconds)
        assert caution not in colours_at(view, cut.seconds + 1.0)
