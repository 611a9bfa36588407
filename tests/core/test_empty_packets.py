"""Very many packets with almost nothing in them, which look like a recording to libav."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import av
import numpy as np
import pytest
from av.packet import Packet
from av.stream import Stream

from app.core.errors import UserError
from app.core.recording import demux, readable_bytes
from app.core.recording.container import open_container
from app.core.recording.packet_rows import PacketRows
from app.core.recording.probe import open_recording
from app.core.recording.readable_bytes import ReadableBytes
from tests.media import tone, write_recording

EMPTY = b"00dc\1\0\0\0xx"
"""A chunk of one byte with the byte that fills it up."""

FOUR = b"00dc\4\0\0\0abcd"
REPEATING = b"00dc\7\0\0\0\0\0\1\xb6\x50\1\2\0"
"""An MPEG-4 picture that only repeats the last one."""

SILENT = b"01wb\4\0\0\0abcd"
EMPTY_SOUND = b"01wb\1\0\0\0xx"
OPENING = 1 << 18


@pytest.fixture(autouse=True)
def few_packets_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demux, "_CHECKED", 4000)
    monkeypatch.setattr(demux, "_MANY_PICTURES", 1600)
    monkeypatch.setattr(demux, "_MANY", 16_000)
    monkeypatch.setattr(demux, "_VERY_MANY", 40_000)


@pytest.fixture
def kept_places(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The place of each packet that is kept."""
    places: list[int] = []
    add = PacketRows.add

    def noted(rows: PacketRows, packet: Packet[Stream], place: int) -> None:
        places.append(place)
        add(rows, packet, place)

    monkeypatch.setattr(PacketRows, "add", noted)
    return places


def with_chunks(folder: Path, chunks: bytes, count: int, codec: str = "mpeg4") -> Path:
    whole = write_recording(
        folder / "whole.avi", frames=50, codec=codec, b_frames=0, sound=tone(0.2), sound_codec="pcm_s16le"
    ).read_bytes()
    index = whole.index(b"idx1")
    path = folder / "a.avi"
    path.write_bytes(whole[:index] + chunks * count)
    return path


@pytest.mark.parametrize("chunks", [EMPTY, FOUR, FOUR + SILENT], ids=["one", "four", "with sound"])
def test_pictures_of_some_bytes_are_refused_early(
    tmp_path: Path, chunks: bytes, kept_places: list[int]
) -> None:
    with pytest.raises(UserError, match="almost nothing in them"):
        open_recording(with_chunks(tmp_path, chunks, 100_000))
    assert max(kept_places) < 8000


@pytest.mark.parametrize("codec", ["mpeg4", "libx264"])
@pytest.mark.parametrize(("chunk", "most"), [(EMPTY_SOUND, 32_000), (SILENT, 48_000)], ids=["one", "four"])
def test_sound_of_some_bytes_is_refused_later(
    tmp_path: Path, chunk: bytes, most: int, codec: str, kept_places: list[int]
) -> None:
    with pytest.raises(UserError, match="almost nothing in them"):
        open_recording(with_chunks(tmp_path, chunk, 100_000, codec))
    assert 8000 < max(kept_places) < most


@pytest.mark.parametrize(
    ("chunks", "count"),
    [(EMPTY, 1500), (SILENT, 30_000), (REPEATING, 9000), (REPEATING + SILENT * 2, 5000)],
    ids=["few pictures", "silence", "the same picture", "the same picture in silence"],
)
def test_what_a_camera_may_write_is_read(tmp_path: Path, chunks: bytes, count: int) -> None:
    recording = open_recording(with_chunks(tmp_path, chunks, count))
    assert recording.video is not None


def test_a_packet_without_a_time_of_showing_waits_for_no_other(tmp_path: Path) -> None:
    """libav reads on to the next picture for the time of H.264 in AVI: here, the whole file."""
    path = with_chunks(tmp_path, EMPTY_SOUND, 100_000, "libx264")
    with ReadableBytes(path) as source, open_container(path, source=source) as container:
        for packet in container.demux():
            assert (packet.pos or 0) > source.tell() - (1 << 19)
            if packet.pos and packet.pos > path.stat().st_size // 2:
                break


def test_the_sizes_of_the_latest_packets(tmp_path: Path) -> None:
    path = write_recording(tmp_path / "a.avi", frames=30, codec="mpeg4", b_frames=0)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        rows = PacketRows(stream)
        packets = [packet for packet in container.demux(stream) if packet.size]
        for place, packet in enumerate(packets):
            rows.add(cast("Packet[Stream]", packet), 2 * place)
    assert rows.lately(20, 60).tolist() == [packet.size for packet in packets[20:]]
    assert rows.lately(1, 60).tolist() == []
    assert np.array_equal(rows.lately(60, 60), rows.columns().size)


def test_opening_passes_over_few_bytes_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """libav looks for the index of an AVI by going from chunk to chunk after the packets."""
    read: list[int] = []
    opened: list[int] = []
    given, begin = ReadableBytes.read, ReadableBytes.opened

    def counted(source: ReadableBytes, count: int) -> bytes:
        content = given(source, count)
        read.append(len(content))
        return content

    def noted(source: ReadableBytes) -> None:
        opened.append(sum(read))
        begin(source)

    monkeypatch.setattr(readable_bytes, "_OPENING", OPENING)
    monkeypatch.setattr(ReadableBytes, "read", counted)
    monkeypatch.setattr(ReadableBytes, "opened", noted)
    path = with_chunks(tmp_path, b"00dc\20\0\0\0" + bytes(range(16)), 400_000)
    recording = open_recording(path)
    assert len(recording.index.video) > 400_000, "all of it is read afterwards"
    assert opened[0] < 4 * OPENING
