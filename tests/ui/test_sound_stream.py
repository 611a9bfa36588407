"""Samples on their way to the output: the ring, the device's count, the tempo, the course of a loop."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.playback.clock import Course
from app.core.playback.ring import Pace, Ring
from app.core.playback.stretch import Stretcher
from app.core.recording.probe import open_recording
from app.core.semiology import Span
from tests.media import beeps, write_recording
from tests.ui.sound_cases import RATE, course_samples


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 700)), max_size=60))
def test_ring_gives_what_it_took_in_order(moves: list[tuple[bool, int]]) -> None:
    ring = Ring(512, 2)
    put, taken = 0, 0
    for writes, n in moves:
        if writes:
            samples = np.arange(put, put + n, dtype=np.float32)
            put += ring.write(np.stack([samples, -samples], axis=1))
        else:
            out = np.full((n, 2), 9.0, np.float32)
            ring.take(out, 0.0, 0.0)
            got = min(n, put - taken)
            assert out[:got, 0].tolist() == list(range(taken, taken + got))
            assert not out[got:].any()
            taken += got
        assert ring.read == taken
        assert ring.room == 512 - (put - taken)


def test_heard_follows_the_device_and_never_passes_what_it_took() -> None:
    ring = Ring(RATE, 2)
    assert ring.heard(RATE, 5.0) == 0.0
    ring.write(np.ones((RATE, 2), np.float32))
    out = np.zeros((4800, 2), np.float32)
    ring.take(out, 10.0, 0.05)
    assert ring.heard(RATE, 10.0) == 0.0
    assert ring.heard(RATE, 10.09) == pytest.approx(0.04)
    assert ring.heard(RATE, 99.0) == pytest.approx(0.1)
    ring.take(out, 10.1, 0.05)
    assert ring.heard(RATE, 10.16) == pytest.approx(0.11)


def test_a_device_that_throws_samples_away_gets_none() -> None:
    """After it had to wait, the way to PulseAudio takes seconds of sound within milliseconds."""
    pace, now, given = Pace(RATE, 0.1), 100.0, 0
    for _ in range(200):
        assert pace.allows(480, now), "as many as time has passed"
        now += 0.01
    assert pace.allows(4800, now + 0.09), "late by less than the slack"
    now += 0.4
    for _ in range(1000):
        given += 480 * pace.allows(480, now)
        now += 0.0001
    assert 0.1 * RATE <= given <= 0.25 * RATE
    for number in range(100):
        assert pace.allows(480, now + 0.01 * number + (0.002 if number % 2 else 0.006)), "late and early"


def test_a_device_that_is_not_served_lives() -> None:
    ring = Ring(RATE, 2)
    assert ring.silent_for(3.0) is None
    ring.wait(3.0)
    assert ring.silent_for(3.5) == 0.5
    assert ring.heard(RATE, 3.5) == 0.0


@pytest.mark.parametrize("speed", [0.25, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0])
def test_tempo_changes_the_time_and_keeps_the_pitch(speed: float) -> None:
    starts = np.arange(1, 7)
    seconds = np.arange(8 * RATE) / RATE
    on = np.zeros(len(seconds))
    for start in starts:
        on[(seconds >= start) & (seconds < start + 0.4)] = 0.5
    mono = (on * np.sin(2 * np.pi * 600 * seconds)).astype(np.float32)
    stretcher = Stretcher(RATE, speed)
    sound = np.stack([mono, mono], axis=1)
    out = np.concatenate([stretcher.push(sound[i : i + 1024]) for i in range(0, len(sound), 1024)])[:, 0]
    for start in starts[:5]:
        first = int((start - 0.25) / speed * RATE)
        loud = np.flatnonzero(np.abs(out[first : int((start + 0.65) / speed * RATE)]) > 0.1)
        middle = (first + (loud[0] + loud[-1]) / 2) / RATE
        assert middle == pytest.approx((start + 0.2) / speed, abs=0.02 / min(speed, 1.0))
        part = out[int(middle * RATE) - 2048 : int(middle * RATE) + 2048] * np.hanning(4096)
        assert np.argmax(np.abs(np.fft.rfft(part))) * RATE / 4096 == pytest.approx(600, abs=15)


def test_loop_is_exact_to_the_sample_and_silence_follows_the_end(tmp_path: Path) -> None:
    path = write_recording(
        tmp_path / "a.mkv", sound=beeps(2, [0.5, 1.1]), sound_codec="pcm_s16le", channels=2
    )
    recording = open_recording(path)
    looped = course_samples(recording, Course(0.3, 1.0, 2.0, Span(0.4, 0.9)), 3.0)
    loud = np.flatnonzero(np.abs(looped[:, 0]) > 0.3)
    onsets = loud[np.concatenate([[True], np.diff(loud) > 2400])] / RATE
    assert onsets == pytest.approx(0.2 + 0.5 * np.arange(len(onsets)), abs=0.002)
    assert len(onsets) >= 5
    after = course_samples(recording, Course(1.5, 1.0, 2.0), 1.0)
    assert len(after) >= RATE
    assert not after[RATE // 2 + 200 :].any()
