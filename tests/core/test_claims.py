"""Files that claim far more than they hold: one sentence soon, and memory for what there is."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import UserError
from app.core.recording.container import Stopwatch, allocated_bytes, open_container
from app.core.recording.demux import packets
from app.core.recording.first_picture import first_picture
from app.core.recording.frames import FrameReader
from app.core.recording.mp4_limits import fault_of_tables
from app.core.recording.probe import open_recording
from tests.media import tone, write_recording

MILLIONS = 50_000_000
FRAGMENTS = {"movflags": "frag_keyframe+empty_moov"}


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content) + 8, name) + content


def with_table(path: Path, name: bytes, table: bytes) -> None:
    """Put another table in place of the first one of this name, with its parents' lengths. The table of
    contents has to be the last box of the file."""
    data = path.read_bytes()

    def changed(content: bytes) -> bytes:
        place, made = 0, b""
        while place + 8 <= len(content):
            length, kind = struct.unpack(">I4s", content[place : place + 8])
            inside = content[place + 8 : place + length]
            if kind in (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts"):
                inside = changed(inside)
            made += box(kind, table if kind == name else inside)
            place += length
        return made

    path.write_bytes(changed(data))


def claimed_sizes(folder: Path) -> Path:
    path = write_recording(folder / "a.mp4", frames=20)
    with_table(path, b"stsz", struct.pack(">III", 0, 1, MILLIONS))
    return path


def claimed_run(folder: Path) -> Path:
    path = write_recording(folder / "a.mp4", frames=20, muxer=FRAGMENTS)
    data = bytearray(path.read_bytes())
    at = data.index(b"trun")
    data[at + 8 : at + 12] = struct.pack(">I", MILLIONS)
    path.write_bytes(data)
    return path


def endless_edits(folder: Path) -> Path:
    path = write_recording(folder / "a.mp4", frames=20)
    edits = struct.pack(">II", 0, 2_000_000) + struct.pack(">IiI", 1000, 0, 1 << 16) * 2_000_000
    with_table(path, b"elst", edits)
    return path


def endless_boxes(folder: Path) -> Path:
    path = write_recording(folder / "a.mp4", frames=20)
    data = path.read_bytes()
    first = struct.unpack(">I", data[:4])[0]
    path.write_bytes(data[:first] + box(b"free", b"") * 200_000 + data[first:])
    return path


CLAIMS: tuple[Callable[[Path], Path], ...] = (claimed_sizes, claimed_run, endless_edits, endless_boxes)


@pytest.mark.parametrize("make", CLAIMS)
def test_tables_beyond_what_the_file_holds_are_refused_unopened(
    tmp_path: Path, make: Callable[[Path], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("libav must not see it")

    path = make(tmp_path)
    monkeypatch.setattr(av, "open", never)
    with pytest.raises(UserError, match="claims more than the file can hold"):
        open_recording(path)
    assert first_picture(path) is None


@pytest.mark.parametrize("muxer", [{}, FRAGMENTS, {"movflags": "faststart"}])
def test_ordinary_files_claim_what_they_hold(tmp_path: Path, muxer: dict[str, str]) -> None:
    path = write_recording(tmp_path / "a.mp4", frames=50, sound=tone(2.0), muxer=muxer)
    assert not fault_of_tables(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    assert not fault_of_tables(path)


@given(st.binary(max_size=200), st.sampled_from([b"moov", b"moof", b"free"]))
def test_no_bytes_of_a_table_raise(content: bytes, name: bytes) -> None:
    path = Path(os.environ["SEMIOSCOPE_HOME"]) / "any.mp4"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(box(name, content) + content)
    assert fault_of_tables(path) is None or isinstance(fault_of_tables(path), str)


def test_parts_that_are_shown_without_end_are_not_read_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_recording(tmp_path / "a.mp4", frames=50)
    edits = struct.pack(">II", 0, 1000) + struct.pack(">IiI", 2000, 0, 1 << 16) * 1000
    with_table(path, b"elst", edits)
    monkeypatch.setattr("app.core.recording.demux._SLACK", 0)
    with pytest.raises(UserError, match="far more than there is"):
        open_recording(path)


def test_more_tracks_than_a_recording_has_are_refused(tmp_path: Path) -> None:
    path = write_recording(tmp_path / "a.mp4", frames=20)
    data = path.read_bytes()
    at = data.index(b"moov") - 4
    moov = data[at + 8 :]
    trak = moov[moov.index(b"trak") - 4 :]
    trak = trak[: struct.unpack(">I", trak[:4])[0]]
    path.write_bytes(data[:at] + box(b"moov", moov + trak * 200))
    with pytest.raises(UserError, match="table of contents cannot be read"):
        open_recording(path)


def test_what_holds_no_packet_is_not_searched(tmp_path: Path) -> None:
    """What there is before megabytes of nothing is shown."""
    path = write_recording(tmp_path / "a.mkv", frames=50)
    size = path.stat().st_size
    os.truncate(path, 4 << 30)
    with path.open("ab") as file:
        file.write(b"the end")
    if allocated_bytes(path) > 1 << 30:
        pytest.skip("this drive knows no holes")
    assert allocated_bytes(path) < size + (1 << 20)
    recording = open_recording(path)
    assert recording.video is not None
    assert recording.video.n == 50
    assert "unreadable" in [warning.code for warning in recording.warnings]
    with FrameReader(recording) as reader:
        assert len(list(reader.frames())) == 50


def test_a_drive_that_does_not_answer_is_no_end_of_the_recording(monkeypatch: pytest.MonkeyPatch) -> None:
    class Waiting:
        def demux(self, *_: object) -> object:
            raise av.ExitError(1, "too late")

    monkeypatch.setattr(Stopwatch, "worked", False)
    with pytest.raises(UserError, match="does not answer"):
        next(packets(Waiting(), ()))  # type: ignore[arg-type]
    monkeypatch.setattr(Stopwatch, "worked", True)
    assert list(packets(Waiting(), ())) == [None]  # type: ignore[arg-type]


def test_opening_is_tried_again_only_after_waiting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tries: list[float] = []

    def slow(*_: object, timeout: tuple[float, float], **__: object) -> None:
        tries.append(timeout[0])
        raise av.InvalidDataError(1, "too late")

    path = tmp_path / "a.mkv"
    path.write_bytes(b"x")
    monkeypatch.setattr(av, "open", slow)
    monkeypatch.setattr(Stopwatch, "seconds", 100.0)
    for worked, expected in ((True, 1), (False, 3)):
        tries.clear()
        monkeypatch.setattr(Stopwatch, "worked", worked)
        with pytest.raises(av.FFmpegError):
            open_container(path)
        assert len(tries) == expected
