"""The times of a recording with content, so that work and memory depend on content instead of time stamps.

One packet with a time stamp a day away makes a recording of a day that is nearly empty. Code that needs
memory or time for every second uses the functions here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from app.core.recording.array_cache import Arrays
from app.core.semiology import Span

if TYPE_CHECKING:
    from app.core.recording.index import FloatArray, Int64Array, StreamIndex
    from app.core.recording.recording import Recording

_SPARSE = 4.0
_SLACK = 60.0
"""A stream is sparse when its extent exceeds its content by this factor, and by these seconds."""

_FEWEST_BYTES = 1000.0
_SHORTEST = 0.03
"""The fewest bytes per second of sound, and the longest packet (s) with fewer."""

_HOURS, _THINNEST = 16_000.0, 120.0
"""Seconds whose measurement takes a gigabyte, and bytes per second, of which silence in AAC has 280."""

BREAK = 2.0
"""The shortest empty time (s) between two stretches; shorter ones are bridged."""


@dataclass(frozen=True, slots=True, eq=False)
class Stretches:
    """The stretches with content: `starts` and `ends` (n,) in seconds on the recording's clock, sorted,
    disjoint."""

    starts: FloatArray
    ends: FloatArray

    def spans(self) -> tuple[Span, ...]:
        return tuple(map(Span, self.starts.tolist(), self.ends.tolist()))


def is_sparse(begins: FloatArray, lengths: FloatArray) -> bool:
    """Whether most of the extent of packets with these starts and durations (s) is empty."""
    if len(begins) == 0:
        return False
    held = float(np.minimum(lengths, BREAK).sum())
    return float((begins + lengths).max()) > _SPARSE * held + _SLACK


def is_sound_sparse(recording: Recording) -> bool:
    """Whether nearly all of the time until the end of the sound is without sound."""
    index = recording.index.audio
    return index is not None and is_sparse(*_shown(index, sound=True))


def is_thin(sound: StreamIndex) -> bool:
    """Whether sound lasts for hours with fewer bytes than any codec needs, even for silence: a few bytes
    could exhaust the memory."""
    stretches = joined(*_shown(sound, sound=True))
    seconds = float((stretches.ends - stretches.starts).sum())
    return seconds > _HOURS and float(sound.size[sound.shown].sum()) < _THINNEST * seconds


def stretches_of(recording: Recording) -> Stretches | None:
    """The stretches with picture or sound; None where they are most of the time, as usual."""
    begins, lengths = _shown(recording.index.video, sound=False)
    if recording.index.audio is not None:
        heard = _shown(recording.index.audio, sound=True)
        begins, lengths = np.concatenate([begins, heard[0]]), np.concatenate([lengths, heard[1]])
    return joined(begins, lengths) if is_sparse(begins, lengths) else None


def seen_stretches(recording: Recording) -> tuple[FloatArray, FloatArray]:
    """The starts and durations of the frames of a recording in seconds."""
    return _shown(recording.index.video, sound=False)


def _shown(index: StreamIndex, *, sound: bool) -> tuple[FloatArray, FloatArray]:
    """The starts and durations (s) of packets; those of sound are limited by their bytes, because stated
    durations are unreliable."""
    shown = index.shown
    held = np.maximum(index.size[shown] / _FEWEST_BYTES, _SHORTEST) if sound else BREAK
    return index.times[shown], np.minimum(index.lengths[shown], held)


def joined(begins: FloatArray, lengths: FloatArray) -> Stretches:
    """The union of stretches with these starts and durations (s)."""
    begins = np.maximum(begins, 0.0)
    order = np.argsort(begins, kind="stable")
    starts = begins[order]
    ends = np.maximum.accumulate(starts + lengths[order])
    first = np.concatenate([[True], starts[1:] - ends[:-1] > BREAK])
    last = np.concatenate([first[1:], [True]])
    return Stretches(starts[first], ends[last])


@dataclass(frozen=True, slots=True, eq=False)
class ShortClock:
    """A clock with shortened empty time: `real` and `short` (n,) are corresponding times (s) on the
    recording's clock and on this one, increasing, with linear interpolation."""

    real: FloatArray
    short: FloatArray

    @staticmethod
    def of(stretches: Stretches) -> ShortClock:
        """The clock that begins with the first stretch, or at 0 where that is near. Time between stretches
        lasts `BREAK` seconds, or less where it would exceed the stretches."""
        starts, ends = stretches.starts, stretches.ends
        between = min(BREAK, (float((ends - starts).sum()) + _SLACK) / len(starts))
        begin = float(starts[0]) if starts[0] > BREAK else 0.0
        lasting = ends - starts
        before = np.concatenate([[starts[0] - begin], lasting[:-1] + between]).cumsum()
        real = np.concatenate([[begin], np.stack([starts, ends], axis=1).ravel()])
        short = np.concatenate([[0.0], np.stack([before, before + lasting], axis=1).ravel()])
        return ShortClock(real, short)

    @property
    def duration(self) -> float:
        return float(self.short[-1])

    def shortened(self, seconds: npt.ArrayLike) -> FloatArray:
        """Times of the recording's clock on this one."""
        return np.asarray(np.interp(np.asarray(seconds, np.float64), self.real, self.short), np.float64)

    def lengthened(self, seconds: float) -> float:
        """A time of this clock on the recording's; in empty time, its nearer end."""
        at = int(np.searchsorted(self.short, seconds, side="right")) - 1
        at = min(max(at, 0), len(self.short) - 2)
        offset = seconds - float(self.short[at])
        step, real = (float(x[at + 1] - x[at]) for x in (self.short, self.real))
        if abs(step - real) < 1e-6:
            return float(self.real[at]) + offset
        return float(self.real[at if offset < step / 2 else at + 1])


@dataclass(frozen=True, slots=True, eq=False)
class KeptCells:
    """The mapping of cells of constant duration to stored ones, which exist only where there is content: run
    r begins with cell `firsts[r]` of the clock, stored at `places[r]`; `places` has one more entry for the
    end."""

    firsts: Int64Array
    places: Int64Array

    @staticmethod
    def of(firsts: list[int], lengths: list[int]) -> KeptCells:
        return KeptCells(
            np.array(firsts, np.int64), np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        )

    def kept(self, cells: Int64Array) -> Int64Array:
        """The stored positions of cells of the clock; for a cell between two runs, the start of the later
        run."""
        run = np.searchsorted(self.firsts, cells, side="right") - 1
        before = run < 0
        run = np.maximum(run, 0)
        length = self.places[run + 1] - self.places[run]
        inside = np.minimum(cells - self.firsts[run], length)
        return np.where(before, 0, self.places[run] + inside)


def kept_cells_arrays(runs: KeptCells | None) -> Arrays:
    """The mapping as arrays, for storage; the inverse is `kept_cells_from`."""
    return {} if runs is None else {"run_firsts": runs.firsts, "run_places": runs.places}


def kept_cells_from(arrays: Arrays, cells: int) -> KeptCells | None:
    """The inverse of `kept_cells_arrays`, for this number of stored `cells`. Raises ValueError when
    damaged."""
    if "run_firsts" not in arrays:
        return None
    firsts, places = (arrays.get(name) for name in ("run_firsts", "run_places"))
    if firsts is None or places is None or firsts.shape != (len(places) - 1,) or not len(firsts):
        raise ValueError("runs of another form")
    if firsts.dtype != np.int64 or places.dtype != np.int64 or places[0] != 0 or places[-1] != cells:
        raise ValueError("runs of other cells")
    return KeptCells(firsts, places)
