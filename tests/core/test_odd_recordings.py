"""Recordings of several pictures, mirrored ones, gaps at the edges, times that the library makes up."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cli import main
from app.core.recording.alignment import align_by_clocks
from app.core.recording.display_matrix import DisplayOrientation, orientation_from_matrix
from app.core.recording.first_picture import first_picture
from app.core.recording.frames import FrameReader
from app.core.recording.index import NONE
from app.core.recording.packet_durations import stated_seconds
from app.core.recording.probe import open_recording
from app.core.recording.samples import read_samples
from app.core.recording.seekable_copy import write_seekable_copy
from app.core.recording.start_time import started_at
from app.core.times import clock
from tests.media import beeps, number_in, numbered_picture, tone, write_recording
from tests.odd_recordings import (
    MATRICES,
    joined_at_another_rate,
    stamped,
    two_cameras,
    with_few_time_stamps,
    with_matrix,
    with_still,
)


def placed(image: npt.NDArray[Any], a: float, b: float, c: float, d: float) -> npt.NDArray[Any]:
    """The picture as the matrix has it, pixel by pixel: the truth."""
    height, width = image.shape[:2]
    ys, xs = np.mgrid[0:height, 0:width]
    right, down = np.rint(a * xs + c * ys).astype(int), np.rint(b * xs + d * ys).astype(int)
    right, down = right - right.min(), down - down.min()
    result = np.zeros((down.max() + 1, right.max() + 1, *image.shape[2:]), image.dtype)
    result[down, right] = image[ys, xs]
    return result


@pytest.mark.parametrize("name", MATRICES)
def test_the_whole_display_matrix_is_followed(tmp_path: Path, name: str) -> None:
    path = with_matrix(write_recording(tmp_path / "a.mp4", frames=3, first=1234), *MATRICES[name])
    expected = placed(numbered_picture(1234), *MATRICES[name])
    recording = open_recording(path)
    assert recording.warnings[1:] == ()  # nothing beside the missing sound
    with FrameReader(recording) as reader:
        image = reader.frame(0).image
    glimpse = first_picture(path)
    assert glimpse is not None
    for shown in (image, glimpse.image[:, :, :3]):
        assert shown.shape == expected.shape
        assert np.abs(shown.astype(int) - expected).mean() < 6
    write_seekable_copy(recording, tmp_path / "copy.mp4")
    copy = open_recording(tmp_path / "copy.mp4")
    assert copy.video is not None
    assert copy.video.orientation == DisplayOrientation()
    with FrameReader(copy) as reader:
        assert np.abs(reader.frame(0).image.astype(int) - expected).mean() < 6


@given(st.integers(0, 3), st.booleans(), st.floats(0.3, 3.0), st.floats(0.3, 3.0))
def test_a_matrix_is_taken_apart_whatever_its_scale(
    quarters: int, mirrored: bool, wide: float, high: float
) -> None:
    cosine, sine = [(1, 0), (0, 1), (-1, 0), (0, -1)][quarters]
    flip = -1 if mirrored else 1
    numbers = (flip * cosine * wide, flip * sine * wide, 0, -sine * high, cosine * high, 0, 0, 0, 1)
    data = np.array([round(65536 * number) for number in numbers], "=i4").tobytes()
    assert orientation_from_matrix(data) == DisplayOrientation(90 * quarters, mirrored)


@given(st.lists(st.integers(-(2**31), 2**31 - 1), max_size=9))
def test_no_matrix_raises(numbers: list[int]) -> None:
    orientation = orientation_from_matrix(np.array(numbers, "=i4").tobytes())
    assert orientation.rotation in {0, 90, 180, 270}


def test_an_odd_angle_is_told(tmp_path: Path) -> None:
    path = with_matrix(write_recording(tmp_path / "a.mp4", frames=3), 0.866, 0.5, -0.5, 0.866)
    assert "turned_askew" in {warning.code for warning in open_recording(path).warnings}


def test_what_was_seen_in_a_mirrored_picture_is_kept_apart(tmp_path: Path) -> None:
    plain = open_recording(write_recording(tmp_path / "a.mp4", frames=3))
    mirrored = open_recording(with_matrix(tmp_path / "a.mp4", *MATRICES["mirrored"]))
    assert plain.picture_key == plain.fingerprint
    assert mirrored.picture_key != mirrored.fingerprint


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_the_camera_is_shown_and_not_the_still_before_it(tmp_path: Path, name: str) -> None:
    camera = write_recording(tmp_path / "camera.mp4", frames=30, sound=tone(1.2))
    recording = open_recording(with_still(tmp_path / name, camera))
    assert recording.video is not None
    assert (recording.video.n, recording.picture) == (30, 1)
    (told,) = [warning.text for warning in recording.warnings if warning.code == "other_pictures"]
    assert "a still picture" in told
    with FrameReader(recording) as reader:
        assert [number_in(frame.image) for frame in reader.frames()] == list(range(30))
    still = open_recording(recording.path, picture=0)
    assert still.video is not None
    assert (still.video.n, still.picture, still.default_picture) == (1, 0, 1)
    assert still.picture_key != recording.picture_key


def test_a_cover_is_no_picture_of_the_recording(tmp_path: Path) -> None:
    camera = write_recording(tmp_path / "camera.mp4", frames=30, sound=tone(1.2))
    recording = open_recording(with_still(tmp_path / "a.mp4", camera, cover=True))
    assert recording.video is not None
    assert recording.video.n == 30
    assert recording.warnings == ()


def test_two_cameras_in_one_file_can_both_be_shown(tmp_path: Path) -> None:
    path = two_cameras(tmp_path / "a.mkv")
    for chosen, first in ((None, 0), (0, 0), (1, 1000), (7, 1000)):
        recording = open_recording(path, picture=chosen)
        assert len(recording.pictures) == 2
        with FrameReader(recording) as reader:
            assert number_in(reader.frame(5).image) == first + 5


def test_a_camera_that_broke_off_at_once_does_not_hide_the_other(tmp_path: Path) -> None:
    assert open_recording(two_cameras(tmp_path / "a.mkv", (2, 60))).picture == 1
    assert open_recording(two_cameras(tmp_path / "b.mkv", (30, 60))).picture == 0


def test_a_picture_that_begins_late_or_ends_early_leaves_a_gap(tmp_path: Path) -> None:
    short = open_recording(write_recording(tmp_path / "a.mp4", frames=50, sound=tone(5.0)))
    (gap,) = short.gaps
    assert (gap.start, gap.end) == pytest.approx((2.0, 5.0), abs=0.05)
    late = open_recording(
        write_recording(
            tmp_path / "b.mp4", frames=50, ticks=[3000 + 40 * n for n in range(50)], sound=tone(5.0)
        )
    )
    (gap,) = late.gaps
    assert (gap.start, gap.end) == pytest.approx((0.0, 3.0), abs=0.05)
    assert [warning.text for warning in late.warnings] == ["There is no picture from 0.0 to 3.0 s."]
    even = open_recording(write_recording(tmp_path / "c.mp4", frames=50, sound=tone(2.4)))
    assert (even.gaps, even.warnings) == ((), ())


def test_frame_says_when_it_lies_in_a_gap(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_recording(tmp_path / "a.mp4", frames=50, sound=tone(5.0))
    assert main(["frame", str(path), "--at", "3.5", "--as-recorded", "--out", str(tmp_path / "a.png")]) == 0
    assert "no picture comes from 2.0 to 5.0 s" in capsys.readouterr().out
    assert main(["frame", str(path), "--at", "1.5", "--as-recorded", "--out", str(tmp_path / "b.png")]) == 0
    assert "no picture" not in capsys.readouterr().out


def test_probe_tells_pictures_and_gaps(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = with_matrix(two_cameras(tmp_path / "a.mp4"), *MATRICES["mirrored"])
    assert main(["probe", "--json", str(path)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["video"]["mirrored"], found["video"]["rotation"], found["gaps"]) == (True, 0, [])
    assert [picture["shown"] for picture in found["pictures"]] == [True, False]


@pytest.mark.parametrize("b_frames", [0, 2])
@pytest.mark.parametrize("codec", ["libx264", "mpeg4"])
def test_the_first_frame_of_an_avi_is_shown_at_its_beginning(
    tmp_path: Path, codec: str, b_frames: int
) -> None:
    path = write_recording(
        tmp_path / "a.avi",
        frames=75,
        codec=codec,
        b_frames=b_frames,
        sound=beeps(3.0, [2.0]),
        sound_codec="pcm_s16le",
    )
    recording = open_recording(path)
    assert recording.video is not None
    assert recording.video.times[[0, 50, -1]] == pytest.approx([0.0, 2.0, 2.96], abs=0.001)
    with FrameReader(recording) as reader:
        assert [number_in(frame.image) for frame in reader.frames()] == list(range(75))
    sound = read_samples(recording)
    assert np.argmax(np.abs(sound) > 0.1) / 16_000 == pytest.approx(2.0, abs=0.002)


@pytest.mark.parametrize("rate", [16_000, 32_000, 8_000])
def test_sound_whose_rate_changes_stays_on_the_clock(tmp_path: Path, rate: int) -> None:
    recording = open_recording(joined_at_another_rate(tmp_path / "a.ts", rate))
    assert recording.video is not None
    assert recording.video.n == 300
    sound = np.abs(read_samples(recording)) > 0.1
    onsets = np.flatnonzero(sound[1600:] & ~np.lib.stride_tricks.sliding_window_view(sound, 1600)[:-1].any(1))
    begins = (onsets + 1600) / 16_000
    assert np.diff(begins) == pytest.approx([2.0] * 4, abs=0.03)
    assert begins == pytest.approx(recording.video.times[[50, 100, 150, 200, 250]], abs=0.03)
    with FrameReader(recording) as reader:
        for number in (50, 150, 250):
            assert number_in(reader.frame(number).image) == number


@given(st.binary(max_size=12), st.sampled_from(["aac", "mp2", "mp3", "ac3", "opus"]))
def test_no_head_of_a_packet_raises(head: bytes, codec: str) -> None:
    stated = stated_seconds(codec, head)
    assert stated is None or 0 < stated < 1


def test_android_stamps_the_end(tmp_path: Path) -> None:
    stamp = {"creation_time": "2026-06-01T12:00:10Z"}
    assert started_at(stamp, 10.0) == datetime(2026, 6, 1, 12, 0, 10, tzinfo=UTC)
    android = stamp | {"com.android.version": "11"}
    assert started_at(android, 10.0) == datetime(2026, 6, 1, 12, 0, 0, tzinfo=UTC)
    assert started_at(android, 1e18) is None
    tags = {"movflags": "use_metadata_tags"}
    room = write_recording(
        tmp_path / "room.mov", frames=300, metadata={"creation_time": "2026-06-01T12:00:00Z"}, muxer=tags
    )
    phone = write_recording(tmp_path / "phone.mp4", frames=250, metadata=android, muxer=tags)
    assert align_by_clocks(open_recording(room), open_recording(phone)) == pytest.approx(0.0, abs=1.0)


def test_times_beyond_a_minute_are_told_by_the_clock(tmp_path: Path) -> None:
    assert [clock(seconds) for seconds in (0.0, 59.96, 3599.96, 3723.4)] == [
        "0:00.0",
        "1:00.0",
        "1:00:00.0",
        "1:02:03.4",
    ]
    path = stamped(tmp_path / "a.mkv", picture=lambda n: 100_000.0 if n == 49 else n / 25)
    (warning,) = open_recording(path).warnings
    assert warning.text == "There is no picture from 0:02.0 to 27:46:40.0."


def test_missing_times_of_showing_follow_from_those_of_decoding(tmp_path: Path) -> None:
    camera = write_recording(tmp_path / "a.vob", frames=100, codec="mpeg2video", container="vob")
    few = with_few_time_stamps(tmp_path / "b.vob", camera, 7)
    whole, rest = (open_recording(path).index for path in (camera, few))
    assert int((rest.video.pts == NONE).sum()) > 10, "some are missing"
    assert whole.video.times == pytest.approx(rest.video.times)
    assert whole.order.tolist() == rest.order.tolist()
