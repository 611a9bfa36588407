"""How a recording is heard: what the listener has set, whatever is open."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.recording.samples import Samples

SILENT_BELOW, SILENT_ABOVE = 0.25, 4.0
"""Speeds outside of which sound can no longer be understood and is left out."""


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """What is taken of the track: one `channel` of it (None: all), as recorded or with the noise of `profile`
    reduced (mono, as `core.enhance.noise_profile` gives it)."""

    channel: int | None = None
    profile: Samples | None = None


ALL_AS_RECORDED = Taken()


@dataclass(frozen=True, slots=True)
class Hearing:
    """`muted` plays silence; `volume` is a factor from 0 to 1; `device` the name of a sound output (None: the
    system's own)."""

    muted: bool = False
    volume: float = 1.0
    device: str | None = None
    taken: Taken = ALL_AS_RECORDED


def audible(speed: float) -> bool:
    """Whether sound is played at this speed."""
    return SILENT_BELOW <= speed <= SILENT_ABOVE
