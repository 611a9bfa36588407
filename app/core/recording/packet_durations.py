"""Durations of packets of sound by their heads, because MPEG streams may change their sampling rate."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

_ADTS_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
_MPEG_RATES = (44100, 48000, 32000)
_AC3_RATES = (48000, 44100, 32000)

HEAD = 5
"""Bytes of a head that `stated_seconds` needs."""


@lru_cache(maxsize=4096)  # heads of one track differ in the size of their packets
def stated_seconds(codec: str, head: bytes) -> float | None:
    """The duration (s) of a packet that begins with `head`; None when the head does not determine it."""
    reading = _READINGS.get(codec)
    return reading(head) if reading is not None and len(head) >= HEAD else None


def can_state(codec: str) -> bool:
    """Whether heads of packets of `codec` can determine their duration."""
    return codec in _READINGS


def _adts(head: bytes) -> float | None:
    """ISO/IEC 13818-7: the rate of the core, so that the length is right for HE-AAC too."""
    rate = head[2] >> 2 & 15
    if head[0] != 0xFF or head[1] & 0xF6 != 0xF0 or rate >= len(_ADTS_RATES):
        return None
    return 1024 / _ADTS_RATES[rate]


def _mpeg(head: bytes) -> float | None:
    """ISO/IEC 11172-3 and 13818-3; `version` 3 is MPEG-1, 2 is MPEG-2, 0 is MPEG-2.5."""
    version, layer, rate = head[1] >> 3 & 3, head[1] >> 1 & 3, head[2] >> 2 & 3
    if head[0] != 0xFF or head[1] & 0xE0 != 0xE0 or version == 1 or layer == 0 or rate == 3:
        return None
    divided = {3: 1, 2: 2, 0: 4}[version]
    samples = {3: 384, 2: 1152, 1: 1152 if version == 3 else 576}[layer]
    return samples * divided / _MPEG_RATES[rate]


def _ac3(head: bytes) -> float | None:
    rate = head[4] >> 6
    return 1536 / _AC3_RATES[rate] if head[:2] == b"\x0b\x77" and rate < 3 else None


_READINGS: dict[str, Callable[[bytes], float | None]] = {
    "aac": _adts,
    "mp2": _mpeg,
    "mp2float": _mpeg,
    "mp3": _mpeg,
    "mp3float": _mpeg,
    "ac3": _ac3,
}
