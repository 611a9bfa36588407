"""The sources of a phantom's EEG: brain, eyes, muscle, heart, electrodes and a seizure, each in µV.

Amplitudes and fields follow Niedermeyer's Electroencephalography, 7th edition: background of some
10 µV, alpha of 40 µV at the back of the head, blinks of 150 µV at the front, QRS of 1 mV.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.core.semiology import Span

Floats = npt.NDArray[np.float64]
Generator = np.random.Generator

ELECTRODES: dict[str, tuple[float, float]] = {
    "Fp1": (-0.31, 0.95),
    "Fp2": (0.31, 0.95),
    "F7": (-0.81, 0.59),
    "F3": (-0.42, 0.55),
    "Fz": (0.0, 0.5),
    "F4": (0.42, 0.55),
    "F8": (0.81, 0.59),
    "T7": (-1.0, 0.0),
    "C3": (-0.5, 0.0),
    "Cz": (0.0, 0.0),
    "C4": (0.5, 0.0),
    "T8": (1.0, 0.0),
    "P7": (-0.81, -0.59),
    "P3": (-0.42, -0.55),
    "Pz": (0.0, -0.5),
    "P4": (0.42, -0.55),
    "P8": (0.81, -0.59),
    "O1": (-0.31, -0.95),
    "O2": (0.31, -0.95),
}
"""Positions of the electrodes on the head seen from above (x to the right, y to the front, rim at 1)."""

PLACES: Floats = np.array(list(ELECTRODES.values()))


@dataclass(frozen=True, slots=True)
class EegSeizure:
    """A seizure over `span` on the recording's clock (s): it begins under the electrode `focus`, its rate
    glides from `first_hertz` to `last_hertz`, its amplitude grows to `amplitude` µV, and it reaches the
    farthest electrode `spread` seconds after onset."""

    span: Span
    focus: str = "T7"
    first_hertz: float = 7.0
    last_hertz: float = 2.5
    amplitude: float = 140.0
    spread: float = 20.0


def spatial_weights(place: tuple[float, float], width: float) -> Floats:
    """(electrodes,) weights 0–1 with which a source at `place` reaches each electrode, 1 at the place
    itself."""
    distance = np.linalg.norm(PLACES - np.array(place), axis=1)
    return np.asarray(np.exp(-((distance / width) ** 2)))


BLINK_FIELD: Floats = spatial_weights((0.0, 1.1), 0.55) / spatial_weights((0.0, 1.1), 0.55).max()
"""(electrodes,) the share of a blink's amplitude at the eyes that each electrode records."""


def background(chance: Generator, count: int, rate: float) -> Floats:
    """(electrodes, count) background EEG of 12 µV with a falling spectrum, correlated between neighbours."""
    from scipy.signal import lfilter

    sources = np.zeros((len(PLACES), count))
    for seconds, size in ((0.01, 1.0), (0.05, 1.0), (0.25, 0.8)):
        keep = float(np.exp(-1.0 / (seconds * rate)))
        noise = chance.standard_normal(sources.shape)
        sources += size * float(np.sqrt(1 - keep**2)) * lfilter([1.0], [1.0, -keep], noise, axis=1)
    mixing = np.array([spatial_weights((float(x), float(y)), 0.45) for x, y in PLACES])
    mixing /= np.sqrt(np.square(mixing).sum(axis=1, keepdims=True))
    return np.asarray(12.0 * (mixing @ sources) / 1.6)


def slow_drift(chance: Generator, count: int, rate: float) -> Floats:
    """(electrodes, count) electrode drift: an offset of some mV and a slow wander of some 10 µV."""
    offsets = chance.normal(0.0, 4000.0, (len(PLACES), 1))
    knots = max(int(count / rate / 8.0), 1) + 2
    wander = chance.normal(0.0, 15.0, (len(PLACES), knots))
    places = np.linspace(0.0, knots - 1.0, count)
    return np.asarray(offsets + np.array([np.interp(places, np.arange(knots), row) for row in wander]))


@dataclass(frozen=True, slots=True)
class ClosedEyes:
    """From when to when the eyes are closed, in seconds on the recording's clock, also before it begins."""

    start: float
    end: float

    def contains(self, seconds: float) -> bool:
        return self.start <= seconds <= self.end


def span_weights(times: Floats, spans: Sequence[Span | ClosedEyes], rise: float = 0.3) -> Floats:
    """(n,) 1 within the spans and 0 outside, with edges of `rise` seconds."""
    shares = np.zeros(len(times))
    for span in spans:
        edge = np.minimum(times - span.start, span.end - times) / rise
        shares = np.maximum(shares, np.clip(edge, 0.0, 1.0))
    return shares


def posterior_alpha(chance: Generator, times: Floats, eyes_closed: Sequence[Span | ClosedEyes]) -> Floats:
    """(electrodes, n) alpha of 10 Hz and 40 µV over the back of the head while the eyes are closed."""
    count = max(int((times[-1] - times[0]) * 2.0), 1) + 2 if len(times) else 2
    wanted = np.linspace(0.0, count - 1.0, len(times))
    size = np.interp(wanted, np.arange(count), chance.uniform(0.4, 1.0, count))
    stray = np.interp(wanted, np.arange(count), np.cumsum(chance.normal(0.0, 0.4, count)))
    field = np.maximum(spatial_weights((-0.31, -0.95), 0.5), spatial_weights((0.31, -0.95), 0.5))
    wave = size * np.sin(2 * np.pi * 10.0 * times + stray) * span_weights(times, eyes_closed)
    return 40.0 * np.outer(field, wave)


def blinks(
    chance: Generator,
    times: Floats,
    eyes_closed: Sequence[Span | ClosedEyes],
    *,
    filmed: Span | None = None,
    seen: Sequence[float] = (),
) -> tuple[Floats, list[float]]:
    """Blink artefact at the eyes, (n,) positive µV, and the times of the blinks (s); none with closed eyes.

    While it is `filmed` the blinks are those that are `seen`.
    """
    eye, moments = np.zeros(len(times)), []
    moment, end = (float(times[0]), float(times[-1])) if len(times) else (0.0, 0.0)
    while (moment := moment + float(chance.uniform(2.0, 7.0))) < end - 0.3:
        size = 150.0 * float(chance.uniform(0.8, 1.2))
        if filmed is None or not filmed.contains(moment):
            moments.append((moment, size))
    moments += [(moment, 150.0) for moment in seen if len(times) and times[0] <= moment <= end]
    kept = [one for one in sorted(moments) if not any(span.contains(one[0]) for span in eyes_closed)]
    for moment, size in kept:
        part = slice(*np.searchsorted(times, (moment - 0.5, moment + 0.5)))
        eye[part] += size * np.exp(-(((times[part] - moment) / 0.09) ** 2))
    return eye, [moment for moment, _size in kept]


def muscle(chance: Generator, times: Floats, rate: float) -> Floats:
    """(electrodes, n) bursts of EMG over the temples and the forehead, 15 µV above 20 Hz."""
    from scipy.signal import butter, sosfilt

    noise = chance.standard_normal((len(PLACES), len(times)))
    if rate > 50.0 and noise.size:
        noise = sosfilt(butter(2, 20.0, "highpass", fs=rate, output="sos"), noise, axis=1)
    spans, moment = [], float(times[0]) if len(times) else 0.0
    while len(times) and (moment := moment + float(chance.exponential(15.0))) < times[-1]:
        spans.append(Span(max(moment, 0.0), max(moment, 0.0) + float(chance.uniform(0.5, 2.0))))
    field = np.max([spatial_weights(place, 0.4) for place in ((-0.9, 0.3), (0.9, 0.3), (0.0, 1.0))], axis=0)
    return np.asarray(15.0 * field[:, None] * span_weights(times, spans, 0.1) * noise)


def heart(chance: Generator, times: Floats) -> Floats:
    """(n,) the ECG: about 70 beats a minute, a QRS of 1 mV and a T wave."""
    trace = np.zeros(len(times))
    moment, end = (float(times[0]), float(times[-1])) if len(times) else (0.0, 0.0)
    while (moment := moment + 0.86 + 0.03 * float(chance.standard_normal())) < end:
        for delay, width, size in (
            (-0.03, 0.008, -120.0),
            (0.0, 0.012, 1000.0),
            (0.03, 0.01, -200.0),
            (0.25, 0.05, 220.0),
        ):
            part = slice(*np.searchsorted(times, (moment + delay - 5 * width, moment + delay + 5 * width)))
            trace[part] += size * np.exp(-(((times[part] - moment - delay) / width) ** 2))
    return trace


def seizure_waves(seizure: EegSeizure, times: Floats, chance: Generator) -> tuple[Floats, dict[str, float]]:
    """The waves of a seizure, (electrodes, n) in µV, and when they reach each electrode (s, as `times`)."""
    focus = ELECTRODES[seizure.focus]
    distance = np.linalg.norm(PLACES - np.array(focus), axis=1)
    share = distance / distance.max()
    reached = seizure.span.start + seizure.spread * share
    passed = np.clip(times - seizure.span.start, 0.0, seizure.span.duration)
    slope = (seizure.last_hertz - seizure.first_hertz) / seizure.span.duration
    cycles = seizure.first_hertz * passed + slope * passed**2 / 2
    waves = np.zeros((len(PLACES), len(times)))
    for number, (start, far) in enumerate(zip(reached, share, strict=True)):
        phase = 2 * np.pi * (cycles - 0.15 * far)
        sharp = np.sin(phase) + 0.35 * np.sin(2 * phase + 0.6)
        grown = 0.25 + 0.75 * np.clip((times - start) / 12.0, 0.0, 1.0)
        there = np.clip((times - start) / 0.5, 0.0, 1.0) * np.clip((seizure.span.end - times) / 0.5, 0.0, 1.0)
        size = seizure.amplitude * (1.0 - 0.6 * far) * float(chance.uniform(0.9, 1.1))
        waves[number] = size * grown * there * sharp
    return waves, dict(zip(ELECTRODES, reached.tolist(), strict=True))
