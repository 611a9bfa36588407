"""The waveform: its envelope holds every peak, at any zoom."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.folders import cache_folder
from app.core.jobs import no_report
from app.core.recording import continuous_sound, waveform
from app.core.recording.probe import open_recording
from app.core.recording.waveform import Waveform, _bins, _pyramid, build_waveform
from tests.media import beeps, write_recording


def waveform_of(sound: npt.NDArray[Any]) -> Waveform:
    return Waveform(_pyramid(_bins(sound.astype(np.float32))), len(sound) / 16000)


@given(
    st.integers(0, 2**32 - 1),
    st.floats(0, 9),
    st.floats(0.01, 10),
    st.integers(1, 700),
)
def test_envelope_holds_every_sample_of_each_column(
    seed: int, start: float, length: float, columns: int
) -> None:
    sound = np.random.default_rng(seed).uniform(-1, 1, 160_000).astype(np.float32) ** 5
    low, high = waveform_of(sound).envelope(start, start + length, columns)
    assert low.shape == high.shape == (columns,)
    for column in range(0, columns, max(columns // 7, 1)):
        first = int(np.ceil((start + length * column / columns) * 16000))
        stop = int((start + length * (column + 1) / columns) * 16000)
        inside = sound[first:stop]
        if len(inside):
            assert low[column] <= inside.min() + 1e-4
            assert high[column] >= inside.max() - 1e-4
    assert (low >= -1).all()
    assert (high <= 1).all()


def test_outside_the_sound_the_envelope_is_zero() -> None:
    wave = waveform_of(np.full(32_000, 0.5))
    low, high = wave.envelope(-2, 6, 8)
    assert low.tolist() == pytest.approx([0, 0, 0.5, 0.5, 0, 0, 0, 0], abs=1e-4)
    assert high.tolist() == pytest.approx([0, 0, 0.5, 0.5, 0, 0, 0, 0], abs=1e-4)
    assert len(wave.envelope(1, 1, 5)[0]) == 5
    assert len(wave.envelope(1, 2, 0)[0]) == 0


def test_waveform_is_built_and_cached(tmp_path: Path) -> None:
    recording = open_recording(write_recording(tmp_path / "a.mp4", sound=beeps(2, [0.5])))
    first = build_waveform(recording)
    assert first is not None
    low, high = first.envelope(0, 2, 20)
    assert high[5] > 0.4
    assert low[5] < -0.4
    assert np.abs(high[[0, 1, 2, 3, 8, 9, 10]]).max() < 0.05
    (stored,) = (cache_folder() / "waveform").glob("*.npz")
    stored.write_bytes(b"broken")
    again = build_waveform(recording)
    assert again is not None
    assert np.array_equal(again.levels[0], first.levels[0])
    kept = build_waveform(recording)
    assert kept is not None
    assert np.array_equal(kept.levels[0], first.levels[0])


def test_recording_without_sound_has_no_waveform(tmp_path: Path) -> None:
    assert build_waveform(open_recording(write_recording(tmp_path / "a.mp4", frames=5))) is None


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("a.mp4", {}),
        ("a.mkv", {"sound_codec": "pcm_s16le", "channels": 2}),
        ("late.mkv", {"sound_start": 0.437}),
        ("a.ts", {}),
    ],
)
def test_quick_reading_finds_what_careful_reading_finds(
    tmp_path: Path, name: str, how: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_recording(tmp_path / name, frames=75, sound=beeps(3, [0.5, 1.3, 2.2]), **how)
    recording = open_recording(path)
    quick = waveform._finest_steady(recording, no_report, None)
    careful = waveform._finest_careful(recording, no_report, None)[0]
    assert len(quick) == pytest.approx(len(careful), abs=2)
    n = min(len(quick), len(careful))
    loud, was = (np.abs(bins[:n]).max(axis=1) > 6000 for bins in (quick, careful))
    assert (loud != was).sum() <= 12
    assert quick.max() == pytest.approx(16_384, rel=0.1)
    monkeypatch.setattr(waveform, "_finest_careful", None)
    assert build_waveform(recording) is not None


LOSSLESS = {"sound_codec": "pcm_s16le"}
TWO_PLACES: list[tuple[str, dict[str, Any]]] = [
    ("a.mp4", {}),
    ("a.ts", {}),
    ("late.mp4", {"sound_start": 0.437}),
    ("a.mov", LOSSLESS),
    ("late.mov", {"sound_start": 0.437, **LOSSLESS}),
]


@pytest.mark.parametrize("seconds", [3.0, 12.37])
@pytest.mark.parametrize(("name", "how"), TWO_PLACES)
def test_reading_from_two_places_finds_what_reading_through_finds(
    tmp_path: Path, name: str, how: dict[str, Any], seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(continuous_sound, "_SHORT", 0.0)
    time = np.arange(round(seconds * 48_000)) / 48_000
    sweep = (0.6 * np.sin(2 * np.pi * (200 + 30 * time) * time) * np.cos(5 * time)).astype(np.float32)
    recording = open_recording(write_recording(tmp_path / name, frames=75, sound=sweep, **how))
    middle = continuous_sound.middle_of(recording)
    assert middle is not None
    whole = waveform._finest_steady(recording, no_report, None)
    both = waveform._finest_steady(recording, no_report, None, middle)
    assert len(both) == len(whole)
    if "sound_codec" in how:
        assert np.array_equal(both, whole)
    # Decoders of AAC make what was noise anew each time.
    assert np.abs(both.astype(int) - whole).max() <= 200, "of 32767"


def test_sound_with_coarse_time_stamps_is_read_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(continuous_sound, "_SHORT", 0.0)
    recording = open_recording(write_recording(tmp_path / "a.mkv", sound=beeps(2, [0.5])))
    assert continuous_sound.middle_of(recording) is None
    assert build_waveform(recording) is not None


def test_a_middle_that_is_not_where_it_should_be_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(continuous_sound, "_SHORT", 0.0)
    recording = open_recording(write_recording(tmp_path / "a.mp4", frames=75, sound=beeps(3, [0.5])))
    middle = continuous_sound.middle_of(recording)
    assert middle is not None
    for wrong in (replace(middle, place=middle.place + 480), replace(middle, ticks=middle.ticks + 7)):
        with pytest.raises(continuous_sound.SoundBreaks):
            waveform._finest_steady(recording, no_report, None, wrong)
    right = waveform._finest_steady(recording, no_report, None)
    monkeypatch.setattr(waveform, "middle_of", lambda _: replace(middle, place=middle.place + 480))
    built = build_waveform(recording)
    assert built is not None
    assert np.array_equal(built.levels[0], right)


def test_without_the_process_of_the_second_half_the_sound_is_read_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(continuous_sound, "_SHORT", 0.0)
    recording = open_recording(write_recording(tmp_path / "a.mp4", frames=75, sound=beeps(3, [0.5])))
    whole = waveform._finest_steady(recording, no_report, None)
    monkeypatch.setattr(waveform, "_PROCESS", "app.core.recording.no_such_process")
    built = build_waveform(recording)
    assert built is not None
    assert np.array_equal(built.levels[0], whole)


def test_sound_that_ends_before_its_packets_say_is_read_with_care(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = open_recording(write_recording(tmp_path / "a.mp4", frames=75, sound=beeps(3, [0.5])))
    assert recording.audio is not None
    whole = sum(len(part) for part in continuous_sound.continuous_sound(recording))
    assert whole == pytest.approx(recording.audio.duration * recording.audio.rate, abs=2048)
    half = np.zeros(whole // 2, np.float32)
    monkeypatch.setattr(continuous_sound, "_stretches", lambda *_: iter([half]))
    with pytest.raises(continuous_sound.SoundBreaks):
        list(continuous_sound.continuous_sound(recording))
