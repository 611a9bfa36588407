"""Seekable copies: the same frames at the same times, never in place, whole or not there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.cli import main
from app.core.errors import Cancelled, UserError
from app.core.jobs import CancelToken
from app.core.recording.frames import FrameReader
from app.core.recording.probe import open_recording
from app.core.recording.samples import read_samples
from app.core.recording.seekable_copy import needs_copy, write_seekable_copy
from app.core.study.store import Study
from tests.media import beeps, number_in, tone, write_recording

SOUND: dict[str, Any] = {"sound": beeps(3, [0.5, 1.5])}


def written(name: str, **how: Any) -> Callable[[Path], Path]:
    return lambda folder: write_recording(folder / name, frames=75, **how)


def joined(folder: Path) -> Path:
    parts = [
        write_recording(folder / f"{i}.ts", frames=25, first=25 * i, sound=tone(1), b_frames=0)
        for i in range(3)
    ]
    path = folder / "joined.ts"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    return path


FILES: dict[str, tuple[Callable[[Path], Path], bool]] = {
    "mp4": (written("a.mp4", **SOUND), False),
    "mkv": (written("a.mkv", **SOUND), False),
    "ts": (written("a.ts", **SOUND), False),
    "late picture": (written("a.mp4", ticks=[1000 + 40 * i for i in range(75)], **SOUND), False),
    "fragmented": (written("a.mp4", muxer={"movflags": "frag_keyframe+empty_moov"}, **SOUND), False),
    "one keyframe, long": (written("a.mp4", gop=999, ticks=[100 * i for i in range(75)]), True),
    "avi": (written("a.avi", codec="mpeg4", sound_codec="mp2", **SOUND), True),
    "mpeg 2": (written("a.mpg", codec="mpeg2video", sound_codec="mp2", **SOUND), True),
    "joined": (joined, True),
    "rotated": (written("a.mp4", rotation=90), True),
}


@pytest.mark.parametrize(("make", "anew"), FILES.values(), ids=FILES.keys())
def test_copy_shows_the_same_frames_at_the_same_times(
    tmp_path: Path, make: Callable[[Path], Path], anew: bool
) -> None:
    recording = open_recording(make(tmp_path))
    before = recording.path.read_bytes()
    copied = write_seekable_copy(recording, tmp_path / "copy.mp4")
    assert copied.picture is anew
    assert recording.path.read_bytes() == before
    copy = open_recording(tmp_path / "copy.mp4")
    assert recording.video is not None
    assert copy.video is not None
    first = float(min(recording.video.times[0], recording.audio.start if recording.audio else 9.0))
    assert copy.video.times == pytest.approx(recording.video.times - first, abs=0.03)
    with FrameReader(recording) as old, FrameReader(copy) as new:
        size = (new.frame(0).image.shape, old.frame(0).image.shape)
        assert size[0] == size[1]
        if copy.video.rotation == 0 and recording.video.rotation == 0:
            assert [number_in(f.image) for f in new.frames()] == [number_in(f.image) for f in old.frames()]
    data = copy.path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    if recording.audio is not None:
        sound, was = read_samples(copy), read_samples(recording)
        middle = np.flatnonzero(np.abs(was) > 0.2)
        again = np.flatnonzero(np.abs(sound) > 0.2)
        assert again[0] / 16_000 == pytest.approx(middle[0] / 16_000, abs=0.04)
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith(".")) == []


@pytest.mark.parametrize(
    ("kind", "needed"), [("mp4", False), ("mkv", False), ("one keyframe, long", True), ("joined", True)]
)
def test_a_copy_helps_where_there_is_damage_or_keyframes_are_far_apart(
    tmp_path: Path, kind: str, needed: bool
) -> None:
    """Either is enough: the joined one has a keyframe every half second, the long one no damage."""
    assert needs_copy(open_recording(FILES[kind][0](tmp_path))) is needed


def test_copy_is_never_written_over_the_recording(tmp_path: Path) -> None:
    recording = open_recording(write_recording(tmp_path / "a.mp4"))
    (tmp_path / "b.mp4").hardlink_to(recording.path)
    for out in ("a.mp4", "b.mp4"):
        with pytest.raises(UserError, match="itself"):
            write_seekable_copy(recording, tmp_path / out)
    with pytest.raises(UserError, match="folder"):
        write_seekable_copy(recording, tmp_path / "none" / "c.mp4")


def test_copy_is_never_written_over_a_recording_of_the_study(tmp_path: Path) -> None:
    path, other = write_recording(tmp_path / "a.mp4"), write_recording(tmp_path / "b.mp4")
    with Study.open(tmp_path / "a.semioscope", author="Ana") as study:
        study.recording(open_recording(other))
    before = other.read_bytes()
    assert main(["copy", str(path), "--out", str(other)]) == 1
    assert other.read_bytes() == before


def test_cancelled_copy_leaves_nothing(tmp_path: Path) -> None:
    recording = open_recording(write_recording(tmp_path / "a.mp4"))
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        write_seekable_copy(recording, tmp_path / "b.mp4", cancel=token)
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".mp4"] == ["a.mp4"]


def test_command_copies_a_damaged_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = bytearray(write_recording(tmp_path / "a.ts", frames=75, **SOUND).read_bytes())
    del data[188 * 60 : 188 * 70]
    (tmp_path / "b.ts").write_bytes(data)
    assert main(["copy", str(tmp_path / "b.ts"), "--out", str(tmp_path / "c.mp4")]) == 0
    assert "encoded anew" in capsys.readouterr().out
    # A name can come from somebody else, and a terminal takes this for a command.
    assert main(["copy", str(tmp_path / "b.ts"), "--out", str(tmp_path / "d\x1b]0;x.mp4")]) == 0
    assert "\x1b" not in capsys.readouterr().out
    assert open_recording(tmp_path / "c.mp4").warnings == ()
    assert main(["copy", str(tmp_path / "b.ts"), "--out", str(tmp_path / "b.ts")]) == 1
