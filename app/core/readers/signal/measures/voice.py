"""Measures of the sound: voiced stretches (utterances), their pitch and syllables."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from app.core.readers.signal.measures.series import Floats, Mask, at_least, closed, moving, percentile, runs
from app.core.readers.signal.thresholds import limit
from app.core.semiology import Span

RATE = 16000
HOP = 160
_WINDOW = 640
_SIZE = 2048


@dataclass(frozen=True, slots=True, eq=False)
class Utterance:
    """One voiced stretch, including short pauses.

    - `pitch` Hz, median; `pitch_spread` semitones, standard deviation; `harmonicity` 0–1, median;
    - `loudness` dB above the room; `syllables` number of peaks of loudness with a dip between;
    - `variety` mean distance of the spectra of neighbouring syllables in dB; `change` mean distance of
      spectra 0.1 s apart in dB; `voiced` duration of voiced sound in s; `longest` duration of the longest
      constant sound in s; `rise` of the pitch at the end above its middle, in semitones;
    - `timbre` (24,) dB of the bands of its voiced sound, relative to their mean; `music` share of it in which
      music sounds.
    """

    span: Span
    pitch: float
    pitch_spread: float
    harmonicity: float
    loudness: float
    syllables: int
    variety: float
    change: float
    voiced: float
    longest: float
    rise: float
    timbre: Floats
    music: float

    @property
    def syllable_rate(self) -> float:
        return self.syllables / max(self.span.duration, 0.1)


@dataclass(frozen=True, slots=True)
class VoiceMeasures:
    """Measures of the sound of a recording: level of the `room` (dB full scale), `utterances`, and every
    10 ms `times` (s), `level` (dB), `pitch` (Hz, NaN where nothing is voiced), `voiced` and `music`."""

    duration: float
    room: float
    times: Floats
    level: Floats
    pitch: Floats
    voiced: Mask
    music: Mask
    utterances: tuple[Utterance, ...]


def voice(sound: npt.NDArray[np.float32]) -> VoiceMeasures | None:
    """The measures of mono sound of 16 kHz; None when it is shorter than a second or all zeros."""
    if len(sound) < RATE or not np.isfinite(sound).all() or float(np.abs(sound).max()) < 1e-5:
        return None
    frames = np.lib.stride_tricks.sliding_window_view(sound.astype(np.float64), _WINDOW)[::HOP]
    times = (np.arange(len(frames)) * HOP + _WINDOW / 2) / RATE
    level, pitch, harmonicity, spectra, tonal, chords = _frames(frames)
    heard = level[level > -90]
    room = percentile(heard, 15) if len(heard) else -90.0
    loud = level > room + limit("voice_over_room")
    voiced = loud & (harmonicity > limit("voiced_harmonicity")) & ~tonal
    voiced = at_least(closed(voiced, 3), 6)
    music = _music(chords, level, room)
    joined = closed(voiced, round(limit("pause_in_utterance") * 100))
    utterances = tuple(
        _utterance(
            times,
            start=start,
            stop=stop,
            voiced=voiced,
            level=level - room,
            pitch=pitch,
            harmonicity=harmonicity,
            spectra=spectra,
            music=music,
        )
        for start, stop in runs(joined)
        if voiced[start:stop].sum() >= 12
    )
    return VoiceMeasures(
        len(sound) / RATE,
        room,
        times,
        level,
        np.where(voiced, pitch, np.nan),
        voiced,
        music,
        tuple(utterance for utterance in utterances if not _machine(utterance)),
    )


def _frames(frames: Floats) -> tuple[Floats, Floats, Floats, Floats, Mask, Mask]:
    """Per frame: level (dB), pitch (Hz), harmonicity (0–1), band spectra (dB), whether a lone tone sounds,
    and whether notes of several pitches do."""
    window = np.hanning(_WINDOW)
    bands = _mel(24)
    n = len(frames)
    level, pitch, harmonicity = np.empty(n), np.empty(n), np.empty(n)
    spectra, tonal, chords = np.empty((n, 24)), np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    shape = np.fft.irfft(np.abs(np.fft.rfft(window, _SIZE)) ** 2)
    low, high = int(RATE / limit("pitch_highest")), int(RATE / limit("pitch_lowest"))
    for start in range(0, n, 512):
        piece = frames[start : start + 512]
        rows = slice(start, start + len(piece))
        piece = piece - piece.mean(axis=1, keepdims=True)
        power: Floats = np.abs(np.fft.rfft(piece * window, _SIZE, axis=1)).astype(np.float64) ** 2
        level[rows] = 10 * np.log10((piece**2).mean(axis=1) + 1e-12)
        spectra[rows] = 10 * np.log10(power @ bands.T + 1e-9)
        pitch[rows], harmonicity[rows] = _pitch(power, shape, low, high)
        tonal[rows] = _lone_tone(power)
        chords[rows] = _chords(power, pitch[rows], harmonicity[rows])
    return level, pitch, harmonicity, spectra, tonal, chords


def _chords(power: Floats, pitch: Floats, harmonicity: Floats) -> Mask:
    """Whether at least two spectral lines stay in place that are not harmonics of one voice: a voice glides,
    the notes of music do not, and several sound at once."""
    rows = round(limit("note_held") * 100)
    held = _held_lines(10 * np.log10(power[:, : _LINES[1] + _FLOOR] + 1e-9), rows)
    frequency = np.arange(*_LINES) * RATE / _SIZE
    off = np.abs(frequency[None, :] - np.round(frequency[None, :] / pitch[:, None]) * pitch[:, None])
    strange = held & (off > np.maximum(1.5 * RATE / _SIZE, 0.03 * frequency)[None, :])
    count = held.sum(axis=1)
    one_voice = (harmonicity >= limit("voiced_harmonicity")) & (strange.sum(axis=1) < count / 3)
    return np.asarray((count >= 2) & ~one_voice)


_LINES, _FLOOR = (20, 390), 12
"""The spectral bins in which lines are looked for (160 Hz to 3 kHz), and the reach of their surroundings."""


def _held_lines(spectrum: Floats, rows: int) -> Mask:
    """Where lines of a spectrum (n, bins) in dB stay within one bin for `rows` frames."""
    first, last = _LINES
    inside = spectrum[:, first:last]
    around = np.pad(spectrum, ((0, 0), (_FLOOR, 0)), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(around, 2 * _FLOOR + 1, axis=1)
    floor = windows[:, first:last].min(axis=-1)
    line = (inside > spectrum[:, first - 1 : last - 1]) & (inside >= spectrum[:, first + 1 : last + 1])
    line &= inside > floor + limit("line_over_floor")
    near = line.copy()
    near[:, 1:] |= line[:, :-1]
    near[:, :-1] |= line[:, 1:]
    summed = np.cumsum(np.vstack([np.zeros((1, near.shape[1])), near]), axis=0)
    held = np.zeros_like(near)
    stays = summed[rows:] - summed[:-rows] >= 0.95 * rows
    for shift in range(0, rows, 4):
        held[shift : shift + len(stays)] |= stays
    return np.asarray(held & line)


def _music(chords: Mask, level: Floats, room: float) -> Mask:
    """Where music sounds: chords in a share of the audible sound of the seconds around."""
    heard = level > room + limit("voice_over_room")
    rows = round(limit("music_around") * 100)
    audible = moving(heard.astype(float), rows, "mean")
    share = moving((heard & chords).astype(float), rows, "mean") / np.maximum(audible, 1e-9)
    return np.asarray(heard & (share > limit("music_share")))


def _pitch(power: Floats, shape: Floats, low: int, high: int) -> tuple[Floats, Floats]:
    """Pitch and harmonicity by autocorrelation, corrected for the window (Boersma 1993)."""
    power = power.copy()
    power[:, : int(60 * _SIZE / RATE)] = 0
    power[:, int(4000 * _SIZE / RATE) :] = 0
    correlation = np.fft.irfft(power, axis=1)[:, : high + 2]
    correlation /= np.maximum(correlation[:, :1], 1e-12)
    correlation /= np.maximum(shape[: high + 2] / shape[0], 0.05)
    region = correlation[:, low : high + 1]
    best = region.max(axis=1)
    # The first lag close to the best one: its multiples, octaves too low, correlate as well.
    first = np.argmax(region >= 0.9 * best[:, None], axis=1)
    rows = np.arange(len(region))
    for _ in range(40):
        later = np.minimum(first + 1, region.shape[1] - 1)
        climbs = region[rows, later] > region[rows, first]
        if not climbs.any():
            break
        first = np.where(climbs, later, first)
    return RATE / (first + low), np.clip(region[rows, first], 0, 1)


def _lone_tone(power: Floats) -> Mask:
    """Whether nearly all power is in one spectral line above 450 Hz: a monitor's beep, not a voice."""
    inside = power[:, int(100 * _SIZE / RATE) : int(6000 * _SIZE / RATE)]
    first = int(100 * _SIZE / RATE)
    peak = np.argmax(inside, axis=1)
    near = np.abs(np.arange(inside.shape[1])[None, :] - peak[:, None]) <= 8
    share = (inside * near).sum(axis=1) / np.maximum(inside.sum(axis=1), 1e-12)
    return np.asarray(((peak + first) * RATE / _SIZE > 450) & (share > limit("lone_tone")))


def _mel(count: int) -> Floats:
    """A filter bank (count, bins) of triangles, evenly spaced in mel from 100 to 5500 Hz."""
    mel = np.linspace(2595 * np.log10(1 + 100 / 700), 2595 * np.log10(1 + 5500 / 700), count + 2)
    edges = 700 * (10 ** (mel / 2595) - 1)
    frequency = np.fft.rfftfreq(_SIZE, 1 / RATE)
    rise = (frequency[None, :] - edges[:-2, None]) / np.diff(edges)[:-1, None]
    fall = (edges[2:, None] - frequency[None, :]) / np.diff(edges)[1:, None]
    return np.asarray(np.clip(np.minimum(rise, fall), 0, None))


def _utterance(
    times: Floats,
    *,
    start: int,
    stop: int,
    voiced: Mask,
    level: Floats,
    pitch: Floats,
    harmonicity: Floats,
    spectra: Floats,
    music: Mask,
) -> Utterance:
    rows = np.arange(start, stop)[voiced[start:stop]]
    semitones = 12 * np.log2(pitch[rows] / 100)
    steady = np.abs(semitones - np.median(semitones)) < 7
    shapes = spectra - spectra.mean(axis=1, keepdims=True)
    smooth = np.stack([moving(column, 5, "mean") for column in shapes[start:stop].T], axis=1)
    nuclei = _nuclei(level[start:stop], voiced[start:stop])
    step = np.sqrt(((smooth[10:] - smooth[:-10]) ** 2).mean(axis=1)) if len(smooth) > 12 else np.zeros(1)
    both = voiced[start:stop][10:] & voiced[start:stop][:-10] if len(smooth) > 12 else np.zeros(1, dtype=bool)
    alike = [np.sqrt(((smooth[a] - smooth[b]) ** 2).mean()) for a, b in pairwise(nuclei)]
    calm = np.zeros(stop - start, dtype=bool)
    calm[: len(step)] = (step < limit("same_sound")) & both
    return Utterance(
        span=Span(float(times[start]), float(times[stop - 1])),
        pitch=float(100 * 2 ** (np.median(semitones) / 12)),
        pitch_spread=float(np.std(semitones[steady])) if steady.any() else 0.0,
        harmonicity=float(np.median(harmonicity[rows])),
        loudness=float(np.percentile(level[rows], 75)),
        syllables=len(nuclei),
        variety=float(np.mean(alike)) if alike else 0.0,
        change=float(step[both].mean()) if both.any() else 0.0,
        voiced=len(rows) / 100,
        longest=max([(b - a) / 100 + 0.1 for a, b in runs(closed(calm, 4))], default=0.0),
        rise=float(np.median(semitones[-10:]) - np.median(semitones)),
        timbre=np.asarray(shapes[rows].mean(axis=0)),
        music=float(music[rows].mean()),
    )


def _nuclei(level: Floats, voiced: Mask) -> list[int]:
    """The rows of the syllable nuclei: voiced peaks of loudness after a dip of 2 dB (de Jong & Wempe
    2009)."""
    smooth = moving(level, 7, "mean")
    found: list[int] = []
    lowest, candidate = -np.inf, -1
    for row, value in enumerate(smooth):
        if candidate < 0:
            lowest = min(lowest, value) if np.isfinite(lowest) else value
            if value > lowest + 2 and voiced[row]:
                candidate = row
        elif value > smooth[candidate]:
            candidate = row
        elif value < smooth[candidate] - 2:
            if voiced[candidate]:
                found.append(candidate)
            lowest, candidate = value, -1
    if candidate >= 0 and voiced[candidate]:
        found.append(candidate)
    if not found and voiced.any():
        found.append(int(np.argmax(np.where(voiced, smooth, -np.inf))))
    return found


def _machine(utterance: Utterance) -> bool:
    """Whether the pitch is steadier than that of any voice, as of an alarm."""
    return utterance.pitch_spread < limit("voice_wavers") and utterance.change < 1.0
