"""How a recording is heard: what the listener has set, whatever is open."""

from __future__ import annotations

from dataclasses import dataclass

SILENT_BELOW, SILENT_ABOVE = 0.25, 4.0
"""Speeds outside of which sound tells nothing any more, and is left out."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """`muted` plays silence; `volume` is a factor from 0 to 1; `device` the name of a sound output (None: the
    system's own); `channel` the one channel of the track that is heard (None: all)."""

    muted: bool = False
    volume: float = 1.0
    device: str | None = None
    channel: int | None = None


def audible(speed: float) -> bool:
    """Whether sound is played at this speed."""
    return SILENT_BELOW <= speed <= SILENT_ABOVE
