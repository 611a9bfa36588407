"""Damage between the fragments of an MP4, where libav ends without a word: what follows is shown."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from app.core.errors import Cancelled
from app.core.jobs import CancelToken
from app.core.recording.file_cuts import FileCut
from app.core.recording.frames import FrameReader
from app.core.recording.mp4_fragments import fragment_cuts
from app.core.recording.mp4_limits import fault_of_tables
from app.core.recording.probe import open_recording
from app.core.recording.readable_bytes import ReadableBytes
from app.core.recording.recording import Recording
from app.core.recording.samples import read_samples
from tests.media import number_in, tone, write_recording

FRAMES = 100
NOISE = random.Random(7).randbytes(1 << 20)
FROM_THE_BEGINNING, FROM_THE_FRAGMENT = (
    "frag_keyframe+empty_moov",
    "frag_keyframe+empty_moov+default_base_moof",
)
"""Where the places of samples are counted from."""


def fragmented(folder: Path, flags: str) -> bytes:
    path = folder / "whole.mp4"
    muxer = {"movflags": flags} if flags else {}
    write_recording(path, frames=FRAMES, size=(320, 240), sound=tone(FRAMES / 25), muxer=muxer)
    return path.read_bytes()


def shown_numbers(recording: Recording) -> list[int]:
    with FrameReader(recording) as reader:
        return [number_in(frame.image) for frame in reader.frames()]


def words(recording: Recording) -> str:
    return next(one.text for one in recording.warnings if one.code == "unreadable")


def fragment_at(content: bytes, place: int) -> int:
    """The first fragment from a place on."""
    return content.index(b"moof", place) - 4


@pytest.mark.parametrize("flags", [FROM_THE_BEGINNING, FROM_THE_FRAGMENT])
@pytest.mark.parametrize("inserted", [NOISE, bytes(len(NOISE))], ids=["noise", "zeros"])
def test_both_parts_around_something_inserted_are_shown(tmp_path: Path, flags: str, inserted: bytes) -> None:
    whole = fragmented(tmp_path, flags)
    half = fragment_at(whole, len(whole) // 2)
    path = tmp_path / "a.mp4"
    path.write_bytes(whole[:half] + inserted + whole[half:])
    recording = open_recording(path)
    assert shown_numbers(recording) == list(range(FRAMES))
    (stretch,) = recording.unreadable
    assert stretch.size == len(inserted)
    assert 1.5 < stretch.seconds < 3.0
    assert words(recording).startswith("Nothing can be read in 1 MB after ")
    assert open_recording(path).unreadable == recording.unreadable
    sound = read_samples(recording, 3.0, 3.5)
    assert abs(sound).max() > 0.1


@pytest.mark.parametrize("flags", [FROM_THE_BEGINNING, FROM_THE_FRAGMENT])
def test_both_parts_around_something_overwritten_are_shown(tmp_path: Path, flags: str) -> None:
    whole = fragmented(tmp_path, flags)
    lost = fragment_at(whole, len(whole) // 3)
    next_one = fragment_at(whole, lost + 8)
    path = tmp_path / "a.mp4"
    path.write_bytes(whole[:lost] + NOISE[: next_one - lost] + whole[next_one:])
    recording = open_recording(path)
    numbers = shown_numbers(recording)
    assert numbers[-1] == FRAMES - 1
    assert len(numbers) == FRAMES - 12
    assert len(recording.gaps) == 0  # shorter than a second, so only the cut tells
    assert len(recording.unreadable) == 1
    with FrameReader(recording) as reader:
        assert number_in(reader.frame(len(numbers) - 5).image) == FRAMES - 5


def test_several_stretches_are_left_out(tmp_path: Path) -> None:
    whole = fragmented(tmp_path, FROM_THE_BEGINNING)
    first, second = (fragment_at(whole, part * len(whole) // 4) for part in (1, 3))
    path = tmp_path / "a.mp4"
    path.write_bytes(whole[:first] + NOISE + whole[first:second] + NOISE[:5000] + whole[second:])
    recording = open_recording(path)
    assert shown_numbers(recording) == list(range(FRAMES))
    assert [one.size for one in recording.unreadable] == [len(NOISE), 5000]
    assert "5 kB after" in words(recording)


def test_noise_at_the_end_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(fragmented(tmp_path, FROM_THE_BEGINNING) + NOISE)
    recording = open_recording(path)
    assert shown_numbers(recording) == list(range(FRAMES))
    assert recording.unreadable[0].last
    assert words(recording).startswith("Reading ended at 4.")


def test_a_fragment_that_would_not_find_its_samples_is_not_read(tmp_path: Path) -> None:
    whole = fragmented(tmp_path, FROM_THE_BEGINNING)
    lost = fragment_at(whole, len(whole) // 2)
    path = tmp_path / "a.mp4"
    path.write_bytes(whole[:lost] + NOISE + whole[fragment_at(whole, lost + 8) :])
    assert fragment_cuts(path)[-1].end == path.stat().st_size
    recording = open_recording(path)
    numbers = shown_numbers(recording)
    assert numbers == sorted(numbers)
    assert recording.unreadable[0].last


@pytest.mark.parametrize("flags", ["", "faststart", FROM_THE_BEGINNING, FROM_THE_FRAGMENT])
def test_an_undamaged_file_is_never_cut(tmp_path: Path, flags: str) -> None:
    whole = fragmented(tmp_path, flags)
    path = tmp_path / "a.mp4"
    own_box = (16).to_bytes(4, "big") + b"cam1" + bytes(8)
    for content in (whole, whole[: len(whole) // 2], whole + b"the end", whole[:-200], whole + own_box):
        path.write_bytes(content)
        assert fragment_cuts(path) == []


def test_noise_after_an_mp4_without_fragments_is_not_searched(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(fragmented(tmp_path, "") + NOISE)
    assert fragment_cuts(path) == []


def test_tables_after_the_damage_are_limited_too(tmp_path: Path) -> None:
    whole = fragmented(tmp_path, FROM_THE_FRAGMENT)
    half = fragment_at(whole, len(whole) // 2)
    rest = bytearray(whole[half:])
    count = rest.index(b"trun") + 8
    rest[count : count + 4] = b"\x7f\xff\xff\xff"
    path = tmp_path / "a.mp4"
    path.write_bytes(whole[:half] + NOISE + rest)
    assert not fault_of_tables(path)
    assert fault_of_tables(path, fragment_cuts(path))


def test_the_search_for_a_fragment_can_be_cancelled(tmp_path: Path) -> None:
    class CancelledAtOnce(CancelToken):
        def check(self) -> None:
            raise Cancelled

    path = tmp_path / "a.mp4"
    path.write_bytes(fragmented(tmp_path, FROM_THE_FRAGMENT) + NOISE)
    with pytest.raises(Cancelled):
        fragment_cuts(path, CancelledAtOnce().check)


def test_space_takes_the_place_of_what_is_kept(tmp_path: Path) -> None:
    content = bytes(range(100))
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    box = b"\0\0\0\1free" + (30).to_bytes(8, "big") + bytes(14)
    expected = content[:10] + content[20:40] + box + content[70:]
    with ReadableBytes(path, [FileCut(10, 20), FileCut(40, 70, kept=True)]) as source:
        for start in range(len(expected)):
            source.seek(start)
            found = b""
            while piece := source.read(7):
                found += piece
            assert found == expected[start:]
        assert source.seek(0, 2) == len(expected)
