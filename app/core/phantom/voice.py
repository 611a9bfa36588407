"""Voices by formant synthesis: a glottal source through moving resonances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.signal import lfilter

Sound = npt.NDArray[np.float64]

RATE = 16000
"""Sampling rate of voices in Hz."""

VOWELS: dict[str, tuple[float, float, float]] = {
    "a": (730, 1180, 2500),
    "e": (500, 1850, 2520),
    "i": (300, 2250, 2950),
    "o": (480, 880, 2450),
    "u": (330, 830, 2300),
    "@": (520, 1480, 2450),
    "m": (270, 1050, 2200),
}
"""The first three formants (Hz) of an adult male voice."""

_BANDWIDTHS = (70.0, 100.0, 150.0, 250.0)
_BLOCK = 80


@dataclass(frozen=True, slots=True)
class Speaker:
    """A speaker: mean pitch (Hz), length of the vocal tract relative to an adult man (formants are divided by
    it), share of breath noise, and roughness (jitter of the pitch)."""

    pitch: float
    tract: float = 1.0
    breath: float = 0.04
    roughness: float = 0.01


def voiced(
    voice: Speaker, pitch: Sound, formants: Sound, loudness: Sound, generator: np.random.Generator
) -> Sound:
    """A voiced sound of peak 1: `pitch` (Hz) and `loudness` per sample, `formants` (n blocks, 3) in Hz."""
    n = len(pitch)
    shake = np.cumsum(generator.standard_normal(n)) / np.sqrt(np.arange(1, n + 1))
    phase = np.cumsum(pitch * (1 + voice.roughness * shake)) / RATE
    share = phase % 1.0
    opened = np.where(share < 0.6, np.sin(np.pi * share / 0.6) ** 2 * (share / 0.6), 0.0)
    source = np.diff(opened, prepend=0.0) * 8 + voice.breath * generator.standard_normal(n) * (0.3 + opened)
    result: Sound = np.asarray(source, dtype=np.float64)
    tracks = [formants[:, k] / voice.tract for k in range(3)] + [np.full(len(formants), 3500.0 / voice.tract)]
    for track, bandwidth in zip(tracks, _BANDWIDTHS, strict=True):
        result = _resonance(result, track, bandwidth)
    result = result * loudness
    peak = float(np.abs(result).max())
    return np.asarray(result / peak) if peak > 0 else result


def _resonance(sound: Sound, track: Sound, bandwidth: float) -> Sound:
    """A second-order resonance whose frequency follows `track`, one value (Hz) per block."""
    radius = np.exp(-np.pi * bandwidth / RATE)
    state = np.zeros(2)
    out = np.empty_like(sound)
    for number, frequency in enumerate(track):
        part = slice(number * _BLOCK, (number + 1) * _BLOCK)
        angle = 2 * np.pi * min(frequency, RATE * 0.46) / RATE
        a = [1.0, -2 * radius * np.cos(angle), radius * radius]
        out[part], state = lfilter([sum(a)], a, sound[part], zi=state)
    return out


def blocks(n: int) -> int:
    """The number of formant values for a sound of n samples."""
    return -(-n // _BLOCK)


def formant_track(names: Sequence[str], n: int, spread: float = 1.0) -> Sound:
    """Formants (blocks, 3) gliding through the named vowels over n samples; `spread` below 1 slurs them."""
    targets = np.array([VOWELS[name] for name in names], dtype=np.float64)
    neutral = np.array(VOWELS["@"])
    targets = neutral + (targets - neutral) * spread
    at = np.linspace(0, len(names) - 1, blocks(n))
    low = np.minimum(at.astype(int), max(0, len(names) - 2))
    share = np.clip((at - low - 0.25) / 0.5, 0, 1)[:, None]
    high = np.minimum(low + 1, len(names) - 1)
    return np.asarray(targets[low] * (1 - share) + targets[high] * share)


def speech(voice: Speaker, seconds: float, contour: str, seed: int, clarity: float = 1.0) -> Sound:
    """Varied syllables for `seconds`, the pitch ending high (`question`), low (`statement`) or level.

    `clarity` below 1 slurs vowels and consonants together.
    """
    generator = np.random.default_rng(seed)
    n = round(seconds * RATE)
    out = np.zeros(n)
    starts = _syllables(generator, seconds)
    for number, (start, length) in enumerate(starts):
        first = round(start * RATE)
        size = min(round(length * RATE), n - first)
        if size < RATE // 25:
            continue
        progress = start / max(seconds, 1e-6)
        pitch = _pitch(voice, progress, contour, number == len(starts) - 1, np.linspace(0, 1, size))
        out[first : first + size] += _syllable(voice, size, pitch, generator, clarity)
    return out / max(1e-9, float(np.abs(out).max()))


def _syllables(generator: np.random.Generator, seconds: float) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    t = 0.0
    while t < seconds - 0.1:
        length = 0.13 + 0.09 * float(generator.random())
        found.append((t, min(length, seconds - t)))
        t += length + 0.02 + 0.03 * float(generator.random())
        if len(found) % 5 == 4 and generator.random() < 0.6 and seconds - t > 0.5:
            t += 0.12 + 0.1 * float(generator.random())
    return found


def _pitch(voice: Speaker, progress: float, contour: str, last: bool, shape: Sound) -> Sound:
    base = voice.pitch * (1.12 - 0.2 * progress)
    if contour == "question":
        base = voice.pitch * (1.0 + 0.16 * progress)
        return np.asarray(base * (1 + (0.42 if last else 0.05) * shape))
    if contour == "flat":
        return np.asarray(voice.pitch * (1 - 0.03 * shape))
    return np.asarray(base * (1 + 0.07 * np.sin(np.pi * shape) - (0.2 if last else 0.0) * shape))


def _syllable(
    voice: Speaker,
    n: int,
    pitch: Sound,
    generator: np.random.Generator,
    clarity: float,
) -> Sound:
    shape = np.linspace(0, 1, n)
    names = ["@", *generator.choice(list("aeiou"), 2)]
    loudness = (
        np.minimum(1, shape / 0.2) * np.minimum(1, (1 - shape) / 0.25) * (0.7 + 0.3 * generator.random())
    )
    sound = voiced(
        voice,
        pitch,
        formant_track(names, n, clarity),
        np.asarray(loudness),
        generator,
    )
    sound *= loudness.max()
    if clarity > 0.6 and generator.random() < 0.7:
        _consonant(sound, generator)
    return sound


def _consonant(sound: Sound, generator: np.random.Generator) -> None:
    """A short burst or hiss at the beginning of a syllable."""
    length = min(len(sound) // 3, round((0.02 + 0.05 * float(generator.random())) * RATE))
    hiss = lfilter([1.0, -0.85], [1.0], generator.standard_normal(length))
    fade = np.hanning(length + 2)[1:-1]
    sound[:length] = sound[:length] * np.linspace(0.1, 1, length) + 0.09 * hiss * fade


def groan(voice: Speaker, seconds: float, seed: int) -> Sound:
    """A long low voiced sound whose pitch swells and sinks."""
    generator = np.random.default_rng(seed)
    n = round(seconds * RATE)
    x = np.linspace(0, 1, n)
    pitch = voice.pitch * (0.86 + 0.22 * np.sin(np.pi * x) + 0.02 * np.sin(2 * np.pi * 4.6 * x * seconds))
    loudness = np.minimum(1, x / 0.15) * np.minimum(1, (1 - x) / 0.35)
    rough = Speaker(voice.pitch, voice.tract, 0.06, 0.022)
    return voiced(rough, pitch, formant_track(("u", "o", "@", "o"), n), loudness, generator)


def cry(voice: Speaker, seconds: float, seed: int) -> Sound:
    """A strained cry: the pitch jumps up and falls while air is pressed out."""
    generator = np.random.default_rng(seed)
    n = round(seconds * RATE)
    x = np.linspace(0, 1, n)
    pitch = voice.pitch * (1.2 + 1.35 * np.minimum(1, x / 0.12) * (1 - 0.55 * x))
    pitch *= 1 + 0.025 * np.sin(2 * np.pi * 6.1 * x * seconds)
    loudness = np.minimum(1, x / 0.06) * (1 - 0.45 * x) * np.minimum(1, (1 - x) / 0.2)
    rough = Speaker(voice.pitch, voice.tract, 0.09, 0.03)
    return voiced(rough, pitch, formant_track(("a", "a", "@"), n), loudness, generator)


def mumble(voice: Speaker, seconds: float, seed: int) -> Sound:
    """One slurred syllable, repeated, with the mouth almost shut."""
    generator = np.random.default_rng(seed)
    n = round(seconds * RATE)
    x = np.arange(n) / RATE
    beat = 0.5 - 0.5 * np.cos(2 * np.pi * 2.2 * x)
    fade = np.minimum(1, x / 0.1) * np.minimum(1, (seconds - x) / 0.15)
    pitch = voice.pitch * (0.9 - 0.06 * x / max(seconds, 0.1))
    names = ["m", "@"] * max(1, round(2.2 * seconds))
    return voiced(voice, pitch, formant_track(names, n, 0.5), (0.25 + 0.75 * beat) * fade, generator)
