"""Sound in which nobody is recognised by the voice: left out, its level alone, or shifted.

Each way takes mono sound in blocks of any length and gives as much of it, in constant memory. Only a removed
voice tells nothing. The level tells when somebody is loud and nothing of what is said. A shifted voice can be
understood, and who knows by how much it was shifted can shift it back.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from av.filter import Graph

Samples = npt.NDArray[np.float32]

LEVEL_SECONDS = 0.1
"""Seconds over which the level is one number: longer than the parts of a syllable."""
SHIFT = 0.78
"""The share of pitch and formants that a shifted voice keeps: about four semitones lower."""

_LEVEL_STEP = 3.0
"""Decibels to which a level is rounded."""
_QUIETEST = 1e-4


class VoiceHiding(StrEnum):
    """How voices are hidden: no sound at all, the level alone, pitch and formants shifted."""

    REMOVE = "remove"
    ENVELOPE = "envelope"
    SHIFT = "shift"


def hide_voices(blocks: Iterable[Samples], rate: int, way: VoiceHiding) -> Iterator[Samples]:
    """Mono sound (n,) float32 at `rate` Hz with its voices hidden, as long as the blocks; nothing at all for
    `REMOVE`, whose blocks are not even read."""
    if way is VoiceHiding.ENVELOPE:
        yield from level_as_noise(blocks, rate)
    elif way is VoiceHiding.SHIFT:
        yield from shifted(blocks, rate)


def level_as_noise(blocks: Iterable[Samples], rate: int, seed: int | None = None) -> Iterator[Samples]:
    """Noise that is as loud as the sound was in each tenth of a second, and has nothing else of it.

    The noise is new each time unless `seed` is given.
    """
    random = np.random.default_rng(secrets.randbits(64) if seed is None else seed)
    before = 0.0
    for part in _parts(blocks, round(LEVEL_SECONDS * rate)):
        level = _rounded(float(np.sqrt(np.mean(part.astype(np.float64) ** 2))))
        rise = np.linspace(before, level, len(part), endpoint=False)
        before = level
        yield np.clip(random.standard_normal(len(part)) * rise, -1.0, 1.0).astype(np.float32)


def _rounded(level: float) -> float:
    """The level (0–1) to whole steps of decibels; silence stays silence."""
    if level < _QUIETEST:
        return 0.0
    decibels = 20 * np.log10(level)
    return float(10 ** (round(decibels / _LEVEL_STEP) * _LEVEL_STEP / 20))


def _parts(blocks: Iterable[Samples], length: int) -> Iterator[Samples]:
    """The sound in parts of `length` samples; the last one is what is left."""
    rest = np.zeros(0, np.float32)
    for block in blocks:
        rest = np.concatenate([rest, block])
        while len(rest) >= length:
            yield rest[:length]
            rest = rest[length:]
    if len(rest):
        yield rest


def shifted(blocks: Iterable[Samples], rate: int) -> Iterator[Samples]:
    """The sound with pitch and formants lowered, at its old tempo: played slower, then made faster (libav's
    atempo, a WSOLA after Verhelst and Roelands 1993)."""
    graph = _shifting(rate)
    taken = given = 0
    for block in blocks:
        if not len(block):
            continue
        _push(graph, block, rate)
        taken += len(block)
        for out in _pulled(graph):
            given += len(out)
            yield out
    if taken:
        graph.push(None)
        for out in _pulled(graph):
            yield out[: taken - given]
            given += min(len(out), taken - given)
        yield np.zeros(taken - given, np.float32)


def _shifting(rate: int) -> Graph:
    from av.filter import Graph

    graph = Graph()
    source = graph.add_abuffer(format="flt", sample_rate=rate, layout="mono")
    steps = (
        ("asetrate", str(round(rate * SHIFT))),
        ("aresample", str(rate)),
        ("atempo", f"{1 / SHIFT:.6f}"),
        ("aformat", f"sample_fmts=flt:sample_rates={rate}:channel_layouts=mono"),
    )
    last = source
    for name, options in steps:
        made = graph.add(name, options)
        last.link_to(made)
        last = made
    last.link_to(graph.add("abuffersink"))
    graph.configure()
    return graph


def _push(graph: Graph, block: Samples, rate: int) -> None:
    from av.audio.frame import AudioFrame

    frame = AudioFrame.from_ndarray(np.ascontiguousarray(block[None]), format="flt", layout="mono")
    frame.sample_rate = rate
    graph.push(frame)


def _pulled(graph: Graph) -> Iterator[Samples]:
    """What the filters have ready."""
    from av import FFmpegError

    while True:
        try:
            frame = graph.pull()
        except (FFmpegError, BlockingIOError, EOFError):  # nothing more yet, or at all
            return
        yield np.asarray(frame.to_ndarray(), np.float32).reshape(-1)
