"""The skeleton in a second picture below the plain one, and pictures without colour."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from app.core.clips.clip import Clip, ClipOptions
from app.core.clips.clip_maker import make_clips
from app.core.enhance.enhancement import Enhancement
from app.core.enhance.pose_track import FACE_POINTS, PoseTrack
from app.core.readers.models.request_plan import clip_specs, requests
from app.core.recording.probe import open_recording
from app.core.recording.recording import Recording
from tests.media import write_recording

WIDTH, HEIGHT = 320, 240
PLAIN = ClipOptions(pose=False, face=False, denoise=False, cover_bystanders=False)
Picture = npt.NDArray[np.uint8]


def recorded(path: Path, colour: tuple[int, int, int]) -> Recording:
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    picture[:] = colour
    return open_recording(write_recording(path, rate=10, size=(WIDTH, HEIGHT), pictures=[picture] * 10))


def track_of(recording: Recording) -> PoseTrack:
    """A patient whose left arm, and nothing else, is seen as one line across the middle."""
    assert recording.video is not None
    n = recording.video.n
    joints = np.zeros((n, 33, 3), np.float32)
    joints[:, 11] = (40, 120, 1)
    joints[:, 13] = (280, 120, 1)
    return PoseTrack(
        recording.video.times,
        WIDTH,
        HEIGHT,
        joints,
        np.full((n, 33, 3), np.nan, np.float32),
        np.full((n, len(FACE_POINTS), 3), np.nan, np.float32),
        np.ones(n, np.int16),
        np.ones(n, np.float32),
    )


def shown(recording: Recording, folder: Path, options: ClipOptions) -> tuple[Clip, Picture]:
    folder.mkdir()
    (spec,) = clip_specs(requests(recording.duration, enhancements=frozenset({Enhancement.POSE})))
    (clip,) = make_clips(recording, track_of(recording), (spec,), options=options, folder=folder)
    picture = cv2.imread(str(folder / clip.pictures[0][1]))
    assert picture is not None
    return clip, np.asarray(picture, np.uint8)


def has_line(picture: Picture) -> bool:
    """Whether something is drawn at the height of the arm."""
    middle = picture[picture.shape[0] // 2, 100:200].astype(int)
    return bool(np.abs(middle - picture[5, 5].astype(int)).max() > 60)


def test_the_plain_picture_stands_above_the_one_with_the_skeleton(tmp_path: Path) -> None:
    recording = recorded(tmp_path / "a.mp4", (40, 90, 40))
    clip, both = shown(recording, tmp_path / "both", replace(PLAIN, pose=True, beside=True))
    assert clip.enhanced
    assert both.shape == (2 * HEIGHT, WIDTH, 3)
    assert not has_line(both[:HEIGHT])
    assert has_line(both[HEIGHT:])
    _, over = shown(recording, tmp_path / "over", replace(PLAIN, pose=True))
    assert over.shape == (HEIGHT, WIDTH, 3)
    assert has_line(over)
    clip, plain = shown(recording, tmp_path / "plain", replace(PLAIN, beside=True))
    assert plain.shape == (HEIGHT, WIDTH, 3), "without a skeleton there is one picture"
    assert not clip.enhanced


@pytest.mark.parametrize(
    ("colour", "grey"),
    [((90, 90, 90), True), ((0, 0, 0), True), ((60, 90, 60), False), ((20, 40, 200), False)],
)
def test_a_picture_without_colour_is_known(
    tmp_path: Path, colour: tuple[int, int, int], *, grey: bool
) -> None:
    recording = recorded(tmp_path / "a.mp4", colour)
    clip, _ = shown(recording, tmp_path / "c", replace(PLAIN, pose=True))
    assert clip.grey is grey, "the skeleton's colours do not count"
