"""What is not certainly the patient's is said in the picture, on the timeline and in the status line."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from app.core.enhance.left_out import left_out_message
from app.core.enhance.pose_track import Doubt, PoseTrack
from app.core.semiology import Span
from app.core.timeline.time_axis import RULER_HEIGHT, TimeScale
from app.ui.session.picture import Overlay
from app.ui.theme import DARK
from app.ui.views.overlay import missing, paint_pose
from app.ui.views.timeline_left_out import paint_left_out
from tests.ui.made_poses import a_pose_track

SHOWN = Overlay(skeleton=True, face=True, trails=False)


def with_doubt(doubt: Doubt, start: float = 2.0, stop: float = 5.0) -> PoseTrack:
    track = a_pose_track(10.0)
    codes = np.where((track.times >= start) & (track.times < stop), doubt, Doubt.NONE)
    return replace(track, doubt=codes.astype(np.uint8))


@pytest.mark.parametrize("doubt", [one for one in Doubt if one])
def test_the_frame_says_that_it_is_left_out(doubt: Doubt) -> None:
    track = with_doubt(doubt)
    assert "left out" in missing(track, 90, SHOWN)
    assert "left out" not in missing(track, 0, SHOWN)


def test_the_window_says_for_how_long_and_what_can_be_done() -> None:
    text = left_out_message(with_doubt(Doubt.UNCERTAIN))
    assert text.startswith("3.0 s are left out of the answers (2.0–5.0 s): it is not certain")
    assert text.endswith("If another person was followed, draw a box around the patient.")
    assert left_out_message(a_pose_track(10.0)) == ""
    assert left_out_message(with_doubt(Doubt.UNCERTAIN, 2.0, 2.3)) == ""


def test_the_timeline_hatches_the_stretch(qtbot: QtBot) -> None:
    image = QImage(400, RULER_HEIGHT, QImage.Format.Format_RGB32)
    image.fill(0)
    painter = QPainter(image)
    scale = TimeScale(Span(0.0, 10.0), 0.0, 400.0)
    paint_left_out(painter, with_doubt(Doubt.UNCERTAIN), scale, DARK)
    painter.end()
    painted = np.array([image.pixel(x, RULER_HEIGHT - 3) & 0xFFFFFF for x in range(400)]) > 0
    inside = np.arange(400)[painted]
    assert len(inside) > 10
    assert inside.min() >= 79
    assert inside.max() <= 201


def test_a_skeleton_that_may_be_somebody_elses_is_drawn_faintly(qtbot: QtBot) -> None:
    def ink(track: PoseTrack) -> int:
        image = QImage(640, 360, QImage.Format.Format_RGB32)
        image.fill(0)
        painter = QPainter(image)
        paint_pose(painter, QRectF(0, 0, 640, 360), track, 90, SHOWN)
        painter.end()
        return max(image.pixelColor(x, 122).lightness() for x in range(200, 440))

    assert ink(with_doubt(Doubt.UNCERTAIN)) < 0.8 * ink(a_pose_track(10.0))
