"""The file of a de-identified clip: its frames at their times, and nothing that says where it comes from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from app.core.deidentify.clip_choice import FaceHiding, HidingChoice
from app.core.deidentify.clip_making import clip_size, write_clip
from app.core.deidentify.clip_writer import SOUND_RATE, ClipWriter, Samples
from app.core.hiding.covered_places import CoveredPlaces
from app.core.hiding.voices import VoiceHiding
from app.core.recording.probe import open_recording
from app.core.recording.samples import read_samples
from app.core.semiology import Span
from tests.core.deidentified_cases import PATIENT, named_recording
from tests.media import write_recording


def silence(seconds: float) -> Iterator[Samples]:
    yield np.zeros(round(seconds * SOUND_RATE), np.float32)


def written(path: Path, times: list[float], end: float, *, sound: bool = False) -> Path:
    with ClipWriter(path, (65, 49), rate=25.0, sound=silence(end) if sound else None) as writer:
        for number, seconds in enumerate(times):
            writer.add(seconds, np.full((49, 65, 3), 20 * number, np.uint8))
        writer.finish(end)
    return path


def test_frames_keep_their_times_and_the_last_its_length(tmp_path: Path) -> None:
    times = [0.0, 0.04, 0.31, 0.32, 1.5]
    recording = open_recording(written(tmp_path / "a.mp4", times, 2.0))
    assert recording.video is not None
    assert recording.video.times == pytest.approx(times, abs=1e-4)
    assert recording.duration == pytest.approx(2.0, abs=0.01)
    assert (recording.video.width, recording.video.height) == (64, 48)


def test_the_file_says_nothing_of_its_making(tmp_path: Path) -> None:
    content = written(tmp_path / "a.mp4", [0.0, 0.5], 1.0, sound=True).read_bytes()
    assert not re.search(rb"x264|Lavc|Lavf|libx|aac \(|creation|encoder", content, re.IGNORECASE)
    with av.open(str(tmp_path / "a.mp4")) as container:
        assert set(container.metadata) <= {"major_brand", "minor_version", "compatible_brands"}
        for stream in container.streams:
            assert set(stream.metadata) <= {"language", "handler_name"}
    assert open_recording(tmp_path / "a.mp4").started_at is None


def test_the_same_clip_is_the_same_file(tmp_path: Path) -> None:
    """No time of writing and no random number is in it."""
    one, other = (written(tmp_path / f"{n}.mp4", [0.0, 0.5], 1.0, sound=True).read_bytes() for n in range(2))
    assert one == other


def clip_of(path: Path, voice: VoiceHiding, span: Span) -> Path:
    out = path.with_name("clip.mp4")
    choice = HidingChoice(FaceHiding.FIGURE, voice)
    text = CoveredPlaces()
    write_clip(open_recording(path), span, choice, out, track=None, text=text, report=lambda _share: None)
    return out


def test_what_the_encoder_says_is_not_lost_in_its_thread(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def full(*_args: object, **_options: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(ClipWriter, "_write", full)
    for times in ([0.0], [0.0, 0.5, 1.0]):
        with pytest.raises(OSError, match="full"):
            written(tmp_path / "a.mp4", times, 2.0)


def test_the_voice_is_removed_by_default(tmp_path: Path) -> None:
    path = named_recording(tmp_path / "a.mp4")
    assert HidingChoice().voice is VoiceHiding.REMOVE
    assert open_recording(clip_of(path, HidingChoice().voice, Span(0.0, 1.0))).audio is None


def test_what_the_recording_says_of_itself_is_gone(tmp_path: Path) -> None:
    path = named_recording(tmp_path / "a.mp4")
    assert PATIENT.encode() in path.read_bytes()
    content = clip_of(path, VoiceHiding.ENVELOPE, Span(0.0, 1.0)).read_bytes()
    for word in (*PATIENT.split(), "2026"):
        assert word.encode() not in content


def test_a_part_begins_at_zero_and_has_its_sound(tmp_path: Path) -> None:
    path = named_recording(tmp_path / "a.mp4")
    clip = open_recording(clip_of(path, VoiceHiding.SHIFT, Span(0.5, 1.5)))
    assert clip.video is not None
    assert clip.video.times[0] == 0.0
    assert clip.duration == pytest.approx(1.0, abs=0.05)
    sound = read_samples(clip, 0.2, 0.8)
    assert np.abs(np.fft.rfft(sound)).argmax() / 0.6 == pytest.approx(440 * 0.78, rel=0.03)


def test_uneven_frames_stay_uneven(tmp_path: Path) -> None:
    ticks = [0, 40, 300, 320, 700, 1000]
    path = write_recording(tmp_path / "a.mp4", frames=6, ticks=ticks)
    clip = open_recording(clip_of(path, VoiceHiding.REMOVE, Span(0.0, 1.2)))
    assert clip.video is not None
    assert clip.video.times == pytest.approx(np.array(ticks) / 1000, abs=1e-3)


def test_large_pictures_are_made_smaller(tmp_path: Path) -> None:
    video = open_recording(write_recording(tmp_path / "a.mp4", frames=2, size=(2400, 1200))).video
    assert video is not None
    assert clip_size(video) == (1920, 960)
