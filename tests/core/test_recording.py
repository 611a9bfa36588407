"""Opening recordings: what is found, what is warned of, what is refused and with which sentence."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.core.errors import Cancelled, UserError
from app.core.folders import cache_folder
from app.core.jobs import CancelToken
from app.core.recording.identity import content_sha256
from app.core.recording.probe import open_recording
from tests.media import beeps, full_decode, write_recording

SOUND: dict[str, Any] = {"sound": beeps(2, [0.5])}


def codes(path: Path) -> set[str]:
    return {warning.code for warning in open_recording(path).warnings}


@pytest.mark.parametrize(
    ("name", "codec", "decoder", "sound_codec"),
    [
        ("a.mp4", "libx264", "h264", "aac"),
        ("a.mov", "libx264", "h264", "aac"),
        ("a.mkv", "libx265", "hevc", "aac"),
        ("a.avi", "mpeg4", "mpeg4", "mp2"),
        ("b.avi", "mjpeg", "mjpeg", "pcm_s16le"),
        ("a.mpg", "mpeg2video", "mpeg2video", "mp2"),
        ("a.ts", "libx264", "h264", "aac"),
        ("a.m2t", "mpeg2video", "mpeg2video", "mp2"),
    ],
)
def test_formats_open_with_their_streams(
    tmp_path: Path, name: str, codec: str, decoder: str, sound_codec: str
) -> None:
    path = write_recording(
        tmp_path / name,
        codec=codec,
        sound_codec=sound_codec,
        container="mpegts" if name.endswith("m2t") else None,
        **SOUND,
    )
    recording = open_recording(path)
    assert recording.video is not None
    assert recording.audio is not None
    assert (recording.video.codec, recording.audio.codec.rstrip("float")) == (decoder, sound_codec)
    assert (recording.video.width, recording.video.height) == (128, 96)
    assert recording.video.n == len(full_decode(path)) == 50
    assert recording.video.rate == pytest.approx(25)
    assert recording.duration == pytest.approx(2.0, abs=0.1)
    assert recording.audio.duration == pytest.approx(2.0, abs=0.08)
    assert recording.warnings == ()


def test_clock_starts_at_the_earliest_of_picture_and_sound(tmp_path: Path) -> None:
    late_sound = open_recording(write_recording(tmp_path / "a.mp4", sound_start=0.75, **SOUND))
    assert late_sound.video is not None
    assert late_sound.audio is not None
    assert late_sound.video.times[0] == 0
    assert late_sound.audio.start == pytest.approx(0.75, abs=0.03)
    late_picture = open_recording(
        write_recording(tmp_path / "b.mp4", ticks=[1000 + 40 * i for i in range(50)], **SOUND)
    )
    assert late_picture.video is not None
    assert late_picture.video.times[0] == pytest.approx(1.0, abs=0.03)
    assert late_picture.duration == pytest.approx(3.0, abs=0.05)


def test_variable_frame_rate_keeps_every_time(tmp_path: Path) -> None:
    ticks = [0, 40, 41, 300, 1000, 1001, 1500, 4000]
    for name in ("a.mp4", "a.mkv"):
        video = open_recording(write_recording(tmp_path / name, frames=8, ticks=ticks)).video
        assert video is not None
        assert video.times * 1000 == pytest.approx(ticks, abs=0.6)


def test_gaps_stay_on_the_clock_and_are_told(tmp_path: Path) -> None:
    ticks = [40 * n + (3000 if n >= 20 else 0) for n in range(40)]
    for name in ("a.mp4", "a.mkv", "a.ts"):
        recording = open_recording(write_recording(tmp_path / name, frames=40, ticks=ticks))
        assert recording.video is not None
        assert recording.video.times * 1000 == pytest.approx(ticks, abs=1.1)
        (gap,) = recording.gaps
        assert (gap.start, gap.end) == pytest.approx((0.8, 3.8), abs=0.01)
        assert recording.jumps == ()
    assert open_recording(write_recording(tmp_path / "b.mp4", frames=40)).gaps == ()


def test_rotation_and_pixel_aspect_give_the_displayed_size(tmp_path: Path) -> None:
    turned = open_recording(write_recording(tmp_path / "a.mp4", rotation=90, aspect=Fraction(4, 3))).video
    assert turned is not None
    assert (turned.width, turned.height, turned.rotation) == (96, 171, 90)
    narrow = open_recording(write_recording(tmp_path / "b.mkv", aspect=Fraction(1, 2))).video
    assert narrow is not None
    assert (narrow.width, narrow.height) == (128, 192)


def test_sound_may_be_missing(tmp_path: Path) -> None:
    recording = open_recording(write_recording(tmp_path / "a.mp4"))
    assert recording.audio is None
    assert [warning.code for warning in recording.warnings] == ["no_sound"]


def test_joined_transport_streams_run_on_one_clock(tmp_path: Path) -> None:
    first = write_recording(tmp_path / "1.ts", **SOUND)
    second = write_recording(tmp_path / "2.ts", first=100, muxer={"output_ts_offset": "9000"}, **SOUND)
    for parts in ((first, second), (second, first), (first, first)):
        joined = tmp_path / "joined.ts"
        joined.write_bytes(b"".join(part.read_bytes() for part in parts))
        recording = open_recording(joined)
        assert recording.video is not None
        assert recording.duration == pytest.approx(4.05, abs=0.1)
        assert recording.video.n == 100
        assert np.diff(recording.video.times).max() < 0.12
        assert np.diff(recording.video.times).min() > 0
        assert {warning.code for warning in recording.warnings} == {"time_jump"}
        assert recording.jumps == pytest.approx((2.03,), abs=0.05)


def test_wrap_of_the_time_stamps_is_no_jump(tmp_path: Path) -> None:
    path = write_recording(tmp_path / "wrap.ts", muxer={"output_ts_offset": str(2**33 / 90_000 - 1)}, **SOUND)
    recording = open_recording(path)
    assert recording.video is not None
    assert recording.duration == pytest.approx(2.03, abs=0.05)
    assert np.diff(recording.video.times) == pytest.approx(np.full(49, 0.04), abs=1e-4)
    assert recording.warnings == ()


def truncated(whole: Path, share: float, name: str) -> Path:
    path = whole.with_name(name)
    path.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * share)])
    return path


def test_truncated_faststart_shows_the_readable_part(tmp_path: Path) -> None:
    whole = write_recording(tmp_path / "a.mp4", frames=100, muxer={"movflags": "faststart"})
    recording = open_recording(truncated(whole, 0.6, "b.mp4"))
    assert recording.video is not None
    assert 10 < recording.video.n < 90
    assert recording.duration == pytest.approx(recording.video.n / 25, abs=0.2)
    assert "truncated" in {warning.code for warning in recording.warnings}
    assert codes(whole) == {"no_sound"}


@pytest.mark.parametrize("muxer", [{"movflags": "frag_keyframe+empty_moov"}, {}])
def test_truncated_fragments_and_matroska_open(tmp_path: Path, muxer: dict[str, str]) -> None:
    whole = write_recording(tmp_path / ("a.mp4" if muxer else "a.mkv"), muxer=muxer)
    recording = open_recording(truncated(whole, 0.6, f"b{whole.suffix}"))
    assert recording.video is not None
    assert 10 < recording.video.n < 50


def test_avi_without_index_opens(tmp_path: Path) -> None:
    whole = write_recording(tmp_path / "a.avi", codec="mpeg4", sound_codec="mp2", **SOUND).read_bytes()
    path = tmp_path / "b.avi"
    path.write_bytes(whole[: whole.rindex(b"idx1")])
    video = open_recording(path).video
    assert video is not None
    assert video.n == 50


def test_lost_packets_are_told(tmp_path: Path) -> None:
    data = bytearray(write_recording(tmp_path / "a.ts", **SOUND).read_bytes())
    del data[188 * 60 : 188 * 70]
    path = tmp_path / "b.ts"
    path.write_bytes(data)
    assert codes(path) == {"damaged"}


def no_moov(folder: Path) -> Path:
    return truncated(write_recording(folder / "whole.mp4"), 0.5, "x.mp4")


def written(name: str, data: bytes) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / name).write_bytes(data)
        return folder / name

    return write


def sound_only(folder: Path) -> Path:
    import av

    path = folder / "x.wav"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.int16), format="s16", layout="mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
    return path


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda folder: folder / "gone.mp4", "not found"),
        (lambda folder: folder, "folder"),
        (written("x.mp4", b""), "empty"),
        (written("x.mp4", np.random.default_rng(1).bytes(50_000)), "not a video recording"),
        (written("x.avi", b"some text\n" * 100), "not a video recording"),
        (written("x.m3u8", b"#EXTM3U\n#EXTINF:1,\nother.ts\n"), "other files"),
        (written("x.mp4", b"\xef\xbb\xbf#EXTM3U\n#EXTINF:1,\nother.ts\n"), "other files"),
        (written("x.mp4", b"ffconcat version 1.0\nfile 'other.ts'\n"), "other files"),
        (written("x.sdp", b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 5000 RTP/AVP 96\n"), "other files"),
        (no_moov, "incomplete"),
        (sound_only, "no picture"),
    ],
)
def test_what_is_no_recording_is_refused_in_one_sentence(
    tmp_path: Path, make: Callable[[Path], Path], words: str
) -> None:
    path = make(tmp_path)
    with pytest.raises(UserError) as refused:
        open_recording(path)
    sentence = str(refused.value)
    assert words in sentence
    assert path.name in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


@pytest.mark.skipif(os.name != "posix" or os.getuid() == 0, reason="root reads everything")
def test_file_without_permission_is_refused(tmp_path: Path) -> None:
    path = write_recording(tmp_path / "a.mp4", frames=5)
    path.chmod(0)
    with pytest.raises(UserError, match="permission"):
        open_recording(path)


@pytest.mark.parametrize(
    "name",
    ["-i.mp4", "a b.mp4", "a'b\"c.mp4", "Müller 発作 ü.mp4", "https:x.mp4", "concat:a|b.mp4", "%d.mp4"],
)
def test_any_file_name_is_a_plain_file(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = write_recording(tmp_path / "plain.mp4", frames=5)
    try:
        (tmp_path / name).write_bytes(plain.read_bytes())
    except OSError:
        pytest.skip("this file system has no such names")
    monkeypatch.chdir(tmp_path)
    recording = open_recording(Path(name))
    assert recording.name == name
    assert recording.video is not None
    assert recording.video.n == 5


def test_second_opening_uses_the_cache_and_a_damaged_cache_is_built_again(tmp_path: Path) -> None:
    path = write_recording(tmp_path / "a.ts", **SOUND)
    first = open_recording(path)
    (stored,) = (cache_folder() / "index").glob("*.npz")
    written_at = stored.stat().st_mtime_ns
    second = open_recording(path)
    assert stored.stat().st_mtime_ns == written_at
    assert first.video is not None
    for damage in (b"", b"nothing", stored.read_bytes()[:400]):
        stored.write_bytes(damage)
        again = open_recording(path).video
        assert again is not None
        assert np.array_equal(again.times, first.video.times)
        assert stored.stat().st_size > 400
    assert second.audio == first.audio
    assert second.duration == first.duration


def test_fingerprint_is_of_the_content_not_the_name(tmp_path: Path) -> None:
    path = write_recording(tmp_path / "a.mp4", frames=5)
    copy = tmp_path / "b.mp4"
    copy.write_bytes(path.read_bytes())
    other = write_recording(tmp_path / "c.mp4", frames=5, first=7)
    assert open_recording(path).fingerprint == open_recording(copy).fingerprint
    assert open_recording(path).fingerprint != open_recording(other).fingerprint


def test_content_sha256_is_cached_until_the_file_changes(tmp_path: Path) -> None:
    path = tmp_path / "x.bin"
    path.write_bytes(b"abc" * 1000)
    assert content_sha256(path) == hashlib.sha256(b"abc" * 1000).hexdigest()
    assert content_sha256(path) == hashlib.sha256(b"abc" * 1000).hexdigest()
    path.write_bytes(b"abd" * 1001)
    assert content_sha256(path) == hashlib.sha256(b"abd" * 1001).hexdigest()
    token = CancelToken()
    token.cancel()
    path.write_bytes(b"x")
    with pytest.raises(Cancelled):
        content_sha256(path, cancel=token)
    with pytest.raises(UserError):
        content_sha256(tmp_path / "gone")


def test_cancel_leaves_no_cache(tmp_path: Path) -> None:
    path = write_recording(tmp_path / "a.ts", frames=2100, size=(32, 32))
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        open_recording(path, cancel=token)
    assert list((cache_folder()).rglob("*.npz")) == []
