"""Voices are left out, reduced to their level, or shifted; whatever the blocks, the length stays."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.hiding.voices import (
    LEVEL_SECONDS,
    SHIFT,
    Samples,
    VoiceHiding,
    hide_voices,
    level_as_noise,
)

RATE = 16_000


def sine(hertz: float, seconds: float = 2.0) -> Samples:
    time = np.arange(round(seconds * RATE)) / RATE
    return np.asarray(0.3 * np.sin(2 * np.pi * hertz * time), np.float32)


def joined(blocks: Iterator[Samples]) -> Samples:
    return np.concatenate([np.zeros(0, np.float32), *blocks])


def _noted(read: list[int]) -> Samples:
    read.append(1)
    return sine(200)


def test_a_removed_voice_is_not_even_read() -> None:
    read: list[int] = []
    blocks = (_noted(read) for _ in range(3))
    assert list(hide_voices(blocks, RATE, VoiceHiding.REMOVE)) == []
    assert read == []


@pytest.mark.parametrize("way", [VoiceHiding.ENVELOPE, VoiceHiding.SHIFT])
@settings(deadline=None, max_examples=20)
@given(cuts=st.lists(st.integers(0, 2 * RATE), max_size=8))
def test_sound_keeps_its_length_however_it_is_cut(way: VoiceHiding, cuts: list[int]) -> None:
    blocks = np.split(sine(220), sorted(cuts))
    assert len(joined(hide_voices(blocks, RATE, way))) == 2 * RATE


def test_of_the_level_nothing_but_the_level_is_left() -> None:
    """Two sounds that are equally loud at all times give the same noise, whatever was said."""
    one, other = sine(200), sine(1200)
    assert np.array_equal(joined(level_as_noise([one], RATE, 1)), joined(level_as_noise([other], RATE, 1)))


def test_the_level_is_heard_and_the_tone_is_not() -> None:
    sound = sine(440) * np.repeat([0.05, 1.0], RATE).astype(np.float32)
    noise = joined(level_as_noise([sound], RATE, 1))
    part = round(LEVEL_SECONDS * RATE)
    assert noise[: RATE - part].std() < 0.15 * noise[RATE + part :].std()
    spectrum = np.abs(np.fft.rfft(noise[RATE:])) ** 2
    assert spectrum[430:450].sum() < 0.02 * spectrum.sum()


def test_silence_stays_silence() -> None:
    assert not joined(level_as_noise([np.zeros(RATE, np.float32)], RATE, 1)).any()


def test_noise_is_new_each_time() -> None:
    assert not np.array_equal(
        joined(level_as_noise([sine(200)], RATE)), joined(level_as_noise([sine(200)], RATE))
    )


def test_a_shifted_voice_is_lower_and_as_long() -> None:
    shifted = joined(hide_voices([sine(400)], RATE, VoiceHiding.SHIFT))
    spectrum = np.abs(np.fft.rfft(shifted[RATE // 2 : RATE // 2 + RATE]))
    assert abs(int(spectrum.argmax()) - 400 * SHIFT) < 4
