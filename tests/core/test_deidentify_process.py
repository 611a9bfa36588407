"""The whole way of a de-identified clip, with its real processes: pose, text, hiding, second detector."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from app.core.deidentify import clip_making, deidentify_process, doubt_sheet
from app.core.deidentify.clip_choice import HidingChoice, choice_to_dict, chosen_stretch
from app.core.deidentify.face_check import SURE, FaceDoubt
from app.core.deidentify.prepared_clips import prepare_deidentified
from app.core.errors import Cancelled, UserError
from app.core.hiding.covered_places import CoveredPlaces
from app.core.hiding.picture_hider import HiddenPicture
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
    """A detector that is sure of something in the seventh picture that it is shown, and less so in others."""

    def __init__(self) -> None:
        self.pictures: list[object] = []

    def find(self, image: object) -> tuple[FaceDoubt, ...]:
        self.pictures.append(image)
        return (FaceDoubt(160.0, 120.0, 100.0, 0.9 if len(self.pictures) == 7 else 0.3),)

    def close(self) -> None:
        """Nothing to close."""


def checked(
    path: Path, monkeypatch: pytest.MonkeyPatch, recorded: Callable[[int], Image]
) -> tuple[doubt_sheet.ClipCheck, list[float]]:
    monkeypatch.setattr(doubt_sheet, "SecondDetector", _DoubtOnce)
    shares: list[float] = []
    return doubt_sheet.check_clip(path, recorded, shares.append), shares


def test_the_sheet_shows_the_most_doubtful_frames_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = recording_of(tmp_path)
    with FrameReader(open_recording(path)) as reader:
        check, shares = checked(path, monkeypatch, lambda number: reader.frame(number).image)
    assert (check.checked, check.suspected) == (8, 1)
    assert shares[-1] == 1.0
    assert check.sheet.shape[1] == 4 * 480
    assert SURE == 0.5


def test_what_the_recording_does_not_show_there_is_not_suspected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def recorded(number: int) -> Image:
        asked.append(number)
        return np.zeros((241, 321, 3), np.uint8)  # a clip has even sides

    check, _ = checked(recording_of(tmp_path), monkeypatch, recorded)
    assert (check.checked, check.suspected) == (8, 0)
    assert asked == [6], "only where something is suspected"
    first = check.sheet[:394, :480]
    ring = (first == (0, 220, 255)).all(axis=2)
    assert ring.any(), "it stays the first of the sheet, because a person decides"


@pytest.mark.parametrize("start", [0.0, 0.4, 0.43141])
def test_a_clip_is_checked_against_its_own_frames_of_the_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: float
) -> None:
    """Whatever the clip's clock makes of their times: it begins at its earliest packet, and rounds."""
    shown: list[tuple[Image, Image]] = []

    def check(clip: Path, recorded: Callable[[int], Image], _report: object) -> doubt_sheet.ClipCheck:
        with FrameReader(open_recording(clip)) as reader:
            shown.extend((frame.image, recorded(frame.number)) for frame in reader.frames())
        return doubt_sheet.ClipCheck(1, 0, np.zeros((8, 8, 3), np.uint8))

    monkeypatch.setattr(doubt_sheet, "check_clip", check)
    pictures = [np.full((96, 128, 3), 12 * number, np.uint8) for number in range(20)]
    path = write_recording(tmp_path / "a.mp4", pictures=pictures, rate=24, size=(128, 96))
    deidentify_process._clips(plain_job(path, monkeypatch, start=start), no_report)
    assert len(shown) >= 9
    for clips, recorded in shown:
        assert abs(float(clips.mean()) - float(recorded.mean())) < 6.0


def plain_job(path: Path, monkeypatch: pytest.MonkeyPatch, *, start: float = 0.0) -> dict[str, Any]:
    """A job for the process, in which nothing is hidden or looked for."""
    monkeypatch.setattr(clip_making, "PictureHider", _HidesNothing)
    monkeypatch.setattr(clip_making, "text_of_stretch", lambda *_: CoveredPlaces())
    monkeypatch.setattr(deidentify_process, "load_track", lambda _path: None)
    recording = open_recording(path)
    return {
        **recording_job(recording),
        "folder": str(path.parent),
        "choice": choice_to_dict(HidingChoice()),
        "stretches": [asdict(chosen_stretch(recording, start, None))],
    }


def _replaced(path: Path) -> None:
    """Another file of the same size, ends and time of change."""
    shutil.copy2(path, path.with_name("other.mp4"))
    path.with_name("other.mp4").replace(path)


def _rewritten(path: Path) -> None:
    """The same file and size, and the same ends as far as they are compared."""
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1))


def _gone(path: Path) -> None:
    path.rename(path.with_name("moved.mp4"))


@pytest.mark.parametrize("change", [_replaced, _rewritten, _gone])
@pytest.mark.parametrize("when", ["before the check", "during the check"])
def test_a_recording_that_changes_is_no_measure_of_what_its_clip_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], None], when: str
) -> None:
    path = recording_of(tmp_path)
    write, checked = clip_making.write_clip, list[Path]()

    def written(*of: Any, **how: Any) -> clip_making.MadeClip:
        made = write(*of, **how)
        if when == "before the check":
            change(path)
        return made

    def check(clip: Path, _recorded: object, _report: object) -> doubt_sheet.ClipCheck:
        checked.append(clip)
        change(path)
        return doubt_sheet.ClipCheck(1, 0, np.zeros((8, 8, 3), np.uint8))

    monkeypatch.setattr(clip_making, "write_clip", written)
    monkeypatch.setattr(doubt_sheet, "check_clip", check)
    with pytest.raises(UserError, match="has changed while the clip was made"):
        deidentify_process._clips(plain_job(path, monkeypatch), no_report)
    assert len(checked) == (when == "during the check")
    assert not (tmp_path / "0.png").exists(), "no sheet says that nothing shows"


class _HidesNothing:
    def __init__(self, *_: object, **__: object) -> None: ...

    def offer(self, _image: Image, _seconds: float) -> None: ...

    def end(self) -> None: ...

    def hide(self, image: Image, _seconds: float) -> HiddenPicture:
        return HiddenPicture(image, whole=False)
