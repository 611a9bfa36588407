"""Every frame that is asked for is the right one: against a full decode from the beginning."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from app.core.errors import UserError
from app.core.recording.first_picture import first_picture
from app.core.recording.frames import FrameReader
from app.core.recording.picture_maker import fit_size
from app.core.recording.probe import open_recording
from app.core.recording.recording import Recording
from app.core.recording.samples import SoundReader
from tests.field_pictures import write_fields
from tests.media import beeps, full_decode, number_in, numbered_picture, write_recording
from tests.mp4_edits import EMPTY, beyond_4_gib, with_edits

SOUND: dict[str, Any] = {"sound": beeps(3, [0.5])}
N = 75


def plain(name: str, **how: Any) -> Callable[[Path], Path]:
    return lambda folder: write_recording(folder / name, frames=N, **how)


def open_gop(name: str) -> Callable[[Path], Path]:
    x264 = "keyint=12:min-keyint=12:open-gop=1:bframes=3:b-adapt=0:scenecut=0"
    return plain(name, options={"preset": "medium", "x264-params": x264})


def joined(folder: Path) -> Path:
    parts = [
        write_recording(folder / f"{i}.ts", frames=25, first=50 * i, codec="mpeg2video", b_frames=2)
        for i in range(3)
    ]
    path = folder / "joined.ts"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    return path


def cut_beginning(folder: Path) -> Path:
    whole = write_recording(folder / "whole.ts", frames=N, codec="mpeg2video", **SOUND).read_bytes()
    (folder / "cut.ts").write_bytes(whole[188 * 40 :])
    return folder / "cut.ts"


def avi_without_index(folder: Path) -> Path:
    whole = write_recording(folder / "whole.avi", frames=N, codec="mpeg4", **SOUND, sound_codec="mp2")
    data = whole.read_bytes()
    (folder / "cut.avi").write_bytes(data[: data.rindex(b"idx1")])
    return folder / "cut.avi"


def edited(*edits: tuple[int, int]) -> Callable[[Path], Path]:
    """An MP4 whose picture is shown by an edit list; lengths in 1/1000 s, starts in frames, or EMPTY."""

    def make(folder: Path) -> Path:
        path = write_recording(folder / "a.mp4", frames=N, **SOUND)
        return with_edits(path, [(length, at if at == EMPTY else 1024 + 512 * at) for length, at in edits])

    return make


def fields(**how: Any) -> Callable[[Path], Path]:
    pictures = [numbered_picture(number)[:, :, 0] for number in range(N)]
    return lambda folder: write_fields(folder / "a.ts", pictures, **how)


def clock_reference_jumps(folder: Path) -> Path:
    """The program clock reference (ISO/IEC 13818-1, 2.4.3.4) leaps by an hour; the time stamps run on."""
    path = write_recording(folder / "a.ts", frames=N, **SOUND)
    data = bytearray(path.read_bytes())
    for at in range(len(data) // 2 // 188 * 188, len(data), 188):
        has_field, has_clock = data[at + 3] & 0x20, data[at + 4] and data[at + 5] & 0x10
        if has_field and has_clock:
            base = int.from_bytes(data[at + 6 : at + 10], "big") + 3600 * 45_000
            data[at + 6 : at + 10] = (base % 2**32).to_bytes(4, "big")
    path.write_bytes(data)
    return path


def huge(folder: Path) -> Path:
    if sys.platform == "win32":
        pytest.skip("a hole in a file takes its room on the disk here")
    return beyond_4_gib(write_recording(folder / "small.mp4", frames=N, **SOUND), folder / "a.mp4")


WOVEN = {"flags": "+ildct+ilme", "preset": "medium", "x264-params": "tff=1:interlaced=1:keyint=12:bframes=2"}

TICKS = np.cumsum(np.random.default_rng(3).integers(5, 150, N)).tolist()

FILES: dict[str, Callable[[Path], Path]] = {
    "mp4": plain("a.mp4", **SOUND),
    "mp4 fragmented": plain("a.mp4", muxer={"movflags": "frag_keyframe+empty_moov"}, **SOUND),
    "mp4 open gop": open_gop("a.mp4"),
    "mp4 variable rate": plain("a.mp4", ticks=TICKS),
    "mp4 late picture": plain("a.mp4", ticks=[1000 + 40 * i for i in range(N)], **SOUND),
    "mp4 hevc": plain("a.mp4", codec="libx265"),
    "mp4 hevc open gop": plain(
        "a.mp4",
        codec="libx265",
        options={"x265-params": "log-level=none:keyint=12:min-keyint=12:open-gop=1:bframes=3"},
    ),
    "mp4 one keyframe": plain("a.mp4", gop=999),
    "mp4 intra refresh": plain("a.mp4", options={"x264-params": "intra-refresh=1:keyint=15"}),
    "mov mjpeg": plain("a.mov", codec="mjpeg"),
    "mkv": plain("a.mkv", **SOUND),
    "mkv variable rate": plain("a.mkv", ticks=TICKS),
    "mkv open gop": open_gop("a.mkv"),
    "mp4 edit from between keyframes": edited((2000, 5)),
    "mp4 edit after nothing": edited((500, EMPTY), (2600, 0)),
    "mp4 two edits": edited((1000, 0), (1000, 40)),
    "mp4 edits that show a part twice": edited((1000, 10), (1000, 10)),
    "mp4 edits that go back": edited((800, 40), (800, 0)),
    "mp4 fields in macroblocks": plain("a.mp4", options=WOVEN),
    "mp4 negative start": plain(
        "a.mp4",
        ticks=[40 * i - 200 for i in range(N)],
        muxer={"avoid_negative_ts": "disabled", "use_editlist": "0"},
    ),
    "mp4 beyond 4 GiB": huge,
    "ts field pictures": fields(),
    "ts field pictures in pairs": fields(apart=False),
    "ts clock reference jumps": clock_reference_jumps,
    "ts fields in macroblocks": plain("a.ts", options=WOVEN),
    "ts": plain("a.ts", **SOUND),
    "ts open gop": open_gop("a.ts"),
    "ts mpeg2 open gop": plain("a.ts", codec="mpeg2video", **SOUND),
    "ts wrap": plain("a.ts", muxer={"output_ts_offset": str(2**33 / 90_000 - 1.5)}, **SOUND),
    "ts joined": joined,
    "ts cut": cut_beginning,
    "mpg": plain("a.mpg", codec="mpeg2video", sound_codec="mp2", **SOUND),
    "avi mpeg4": plain("a.avi", codec="mpeg4", sound_codec="mp2", **SOUND),
    "avi h264": plain("a.avi", sound_codec="mp2", **SOUND),
    "avi without index": avi_without_index,
}


@pytest.fixture(params=[*FILES.values()], ids=[*FILES], scope="module")
def material(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[int]]:
    path = request.param(tmp_path_factory.mktemp("media"))
    return path, [number for _, number in full_decode(path)]


def test_frames_are_those_of_a_full_decode(material: tuple[Path, list[int]]) -> None:
    path, truth = material
    recording = open_recording(path)
    assert recording.video is not None
    with FrameReader(recording) as reader:
        seen = [(frame.number, number_in(frame.image)) for frame in reader.frames()]
        assert reader.damaged == 0
    assert [number for _, number in seen] == truth
    assert [number for number, _ in seen] == list(range(recording.video.n))


def test_the_first_picture_is_the_first_frame(material: tuple[Path, list[int]]) -> None:
    path, truth = material
    picture = first_picture(path)
    assert picture is not None
    assert number_in(picture.image) == truth[0]


def test_random_seeks_are_exact(material: tuple[Path, list[int]]) -> None:
    path, truth = material
    recording = open_recording(path)
    assert recording.video is not None
    times = recording.video.times
    order = random.Random(5)
    wrong = []
    with FrameReader(recording, size=(64, 48)) as reader:
        for _ in range(100):
            number = order.randrange(len(truth))
            gap = (times[number + 1] if number + 1 < len(times) else times[number] + 0.04) - times[number]
            frame = reader.frame_at(times[number] + order.choice([0.0, 0.5, 0.99]) * gap)
            if frame.number != number or number_in(frame.image) != truth[number]:
                wrong.append((number, frame.number))
            assert frame.time == times[frame.number]
        assert reader.damaged == 0
    assert wrong == []


def test_stepping_back_and_forth_is_exact(material: tuple[Path, list[int]]) -> None:
    path, truth = material
    recording = open_recording(path)
    with FrameReader(recording, size=(64, 48), keep=400_000) as reader:
        for number in (*range(len(truth) - 1, len(truth) // 2, -1), *range(len(truth) // 2, len(truth))):
            assert number_in(reader.frame(number).image) == truth[number]


def test_keyframe_near_is_a_keyframe_and_near(material: tuple[Path, list[int]]) -> None:
    path, truth = material
    recording = open_recording(path)
    assert recording.video is not None
    keys = recording.index.number[recording.index.video.key]
    keys = keys[keys >= 0]  # an edit list can hide keyframes
    with FrameReader(recording, size=(64, 48)) as reader:
        for seconds in np.linspace(0, recording.duration, 12):
            frame = reader.keyframe_near(float(seconds))
            assert number_in(frame.image) == truth[frame.number]
            if len(keys):
                nearest = np.abs(recording.video.times[keys] - seconds).min()
                assert abs(frame.time - seconds) <= nearest + 1e-9
        assert number_in(reader.frame_at(recording.duration / 2).image) in truth


def opened(path: Path) -> Recording:
    return open_recording(path)


def test_times_outside_give_the_first_and_the_last_frame(tmp_path: Path) -> None:
    recording = opened(write_recording(tmp_path / "a.mp4", frames=20))
    with FrameReader(recording) as reader:
        assert reader.frame_at(-5).number == 0
        assert reader.frame_at(99).number == 19
        assert [frame.number for frame in reader.frames(0.1, 0.2)] == [2, 3, 4]
        assert [frame.number for frame in reader.frames(0.5, 0.5)] == []


def test_same_time_twice_shows_the_later_frame(tmp_path: Path) -> None:
    recording = opened(
        write_recording(tmp_path / "a.mkv", frames=6, ticks=[0, 40, 80, 80, 120, 160], b_frames=0)
    )
    assert recording.video is not None
    assert recording.video.n == 6
    with FrameReader(recording) as reader:
        assert number_in(reader.frame_at(0.08).image) == 3
        assert [number_in(frame.image) for frame in reader.frames()] == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_pictures_are_turned_and_stretched_for_display(tmp_path: Path, rotation: int) -> None:
    path = write_recording(tmp_path / "a.mp4", frames=5, first=1234, rotation=rotation, aspect=Fraction(4, 3))
    recording = opened(path)
    expected = np.rot90(numbered_picture(1234), -rotation // 90)
    formats: tuple[tuple[Literal["bgr24", "bgra"], int], ...] = (("bgr24", 3), ("bgra", 4))
    height, width = expected.shape[:2]
    for pixel_format, channels in formats:
        with FrameReader(recording, pixel_format=pixel_format) as reader:
            image = reader.frame_at(0).image
        assert recording.video is not None
        assert image.shape == (recording.video.height, recording.video.width, channels)
        assert image.flags.c_contiguous
        with FrameReader(recording, size=(width, height), pixel_format=pixel_format) as reader:
            small = reader.frame_at(0).image
        assert np.abs(small[:, :, 0].astype(int) - expected[:, :, 0]).mean() < 20


@pytest.mark.parametrize("how", [{"size": (99, 77), "codec": "mjpeg"}, {"pixel_format": "yuv422p10le"}])
def test_odd_sizes_and_ten_bits_are_shown(tmp_path: Path, how: dict[str, Any]) -> None:
    recording = opened(write_recording(tmp_path / "a.mov", frames=9, **how))
    with FrameReader(recording) as reader:
        assert [number_in(frame.image) for frame in reader.frames()] == list(range(9))


def test_broken_frames_are_passed_over(tmp_path: Path) -> None:
    path = write_recording(tmp_path / "a.mov", codec="mjpeg", frames=30)
    index = opened(path).index.video
    data = bytearray(path.read_bytes())
    for row in (5, 6, 12):
        data[index.pos[row] : index.pos[row] + index.size[row]] = bytes(index.size[row])
    path.write_bytes(data)
    recording = opened(path)
    with FrameReader(recording) as reader:
        seen = [number_in(frame.image) for frame in reader.frames()]
        assert seen == [n for n in range(30) if n not in (5, 6, 12)]
        frame = reader.frame_at(6 / 25)
        assert number_in(frame.image) == 4 if frame.number == 4 else frame.number == 6
    assert recording.video is not None


def test_noise_in_the_middle_never_crashes(tmp_path: Path) -> None:
    data = bytearray(write_recording(tmp_path / "a.ts", frames=100, **SOUND).read_bytes())
    noise = np.random.default_rng(8)
    for start in noise.integers(188 * 20, len(data) - 2000, 12):
        data[start : start + 400] = noise.bytes(400)
    path = tmp_path / "b.ts"
    path.write_bytes(data)
    recording = opened(path)
    with FrameReader(recording, size=(64, 48)) as reader:
        assert len(list(reader.frames())) > 30
        for seconds in noise.uniform(0, recording.duration, 30):
            assert reader.frame_at(float(seconds)).image.shape == (48, 64, 3)


def test_file_that_has_gone_is_told(tmp_path: Path) -> None:
    path = write_recording(tmp_path / "a.mp4", frames=5)
    recording = opened(path)
    path.unlink()
    with pytest.raises(UserError, match=r"a\.mp4"):
        FrameReader(recording)


def test_kept_frames_make_stepping_back_need_no_decoding(tmp_path: Path) -> None:
    recording = opened(write_recording(tmp_path / "a.mp4", frames=60, gop=60))
    with FrameReader(recording) as reader:
        assert number_in(reader.frame(50).image) == 50
        reader.keep_before(50)
        fed = reader._fed
        for number in range(49, 30, -1):
            assert number_in(reader.frame(number).image) == number
        assert reader._fed == fed


def test_fit_size_keeps_proportions() -> None:
    assert fit_size(1920, 1080, 640, 640) == (640, 360)
    assert fit_size(100, 200, 50, 50) == (25, 50)
    assert fit_size(10_000, 1, 10, 10) == (10, 1)


def test_a_long_damaged_stretch_shows_what_is_near(tmp_path: Path) -> None:
    path = write_recording(tmp_path / "a.mov", codec="mjpeg", frames=200)
    index = opened(path).index.video
    data = bytearray(path.read_bytes())
    for row in range(30, 180):
        data[index.pos[row] : index.pos[row] + index.size[row]] = bytes(index.size[row])
    path.write_bytes(data)
    recording = opened(path)
    with FrameReader(recording) as reader:
        assert number_in(reader.frame(31).image) == 29
        assert number_in(reader.frame(100).image) in {29, 180}
        assert [number_in(frame.image) for frame in reader.frames(1.0)] == list(range(25, 30)) + list(
            range(180, 200)
        )
        assert reader.damaged == 150


def test_two_readers_at_once_do_not_take_each_others_frames(tmp_path: Path) -> None:
    """PyAV keeps the marks of all decoders of a process in one table."""
    recording = opened(write_recording(tmp_path / "a.mp4", frames=60, **SOUND))
    with FrameReader(recording) as one, FrameReader(recording) as other, SoundReader(recording) as sound:
        blocks = sound.blocks(0.0, 16_000)
        seen: list[tuple[int, int]] = []
        for a, b in zip(one.frames(), other.frames(), strict=True):
            next(blocks, None)
            seen.append((number_in(a.image), number_in(b.image)))
    assert seen == [(number, number) for number in range(60)]
