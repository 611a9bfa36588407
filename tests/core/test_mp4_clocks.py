"""MP4 files whose headers state the wrong unit of time: read right or refused, never with false times."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import av
import pytest

from app.core.errors import UserError
from app.core.recording.file_times import file_times
from app.core.recording.first_picture import first_picture
from app.core.recording.probe import open_recording
from tests.media import tone, write_recording

FRAMES = 100
FRAGMENTS = {"movflags": "frag_keyframe+empty_moov"}
UNIT, DURATION, DURATION_OF_TRACK = 12, 16, 20
"""The places of ticks per second and of the duration in mdhd and mvhd, and of the duration in tkhd."""
EDIT_START = 12
FIRST_COUNT, FIRST_STEP = 8, 12
UNKNOWN = 0xFFFFFFFF


def with_number(path: Path, name: bytes, place: int, number: int, *, track: int = 0) -> None:
    """Overwrite a 32-bit number in the content of the box `name`, of the first or of a later track."""
    data = bytearray(path.read_bytes())
    at = -1
    for _ in range(track + 1):
        at = data.index(name, at + 1)
    at += len(name) + place
    data[at : at + 4] = struct.pack(">I", number % 2**32)
    path.write_bytes(data)


def clip(folder: Path, muxer: dict[str, str] | None = None, ending: str = ".mp4") -> Path:
    """4 s of 25 pictures a second with sound."""
    return write_recording(folder / f"a{ending}", frames=FRAMES, sound=tone(4.0), muxer=muxer or {})


@pytest.mark.parametrize("ending", [".mp4", ".mov"])
@pytest.mark.parametrize("muxer", [{}, FRAGMENTS])
@pytest.mark.parametrize("ticks", [0, 2**31, 2**32 - 1])
def test_a_picture_without_a_clock_is_refused(
    tmp_path: Path, ticks: int, muxer: dict[str, str], ending: str
) -> None:
    path = clip(tmp_path, muxer, ending)
    with_number(path, b"mdhd", UNIT, ticks)
    for opened in (open_recording, file_times):
        with pytest.raises(UserError, match="does not say how fast the pictures follow one another"):
            opened(path)
    assert first_picture(path) is None, "its duration would be wrong"


@pytest.mark.parametrize(
    ("name", "place", "number"),
    [
        pytest.param(b"mdhd", UNIT, 2**31 - 1, id="100 pictures in 24 µs"),
        pytest.param(b"stts", FIRST_STEP, 0, id="pictures that take no time"),
        pytest.param(b"stts", FIRST_COUNT, 1, id="a length for the first picture alone"),
    ],
)
def test_pictures_at_one_time_are_refused(tmp_path: Path, name: bytes, place: int, number: int) -> None:
    path = clip(tmp_path)
    with_number(path, name, place, number)
    with pytest.raises(UserError, match="nearly all of its pictures have the same time"):
        open_recording(path)


@pytest.mark.parametrize("ending", [".mkv", ".flv"])
@pytest.mark.parametrize(
    "ticks",
    [
        pytest.param([i // 5 * 200 for i in range(150)], id="five at a time"),
        pytest.param([i // 2 * 80 for i in range(150)], id="pairs"),
        pytest.param([i // 2 * 80 for i in range(151)], id="pairs and one"),
    ],
)
def test_pictures_that_arrived_in_bursts_are_read(tmp_path: Path, ticks: list[int], ending: str) -> None:
    path = write_recording(tmp_path / f"a{ending}", frames=len(ticks), b_frames=0, ticks=ticks)
    recording = open_recording(path)
    assert recording.video is not None
    assert recording.video.n == len(ticks)
    assert recording.duration == pytest.approx(6.0, abs=0.2)


@pytest.mark.parametrize("bad", [0, 1])
def test_a_picture_track_without_a_clock_is_left_out_beside_another(tmp_path: Path, bad: int) -> None:
    path = tmp_path / "two.mp4"
    with av.open(str(path), "w") as output:
        streams: list[Any] = [output.add_stream("libx264", rate=25) for _ in range(2)]
        for stream in streams:
            stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(FRAMES):
            for stream in streams:
                output.mux(stream.encode(av.VideoFrame(64, 48, "yuv420p")))
        for stream in streams:
            output.mux(stream.encode(None))
    assert len(open_recording(path).pictures) == 2
    with_number(path, b"mdhd", UNIT, 0, track=bad)
    recording = open_recording(path)
    assert len(recording.pictures) == 1
    assert recording.duration == pytest.approx(4.0)


@pytest.mark.parametrize("muxer", [{}, FRAGMENTS])
@pytest.mark.parametrize("ticks", [0, 1, 2**32 - 1])
def test_sound_without_a_clock_is_left_out(tmp_path: Path, ticks: int, muxer: dict[str, str]) -> None:
    path = clip(tmp_path, muxer)
    with_number(path, b"mdhd", UNIT, ticks, track=1)
    recording = open_recording(path)
    assert recording.duration == pytest.approx(4.0)
    assert recording.audio is None
    assert [warning.code for warning in recording.warnings] == ["sound_unreadable"]


@pytest.mark.parametrize(
    ("name", "place", "number"),
    [
        (b"mvhd", UNIT, 0),
        (b"mvhd", UNIT, UNKNOWN),
        (b"mvhd", DURATION, UNKNOWN),
        (b"mdhd", DURATION, UNKNOWN),
        (b"mdhd", DURATION, 0),
        (b"tkhd", DURATION_OF_TRACK, UNKNOWN),
        (b"stsz", FIRST_COUNT, FRAMES + 50),
    ],
)
def test_other_headers_leave_the_times_right(tmp_path: Path, name: bytes, place: int, number: int) -> None:
    path = clip(tmp_path)
    with_number(path, name, place, number)
    recording = open_recording(path)
    assert recording.video is not None
    assert recording.video.n == FRAMES
    assert recording.duration == pytest.approx(4.0)
    assert recording.warnings == ()


@pytest.mark.parametrize("start", [-1, -(2**31), 2**30])
def test_edit_lists_that_show_nothing_are_refused(tmp_path: Path, start: int) -> None:
    path = clip(tmp_path)
    with_number(path, b"elst", EDIT_START, start)
    with pytest.raises(UserError, match="damaged"):
        open_recording(path)


def test_one_picture_a_second_may_count_in_seconds(tmp_path: Path) -> None:
    muxer = {"video_track_timescale": "1"}
    path = write_recording(tmp_path / "a.mp4", frames=20, rate=1, b_frames=0, muxer=muxer)
    recording = open_recording(path)
    assert recording.video is not None
    assert recording.video.n == 20
    assert recording.duration == pytest.approx(20.0)
