"""The clocks by real sound: voices and rooms of recordings of people, heard by an EEG whose clock drifts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from app.core.eeg.sync import Sync
from app.core.eeg.sync_by_sound import SyncSound, sync_by_sound
from app.core.phantom.eeg_sound import eeg_sound
from app.core.recording.probe import open_recording
from app.core.recording.samples import read_samples

PEOPLE = Path(__file__).resolve().parents[3] / "shared" / "media" / "people"
SYNC, RATE, SECONDS = Sync(-371.4, 80e-6), 16_000, 300


@pytest.fixture(scope="module")
def heard() -> npt.NDArray[np.float32]:
    """Five minutes of three clips in any order with pauses, as a microphone in a ward hears them."""
    files = [PEOPLE / name for name in ("face_noface.mov", "noface_face.mov", "no_face.mp4")]
    if not all(file.exists() for file in files):
        pytest.skip("the clips of people are not next to this repository")
    chance, clips = np.random.default_rng(1), [read_samples(open_recording(file)) for file in files]
    parts: list[npt.NDArray[np.float32]] = []
    while sum(map(len, parts)) < RATE * SECONDS:
        pause = 0.002 * chance.standard_normal(int(RATE * chance.uniform(0.5, 5.0)))
        parts += [clips[chance.integers(len(clips))], pause.astype(np.float32)]
    return np.concatenate(parts)[: RATE * SECONDS]


@pytest.mark.parametrize("noise", [0.0, 0.5])
def test_offset_and_drift_are_found_again(heard: npt.NDArray[np.float32], noise: float) -> None:
    channel = eeg_sound(heard, RATE, SYNC, SYNC.to_eeg(SECONDS) + 60.0)
    loud = noise * float(np.sqrt(np.mean(channel.values**2)))
    values = channel.values + loud * np.random.default_rng(2).standard_normal(len(channel.values))
    found = sync_by_sound(SyncSound(values, float(channel.rate)), SyncSound(heard, float(RATE)))
    assert found.sync is not None, found.reason
    for at in (0.0, SECONDS / 2, float(SECONDS)):
        assert found.sync.to_recording(SYNC.to_eeg(at)) == pytest.approx(at, abs=0.02)
