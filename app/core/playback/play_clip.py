"""A piece of sound that is played through once: a clip as a model hears it."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from app.core.jobs import CancelToken
from app.core.playback.device import Device, Unavailable
from app.core.playback.hearing import Hearing
from app.core.playback.ring import Ring
from app.core.playback.source import CHANNELS, for_loudspeakers
from app.core.recording.samples import Samples

ENDED = "The sound output stopped."
_LOOK = 0.005
_SLOW_TO_BEGIN = 3.0
_REST = 0.06
"""Seconds until what the device has taken is heard."""


def play_once(
    sound: Samples, rate: int, hearing: Hearing, began: Callable[[], None], cancel: CancelToken
) -> None:
    """Play mono `sound` at `rate` Hz until its end or until cancelled; `began` is called when it begins.

    Raises Unavailable, with a sentence, when it cannot be heard.
    """
    device = Device(hearing.device)
    try:
        device.muted, device.volume = hearing.muted, hearing.volume
        pieces = [sound] if len(sound) else []
        samples = np.concatenate(list(for_loudspeakers(pieces, rate, device.rate)))
        ring = Ring(max(len(samples), 1), CHANNELS)
        ring.write(samples)
        _wait_for(lambda: device.running or device.lost, cancel, _SLOW_TO_BEGIN)
        device.ring = ring
        began()
        _wait_for(lambda: ring.read == ring.written or device.lost, cancel)
        if device.lost:
            raise Unavailable(ENDED)
        cancel.wait(_REST)
    finally:
        device.close()


def _wait_for(ready: Callable[[], bool], cancel: CancelToken, longest: float = math.inf) -> None:
    waited = 0.0
    while not ready() and waited < longest and not cancel.wait(_LOOK):
        waited += _LOOK
