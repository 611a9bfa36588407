"""Random courses of ordinary activity of a healthy person, without any feature."""

from __future__ import annotations

import numpy as np

from app.core.phantom.random_appearance import pick, random_appearance, random_camera
from app.core.phantom.script import Event, PhantomScript
from app.core.semiology import Laterality, Span

_SIDES = (Laterality.LEFT, Laterality.RIGHT)

_ACTIVITIES: tuple[tuple[str, float, float], ...] = (
    ("talking", 4, 7),
    ("eating", 9, 14),
    ("phone", 8, 13),
    ("reaching", 2.4, 3.4),
    ("pushing", 6, 9),
    ("drinking", 4, 6),
    ("turning", 1.8, 2.6),
    ("scratching", 2, 3),
    ("nurse", 6, 8),
    ("exchange", 4.4, 5.2),
)
"""Kind, shortest and longest duration in seconds."""


def ordinary_script(seed: int, duration: float = 60.0) -> PhantomScript:
    """A script of talking, eating, holding a phone, reaching, pushing, drinking, turning to a voice, in
    sequence.

    Every true answer is `no`, except for verbal responsiveness: `yes` when somebody asks (the person
    answers), otherwise not assessable.
    """
    generator = np.random.default_rng([seed, 6])
    events: list[Event] = []
    t = 1.0 + float(generator.random())
    while True:
        for index in generator.permutation(len(_ACTIVITIES)):
            kind, shortest, longest = _ACTIVITIES[int(index)]
            length = float(generator.uniform(shortest, longest))
            if t + length > duration - 0.4:
                return _script(seed, duration, events)
            span = Span(round(t, 2), round(t + length, 2))
            events += _exchange(span, generator) if kind == "exchange" else _activity(kind, span, generator)
            t += length + float(generator.uniform(0.6, 1.6))


def _script(seed: int, duration: float, events: list[Event]) -> PhantomScript:
    return PhantomScript(
        seed,
        duration,
        tuple(events),
        appearance=random_appearance(seed, lookalikes=True),
        camera=random_camera(seed, lookalikes=True),
        title="ordinary",
    )


def _activity(kind: str, span: Span, generator: np.random.Generator) -> list[Event]:
    side = None if kind == "talking" else pick(generator, _SIDES)
    seed = int(generator.integers(1, 10_000))
    found = [Event(kind, span, side, 4.6 if kind == "talking" else 0.0, seed=seed)]
    if kind == "talking":
        found.append(Event("gesturing", span, pick(generator, _SIDES), seed=seed))
    return found


def _exchange(span: Span, generator: np.random.Generator) -> list[Event]:
    asked = Span(span.start, round(span.start + 1.5, 2))
    said = Span(round(asked.end + 0.6, 2), span.end)
    seed = int(generator.integers(1, 10_000))
    return [Event("question", asked, seed=seed), Event("reply", said, rate=4.6, seed=seed + 1)]
