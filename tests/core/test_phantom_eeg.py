"""The phantom's EEG: the same for the same seed, of realistic size, with a seizure where the truth says."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from app import cli
from app.core.eeg.channel_kind import ChannelKind
from app.core.eeg.channel_names import channel_names
from app.core.eeg.eeg_file import opened_eeg
from app.core.eeg.electrodes import Side
from app.core.eeg.record_scan import read_recording
from app.core.eeg.samples import read_values
from app.core.eeg.sync import Sync
from app.core.eeg.sync_by_sound import SyncSound, sync_by_sound
from app.core.errors import UserError
from app.core.phantom.demonstration import demo_script
from app.core.phantom.eeg import LABELS, EegScript, PhantomEeg, phantom_eeg
from app.core.phantom.eeg_course import LEAD, eeg_of_script
from app.core.phantom.eeg_file import EegOptions, render_phantom_eeg, truth_json, write_phantom_eeg
from app.core.phantom.eeg_sound import eeg_sound
from app.core.phantom.eeg_sources import EegSeizure
from app.core.phantom.motion import posture_at
from app.core.phantom.ordinary_course import ordinary_script
from app.core.phantom.random_course import random_script
from app.core.phantom.sound import phantom_sound
from app.core.recording.probe import open_recording
from app.core.recording.samples import read_samples
from app.core.semiology import FEATURE, Laterality, Span

SIGNS = FEATURE.keys() - {"occur_during_sleep", "close_eyes", "eye_blinking", "verbal_responsiveness"}

SCRIPT = EegScript(
    3, 60.0, EegSeizure(Span(20.0, 50.0), "T8", 6.0, 3.0, spread=15.0), eyes_closed=(Span(0.0, 10.0),)
)


def row(eeg: PhantomEeg, label: str) -> npt.NDArray[Any]:
    values = eeg.values[eeg.labels.index(label)].astype(np.float64)
    return np.asarray(values - np.median(values))


def between(eeg: PhantomEeg, values: npt.NDArray[Any], start: float, end: float) -> npt.NDArray[Any]:
    return values[round(start * float(eeg.rate)) : round(end * float(eeg.rate))]


def power(values: npt.NDArray[Any], low: float, high: float, rate: float = 256.0) -> float:
    spectrum = np.abs(np.fft.rfft((values - values.mean()) * np.hanning(len(values)))) ** 2
    hertz = np.fft.rfftfreq(len(values), 1 / rate)
    return float(spectrum[(hertz >= low) & (hertz < high)].sum())


def test_a_seed_gives_the_same_eeg_and_another_one_another() -> None:
    first = phantom_eeg(SCRIPT)
    assert np.array_equal(first.values, phantom_eeg(SCRIPT).values)
    assert first.truth == phantom_eeg(SCRIPT).truth
    assert not np.array_equal(first.values, phantom_eeg(replace(SCRIPT, seed=4)).values)
    assert first.values.shape == (len(LABELS), 15_360)
    assert first.values.dtype == np.float32


def test_channels_are_what_their_labels_say() -> None:
    kinds = [name.kind for name in channel_names(LABELS)]
    assert kinds == [*[ChannelKind.EEG] * 19, ChannelKind.EOG, ChannelKind.ECG, ChannelKind.EMG]


def test_sizes_are_those_of_an_eeg() -> None:
    eeg = phantom_eeg(replace(SCRIPT, seizure=None))
    for label in eeg.labels[:19]:
        fast = np.diff(row(eeg, label))
        assert 2.0 < fast.std() < 20.0
    assert 800 < row(eeg, "ECG").max() < 1200
    assert 100 < row(eeg, "EOG").max() < 400
    assert np.abs(eeg.values[:19].mean(axis=1)).max() > 1000, "electrodes have offsets of some mV"


def test_there_is_alpha_at_the_back_while_the_eyes_are_closed() -> None:
    eeg = phantom_eeg(SCRIPT)
    back, front = row(eeg, "EEG O1-REF"), row(eeg, "EEG F3-REF")
    closed, opened = (power(between(eeg, back, start, start + 8), 8, 12) for start in (1.0, 11.0))
    assert closed > 5 * opened
    assert closed > 5 * power(between(eeg, front, 1.0, 9.0), 8, 12)
    assert not [blink for blink in eeg.truth.blinks if blink < 10.0]


def test_blinks_are_at_the_front_and_positive() -> None:
    eeg = phantom_eeg(SCRIPT)
    front, back = row(eeg, "EEG Fp1-REF"), row(eeg, "EEG O2-REF")
    blinks = [blink for blink in eeg.truth.blinks if blink < 19.0 or blink > 51.0]
    assert blinks
    for blink in blinks:
        around = between(eeg, front, blink - 0.6, blink + 0.6)
        assert around[len(around) // 2 - 10 : len(around) // 2 + 10].max() - np.median(around) > 70
        assert np.ptp(between(eeg, back, blink - 0.2, blink + 0.2)) < 90


def test_the_seizure_evolves_and_spreads() -> None:
    eeg = phantom_eeg(SCRIPT)
    assert (eeg.truth.onset, eeg.truth.end, eeg.truth.side) == (20.0, 50.0, Side.RIGHT)
    reached = dict(eeg.truth.reached)
    assert reached["T8"] == 20.0
    assert max(reached.values()) == reached["T7"] == 35.0
    focus, other = row(eeg, "EEG T8-REF"), row(eeg, "EEG T7-REF")
    early, late = between(eeg, focus, 21.0, 25.0), between(eeg, focus, 45.0, 49.0)
    assert power(early, 5.0, 7.0) > power(early, 2.0, 4.0)
    assert power(late, 2.5, 4.0) > power(late, 5.0, 7.5)
    assert late.std() > 1.5 * early.std()
    assert between(eeg, other, 21.0, 33.0).std() < 0.5 * between(eeg, other, 40.0, 49.0).std()
    quiet = between(eeg, focus, 51.0, 60.0)
    assert quiet.std() < 0.4 * late.std()


def test_the_clock_of_the_eeg_may_drift() -> None:
    drifting = replace(SCRIPT, sync=Sync(-300.0, 100e-6), duration=400.0)
    eeg = phantom_eeg(drifting)
    assert eeg.truth.onset == pytest.approx(320.0 / (1 + 100e-6))
    focus = row(eeg, "EEG T8-REF")
    onset = eeg.truth.onset
    assert onset is not None
    before, after = between(eeg, focus, onset - 10, onset - 0.5), between(eeg, focus, onset + 5, onset + 15)
    assert after.std() > 2 * before.std()


def test_the_demonstration_begins_before_it_is_seen() -> None:
    script = eeg_of_script(demo_script(), Sync(-20.0, 12e-6))
    eeg = phantom_eeg(script)
    assert eeg.truth.onset == pytest.approx(29.0, abs=0.001)
    assert eeg.truth.side is Side.RIGHT
    assert eeg.values.shape[1] == pytest.approx(80 * 256, abs=2)


@pytest.mark.parametrize("duration", [0.0, 0.01, 1.0])
def test_short_ones(duration: float) -> None:
    eeg = phantom_eeg(EegScript(1, duration))
    assert eeg.values.shape == (22, int(duration * 256))
    assert eeg.truth.onset is None
    assert eeg.truth.side is Side.NONE


def test_it_is_written_as_edf(tmp_path: Path) -> None:
    eeg = phantom_eeg(eeg_of_script(demo_script(duration=20.0), Sync(-5.0, 12e-6)))
    path = tmp_path / "phantom.edf"
    write_phantom_eeg(path, eeg, datetime(2026, 1, 31, 14, 25, 30))  # noqa: DTZ001 - local time, as in EDF
    raw = path.read_bytes()
    assert raw[8:88].decode().strip() == "X X X X"
    assert raw[192:236].decode().strip() == "EDF+C"
    assert b"+4.99994\x14Video start\x14" in raw
    truth = json.loads(truth_json(eeg.truth))
    assert truth["onset"] == pytest.approx(5.0 + 10.0 / 3.0 - LEAD, abs=1e-3)
    assert truth["side"] == "right"
    assert truth["sync"] == {"offset": -5.0, "drift": 12e-6}


# of a script


def test_the_eeg_of_a_script_has_its_seizure() -> None:
    """The onset comes with the first sign, the end with the last; what comes from both sides has spread."""
    seizures = 0
    for seed in range(1, 40):
        script = random_script(seed)
        eeg = eeg_of_script(script)
        if eeg.seizure is None:
            continue
        seizures += 1
        first = min(event.span.start for event in script.events if event.kind in SIGNS)
        assert 0.0 <= eeg.seizure.span.start <= first
        assert first - eeg.seizure.span.start <= LEAD
        assert eeg.seizure.span.end <= script.duration + 1e-9
        far = [event.span.start for event in script.events if event.side is Laterality.BOTH]
        if far and min(far) - eeg.seizure.span.start > 3.0:
            assert eeg.seizure.span.start + eeg.seizure.spread == pytest.approx(min(far))
    assert seizures > 20


@pytest.mark.parametrize(
    ("features", "electrodes"),
    [
        (("head_turning",), {"left": "C4", "right": "C3"}),
        (("limb_automatisms",), {"left": "T7", "right": "T8"}),
    ],
)
def test_the_side_of_the_seizure_is_that_of_the_signs(
    features: tuple[str, ...], electrodes: dict[str, str]
) -> None:
    """A head turns away from the seizure; a hand that picks is on its side."""
    seen = set()
    for seed in range(1, 12):
        script = random_script(seed, features=features, lookalikes=False)
        (event,) = script.of_kind(*features)
        eeg = eeg_of_script(script)
        assert event.side is not None
        assert eeg.seizure is not None
        assert eeg.seizure.focus == electrodes[event.side.value]
        seen.add(event.side)
        reached = dict(phantom_eeg(eeg).truth.reached)
        other = {"C3": "T8", "C4": "T7", "T7": "T8", "T8": "T7"}[eeg.seizure.focus]
        assert eeg.seizure.focus in reached
        assert other not in reached, "without signs of both sides it stays on its side"
    assert len(seen) == 2


def test_ordinary_activity_has_no_seizure() -> None:
    assert eeg_of_script(ordinary_script(3)).seizure is None


def test_blinks_of_the_eeg_are_those_of_the_picture() -> None:
    script = demo_script()
    eeg = phantom_eeg(eeg_of_script(script, Sync(-20.0, 12e-6), after=10.0))
    filmed = [eeg.truth.sync.to_recording(blink) for blink in eeg.truth.blinks]
    seen = [blink for blink in filmed if 0 <= blink <= script.duration]
    lids = [posture_at(script, blink).face[Laterality.LEFT].lid for blink in seen]
    assert len(seen) > 5
    assert max(lids) < 0.2
    assert not [blink for blink in seen if 10.0 < blink < 20.0], "none during the stare"
    assert [blink for blink in filmed if blink < 0], "and some before the picture"
    front = row(eeg, "EEG Fp1-REF")
    for blink in (eeg.truth.sync.to_eeg(blink) for blink in seen if blink < 8.0):
        around = between(eeg, front, blink - 0.6, blink + 0.6)
        assert around[len(around) // 2 - 10 : len(around) // 2 + 10].max() - np.median(around) > 70


# its sound


def test_the_sound_channel_finds_the_clock_of_the_eeg_again() -> None:
    """Eight minutes of talking with drift: offset and drift from the sound alone."""
    script = ordinary_script(5, 480.0)
    sync = Sync(-42.5, 80e-6)
    sound = phantom_sound(script, 16_000)
    seconds = sync.to_eeg(480.0) + 20.0
    channel = eeg_sound(sound, 16_000, sync, seconds, script.seed)
    found = sync_by_sound(SyncSound(channel.values, float(channel.rate)), SyncSound(sound, 16_000.0))
    assert found.sync is not None, found.reason
    for at in (0.0, 240.0, 480.0):
        assert found.sync.to_recording(sync.to_eeg(at)) == pytest.approx(at, abs=0.01)
    assert not found.warnings


def test_command_recording_and_eeg_come_together_by_their_sound(tmp_path: Path) -> None:
    """From the command line to the sync: the files as anybody would open them."""
    video, eeg_path, truth_path = tmp_path / "p.mp4", tmp_path / "p.edf", tmp_path / "eeg.json"
    options = ["--seed", "7", "--demonstration", "--duration", "30", "--size", "160x90", "--fps", "4"]
    options += ["--out", str(video), "--eeg", str(eeg_path), "--eeg-truth", str(truth_path)]
    assert cli.main(["phantom", *options, "--eeg-offset=-12.25", "--eeg-drift", "40", "--eeg-sound"]) == 0
    truth = json.loads(truth_path.read_text())
    assert truth["sync"] == pytest.approx({"offset": -12.25, "drift": 40e-6})
    with opened_eeg(eeg_path) as eeg:
        read = read_recording(eeg)
        *_, sound = eeg.header.signals
        assert sound.label == "Mic"
        assert sound.rate == 2000
        heard = read_values(eeg, read.timeline, sound, 0.0, sound.samples)
    (start,) = [note.onset for note in read.annotations if note.text == "Video start"]
    assert start == pytest.approx(12.25, abs=0.001)
    recording = open_recording(video)
    found = sync_by_sound(SyncSound(heard, 2000.0), SyncSound(read_samples(recording), 16_000.0))
    assert found.sync is not None, found.reason
    for at in (0.0, 30.0):
        assert found.sync.to_recording((at + 12.25) / (1 + 40e-6)) == pytest.approx(at, abs=0.02)


def test_a_band_that_the_eeg_cannot_hold_shifts_nothing() -> None:
    script = ordinary_script(5, 120.0)
    sound = phantom_sound(script, 16_000)
    channel = eeg_sound(sound, 16_000, Sync(-3.0), 123.0, script.seed)
    found = sync_by_sound(SyncSound(channel.values, float(channel.rate)), SyncSound(sound, 16_000.0))
    assert found.sync is not None
    assert found.sync.offset == pytest.approx(-3.0, abs=0.001)


def test_an_eeg_that_begins_too_late_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="when the recording is over"):
        render_phantom_eeg(demo_script(duration=20.0), tmp_path / "a.edf", None, EegOptions(Sync(19.5)))
    assert not (tmp_path / "a.edf").exists()
