"""Sound with its noise reduced: what is learned from, what stays, and pieces as good as the whole."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.enhance import noise_profile as profile_module
from app.core.enhance.denoise import (
    REDUCTION,
    SOUND_RATE,
    QuietSearch,
    denoise,
    denoise_pieces,
)
from app.core.enhance.noise_gate import HOP, REACH, NoiseGate
from app.core.enhance.noise_profile import noise_profile
from app.core.errors import Cancelled, UserError
from app.core.jobs import CancelToken, Progress
from app.core.recording.probe import open_recording
from tests.media import write_recording

RATE = SOUND_RATE


def noise(seconds: float, level: float = 0.02, seed: int = 1) -> npt.NDArray[Any]:
    return (level * np.random.default_rng(seed).standard_normal(round(seconds * RATE))).astype(np.float32)


def with_cry(
    sound: npt.NDArray[Any], start: float, seconds: float = 3.0, level: float = 0.3
) -> npt.NDArray[Any]:
    """A cry: 400 Hz with overtones."""
    time = np.arange(round(seconds * RATE)) / RATE
    cry = sum(level / k * np.sin(2 * np.pi * 400 * k * time) for k in (1, 2, 3))
    out = sound.copy()
    first = round(start * RATE)
    out[first : first + len(time)] += cry.astype(np.float32)
    return out


def decibels(sound: npt.NDArray[Any], start: float, end: float) -> float:
    part = sound[round(start * RATE) : round(end * RATE)].astype(np.float64)
    return float(10 * np.log10(np.mean(part**2)))


def quiet_stretch(sound: npt.NDArray[Any], rate: int) -> npt.NDArray[Any] | None:
    """What the search finds in the whole sound at once."""
    search = QuietSearch(rate)
    search.add(sound)
    return search.found()


def test_a_cry_stays_while_the_noise_falls() -> None:
    sound = with_cry(noise(9.0), 4.0)
    profile = quiet_stretch(sound, RATE)
    assert profile is not None
    cleaned = denoise(sound, RATE, profile)
    assert decibels(cleaned, 4.2, 6.8) == pytest.approx(decibels(sound, 4.2, 6.8), abs=3.0)
    assert decibels(cleaned, 0.5, 3.5) < decibels(sound, 0.5, 3.5) - 6.0
    assert decibels(cleaned, 7.5, 8.8) < decibels(sound, 7.5, 8.8) - 6.0


@pytest.mark.parametrize("first", [0, 16_000, 16_000 * 5 + 256 * 3 + 17])
def test_pieces_are_denoised_as_the_whole(first: int) -> None:
    sound = with_cry(noise(12.0), 5.2)
    profile = quiet_stretch(sound, RATE)
    assert profile is not None
    begin = first // HOP * HOP
    before = np.concatenate([np.zeros(REACH, np.float32), sound])[begin:]
    pieces = (before[at : at + 1024] for at in range(0, len(before), 1024))
    got = np.concatenate(list(denoise_pieces(pieces, profile)))
    whole = NoiseGate(profile, RATE, REDUCTION).apply(sound)[begin:]
    assert len(got) == len(whole)
    inner = slice(REACH, -REACH)  # at the ends of all sound the whole has no neighbours, pieces have silence
    assert np.abs(got - whole)[inner].max() < 1e-6, "a border between blocks can be heard"
    assert np.abs(got - whole).max() < 0.005


@pytest.mark.parametrize("rate", [16_000, 44_100])
def test_the_gate_gives_the_samples_of_noisereduce(rate: int) -> None:
    import noisereduce

    sound = with_cry(noise(8.0), 3.0)
    sound[70_000:74_000] = 0.0
    profile = noise(1.0, seed=7)
    ours = NoiseGate(profile, rate, REDUCTION).apply(sound)
    theirs = noisereduce.reduce_noise(
        y=sound,
        sr=rate,
        y_noise=profile,
        stationary=True,
        prop_decrease=REDUCTION,
        freq_mask_smooth_hz=None,
        padding=0,
    )
    assert np.abs(ours - theirs).max() < 1e-5


def test_what_is_heard_is_as_loud_as_what_a_model_hears() -> None:
    sound = with_cry(noise(9.0), 4.0)
    profile = quiet_stretch(sound, RATE)
    assert profile is not None
    heard, shown = NoiseGate(profile, RATE, REDUCTION).apply(sound), denoise(sound, RATE, profile)
    for start, end in ((0.5, 3.5), (4.2, 6.8), (7.4, 8.8)):
        assert decibels(heard, start, end) == pytest.approx(decibels(shown, start, end), abs=0.3)


def test_silence_and_short_pieces_stay_silent_and_short() -> None:
    gate = NoiseGate(noise(1.0), RATE, REDUCTION)
    for n in (0, 1, 255, 257, 5000):
        out = gate.apply(np.zeros(n, np.float32))
        assert len(out) == n
        assert not out.any()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 9 * RATE - 1), max_size=12))
def test_the_quiet_stretch_does_not_depend_on_the_pieces(cuts: list[int]) -> None:
    sound = with_cry(noise(9.0), 1.0, seconds=6.5)
    search = QuietSearch(RATE)
    for begin, end in pairwise([0, *sorted(cuts), len(sound)]):
        search.add(sound[begin:end])
    found, whole = search.found(), quiet_stretch(sound, RATE)
    assert found is not None
    assert whole is not None
    assert found.tolist() == whole.tolist()


def test_sound_without_a_quiet_stretch_has_no_profile() -> None:
    assert quiet_stretch(noise(6.0), RATE) is None, "equally loud throughout"
    assert quiet_stretch(np.zeros(6 * RATE, np.float32), RATE) is None
    assert quiet_stretch(noise(1.5), RATE) is None, "too short"


def test_a_stretch_that_was_off_for_a_moment_is_not_learned_from() -> None:
    """Its noise would seem to rise and fall by 80 dB, and a cry would be taken for it."""
    sound = with_cry(noise(8.0), 3.0)
    sound[round(1.3 * RATE) : round(1.6 * RATE)] = 0.0
    sound = np.concatenate([np.zeros(round(0.4 * RATE), np.float32), sound, np.zeros(RATE, np.float32)])
    profile = quiet_stretch(sound, RATE)
    assert profile is not None
    assert (np.abs(profile.reshape(100, -1)).max(axis=1) > 0.01).all()
    cleaned = denoise(sound, RATE, profile)
    assert decibels(cleaned, 3.6, 6.2) == pytest.approx(decibels(sound, 3.6, 6.2), abs=3.0)


def test_without_a_profile_sound_stays_as_it_is() -> None:
    sound = noise(3.0)
    assert denoise(sound, RATE, None) is sound
    assert not denoise(np.zeros(4 * RATE, np.float32), RATE, noise(1.0)).any()


def recording_of(path: Path, sound: npt.NDArray[Any], **how: object) -> Path:
    """`sound` at 16 kHz as the sound of a recording at 48 kHz."""
    fine = np.interp(np.arange(3 * len(sound)) / 3, np.arange(len(sound)), sound).astype(np.float32)
    return write_recording(path, frames=25, sound=fine, sound_codec="pcm_s16le", **how)  # type: ignore[arg-type]


def test_the_profile_of_a_recording_is_found_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recording = open_recording(recording_of(tmp_path / "a.mkv", with_cry(noise(9.0), 3.0)))
    told: list[Progress] = []
    profile = noise_profile(recording, report=told.append)
    assert profile is not None
    assert len(profile) == RATE
    assert decibels(profile, 0.0, 1.0) == pytest.approx(decibels(noise(1.0), 0.0, 1.0), abs=4.0)
    monkeypatch.setattr(profile_module, "run_process", lambda *_, **__: pytest.fail("looked for twice"))
    again = noise_profile(recording)
    assert again is not None
    assert again.tolist() == profile.tolist()


def test_a_recording_without_a_quiet_stretch_is_remembered_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = open_recording(recording_of(tmp_path / "a.mkv", noise(5.0)))
    assert noise_profile(recording, channel=0) is None
    monkeypatch.setattr(profile_module, "run_process", lambda *_, **__: pytest.fail("looked for twice"))
    assert noise_profile(recording, channel=0) is None


def test_a_recording_without_sound_has_no_profile(tmp_path: Path) -> None:
    assert noise_profile(open_recording(write_recording(tmp_path / "a.mp4"))) is None


def test_the_search_is_cancelled_and_says_when_the_file_is_gone(tmp_path: Path) -> None:
    path = recording_of(tmp_path / "a.mkv", noise(3.0))
    recording = open_recording(path)
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        noise_profile(recording, cancel=token)
    path.unlink()
    with pytest.raises(UserError):
        noise_profile(recording)


def test_what_is_played_needs_nothing_that_takes_long_to_import() -> None:
    code = (
        "import sys, numpy as np, app.core.playback.source, app.core.enhance.denoise as d;"
        "piece = np.ones(20000, np.float32) * 0.1;"
        "assert len(list(d.denoise_pieces([piece], piece[:16000])));"
        "print([name for name in ('noisereduce', 'scipy', 'joblib') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
