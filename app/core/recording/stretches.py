"""Where a recording holds something: its work and its memory follow from that, not from its time stamps.

One packet with a time stamp a day away makes a recording of a day, of which nearly all is nothing. Whatever
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

_FEWEST_BYTES = 1000.0
_SHORTEST = 0.03
"""Bytes that a second of sound has at the least, and the seconds that a packet may last with fewer."""

_HOURS, _THINNEST = 16_000.0, 120.0
"""Seconds, which take a gigabyte to measure, and bytes a second, of which silence in AAC has 280."""

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
    return index is not None and is_sparse(*_shown(index, sound=True))


def is_thin(sound: StreamIndex) -> bool:
    """Whether sound has hours to be heard and hardly any bytes for them, which no codec gives, silence
    included: a few bytes now and then would take all memory."""
    stretches = joined(*_shown(sound, sound=True))
    seconds = float((stretches.ends - stretches.starts).sum())
    return seconds > _HOURS and float(sound.size[sound.shown].sum()) < _THINNEST * seconds


def stretches_of(recording: Recording) -> Stretches | None:
    """Where the recording has picture or sound; None where that is most of its time, as usual."""
    begins, lengths = _shown(recording.index.video, sound=False)
    if recording.index.audio is not None:
        heard = _shown(recording.index.audio, sound=True)
        begins, lengths = np.concatenate([begins, heard[0]]), np.concatenate([lengths, heard[1]])
    return joined(begins, lengths) if is_sparse(begins, lengths) else None


def seen_stretches(recording: Recording) -> tuple[FloatArray, FloatArray]:
    """When the frames of a recording come and how long they last, in seconds."""
    return _shown(recording.index.video, sound=False)


def _shown(index: StreamIndex, *, sound: bool) -> tuple[FloatArray, FloatArray]:
    """When packets begin and how long they last, which for sound is what so many bytes can hold at most: the
    lengths that a file claims are not to be relied on."""
    shown = index.shown
    held = np.maximum(index.size[shown] / _FEWEST_BYTES, _SHORTEST) if sound else BREAK
    return index.times[shown], np.minimum(index.lengths[shown], held)


def joined(begins: FloatArray, lengths: FloatArray) -> Stretches:
    """The stretches of what begins at `begins` and lasts `lengths` seconds."""
    begins = np.maximum(begins, 0.0)
    order = np.argsort(begins, kind="stable")
    starts = begins[order]
    ends = np.maximum.accumulate(starts + lengths[order])
    first = np.concatenate([[True], starts[1:] - ends[:-1] > BREAK])
    last = np.concatenate([first[1:], [True]])
    return Stretches(starts[first], ends[last])


@dataclass(frozen=True, slots=True, eq=False)
class ShortClock:
    """A clock on which what is empty is short: `real` and `short` (n,) are the same moments on
    the recording's clock and on this one, rising, straight between."""

    real: FloatArray
    short: FloatArray

    @staticmethod
    def of(stretches: Stretches) -> ShortClock:
        """The clock that begins with the first stretch, which begins at 0 where that is near. Time between
        stretches lasts `BREAK` seconds, less where there would be more of it than of the stretches."""
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
