"""The phantom's EEG: 19 electrodes with eyes, muscle and heart, and a seizure that evolves.

It is generated, so what is in it is known exactly. Its parts have the sizes of textbooks (in µV): they say
that the program measures what it means to measure, and nothing about patients.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from app.core.eeg.electrodes import Side, side_of
from app.core.eeg.sync import SAME_CLOCK, Sync
from app.core.phantom.eeg_sources import (
    BLINK_FIELD,
    ELECTRODES,
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
    """Everything that a phantom's EEG is: the same script always gives the same samples.

    `duration` in seconds on the EEG's clock, `rate` in Hz; `sync` says how its clock stands to that of the
    recording; `eyes_closed` are spans on the recording's clock in which there is alpha; `mains` in Hz, 0
    for none.
    """

    seed: int
    duration: float
    seizure: EegSeizure | None = None
    rate: Fraction = Fraction(256)
    sync: Sync = SAME_CLOCK
    eyes_closed: tuple[Span, ...] = ()
    mains: float = 50.0


@dataclass(frozen=True, slots=True)
class EegTruth:
    """What is true of a phantom's EEG, in seconds on its own clock: onset and end of the seizure (None
    without one), its side, when it reaches each electrode, and the blinks."""

    onset: float | None
    end: float | None
    side: Side
    reached: tuple[tuple[str, float], ...]
    blinks: tuple[float, ...]
    sync: Sync


@dataclass(frozen=True, slots=True, eq=False)
class PhantomEeg:
    """`values` (channels, n) float32 in µV at `rate` Hz, against a reference at Cz and Pz; a row for each of
    `labels`."""

    labels: tuple[str, ...]
    rate: Fraction
    values: npt.NDArray[np.float32]
    truth: EegTruth


LABELS = (*(f"EEG {name}-REF" for name in ELECTRODES), "EOG", "ECG", "EMG chin")
"""The channels of a phantom's EEG."""


def demonstration_eeg(seed: int = 7, duration: float = 60.0, sync: Sync = SAME_CLOCK) -> EegScript:
    """The EEG of the demonstration recording (`demonstration.py`, laid out over 60 s).

    The seizure begins in the right temporal lobe 1 s before the stare at 10 s, and ends with the jerks. The
    EEG begins where its clock by `sync` shows 0, and ends with the recording of `duration` seconds.
    """
    scale = duration / 60.0
    seizure = EegSeizure(Span(9.0 * scale, 49.8 * scale), "T8", 7.0, 1.6, 160.0, 18.0 * scale)
    return EegScript(seed, sync.to_eeg(duration), seizure, sync=sync, eyes_closed=(Span(0.0, 1.0 * scale),))


def phantom_eeg(script: EegScript) -> PhantomEeg:
    """The samples of a script and what is true of them."""
    rate, count = float(script.rate), int(script.duration * script.rate)
    times = script.sync.offset + np.arange(count) / rate * (1.0 + script.sync.drift)
    generator = np.random.default_rng([script.seed, 11])
    eye, blink_times = blinks(generator, times, script.eyes_closed)
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
    return EegTruth(
        to_eeg(seizure.span.start) if seizure else None,
        to_eeg(seizure.span.end) if seizure else None,
        side_of(seizure.focus) if seizure else Side.NONE,
        tuple((name, to_eeg(time)) for name, time in reached.items()),
        tuple(to_eeg(time) for time in blink_times),
        script.sync,
    )
