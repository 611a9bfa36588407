"""The waveform as a pyramid of lowest and highest samples, from whole recordings down to 2 ms."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.core.errors import UserError
from app.core.jobs import CancelToken, Progress, Report, TimeEstimate, no_report
from app.core.recording.analysis_process import recording_job, run_process
from app.core.recording.array_cache import Arrays, load_arrays, save_arrays
from app.core.recording.continuous_sound import (
    MiddlePacket,
    SoundBreaks,
    continuous_sound,
    is_continuous,
    middle_of,
)
from app.core.recording.recording import Recording
from app.core.recording.samples import sound_runs
from app.core.recording.sparse_time import KeptCells, is_sound_sparse, kept_cells_arrays, kept_cells_from

logger = logging.getLogger(__name__)

Int16Array = npt.NDArray[np.int16]
Float32Array = npt.NDArray[np.float32]

_RATE = 16_000
_BIN = 32
"""Samples in one bin of the finest level: 2 ms."""

_FACTOR = 4
_SCALE = 32_767.0
_VERSION = 3
_REPORT_EVERY = 0.005
_PROCESS = "app.core.recording.waveform_process"


@dataclass(frozen=True, slots=True, eq=False)
class Waveform:
    """A waveform: `levels` hold the lowest and highest sample of each bin, (bins, 2) int16, with ±32767 as
    full scale; bins of the first level last `bin_seconds`, those of each further level four times as long.
    Bin 0 begins at 0 on the recording's clock; `duration` (s) is that of the recording. With `runs` the first
    level has only bins with sound."""

    levels: tuple[Int16Array, ...]
    duration: float
    bin_seconds: float = _BIN / _RATE
    runs: KeptCells | None = None

    def envelope(self, start: float, end: float, columns: int) -> tuple[Float32Array, Float32Array]:
        """Lowest and highest sample in each of `columns` equal parts of `start`…`end` seconds.

        Two arrays (columns,) float32 in −1…1; 0 outside the sound.
        """
        if columns <= 0 or end <= start:
            return np.zeros(max(columns, 0), np.float32), np.zeros(max(columns, 0), np.float32)
        step = (end - start) / columns
        finer = int(np.log(max(step / self.bin_seconds / _FACTOR, 1.0)) / np.log(_FACTOR))
        level = min(finer, len(self.levels) - 1)
        if self.runs is not None:
            return self._envelope_of_runs(self.runs, start + step * np.arange(columns + 1), level)
        bins, width = self.levels[level], self.bin_seconds * _FACTOR**level
        edges = (start + step * np.arange(columns + 1)) / width
        first = np.floor(edges[:-1] + 1e-9).astype(np.int64)
        stop = np.maximum(np.ceil(edges[1:] - 1e-9).astype(np.int64), first + 1)
        low, high = _extremes(bins, np.clip(first, 0, len(bins)), np.clip(stop, 0, len(bins)))
        return low / np.float32(_SCALE), high / np.float32(_SCALE)

    def _envelope_of_runs(
        self, runs: KeptCells, edges: npt.NDArray[np.float64], level: int
    ) -> tuple[Float32Array, Float32Array]:
        cells, factor = edges / self.bin_seconds, _FACTOR**level
        first = np.floor(cells[:-1] + 1e-9).astype(np.int64)
        stop = np.maximum(np.ceil(cells[1:] - 1e-9).astype(np.int64), first + 1)
        begin, end = runs.kept(first), runs.kept(stop)
        count = len(self.levels[level])
        low, high = _extremes(
            self.levels[level],
            np.clip(begin // factor, 0, count),
            np.clip(np.where(end > begin, -(-end // factor), 0), 0, count),
        )
        return low / np.float32(_SCALE), high / np.float32(_SCALE)


def _extremes(
    bins: Int16Array, first: npt.NDArray[np.int64], stop: npt.NDArray[np.int64]
) -> tuple[Float32Array, Float32Array]:
    """Lowest and highest of `bins` in each half-open range; 0 for empty ranges."""
    low, high = np.zeros(len(first), np.float32), np.zeros(len(first), np.float32)
    filled = np.flatnonzero(stop > first)
    if len(filled):
        begin, end = first[filled].min(), stop[filled].max()
        padded = np.concatenate([bins[begin:end], np.zeros((1, 2), np.int16)])
        ranges = np.column_stack([first[filled], stop[filled]]).ravel() - begin
        low[filled] = np.minimum.reduceat(padded[:, 0], ranges)[::2]
        high[filled] = np.maximum.reduceat(padded[:, 1], ranges)[::2]
    return low, high


def build_waveform(
    recording: Recording, *, report: Report = no_report, cancel: CancelToken | None = None
) -> Waveform | None:
    """The waveform of a recording, from the cache or computed from its sound; None without sound.

    Raises UserError when the file can no longer be read, Cancelled.
    """
    if recording.audio is None:
        return None
    key = f"{recording.fingerprint}-{_VERSION}-{recording.track}"
    found = _from_cache(load_arrays("waveform", key))
    if found is None:
        found = _finest(recording, report, cancel)
        save_arrays("waveform", key, {"bins": found[0], **kept_cells_arrays(found[1])})
    return Waveform(_pyramid(found[0]), recording.duration, runs=found[1])


def _from_cache(arrays: Arrays | None) -> tuple[Int16Array, KeptCells | None] | None:
    bins = arrays.get("bins") if arrays is not None else None
    if arrays is None or bins is None or bins.dtype != np.int16 or bins.ndim != 2 or bins.shape[1] != 2:
        return None
    try:
        return bins, kept_cells_from(arrays, len(bins))
    except ValueError:
        return None


def _finest(
    recording: Recording, report: Report, cancel: CancelToken | None
) -> tuple[Int16Array, KeptCells | None]:
    if is_sound_sparse(recording):
        return _finest_careful(recording, report, cancel)
    return _finest_whole(recording, report, cancel), None


def _finest_whole(recording: Recording, report: Report, cancel: CancelToken | None) -> Int16Array:
    if is_continuous(recording):
        for middle in dict.fromkeys((middle_of(recording), None)):
            try:
                return _finest_steady(recording, report, cancel, middle)
            except SoundBreaks:
                logger.info("The sound has breaks that its packets do not show; it is read with more care")
    return _finest_careful(recording, report, cancel)[0]


def _finest_steady(
    recording: Recording, report: Report, cancel: CancelToken | None, middle: MiddlePacket | None = None
) -> Int16Array:
    """The bins of the original samples, each in the bin of its start time; with `middle` computed in parallel
    from two positions."""
    audio = recording.audio
    if audio is None:
        return np.zeros((0, 2), np.int16)
    width = audio.rate * _BIN / _RATE  # samples per bin, not always an integer
    start = round(audio.start * audio.rate)  # of the first sample, on the recording's clock
    end = round((audio.start + audio.duration) * audio.rate)
    estimate = TimeEstimate()

    def report_share(place: int) -> None:
        if cancel is not None:
            cancel.check()
        share = min(max((place - start) / max((middle.place if middle else end) - start, 1), 0.0), 1.0)
        report(Progress("Drawing the waveform", share, estimate.remaining(share)))

    silence = np.zeros((int(start / width), 2), np.int16)
    if middle is None:
        return np.concatenate([silence, *_drawn(continuous_sound(recording), start, width, report_share)])
    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(_second_half_in_process, recording, middle, cancel or CancelToken())
        former = continuous_sound(recording, middle)
        first = list(_drawn(former, start, width, report_share, stop=_seam(middle, width)))
        return np.concatenate([silence, *first, second.result()])


def second_half(recording: Recording, middle: MiddlePacket) -> Int16Array:
    """The bins from the middle on. Raises SoundBreaks."""
    assert recording.audio is not None
    width = recording.audio.rate * _BIN / _RATE
    later = continuous_sound(recording, middle, second=True)
    seam = _seam(middle, width)
    return np.concatenate([*_drawn(later, middle.place, width, lambda _place: None, first=seam)])


def _seam(middle: MiddlePacket, width: float) -> int:
    """The first bin of the second half."""
    return int(np.ceil(middle.place / width))


def _second_half_in_process(recording: Recording, middle: MiddlePacket, cancel: CancelToken) -> Int16Array:
    """The bins from the middle on, computed in a separate process because of Python's global lock."""
    job = {
        **recording_job(recording),
        "track": recording.track,
        "middle": [middle.row, middle.ticks, middle.place],
    }
    try:
        content = run_process(_PROCESS, job, failed="", report=no_report, cancel=cancel)
    except UserError as error:
        # An unreadable file is reported by the first half.
        raise SoundBreaks from error
    if not content:
        raise SoundBreaks
    return np.frombuffer(content, np.int16).reshape(-1, 2)


def _drawn(
    stretches: Iterable[Float32Array],
    place: int,
    width: float,
    report_share: Callable[[int], None],
    *,
    first: int | None = None,
    stop: int | None = None,
) -> Iterator[Int16Array]:
    """The bins from `first` (default: that of the sample `place`, with silence before it) until before `stop`
    (default: after the last sample) of sound that begins at sample `place`."""
    first = int(place / width) if first is None else first
    missing = place - _edge(first, width)
    rest = np.zeros(max(missing, 0), np.float32)
    spare = max(-missing, 0)
    for stretch in stretches:
        report_share(place)
        place += len(stretch)
        sound = np.concatenate([rest, stretch[spare:]])
        spare = max(spare - len(stretch), 0)
        last = int(place / width)
        last -= _edge(last, width) > place
        last = last if stop is None else min(last, stop)
        begin = _edge(first, width)
        if last <= first:
            rest = sound
            continue
        edges = np.ceil(np.arange(first, last) * width).astype(np.int64) - begin
        end = _edge(last, width) - begin
        yield _extent_of(sound[:end], edges, width)
        rest, first = sound[end:], last
        if stop is not None and last == stop:
            return
    if len(rest):
        yield _scaled(rest.min(keepdims=True), rest.max(keepdims=True))


def _extent_of(sound: Float32Array, edges: npt.NDArray[np.int64], width: float) -> Int16Array:
    """Lowest and highest sample of the bins that begin at `edges`, each `width` samples long."""
    if width == int(width) and len(sound) == len(edges) * int(width):
        bins = sound.reshape(-1, int(width))
        return _scaled(_folded(np.minimum, bins), _folded(np.maximum, bins))
    return _scaled(np.minimum.reduceat(sound, edges), np.maximum.reduceat(sound, edges))


def _folded(extreme: np.ufunc, bins: Float32Array) -> Float32Array:
    """The extreme of each row by pairwise reduction, which is faster than numpy's for short rows."""
    width, flat = bins.shape[1], bins.reshape(-1)
    while width % 2 == 0:
        flat, width = extreme(flat[0::2], flat[1::2]), width // 2
    found = flat[0::width]
    for column in range(1, width):
        found = extreme(found, flat[column::width])
    return found


def _edge(number: int, width: float) -> int:
    """The first sample of a bin."""
    return int(np.ceil(number * width))


def _scaled(low: Float32Array, high: Float32Array) -> Int16Array:
    both = np.clip(np.nan_to_num(np.stack([low, high], axis=1)), -1.0, 1.0) * _SCALE
    scaled: Int16Array = np.rint(both).astype(np.int16)
    return scaled


def _finest_careful(
    recording: Recording, report: Report, cancel: CancelToken | None
) -> tuple[Int16Array, KeptCells]:
    """The bins of all runs of the sound, concatenated, and their positions."""
    estimate, reported = TimeEstimate(), 0.0

    def report_share(share: float) -> None:
        nonlocal reported
        if cancel is not None:
            cancel.check()
        if share - reported >= _REPORT_EVERY:
            reported = share
            report(Progress("Drawing the waveform", share, estimate.remaining(share)))

    firsts: list[int] = []
    drawn: list[Int16Array] = []
    for first, sounds in sound_runs(recording, _RATE, report=report_share):
        firsts.append(first // _BIN)
        drawn.append(_drawn_carefully(np.zeros(first % _BIN, np.float32), sounds))
    runs = KeptCells.of(firsts, [len(bins) for bins in drawn])
    return np.concatenate(drawn) if drawn else np.zeros((0, 2), np.int16), runs


def _drawn_carefully(rest: Float32Array, sounds: Iterable[Float32Array]) -> Int16Array:
    """The bins of sound that begins with `rest`."""
    parts: list[Int16Array] = []
    for sound in sounds:
        rest = np.concatenate([rest, sound])
        whole = len(rest) // _BIN * _BIN
        parts.append(_bins(rest[:whole]))
        rest = rest[whole:]
    if len(rest):
        parts.append(_bins(np.pad(rest, (0, _BIN - len(rest)), mode="edge")))
    return np.concatenate(parts)


def _bins(sound: Float32Array) -> Int16Array:
    """The lowest and highest sample of each bin (bins, 2); NaN counts as silence."""
    scaled = np.rint(np.clip(np.nan_to_num(sound), -1.0, 1.0) * _SCALE).astype(np.int16).reshape(-1, _BIN)
    return np.stack([scaled.min(axis=1, initial=32767), scaled.max(axis=1, initial=-32767)], axis=1)


def _pyramid(finest: Int16Array) -> tuple[Int16Array, ...]:
    levels = [finest]
    while len(levels[-1]) > 1024:
        below = levels[-1]
        spare = -len(below) % _FACTOR
        padded = np.concatenate([below, np.repeat(below[-1:], spare, axis=0)]).reshape(-1, _FACTOR, 2)
        levels.append(np.stack([padded[:, :, 0].min(axis=1), padded[:, :, 1].max(axis=1)], axis=1))
    return tuple(levels)
