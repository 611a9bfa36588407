"""The whole way of a de-identified clip, with its real processes: pose, text, hiding, second detector."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.core.deidentify.clip_choice import HidingChoice, chosen_stretch
from app.core.deidentify.face_check import SURE, FaceDoubt
from app.core.deidentify.prepared_clips import prepare_deidentified
from app.core.errors import Cancelled
from app.core.jobs import CancelToken, Progress, no_report
from app.core.picture_box import Box
from app.core.recording.frames import FrameReader
from app.core.recording.probe import open_recording
from tests.core.deidentified_cases import ledger_in
from tests.media import numbered_picture, write_recording


def recording_of(folder: Path) -> Path:
    pictures = [numbered_picture(number, 320, 240) for number in range(8)]
    return write_recording(folder / "a.mp4", pictures=pictures, rate=10, size=(320, 240))


@pytest.mark.timeout(900)  # several processes load their models
def test_a_clip_goes_the_whole_way(tmp_path: Path) -> None:
    recording = open_recording(recording_of(tmp_path))
    choice = HidingChoice(covers=(Box(0.0, 0.0, 0.5, 0.5),))
    said: list[str] = []

    def report(progress: Progress) -> None:
        said.append(progress.what)

    with prepare_deidentified(
        recording,
        (chosen_stretch(recording, 0.2, 0.6),),
        choice,
        tmp_path / "clip.mp4",
        ledger_in(tmp_path / "study"),
        report=report,
        cancel=CancelToken(),
    ) as prepared:
        (clip,) = prepared.clips
        assert clip.sheet.read_bytes().startswith(b"\x89PNG")
        prepared.keep()
    assert (clip.frames, clip.checked) == (4, 4)
    assert clip.coarse == clip.frames  # nobody was found, so all is coarse
    assert clip.text >= 0.25
    assert {"Finding pose and face", "Hiding faces and text", "Checking the clip for faces"} <= set(said)
    made = open_recording(tmp_path / "clip.mp4")
    assert made.audio is None
    with FrameReader(made) as reader:
        corner = reader.frame(2).image[5:110, 5:150].astype(np.float64)
    assert corner.std(axis=(0, 1)).max() < 6  # what was to be covered is of one colour


def test_cancelling_ends_it_and_leaves_nothing(tmp_path: Path) -> None:
    recording, cancel = open_recording(recording_of(tmp_path)), CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        prepare_deidentified(
            recording,
            (chosen_stretch(recording, None, None),),
            HidingChoice(),
            tmp_path / "clip.mp4",
            ledger_in(tmp_path / "study"),
            report=no_report,
            cancel=cancel,
        )
    assert {path.name for path in tmp_path.iterdir()} == {"a.mp4", "study"}


def test_the_sheet_shows_the_most_doubtful_frames_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.core.deidentify import doubt_sheet

    class Detector:
        seen = 0

        def find(self, _image: object) -> tuple[FaceDoubt, ...]:
            Detector.seen += 1
            doubt = 0.9 if Detector.seen == 7 else 0.3
            return (FaceDoubt(20.0, 20.0, 10.0, doubt),)

        def close(self) -> None:
            """Nothing to close."""

    monkeypatch.setattr(doubt_sheet, "SecondDetector", Detector)
    shares: list[float] = []
    check = doubt_sheet.check_clip(recording_of(tmp_path), shares.append)
    assert (check.checked, check.suspected) == (8, 1)
    assert shares[-1] == 1.0
    assert check.sheet.shape[1] == 4 * 480
    assert SURE == 0.5
