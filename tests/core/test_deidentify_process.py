"""The whole way of a de-identified clip, with its real processes: pose, text, hiding, second detector."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from app.core.deidentify import clip_making, deidentify_process, doubt_sheet
from app.core.deidentify.clip_choice import HidingChoice, choice_to_dict, chosen_stretch
from app.core.deidentify.face_check import SURE, FaceDoubt
from app.core.deidentify.prepared_clips import prepare_deidentified
from app.core.errors import Cancelled
from app.core.hiding.covered_places import CoveredPlaces
from app.core.jobs import CancelToken, Progress, no_report
from app.core.picture_box import Box
from app.core.recording.analysis_process import recording_job
from app.core.recording.frames import FrameReader
from app.core.recording.probe import open_recording
from tests.core.deidentified_cases import ledger_in
from tests.media import numbered_picture, write_recording

Image = npt.NDArray[np.uint8]


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


class _DoubtOnce:
    """A detector that is sure of something in the seventh picture of a clip, and of what it is shown there of
    the recording."""

    def __init__(self) -> None:
        self.pictures: list[object] = []

    def find(self, image: object) -> tuple[FaceDoubt, ...]:
        self.pictures.append(image)
        return (FaceDoubt(160.0, 120.0, 100.0, 0.9 if len(self.pictures) in (7, 8) else 0.3),)

    def close(self) -> None:
        """Nothing to close."""


def checked(
    path: Path, monkeypatch: pytest.MonkeyPatch, recorded: Callable[[float], Image]
) -> tuple[doubt_sheet.ClipCheck, list[float]]:
    monkeypatch.setattr(doubt_sheet, "SecondDetector", _DoubtOnce)
    shares: list[float] = []
    return doubt_sheet.check_clip(path, recorded, shares.append), shares


def test_the_sheet_shows_the_most_doubtful_frames_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = recording_of(tmp_path)
    with FrameReader(open_recording(path)) as reader:
        check, shares = checked(path, monkeypatch, lambda seconds: reader.frame_at(seconds).image)
    assert (check.checked, check.suspected) == (8, 1)
    assert shares[-1] == 1.0
    assert check.sheet.shape[1] == 4 * 480
    assert SURE == 0.5


def test_what_the_recording_does_not_show_there_is_not_suspected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []

    def recorded(seconds: float) -> Image:
        asked.append(seconds)
        return np.zeros((480, 640, 3), np.uint8)  # as large as the clip may not be

    check, _ = checked(recording_of(tmp_path), monkeypatch, recorded)
    assert (check.checked, check.suspected) == (8, 0)
    assert asked == [pytest.approx(0.6)], "only where something is suspected"


def test_a_clip_is_checked_against_its_stretch_of_the_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[Image] = []

    def check(_clip: Path, recorded: Callable[[float], Image], _report: object) -> doubt_sheet.ClipCheck:
        shown.append(recorded(0.1))
        return doubt_sheet.ClipCheck(1, 0, np.zeros((8, 8, 3), np.uint8))

    monkeypatch.setattr(doubt_sheet, "check_clip", check)
    monkeypatch.setattr(clip_making, "write_clip", lambda *_, **__: clip_making.MadeClip(1, 0, 0.0))
    monkeypatch.setattr(clip_making, "text_of_stretch", lambda *_: CoveredPlaces())
    recording = open_recording(recording_of(tmp_path))
    monkeypatch.setattr(deidentify_process, "load_track", lambda _path: None)
    job = {
        **recording_job(recording),
        "folder": str(tmp_path),
        "choice": choice_to_dict(HidingChoice()),
        "stretches": [asdict(chosen_stretch(recording, 0.4, 0.7))],
    }
    deidentify_process._clips(job, no_report)
    with FrameReader(recording) as reader:
        np.testing.assert_array_equal(shown[0], reader.frame_at(0.5).image)
