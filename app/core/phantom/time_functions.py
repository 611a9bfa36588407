"""Functions of time from which movements are composed."""

from __future__ import annotations

import math

from app.core.phantom.script import Event


def smoothstep(x: float) -> float:
    """0 below 0, 1 above 1, smooth between."""
    x = min(1.0, max(0.0, x))
    return x * x * (3 - 2 * x)


def envelope(t: float, event: Event, rise: float = 0.4, fall: float = 0.5) -> float:
    """0 outside the event's span, 1 inside, rising and falling smoothly within it; all in seconds."""
    span = event.span
    rise, fall = min(rise, span.duration / 2), min(fall, span.duration / 2)
    return min(smoothstep((t - span.start) / rise), smoothstep((span.end - t) / fall))


def cycles(t: float, event: Event) -> float:
    """Cycles since the event's start, while its rate glides from `rate` to `end_rate`."""
    passed = t - event.span.start
    end_rate = event.end_rate or event.rate
    return event.rate * passed + (end_rate - event.rate) * passed * passed / (2 * event.span.duration)


def jerk(phase: float) -> float:
    """A clonic jerk, 0–1: a quick pull and a slower release in each cycle."""
    share = phase % 1.0
    return smoothstep(share / 0.3) if share < 0.3 else 1 - smoothstep((share - 0.3) / 0.6)


def swing(phase: float) -> float:
    """A sine, −1…1."""
    return math.sin(2 * math.pi * phase)


def irregular_course(t: float, seed: int, slow: float = 0.11) -> float:
    """A smooth irregular course within about −1…1 whose slowest part has the frequency `slow` (Hz)."""
    a = (seed * 0.6180339887) % 1.0
    b = (seed * 0.7548776662) % 1.0
    c = (seed * 0.5698402909) % 1.0
    return 0.5 * swing(slow * t + a) + 0.32 * swing(slow * 1.73 * t + b) + 0.22 * swing(slow * 2.91 * t + c)


def pseudo_random(seed: int, number: int) -> float:
    """A fixed pseudo-random number 0–1 for each pair."""
    x = (seed * 374761393 + number * 668265263 + 1442695041) & 0xFFFFFFFF
    x = ((x ^ (x >> 13)) * 1274126177) & 0xFFFFFFFF
    return ((x ^ (x >> 16)) & 0xFFFF) / 0xFFFF


def towards(value: float, target: float, share: float) -> float:
    """The value moved by `share` of the way to the target."""
    return value + (target - value) * share


def irregular_cycles(t: float, event: Event, jitter: float = 0.35) -> float:
    """Cycles of an irregular repetition around the event's rate."""
    return (
        cycles(t, event) + jitter * irregular_course(t, event.seed + 3, 0.31) + pseudo_random(event.seed, 1)
    )
