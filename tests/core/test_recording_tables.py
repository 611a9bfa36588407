"""Sample tables of MP4 files: believed only where they say what a pass over all packets says."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from app.core.recording.demux import Demuxed, demux
from app.core.recording.index import StreamIndex
from app.core.recording.mp4_index import demux_by_tables
from app.core.recording.mp4_tables import sample_tables
from app.core.recording.stream_choice import choose_streams
from tests.media import beeps, tone, write_recording

Make = Callable[[Path], Path]


def written(name: str, **how: Any) -> Make:
    return lambda folder: write_recording(folder / name, **({"frames": 90} | how))


VARIABLE = np.cumsum(np.random.default_rng(3).integers(5, 150, 90)).tolist()
OPEN_GOP = {"preset": "medium", "x264-params": "keyint=12:min-keyint=12:open-gop=1:bframes=3:scenecut=0"}


def moved_chunk(folder: Path) -> Path:
    """A piece of the picture's data lies behind all other, as in a file that was edited in place."""
    path = write_recording(folder / "a.mp4", frames=700, size=(32, 32), sound=tone(28))
    tables = sample_tables(path)
    assert tables is not None
    data = bytearray(path.read_bytes())
    entries = data.index(b"stco") + 12
    place = entries + 4 * 333
    begin, following = struct.unpack(">II", data[place : place + 8])
    of_it = (tables[1].pos >= begin) & (tables[1].pos < following)
    chunk = bytes(data[begin : begin + int(tables[1].size[of_it].sum())])
    data[place : place + 4] = struct.pack(">I", len(data) + 8)
    path.write_bytes(data + struct.pack(">I4s", len(chunk) + 8, b"free") + chunk)
    return path


BELIEVED: dict[str, Make] = {
    "out of order in the file": moved_chunk,
    "picture and sound": written("a.mp4", sound=tone(3.6)),
    "table in front": written("a.mp4", sound=tone(3.6), muxer={"movflags": "faststart"}),
    "quicktime": written("a.mov", sound=tone(3.6)),
    "many pictures": written("a.mp4", frames=2000, size=(32, 32), sound=tone(80)),
    "no reordering": written("a.mp4", b_frames=0),
    "negative offsets": written("a.mp4", muxer={"movflags": "negative_cts_offsets"}),
    "open gop": written("a.mp4", options=OPEN_GOP),
    "hevc": written("a.mp4", codec="libx265"),
    "variable rate": written("a.mp4", ticks=VARIABLE, sound=tone(6)),
    "late picture": written("a.mp4", ticks=[1000 + 40 * n for n in range(90)], sound=tone(5)),
    "late sound": written("a.mp4", sound=tone(3), sound_start=0.7),
    "without edit list": written("a.mp4", sound=tone(3.6), muxer={"use_editlist": "0"}),
    "one keyframe": written("a.mp4", gop=999),
    "motion jpeg": written("a.mov", codec="mjpeg"),
    "odd length": written("a.mp4", frames=77, rate=24, sound=beeps(2.345, [0.5])),
}


def both(path: Path) -> tuple[Demuxed | None, Demuxed]:
    """What the tables say, and what the pass over all packets says."""
    with av.open(str(path)) as container:
        pictures, sound = choose_streams(container)
        quick = demux_by_tables(container, path, pictures, sound)
    with av.open(str(path)) as container:
        whole = demux(container, *choose_streams(container), lambda _: None, None)
    return quick, whole


def assert_same(quick: StreamIndex, whole: StreamIndex) -> None:
    assert (quick.stream, quick.time_base, len(quick)) == (whole.stream, whole.time_base, len(whole))
    for name in ("pts", "dts", "pos", "size", "key", "shown", "times", "lengths"):
        assert np.array_equal(getattr(quick, name), getattr(whole, name)), name


@pytest.mark.parametrize("make", BELIEVED.values(), ids=BELIEVED.keys())
def test_tables_say_what_a_pass_over_all_packets_says(tmp_path: Path, make: Make) -> None:
    quick, whole = both(make(tmp_path))
    assert quick is not None
    assert quick.video is not None
    assert whole.video is not None
    assert_same(quick.video, whole.video)
    assert len(quick.tracks) == len(whole.tracks)
    for one, other in zip(quick.tracks, whole.tracks, strict=True):
        assert_same(one, other)
    assert np.array_equal(quick.jumps, whole.jumps)


def fragmented(folder: Path) -> Path:
    return write_recording(folder / "a.mp4", muxer={"movflags": "frag_keyframe+empty_moov"})


def truncated(folder: Path) -> Path:
    whole = write_recording(folder / "whole.mp4", frames=90, muxer={"movflags": "faststart"})
    path = folder / "a.mp4"
    path.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * 0.6)])
    return path


def changed(table: bytes, place: int, value: int, frames: int = 90) -> Make:
    """The file with one number of a table changed, `place` bytes after the table's name."""

    def make(folder: Path) -> Path:
        path = write_recording(folder / "a.mp4", frames=frames, size=(32, 32), sound=tone(frames / 25))
        data = bytearray(path.read_bytes())
        at = data.index(table) + 4 + place
        data[at : at + 4] = struct.pack(">I", value)
        path.write_bytes(data)
        return path

    return make


def two_edits(folder: Path) -> Path:
    """A second edit in the list of the picture, as programs write that cut without encoding."""
    path = write_recording(folder / "a.mp4", frames=90)
    data = bytearray(path.read_bytes())
    edits = data.index(b"elst")
    first = bytes(data[edits + 12 : edits + 24])
    length, start, rate = struct.unpack(">IiI", first)
    cut = struct.pack(">IiI", length // 2, start, rate) + struct.pack(">IiI", length // 4, start, rate)
    data[edits + 8 : edits + 24] = struct.pack(">I", 2) + cut
    for name in (b"elst", b"edts", b"trak", b"moov"):
        at = data.index(name) - 4
        (size,) = struct.unpack(">I", data[at : at + 4])
        data[at : at + 4] = struct.pack(">I", size + 12)
    path.write_bytes(data)
    return path


READ: dict[str, Make] = {
    "fragments": fragmented,
    "truncated": truncated,
    "sound in pieces of one size": written("a.mov", sound=tone(3.6), sound_codec="pcm_s16le"),
    "two edits": two_edits,
    "too many times": changed(b"stts", 8, 91),
    "a size that is too large": changed(b"stsz", 12 + 4 * 30, 1 << 30),
    "another first chunk": changed(b"stsc", 8, 2),
    "no samples in a chunk": changed(b"stsc", 12, 0),
    "impossible count": changed(b"stts", 4, 3),
    "chunk outside the file": changed(b"stco", 8, 0x7FFFFFFF),
    # Between the places that libav is asked to read.
    "a sample without bytes": changed(b"stsz", 12 + 4 * 470, 0, 700),
    "a time after the end": changed(b"ctts", 12 + 8 * 390, 1_024_000, 700),
    "no time passes": changed(b"stts", 12, 0, 700),
}


@pytest.mark.parametrize("make", READ.values(), ids=READ.keys())
def test_tables_that_cannot_be_relied_on_are_left_alone(tmp_path: Path, make: Make) -> None:
    path = make(tmp_path)
    with av.open(str(path)) as container:
        pictures, sound = choose_streams(container)
        assert demux_by_tables(container, path, pictures, sound) is None


def test_no_damage_of_the_tables_raises(tmp_path: Path) -> None:
    whole = write_recording(tmp_path / "a.mp4", frames=30, sound=tone(1.2)).read_bytes()
    chance = np.random.default_rng(4)
    begin = whole.index(b"moov")
    path = tmp_path / "b.mp4"
    for _ in range(300):
        data = bytearray(whole)
        for at in chance.integers(begin - 4, len(data), chance.integers(1, 5)):
            data[at] = chance.integers(256)
        path.write_bytes(data)
        tables = sample_tables(path)
        assert tables is None or all(len(table.pts) == len(table) for table in tables.values())
    for length in range(0, len(whole), 97):
        path.write_bytes(whole[:length])
        assert sample_tables(path) is None or length > begin
