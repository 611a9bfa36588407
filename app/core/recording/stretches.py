"""Where a recording holds something: its work and its memory follow from that, not from its time stamps.

One packet with a time stamp a day away makes a recording of a day, of which nearly all is nothing. Whoever
would need memory or time for every second asks here which seconds there are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.core.recording.cache import Arrays
from app.core.recording.index import FloatArray, Int64Array, StreamIndex
from app.core.recording.recording import Recording
from app.core.semiology import Span

_SPARSE = 4.0
_SLACK = 60.0
"""A stream is sparse when it extends over more than so many times what it holds, and so many seconds."""

BREAK = 2.0
"""Seconds without anything that part two stretches of what is sparse; shorter ones are bridged."""


@dataclass(frozen=True, slots=True, eq=False)
class Stretches:
    """Seconds on the recording's clock where something is: `starts` and `ends` (n,), rising, apart."""

    starts: FloatArray
    ends: FloatArray

    def spans(self) -> tuple[Span, ...]:
        return tuple(map(Span, self.starts.tolist(), self.ends.tolist()))


def is_sparse(begins: FloatArray, lengths: FloatArray) -> bool:
    """Whether packets that begin at `begins` and last `lengths` seconds leave most of their time empty."""
    if len(begins) == 0:
        return False
    held = float(np.minimum(lengths, BREAK).sum())
    return float((begins + lengths).max()) > _SPARSE * held + _SLACK


def is_sound_sparse(recording: Recording) -> bool:
    """Whether nearly all of the time up to the end of the sound is without sound."""
    index = recording.index.audio
    return index is not None and is_sparse(*_shown(index))


def stretches_of(recording: Recording) -> Stretches | None:
    """Where the recording has picture or sound; None where that is most of its time, as usual."""
    streams = [recording.index.video, *([] if recording.index.audio is None else [recording.index.audio])]
    begins, lengths = (np.concatenate(parts) for parts in zip(*map(_shown, streams), strict=True))
    if not is_sparse(begins, lengths):
        return None
    return _joined(np.maximum(begins, 0.0), lengths)


def _shown(index: StreamIndex) -> tuple[FloatArray, FloatArray]:
    shown = index.shown
    return index.times[shown], np.minimum(index.lengths[shown], BREAK)


def _joined(begins: FloatArray, lengths: FloatArray) -> Stretches:
    order = np.argsort(begins, kind="stable")
    starts = begins[order]
    ends = np.maximum.accumulate(starts + lengths[order])
    first = np.concatenate([[True], starts[1:] - ends[:-1] > BREAK])
    last = np.concatenate([first[1:], [True]])
    return Stretches(starts[first], ends[last])


@dataclass(frozen=True, slots=True, eq=False)
class ShortClock:
    """A clock on which what is empty lasts `BREAK` seconds: `real` and `short` (n,) are the same moments on
    the recording's clock and on this one, rising, straight between."""

    real: FloatArray
    short: FloatArray

    @staticmethod
    def of(stretches: Stretches) -> ShortClock:
        """The clock that begins with the first stretch, which begins at 0 where that is near."""
        starts, ends = stretches.starts, stretches.ends
        begin = float(starts[0]) if starts[0] > BREAK else 0.0
        lasting = ends - starts
        before = np.concatenate([[starts[0] - begin], lasting[:-1] + BREAK]).cumsum()
        real = np.concatenate([[begin], np.stack([starts, ends], axis=1).ravel()])
        short = np.concatenate([[0.0], np.stack([before, before + lasting], axis=1).ravel()])
        return ShortClock(real, short)

    @property
    def duration(self) -> float:
        return float(self.short[-1])

    def shortened(self, seconds: npt.ArrayLike) -> FloatArray:
        """Moments of the recording's clock on this one."""
        return np.asarray(np.interp(np.asarray(seconds, np.float64), self.real, self.short), np.float64)

    def lengthened(self, seconds: float) -> float:
        """A moment of this clock on the recording's; in what is empty, the nearer end of it."""
        at = int(np.searchsorted(self.short, seconds, side="right")) - 1
        at = min(max(at, 0), len(self.short) - 2)
        offset = seconds - float(self.short[at])
        step, real = (float(x[at + 1] - x[at]) for x in (self.short, self.real))
        if abs(step - real) < 1e-6:
            return float(self.real[at]) + offset
        return float(self.real[at if offset < step / 2 else at + 1])


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """Cells of one length that are kept only where there is something: run number r begins with the cell
    `firsts[r]` of the clock, which is kept at `places[r]`; `places` has one more for the end of the last."""

    firsts: Int64Array
    places: Int64Array

    @staticmethod
    def of(firsts: list[int], lengths: list[int]) -> Runs:
        return Runs(np.array(firsts, np.int64), np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64))

    def kept(self, cells: Int64Array) -> Int64Array:
        """Where cells of the clock are kept; for one between two runs, where the later run begins."""
        run = np.searchsorted(self.firsts, cells, side="right") - 1
        before = run < 0
        run = np.maximum(run, 0)
        length = self.places[run + 1] - self.places[run]
        inside = np.minimum(cells - self.firsts[run], length)
        return np.where(before, 0, self.places[run] + inside)

    def holds(self, cells: Int64Array) -> npt.NDArray[np.bool_]:
        """Whether cells of the clock are kept."""
        return self.kept(cells + 1) > self.kept(cells)


def runs_arrays(runs: Runs | None) -> Arrays:
    """What `runs_from` takes, for storing."""
    return {} if runs is None else {"run_firsts": runs.firsts, "run_places": runs.places}


def runs_from(arrays: Arrays, cells: int) -> Runs | None:
    """The inverse of `runs_arrays`, for so many kept `cells`. Raises ValueError when it is damaged."""
    if "run_firsts" not in arrays:
        return None
    firsts, places = (arrays.get(name) for name in ("run_firsts", "run_places"))
    if firsts is None or places is None or firsts.shape != (len(places) - 1,) or not len(firsts):
        raise ValueError("runs of another form")
    if firsts.dtype != np.int64 or places.dtype != np.int64 or places[0] != 0 or places[-1] != cells:
        raise ValueError("runs of other cells")
    return Runs(firsts, places)
