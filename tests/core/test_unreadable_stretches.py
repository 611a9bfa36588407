"""Noise, zeros and garbage between two parts of a file and at its end: little of it is read, and once."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from app.core.errors import Cancelled, UserError
from app.core.jobs import CancelToken
from app.core.recording import readable_bytes, resuming
from app.core.recording.first_picture import first_picture
from app.core.recording.frames import FrameReader
from app.core.recording.probe import open_recording
from app.core.recording.readable_bytes import ReadableBytes
from app.core.recording.recording import Recording
from tests.media import number_in, tone, write_recording

CODECS = {"mkv": "libx264", "avi": "mpeg4", "ts": "libx264", "mpg": "mpeg2video"}
FRAMES = 100
GARBAGE = 3 << 20
FRUITLESS, NEAR = 1 << 18, 1 << 17

KINDS = {
    "noise": random.Random(5).randbytes(GARBAGE),
    "zeros": bytes(GARBAGE),
    "repeated": random.Random(6).randbytes(4096) * (GARBAGE // 4096),
}

LOOKALIKES = {
    "mkv": b"\x1f\x43\xb6\x75\x81\xe7",
    "avi": b"00dc\0\0\0\0",
    "ts": b"G\x1f\xff\x10" + b"\xff" * 184,
    "mpg": b"\0\0\1\xba\x44",
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The bytes that libav asks for, with limits that fit small files."""
    counts: list[int] = []
    read = ReadableBytes.read

    def counted(source: ReadableBytes, count: int) -> bytes:
        content = read(source, count)
        counts.append(len(content))
        return content

    monkeypatch.setattr(ReadableBytes, "read", counted)
    monkeypatch.setattr(readable_bytes, "_FRUITLESS", FRUITLESS)
    monkeypatch.setattr(readable_bytes, "_OPENING", 4 * FRUITLESS)
    monkeypatch.setattr(readable_bytes, "_NEAR", NEAR)
    return counts


def written(folder: Path, suffix: str) -> bytes:
    sound_codec = "mp2" if suffix == "mpg" else "aac"
    path = write_recording(
        folder / f"whole.{suffix}",
        frames=FRAMES,
        size=(320, 240),
        codec=CODECS[suffix],
        b_frames=0 if suffix == "avi" else 2,
        sound=tone(FRAMES / 25),
        sound_codec=sound_codec,
    )
    return path.read_bytes()


def shown_numbers(recording: Recording) -> list[int]:
    with FrameReader(recording) as reader:
        return [number_in(frame.image) for frame in reader.frames()]


def unreadable_text(recording: Recording) -> str:
    return next(one.text for one in recording.warnings if one.code == "unreadable")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("suffix", CODECS)
def test_both_parts_are_shown(tmp_path: Path, suffix: str, kind: str, asked: list[int]) -> None:
    whole = written(tmp_path, suffix)
    half = len(whole) // 2
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(whole[:half] + KINDS[kind] + whole[half:])
    recording = open_recording(path)
    assert sum(asked) < 4 * len(whole) + 8 * FRUITLESS
    assert recording.video is not None
    numbers = shown_numbers(recording)
    assert len(numbers) > 0.7 * FRAMES
    assert FRAMES - 1 in numbers
    (stretch,) = recording.unreadable
    assert stretch.size > GARBAGE - 6 * FRUITLESS
    assert not stretch.last
    assert "what follows is shown" in unreadable_text(recording)
    again = open_recording(path)
    assert again.unreadable == recording.unreadable


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("suffix", CODECS)
def test_what_ends_in_garbage_is_shown_until_there(
    tmp_path: Path, suffix: str, kind: str, asked: list[int]
) -> None:
    whole = written(tmp_path, suffix)
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(whole + KINDS[kind] + b"the end")
    recording = open_recording(path)
    assert sum(asked) < 4 * len(whole) + 8 * FRUITLESS
    assert len(shown_numbers(recording)) >= FRAMES - 1
    assert recording.unreadable[-1].last
    assert recording.unreadable[-1].seconds == pytest.approx(FRAMES / 25, abs=0.3)
    assert unreadable_text(recording).startswith("Reading ended at")


def test_the_first_picture_is_not_searched_through_noise(
    tmp_path: Path, asked: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("searched")

    whole = written(tmp_path, "mkv")
    path = tmp_path / "a.mkv"
    head = whole.index(b"\x1f\x43\xb6\x75")  # the first cluster
    path.write_bytes(whole[:head] + KINDS["noise"] * 2 + whole[head:])
    monkeypatch.setattr(readable_bytes, "find_landmark", never)
    asked.clear()
    with pytest.raises(UserError):
        first_picture(path)
    assert 0 < sum(asked) < 8 * FRUITLESS
    found = first_picture(tmp_path / "whole.mkv")
    assert found is not None
    assert number_in(found.image) == 0


def test_the_end_of_a_pack_is_no_landmark(
    tmp_path: Path, asked: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Gigabytes of noise hold thousands of these two bytes, which do not end the search."""
    monkeypatch.setattr(resuming, "_MOST_TRIES", 10)
    whole = written(tmp_path, "mpg")
    half = len(whole) // 2
    path = tmp_path / "a.mpg"
    path.write_bytes(whole[:half] + b"\1\xbanoise." * (GARBAGE // 8) + whole[half:])
    recording = open_recording(path)
    assert FRAMES - 1 in shown_numbers(recording)
    assert not recording.unreadable[-1].last


@pytest.mark.parametrize("suffix", CODECS)
def test_garbage_that_looks_like_the_container_ends_the_reading(
    tmp_path: Path, suffix: str, asked: list[int]
) -> None:
    whole = written(tmp_path, suffix)
    half = len(whole) // 2
    lookalike = LOOKALIKES[suffix]
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(whole[:half] + lookalike * (8 * GARBAGE // len(lookalike)) + whole[half:])
    recording = open_recording(path)
    assert sum(asked) < 4 * GARBAGE
    assert len(shown_numbers(recording)) > 0.3 * FRAMES
    assert recording.unreadable


@pytest.mark.parametrize("suffix", CODECS)
def test_an_ordinary_file_is_never_searched(
    tmp_path: Path, suffix: str, asked: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many bytes its packets have: only those between two packets count."""

    def never(*_: object) -> None:
        raise AssertionError("searched")

    whole = written(tmp_path, suffix)
    monkeypatch.setattr(readable_bytes, "_FRUITLESS", len(whole) // 4)
    monkeypatch.setattr(readable_bytes, "BUFFER", 1 << 12)
    monkeypatch.setattr("app.core.recording.container.BUFFER", 1 << 12)
    monkeypatch.setattr(readable_bytes, "find_landmark", never)
    recording = open_recording(tmp_path / f"whole.{suffix}")
    assert recording.unreadable == ()
    assert recording.video is not None
    assert recording.video.n == FRAMES


def test_searching_can_be_cancelled(
    tmp_path: Path, asked: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    class CancelledLater(CancelToken):
        def check(self) -> None:
            if sum(asked) > 4 * FRUITLESS:
                raise Cancelled

    path = tmp_path / "a.mkv"
    whole = written(tmp_path, "mkv")
    path.write_bytes(whole[: len(whole) // 2] + KINDS["noise"])
    monkeypatch.setattr(readable_bytes, "_FRUITLESS", GARBAGE)
    asked.clear()
    with pytest.raises(Cancelled):
        open_recording(path, cancel=CancelledLater())
    assert sum(asked) < 6 * FRUITLESS
