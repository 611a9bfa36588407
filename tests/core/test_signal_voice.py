"""Voices: what a made sound holds must be heard in it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from app.core.phantom.script import Event, PhantomScript
from app.core.phantom.sound import phantom_sound
from app.core.readers.signal.measures.measures import measure
from app.core.readers.signal.measures.series import at_least, band, closed, resampled, runs
from app.core.readers.signal.measures.voice import voice
from app.core.readers.signal.rules.sound import ictal_vocalization, verbal_responsiveness
from app.core.semiology import Answer, Presence, Span

Sound = npt.NDArray[np.float32]


def scripted(*events: tuple[str, float, float, str]) -> Sound:
    found = tuple(
        Event(kind, Span(start, end), None, 4.6, 0.0, 1.0, variant, 11 * number + 3)
        for number, (kind, start, end, variant) in enumerate(events)
    )
    return np.asarray(phantom_sound(PhantomScript(5, 14.0, found), 16000), dtype=np.float32)


def vocalisation(sound: Sound | None) -> Answer:
    return ictal_vocalization(measure(None, sound))


def responsiveness(sound: Sound | None) -> Answer:
    return verbal_responsiveness(measure(None, sound))


def test_a_groan_is_a_vocalisation_and_talking_is_none() -> None:
    groan = vocalisation(scripted(("ictal_vocalization", 4.0, 6.4, "groan")))
    assert groan.presence is Presence.YES
    assert groan.evidence[0].overlaps(Span(4.0, 6.4))
    assert "dB above the room" in groan.explanation
    assert vocalisation(scripted(("talking", 3.0, 9.0, ""))).presence is Presence.NO


def test_beeps_are_no_voice() -> None:
    t = np.arange(16000 * 10) / 16000
    beeps = 0.2 * np.sin(2 * np.pi * 960 * t) * ((t % 1.5) < 0.9) + 0.001 * np.random.default_rng(0).normal(
        size=len(t)
    )
    assert vocalisation(beeps.astype(np.float32)).presence is Presence.NO
    heard = voice(beeps.astype(np.float32))
    assert heard is not None
    assert heard.utterances == ()


def test_a_tone_of_a_voice_has_its_pitch() -> None:
    t = np.arange(16000 * 4) / 16000
    pitch = 130 * (1 + 0.02 * np.sin(2 * np.pi * 3 * t))
    phase = 2 * np.pi * np.cumsum(pitch) / 16000
    sound = sum(np.sin(k * phase) / k for k in range(1, 9)) * ((t > 1) & (t < 3)) * 0.1
    noisy = (sound + 0.0005 * np.random.default_rng(0).normal(size=len(t))).astype(np.float32)
    heard = voice(noisy)
    assert heard is not None
    (utterance,) = heard.utterances
    assert abs(utterance.pitch - 130) < 4
    assert abs(utterance.span.start - 1) < 0.1
    assert abs(utterance.span.end - 3) < 0.1


def test_who_answers_a_question() -> None:
    answered = responsiveness(scripted(("question", 2.0, 3.5, ""), ("reply", 4.1, 6.3, "")))
    assert answered.presence is Presence.YES
    assert "not understood" in answered.explanation
    mumbled = responsiveness(scripted(("question", 2.0, 3.5, ""), ("mumbling", 4.1, 5.5, "")))
    assert mumbled.presence is Presence.NO
    alone = responsiveness(scripted(("talking", 2.0, 6.0, "")))
    assert alone.presence is Presence.NOT_ASSESSABLE


def test_no_sound_and_silence_are_told_apart() -> None:
    assert "has no sound" in vocalisation(None).explanation
    assert "silent" in vocalisation(np.zeros(16000 * 5, np.float32)).explanation
    for sound in (None, np.zeros(16000 * 5, np.float32)):
        assert vocalisation(sound).presence is Presence.NOT_ASSESSABLE
        assert responsiveness(sound).presence is Presence.NOT_ASSESSABLE


MASKS = st.lists(st.booleans(), min_size=0, max_size=60).map(lambda values: np.array(values, dtype=bool))


@given(MASKS)
def test_runs_rebuild_their_mask(mask: npt.NDArray[np.bool_]) -> None:
    rebuilt = np.zeros(len(mask), dtype=bool)
    for start, stop in runs(mask):
        assert start < stop
        rebuilt[start:stop] = True
    assert (rebuilt == mask).all()


@given(MASKS, st.integers(1, 8))
def test_closing_only_adds_and_thinning_only_takes(mask: npt.NDArray[np.bool_], rows: int) -> None:
    assert (closed(mask, rows) | ~mask).all()
    thin = at_least(mask, rows)
    assert (mask | ~thin).all()
    assert all(stop - start >= rows for start, stop in runs(thin))


@given(st.floats(0.6, 6.0), st.integers(20, 60))
def test_a_band_keeps_what_is_inside_and_leaves_gaps(rate: float, fps: int) -> None:
    t = np.arange(fps * 8) / fps
    values = np.sin(2 * np.pi * rate * t)
    values[: fps // 2] = np.nan
    kept = band(values, fps, 0, fps / 2.2)
    assert np.isnan(kept[: fps // 2]).all()
    middle = slice(fps, 7 * fps)
    assert np.abs(kept[middle] - values[middle]).max() < 0.1


def test_short_gaps_are_bridged_and_long_ones_stay() -> None:
    times = np.array([0.0, 0.1, 0.2, 0.3, 1.5, 1.6])
    grid = np.arange(0, 1.61, 0.1)
    result = resampled(times, times[:, None], grid, 0.5)[:, 0]
    assert np.allclose(result[:4], grid[:4])
    assert np.isnan(result[5:14]).all()
