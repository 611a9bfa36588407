"""Where on the clock the stretches of a file lie in which nothing can be read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.core.recording.index import NONE, PacketIndex
from app.core.times import length_text

_MOST_NAMED = 4
"""The most stretches that are named one by one."""


@dataclass(frozen=True, slots=True)
class UnreadableStretch:
    """A stretch of `size` bytes without packets: `seconds` on the clock at which it comes, and whether it is
    the `last` of the file, after which nothing follows."""

    seconds: float
    size: int
    last: bool


def unreadable_stretches(index: PacketIndex) -> tuple[UnreadableStretch, ...]:
    """The cuts of a recording, in the order of the file."""
    streams = (index.video, *index.tracks)
    ends = [(one.pos, np.where(one.shown, one.times + one.lengths, 0.0)) for one in streams]
    found, before = [], 0
    for start, end, kept in index.cuts.tolist():
        place = start - before  # as packets are counted
        seconds = max(float(times[(pos != NONE) & (pos < place)].max(initial=0.0)) for pos, times in ends)
        last = not any(bool((pos >= place).any()) for pos, _ in ends)
        found.append(UnreadableStretch(seconds, end - start, last))
        before += 0 if kept else end - start
    return tuple(found)


def unreadable_words(stretches: tuple[UnreadableStretch, ...]) -> str:
    """The sentence about one or more stretches."""
    between = [one for one in stretches if not one.last]
    words = [f"{_size(one.size)} after {length_text(one.seconds)}" for one in between[:_MOST_NAMED]]
    if len(between) > _MOST_NAMED:
        words.append(f"{len(between) - _MOST_NAMED} more places")
    last = next((one for one in stretches if one.last), None)
    if last is None:
        return f"Nothing can be read in {_listed(words)}; what follows is shown."
    ended = (
        f"Reading ended at {length_text(last.seconds)}: nothing can be read in the last {_size(last.size)}"
    )
    return f"{ended}{f', nor in {_listed(words)}' if words else ' of the file'}."


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _size(count: int) -> str:
    return f"{count / 1e6:,.0f} MB" if count >= 1e6 else f"{max(count / 1e3, 1.0):.0f} kB"
