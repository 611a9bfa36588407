"""What a telephone hears where people are: voices, laughter, music, a room."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

RATE = 16000
Floats = npt.NDArray[np.float64]
_VOWELS = ((700, 1200, 2600), (400, 2000, 2700), (300, 2300, 3000), (450, 800, 2500), (320, 700, 2300))


class Sounds:
    """The sound track of a person: `mine` is the voice of that person, the others' is another pitch."""

    def __init__(self, seed: int, seconds: float) -> None:
        self.chance = np.random.default_rng(seed + 30_000)
        self.track = np.zeros(int(seconds * RATE) + 1)
        pitches = self.chance.permutation(
            [float(self.chance.uniform(95, 140)), float(self.chance.uniform(170, 250))]
        )
        self.pitch = {True: float(pitches[0]), False: float(pitches[1])}

    def _add(self, start: float, sound: Floats) -> None:
        first = max(0, int(start * RATE))
        stop = min(len(self.track), first + len(sound))
        if stop > first:
            self.track[first:stop] += sound[: stop - first]

    def _voiced(self, pitch: Floats, formants: tuple[float, ...], *, tilt: float = 1.0) -> Floats:
        """A vowel along a course of pitch (Hz, at 16 kHz)."""
        phase = 2 * np.pi * np.cumsum(pitch) / RATE
        mean = float(pitch.mean())
        sound = np.zeros_like(phase)
        for number in range(1, int(4000 / mean) + 1):
            f = number * mean
            gain = sum(1 / (1 + ((f - formant) / 120) ** 2) for formant in formants) + 0.02
            sound += gain / number**tilt * np.sin(number * phase)
        return sound * 0.05

    def speech(self, start: float, end: float, *, mine: bool) -> None:
        """Syllables at 3–6 Hz, each with a different vowel and course, between them closures."""
        at = start
        while at < end - 0.12:
            seconds = float(self.chance.uniform(0.12, 0.3))
            t = np.arange(int(seconds * RATE)) / RATE
            base = self.pitch[mine] * 2 ** (self.chance.normal(0, 2.0) / 12)
            pitch = base * 2 ** (self.chance.normal(0, 1.5) * (t / seconds) / 12)
            vowel = _VOWELS[self.chance.integers(len(_VOWELS))]
            envelope = np.sin(np.pi * np.clip(t / seconds, 0, 1)) ** 0.7
            self._add(at, self._voiced(pitch, vowel) * envelope * self.chance.uniform(0.5, 1.2))
            if self.chance.random() < 0.4:
                self._add(at - 0.05, self.chance.normal(0, 0.006, int(0.07 * RATE)))
            at += seconds * self.chance.uniform(0.9, 1.35)

    def held(self, start: float, seconds: float, *, mine: bool, semitones: float = 0.0) -> None:
        """A sung or drawn-out vowel with vibrato."""
        t = np.arange(int(seconds * RATE)) / RATE
        wobble = 0.3 * np.sin(2 * np.pi * 5.3 * t) + 0.15 * np.sin(2 * np.pi * 0.7 * t)
        pitch = self.pitch[mine] * 2 ** ((semitones + wobble) / 12)
        envelope = np.minimum(1, np.minimum(t, seconds - t) / 0.08)
        self._add(start, self._voiced(pitch, _VOWELS[self.chance.integers(len(_VOWELS))]) * envelope)

    def laughter(self, start: float, end: float, *, mine: bool) -> None:
        at, pitch = start, self.pitch[mine] * 1.5
        while at < end:
            seconds = float(self.chance.uniform(0.08, 0.14))
            t = np.arange(int(seconds * RATE)) / RATE
            self._add(at, self._voiced(pitch * (1.1 - 0.8 * t), _VOWELS[0]) * np.sin(np.pi * t / seconds))
            at += float(self.chance.uniform(0.17, 0.26))
            pitch = max(pitch * 0.985, 80)

    def melody(self, start: float, end: float, *, mine: bool) -> None:
        at = start
        while at < end - 0.3:
            seconds = float(self.chance.choice([0.35, 0.5, 0.7, 1.0, 1.4, 2.0]))
            self.held(
                at, min(seconds, end - at), mine=mine, semitones=float(self.chance.choice([0, 2, 4, 5, 7, 9]))
            )
            at += seconds + 0.05

    def music(self, start: float, end: float) -> None:
        """Chords of three notes with overtones, changing every half to two seconds."""
        at = start
        while at < end:
            seconds = float(self.chance.choice([0.5, 1.0, 2.0]))
            t = np.arange(int(seconds * RATE)) / RATE
            root = 130.8 * 2 ** (self.chance.choice([0, 2, 4, 5, 7, 9]) / 12)
            chord = np.zeros_like(t)
            for step in (0, 4, 7):
                for number in range(1, 7):
                    chord += np.sin(2 * np.pi * number * root * 2 ** (step / 12) * t) / number**1.5
            self._add(at, 0.02 * chord * np.exp(-1.2 * t) * np.minimum(1, t / 0.01))
            at += seconds

    def clap(self, at: float) -> None:
        t = np.arange(int(0.05 * RATE)) / RATE
        self._add(at, 0.15 * self.chance.normal(0, 1, len(t)) * np.exp(-t / 0.008))

    def mixed(self, kind: float) -> npt.NDArray[np.float32] | None:
        """All of it over a room's noise; no sound track at all for one in ten (`kind` 0–1)."""
        if kind < 0.1:
            return None
        noise = self.chance.normal(0, 1, len(self.track))
        noise = np.convolve(noise, np.ones(8) / 8, mode="same")
        return (self.track + noise * float(self.chance.choice([0.0005, 0.002, 0.006]))).astype(np.float32)
