"""Ordinary activity of a healthy person: nothing in it is a feature."""

from __future__ import annotations

from app.core.phantom.event import PhantomScript


def ordinary_script(seed: int, duration: float = 60.0) -> PhantomScript:
    """Talking, eating, a phone, reaching, pushing, drinking, turning to a voice; every truth is `no`."""
    return PhantomScript(seed, duration, (), title="ordinary")
