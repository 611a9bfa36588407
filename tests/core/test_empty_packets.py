"""Very many packets with almost nothing in them, which look like a recording to libav."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core.errors import UserError
from app.core.recording import demux
from app.core.recording.probe import open_recording
from tests.media import write_recording

EMPTY = b"00dc\1\0\0\0xx"
"""A chunk of one byte with the byte that fills it up."""


@pytest.fixture(autouse=True)
def few_packets_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demux, "_MANY", 4000)
    monkeypatch.setattr(demux, "_VERY_MANY", 40_000)


def with_chunks(folder: Path, chunk: bytes, count: int) -> Path:
    whole = write_recording(folder / "whole.avi", frames=50, codec="mpeg4", b_frames=0).read_bytes()
    index = whole.index(b"idx1")
    path = folder / "a.avi"
    path.write_bytes(whole[:index] + chunk * count)
    return path


def test_packets_of_one_byte_are_refused_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    check = demux._check_content

    def noted(place: int, given: int, lately: int) -> None:
        seen.append(place)
        check(place, given, lately)

    monkeypatch.setattr(demux, "_check_content", noted)
    with pytest.raises(UserError, match="almost nothing in them"):
        open_recording(with_chunks(tmp_path, EMPTY, 100_000))
    assert max(seen) <= 12_000


def test_packets_of_four_bytes_are_refused_later(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="almost nothing in them"):
        open_recording(with_chunks(tmp_path, b"00dc\4\0\0\0abcd", 100_000))


def test_fewer_of_them_are_read(tmp_path: Path) -> None:
    recording = open_recording(with_chunks(tmp_path, EMPTY, 3000))
    assert recording.video is not None


def test_packets_of_silence_are_read(tmp_path: Path) -> None:
    recording = open_recording(with_chunks(tmp_path, b"00dc\4\0\0\0abcd", 9000))
    assert recording.video is not None
