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

from app.core.eeg.channel_names import ChannelKind, channel_names
from app.core.eeg.electrodes import Side
from app.core.eeg.sync import Sync
from app.core.phantom.eeg import LABELS, EegScript, PhantomEeg, demonstration_eeg, phantom_eeg
from app.core.phantom.eeg_file import truth_json, write_phantom_eeg
from app.core.phantom.eeg_sources import EegSeizure
from app.core.semiology import Span

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
    script = demonstration_eeg(sync=Sync(-20.0, 12e-6))
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
    eeg = phantom_eeg(demonstration_eeg(duration=20.0, sync=Sync(-5.0, 12e-6)))
    path = tmp_path / "phantom.edf"
    write_phantom_eeg(path, eeg, datetime(2026, 1, 31, 14, 25, 30))  # noqa: DTZ001 - local time, as in EDF
    raw = path.read_bytes()
    assert raw[8:88].decode().strip() == "X X X X"
    assert raw[192:236].decode().strip() == "EDF+C"
    assert b"+4.99994\x14Video start\x14" in raw
    truth = json.loads(truth_json(eeg.truth))
    assert truth["onset"] == pytest.approx(8.0, abs=1e-3)
    assert truth["side"] == "right"
    assert truth["sync"] == {"offset": -5.0, "drift": 12e-6}
