"""A real person, hidden: another detector finds the face before and none after."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pytest

from app.core.enhance.detectors import FaceDetector
from app.core.enhance.pose import pose_track
from app.core.hiding.picture_hider import PictureHider, hide_frames
from app.core.recording.frames import FrameReader
from app.core.recording.probe import open_recording
from benchmarks.real_people import FOLDER
from tests.core.hiding_scenes import Image

CLIP = FOLDER / "single_face.mp4"


@pytest.mark.slow
@pytest.mark.skipif(not CLIP.is_file(), reason="the clips of people (shared/media/people) are missing")
def test_no_other_detector_finds_a_real_face_that_was_hidden(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEMIOSCOPE_HOME", str(tmp_path_factory.mktemp("home")))
    recording = open_recording(CLIP)
    track = pose_track(recording)

    def frames() -> Iterator[tuple[float, Image]]:
        with FrameReader(recording) as reader:
            for frame in reader.frames():
                yield frame.time, np.ascontiguousarray(frame.image[:, :, :3])

    shown = dict(frames())
    with closing(FaceDetector()) as other:
        for number, (seconds, made) in enumerate(hide_frames(iter(shown.items()), PictureHider(track))):
            if number % 10 == 0:
                assert other.find(np.ascontiguousarray(shown[seconds][:, :, ::-1])), seconds
                assert not other.find(np.ascontiguousarray(made.image[:, :, ::-1])), seconds
            assert not made.whole
