"""Files whose space was set aside and never filled, and passes over many packets: work for what there is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import UserError
from app.core.recording import demux, filled
from app.core.recording.container import Stopwatch
from app.core.recording.filled import filled_bytes
from app.core.recording.first_picture import first_picture
from app.core.recording.frames import FrameReader
from app.core.recording.probe import open_recording
from tests.media import tone, write_recording

HUGE = 4 << 30
FASTSTART = {"movflags": "faststart"}


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The places of all blocks that are looked at."""
    places: list[int] = []
    written = filled._written

    def counted(file: Any, place: int) -> int:
        places.append(place)
        return written(file, place)

    monkeypatch.setattr(filled, "_written", counted)
    return places


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts", "avi"])
def test_what_was_never_written_is_not_searched(
    tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_recording(tmp_path / f"-a,end,9,,.{suffix}", frames=50, sound=tone(2.0))
    whole = open_recording(path)
    size = path.stat().st_size
    os.truncate(path, HUGE)
    ends: list[int] = []
    opened = av.open

    def noted(*given: Any, **how: Any) -> Any:
        container = opened(*given, **how)
        ends.append(container.size)
        return container

    monkeypatch.setattr(av, "open", noted)
    recording = open_recording(path)
    assert first_picture(path) is not None
    assert recording.video is not None
    assert whole.video is not None
    assert recording.video.times.tolist() == whole.video.times.tolist()
    with FrameReader(recording) as reader:
        assert len(list(reader.frames())) == 50
    assert max(ends) < size + filled._BLOCK
    added = {one.code for one in recording.warnings} - {one.code for one in whole.warnings}
    assert added == {"unfilled"}
    assert [one.code for one in open_recording(path).warnings] == [one.code for one in recording.warnings]


def test_a_table_that_speaks_of_what_was_never_written(tmp_path: Path) -> None:
    path = write_recording(tmp_path / "a.mp4", frames=300, muxer=FASTSTART)
    size = path.stat().st_size
    os.truncate(path, size // 2)
    os.truncate(path, HUGE)
    recording = open_recording(path)
    assert recording.video is not None
    assert 50 < recording.video.n < 250
    assert {"truncated", "unfilled"} <= {one.code for one in recording.warnings}


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts", "avi", "mpg"])
def test_space_alone_is_refused(tmp_path: Path, suffix: str, read: list[int]) -> None:
    path = tmp_path / f"a.{suffix}"
    path.touch()
    os.truncate(path, HUGE)
    for ask in (open_recording, first_picture):
        with pytest.raises(UserError, match="set aside and never filled"):
            ask(path)
    assert len(read) < 1000


@given(st.integers(0, 20), st.integers(0, 300))
def test_the_end_of_what_was_written_is_found_by_reading_little(written: int, empty: int) -> None:
    """In blocks of 64 kB and some bytes."""
    path = Path(os.environ["SEMIOSCOPE_HOME"]) / "any.bin"
    path.parent.mkdir(parents=True, exist_ok=True)
    end = written * filled._BLOCK + 7
    with path.open("wb") as file:
        file.write(b"x" * end)
        file.truncate(end + empty * filled._BLOCK)
    found, size = filled_bytes(path), path.stat().st_size
    assert end <= found <= size
    assert found == (size if size - end < filled._LEAST else end + filled._MARGIN)


def test_files_that_end_in_something_are_read_at_one_place(tmp_path: Path, read: list[int]) -> None:
    path = tmp_path / "a.bin"
    with path.open("wb") as file:
        file.truncate(HUGE)
        file.seek(0, os.SEEK_END)
        file.write(b"x")
    assert filled_bytes(path) == HUGE + 1
    assert len(read) <= 2


def test_what_lies_between_zeros_is_not_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    with path.open("wb") as file:
        file.truncate(1 << 30)
        for place in range(0, 1 << 30, 8 << 20):
            file.seek(place)
            file.write(b"x" * (4 << 20) if place < 900 << 20 else b"")
    end = filled_bytes(path)
    assert end > 900 << 20


def test_a_fast_pass_looks_at_the_clock_once_for_many_packets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watches: list[Stopwatch] = []

    def counted() -> Stopwatch:
        watches.append(Stopwatch())
        return watches[-1]

    path = write_recording(tmp_path / "a.mkv", frames=600, sound=tone(24.0))
    monkeypatch.setattr(demux, "Stopwatch", counted)
    recording = open_recording(path)
    found = sum(len(one) for one in (recording.index.video, *recording.index.tracks))
    passes = 1 + 24 + 2  # the packets that are decoded on opening are watched one by one
    assert len(watches) <= found // 256 + passes + 2
