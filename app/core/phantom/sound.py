"""The phantom's sound: voices of the scripted events, the room and the monitor."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.signal import lfilter, resample_poly

from app.core.phantom.script import Event, PhantomScript
from app.core.phantom.voice import RATE, Sound, Speaker, cry, groan, mumble, speech

EXAMINER = Speaker(212.0, 0.85, 0.03, 0.006)
VISITOR = Speaker(168.0, 0.93, 0.03, 0.006)


def patient_voice(script: PhantomScript) -> Speaker:
    """The patient's voice: pitch between 96 and 150 Hz by seed."""
    share = (script.seed * 0.6180339887) % 1.0
    return Speaker(96.0 + 54.0 * share, 1.04 - 0.1 * share, 0.05, 0.009)


Maker = Callable[[PhantomScript, Event], Sound]


def _seed(script: PhantomScript, event: Event) -> int:
    return abs(script.seed * 7919 + event.seed * 104729 + round(event.span.start * 1000))


def _question(script: PhantomScript, event: Event) -> Sound:
    return 0.20 * speech(EXAMINER, event.span.duration, "question", _seed(script, event))


def _statement(script: PhantomScript, event: Event) -> Sound:
    return 0.12 * speech(VISITOR, event.span.duration, "statement", _seed(script, event))


def _reply(script: PhantomScript, event: Event) -> Sound:
    return 0.24 * speech(patient_voice(script), event.span.duration, "statement", _seed(script, event))


def _mumbling(script: PhantomScript, event: Event) -> Sound:
    return 0.10 * mumble(patient_voice(script), event.span.duration, _seed(script, event))


def _vocalization(script: PhantomScript, event: Event) -> Sound:
    voice, seed = patient_voice(script), _seed(script, event)
    if event.variant == "cry":
        return 0.42 * cry(voice, event.span.duration, seed)
    return 0.30 * groan(voice, event.span.duration, seed)


SOUND_MAKERS: dict[str, Maker] = {
    "question": _question,
    "statement": _statement,
    "reply": _reply,
    "talking": _reply,
    "mumbling": _mumbling,
    "ictal_vocalization": _vocalization,
}
"""The kinds of events that have sound, each with the function that makes it."""


def phantom_sound(script: PhantomScript, rate: int = 48000) -> npt.NDArray[np.float32]:
    """(n,) mono samples in −1…1 at `rate` (Hz), exactly as long as the picture."""
    seconds = script.frames / script.fps
    mix = _room(script, round(seconds * RATE) + 1)
    for event in script.events:
        maker = SOUND_MAKERS.get(event.kind)
        first = round(event.span.start * RATE)
        if maker is None or first >= len(mix) or event.span.duration < 0.2:
            continue
        part = maker(script, event)[: len(mix) - first]
        mix[first : first + len(part)] += part
    up, down = rate // np.gcd(rate, RATE), RATE // np.gcd(rate, RATE)
    full = resample_poly(mix, up, down)
    n = round(seconds * rate)
    padded = np.zeros(n)
    padded[: min(n, len(full))] = full[:n]
    return np.clip(padded, -1, 1).astype(np.float32)


def _room(script: PhantomScript, n: int) -> Sound:
    """(n,) ventilation noise and the soft beep of a monitor at every heartbeat."""
    generator = np.random.default_rng(script.seed + 17)
    air = lfilter([1.0], [1.0, -0.96], generator.standard_normal(n)) * 0.0009
    air += 0.0012 * np.sin(2 * np.pi * 100.0 * np.arange(n) / RATE)
    length = round(0.07 * RATE)
    x = np.arange(length) / RATE
    beep = 0.012 * np.sin(2 * np.pi * 1320.0 * x) * np.hanning(length)
    t = 0.4
    while t < n / RATE - 0.1:
        first = round(t * RATE)
        air[first : first + length] += beep
        t += 0.86 + 0.03 * float(generator.standard_normal())
    return np.asarray(air)
