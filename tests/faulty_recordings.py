"""Recordings with the faults that hospital files have, all of which open; by what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.media import tone, write_recording

Make = Callable[[Path], Path]


def written(name: str, **how: Any) -> Make:
    return lambda folder: write_recording(folder / name, **({"frames": 30} | how))


def resized(folder: Path) -> Path:
    small = write_recording(folder / "1.ts", frames=25)
    large = write_recording(
        folder / "2.ts", frames=25, first=25, size=(256, 192), muxer={"output_ts_offset": "1"}
    )
    (folder / "a.ts").write_bytes(small.read_bytes() + large.read_bytes())
    return folder / "a.ts"


def cut(make: Make, share: float) -> Make:
    def shortened(folder: Path) -> Path:
        whole = make(folder)
        path = whole.with_name("cut" + whole.suffix)
        path.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * share)])
        return path

    return shortened


def renamed(folder: Path) -> Path:
    return write_recording(folder / "a.mp4", frames=30).rename(folder / "a.avi")


def read_only(folder: Path) -> Path:
    path = write_recording(folder / "a.mp4", frames=30)
    folder.chmod(0o555)
    return path


def named(folder: Path) -> Path:
    return write_recording(
        folder / "a.mp4", frames=30, metadata={"title": "Doe, Jane \u202e1970", "artist": "x"}
    )


OPENED: dict[str, Make] = {
    "10 bits, 4:2:2": written("a.mov", pixel_format="yuv422p10le"),
    "odd dimensions": written("a.mov", codec="mjpeg", size=(99, 77)),
    "turned": written("a.mp4", rotation=270),
    "resolution changes": resized,
    "sound shorter": written("a.mp4", sound=tone(0.3)),
    "sound longer": written("a.mp4", sound=tone(3)),
    "sound late": written("a.mkv", sound=tone(1), sound_start=0.7),
    "sound missing": written("a.mp4"),
    "truncated with its index in front": cut(
        written("a.mp4", frames=100, muxer={"movflags": "faststart"}), 0.6
    ),
    "truncated fragments": cut(written("a.mp4", muxer={"movflags": "frag_keyframe+empty_moov"}), 0.7),
    "truncated transport stream": cut(written("a.ts", frames=60, sound=tone(2)), 0.7),
    "wrong extension": renamed,
    "read-only folder": read_only,
    "name of a patient in the metadata": named,
}
