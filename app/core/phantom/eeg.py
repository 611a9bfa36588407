"""The phantom's EEG: 19 electrodes, EOG, EMG and ECG channels, sound, and a seizure that evolves.

Everything in it is generated and known exactly. Amplitudes (µV) are those of textbooks: they test that the
program measures correctly, and prove nothing about patients.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from app.core.eeg.electrodes import Side, side_of
from app.core.eeg.sync import SAME_CLOCK, Sync
from app.core.phantom.eeg_sound import EegSound
from app.core.phantom.eeg_sources import (
    BLINK_FIELD,
    ELECTRODES,
    ClosedEyes,
    EegSeizure,
    background,
    blinks,
    heart,
    muscle,
    posterior_alpha,
    seizure_waves,
    slow_drift,
)
from app.core.semiology import Span


@dataclass(frozen=True, slots=True)
class EegScript:
    """The complete description of a phantom's EEG; the same script always gives the same samples.

    `duration` in seconds on the EEG's clock; `rate` in Hz; `sync` relates its clock to the recording's;
    `eyes_closed` are spans on the recording's clock with alpha rhythm; `mains` is the interference in Hz, 0
    for none. While there is a picture (`filmed`), blinks are at the moments `seen_blinks` only, both on the
    recording's clock; None leaves all of them to the seed.
    """

    seed: int
    duration: float
    seizure: EegSeizure | None = None
    rate: Fraction = Fraction(256)
    sync: Sync = SAME_CLOCK
    eyes_closed: tuple[Span | ClosedEyes, ...] = ()
    mains: float = 50.0
    filmed: Span | None = None
    seen_blinks: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class EegTruth:
    """The truth about a phantom's EEG, in seconds on the EEG's clock: onset and end of the seizure (None
    without one), its side, when it reaches each electrode, and the times of the blinks."""

    onset: float | None
    end: float | None
    side: Side
    reached: tuple[tuple[str, float], ...]
    blinks: tuple[float, ...]
    sync: Sync


@dataclass(frozen=True, slots=True, eq=False)
class PhantomEeg:
    """A generated EEG: `values` (channels, n) float32 in µV at `rate` Hz, referenced to Cz and Pz, a row for
    each of `labels`; `sound` of the same time, None without a sound channel."""

    labels: tuple[str, ...]
    rate: Fraction
    values: npt.NDArray[np.float32]
    truth: EegTruth
    sound: EegSound | None = None


LABELS = (*(f"EEG {name}-REF" for name in ELECTRODES), "EOG", "ECG", "EMG chin")
"""The channels of a phantom's EEG."""


def phantom_eeg(script: EegScript) -> PhantomEeg:
    """The samples of a script and their truth."""
    rate, count = float(script.rate), int(script.duration * script.rate)
    times = script.sync.offset + np.arange(count) / rate * (1.0 + script.sync.drift)
    generator = np.random.default_rng([script.seed, 11])
    eye, blink_times = blinks(
        generator, times, script.eyes_closed, filmed=script.filmed, seen=script.seen_blinks
    )
    beats = heart(generator, times)
    parts = [
        background(generator, count, rate),
        slow_drift(generator, count, rate),
        posterior_alpha(generator, times, script.eyes_closed),
        muscle(generator, times, rate),
        np.outer(BLINK_FIELD, eye),
        np.tile(0.004 * beats, (len(ELECTRODES), 1)),
    ]
    reached: dict[str, float] = {}
    if script.seizure is not None:
        waves, reached = seizure_waves(script.seizure, times, generator)
        parts.append(waves)
    chin = 6.0 * generator.standard_normal(count)
    values = np.vstack([sum(parts[1:], parts[0]), 1.6 * eye, beats, chin])
    values += 1.5 * np.sin(2 * np.pi * script.mains * times) if script.mains else 0.0
    return PhantomEeg(LABELS, script.rate, values.astype(np.float32), _truth(script, reached, blink_times))


def _truth(script: EegScript, reached: dict[str, float], blink_times: list[float]) -> EegTruth:
    to_eeg, seizure = script.sync.to_eeg, script.seizure
    if seizure:
        reached = {name: time for name, time in reached.items() if time < seizure.span.end}
    return EegTruth(
        to_eeg(seizure.span.start) if seizure else None,
        to_eeg(seizure.span.end) if seizure else None,
        side_of(seizure.focus) if seizure else Side.NONE,
        tuple((name, to_eeg(time)) for name, time in reached.items()),
        tuple(to_eeg(time) for time in blink_times),
        script.sync,
    )
