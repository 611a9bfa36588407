"""The clocks of two cameras by their sound: shifted noise is found, unrelated sound is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.errors import Cancelled
from app.core.jobs import CancelToken
from app.core.recording.alignment import RATE, Alignment, align_by_clocks, align_by_sound, fit, loudness
from app.core.recording.probe import open_recording
from tests.media import SOUND_RATE, write_recording

Sound = npt.NDArray[np.float32]


def _ward(seconds: float, seed: int) -> Sound:
    """A room: soft noise in which now and then something is said or falls, differently coloured each time."""
    random = np.random.default_rng(seed)
    n = round(seconds * RATE)
    sound = 0.01 * random.standard_normal(n)
    for _ in range(max(3, round(seconds * 1.5))):
        at, length = random.integers(0, n), random.integers(RATE // 20, RATE // 2)
        pitch, end = random.uniform(200, 3000), 0
        end = min(at + length, n)
        time = np.arange(end - at) / RATE
        sound[at:end] += random.uniform(0.05, 0.4) * np.exp(-6 * time) * np.sin(2 * np.pi * pitch * time)
    return sound.astype(np.float32)


def align_samples(leader: Sound, camera: Sound) -> Alignment:
    """The alignment of two pieces of sound whose clocks begin with them."""
    return fit(loudness(leader), loudness(camera))


def _microphone(sound: Sound, seed: int, noise: float = 0.02) -> Sound:
    """What another microphone makes of it: an echo, another loudness, other noise."""
    random = np.random.default_rng(seed)
    echo = np.zeros_like(sound)
    echo[160:] = 0.5 * sound[:-160]
    return (0.3 * (sound + echo) + noise * random.standard_normal(len(sound))).astype(np.float32)


@settings(max_examples=25)
@given(
    st.floats(-20.0, 20.0, allow_nan=False),
    st.integers(0, 2**16),
    st.sampled_from([0.0, 0.02, 0.05]),
)
def test_a_shift_is_found(shift: float, seed: int, noise: float) -> None:
    """To less than a frame of 25 a second whatever the room: how exact it is depends on what happened in it.
    Usually it is far closer, see below."""
    found, error = _found(shift, seed, noise)
    assert found.offset is not None, found.why
    assert error < 0.03
    assert 30 <= found.confidence <= 100


def test_a_shift_is_usually_found_to_a_hundredth_of_a_second() -> None:
    rooms = [(seed, noise) for seed in range(20) for noise in (0.0, 0.02, 0.05)]
    errors = sorted(_found(4.0 - 0.5 * seed, seed, noise)[1] for seed, noise in rooms)
    assert errors[len(errors) * 95 // 100] < 0.01
    assert errors[len(errors) // 2] < 0.003


def _found(shift: float, seed: int, noise: float) -> tuple[Alignment, float]:
    """What is found in two recordings of a room whose clocks differ by `shift`, and by how much it is off."""
    ward = _ward(60.0, seed)
    here, there = max(0.0, -shift), max(0.0, shift)
    # The camera's clock shows `shift` more: it began so much earlier.
    leader = ward[round(there * RATE) : round((there + 35) * RATE)]
    camera = _microphone(ward, seed + 1, noise)[round(here * RATE) : round((here + 35) * RATE)]
    found = align_samples(leader, camera)
    return found, np.inf if found.offset is None else abs(found.offset - shift)


@pytest.mark.parametrize("seed", range(12))
def test_unrelated_rooms_are_not_aligned(seed: int) -> None:
    found = align_samples(_ward(40.0, 2 * seed), _ward(60.0, 2 * seed + 1))
    assert found.offset is None
    assert found.confidence == 0
    assert found.why


@pytest.mark.parametrize("seed", range(6))
def test_mere_noise_is_not_aligned(seed: int) -> None:
    random = np.random.default_rng(seed)
    first, second = (random.standard_normal(30 * RATE).astype(np.float32) for _ in range(2))
    assert align_samples(first, second).offset is None


def test_a_beeping_monitor_fits_everywhere_and_so_nowhere() -> None:
    time = np.arange(60 * RATE) / RATE
    beeps = np.where(time % 1.0 < 0.1, np.sin(2 * np.pi * 960 * time), 0.0)
    found = align_samples(
        _microphone(beeps[: 40 * RATE].astype(np.float32), 1),
        _microphone(beeps[: 60 * RATE].astype(np.float32), 2),
    )
    assert found.offset is None
    assert "several places" in found.why


@pytest.mark.parametrize("length", [0, 100, RATE])
def test_too_little_sound_is_said(length: int) -> None:
    found = align_samples(np.zeros(length, np.float32), _ward(10.0, 1))
    assert found.offset is None
    assert "too little" in found.why


def test_silence_fits_nothing() -> None:
    silence = np.zeros(20 * RATE, np.float32)
    assert align_samples(silence, silence).offset is None
    assert align_samples(silence, _ward(20.0, 3)).offset is None


def _file(path: Path, sound: Sound) -> Path:
    loud = np.repeat(sound, SOUND_RATE // RATE)
    return write_recording(path, frames=round(len(sound) / RATE * 5), rate=5, sound=loud, size=(64, 48))


def test_two_files_are_aligned_around_the_place_that_is_looked_at(tmp_path: Path) -> None:
    ward = _ward(40.0, 5)
    leader = open_recording(_file(tmp_path / "a.mp4", ward[8 * RATE : 33 * RATE]))
    camera = open_recording(_file(tmp_path / "b.mp4", _microphone(ward, 6)[: 30 * RATE]))
    shares: list[float] = []
    found = align_by_sound(leader, camera, 10.0, report=lambda progress: shares.append(progress.done))
    assert found.offset == pytest.approx(8.0, abs=0.02)
    assert shares == sorted(shares)
    assert shares[-1] <= 1.0
    back = align_by_sound(camera, leader, 10.0)
    assert back.offset == pytest.approx(-8.0, abs=0.02)


@pytest.mark.parametrize(
    ("mine", "other", "offset"),
    [
        ("2026-03-01T10:00:10+00:00", "2026-03-01T10:00:08+00:00", 2.0),
        ("2026-03-01T10:00:10+00:00", "2026-03-01T11:00:11+01:00", -1.0),
        ("2026-03-01T10:00:10", "2026-03-01T10:00:09", 1.0),
        ("2026-03-01T10:00:10+00:00", "2026-03-01T10:00:09", None),
        ("2026-03-01T10:00:10+00:00", "2026-03-01T12:00:00+00:00", None),
        (None, "2026-03-01T10:00:08+00:00", None),
    ],
)
def test_times_of_day_give_the_offset_where_the_recordings_overlap_by_them(
    tmp_path: Path, mine: str | None, other: str, offset: float | None
) -> None:
    recording = open_recording(write_recording(tmp_path / "a.mp4", frames=100, size=(64, 48)))
    leader = replace(recording, started_at=None if mine is None else datetime.fromisoformat(mine))
    camera = replace(recording, started_at=datetime.fromisoformat(other))
    assert align_by_clocks(leader, camera) == offset


def test_a_recording_without_sound_is_said_and_a_cancelled_search_ends(tmp_path: Path) -> None:
    leader = open_recording(_file(tmp_path / "a.mp4", _ward(6.0, 1)))
    silent = open_recording(write_recording(tmp_path / "mute.mp4", frames=10, size=(64, 48)))
    found = align_by_sound(leader, silent, 0.0)
    assert found.offset is None
    assert "mute.mp4" in found.why
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        align_by_sound(leader, leader, 0.0, cancel=token)
