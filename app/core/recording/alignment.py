"""The offset between the clocks of two cameras, by the sound that both recorded.

The loudness of both recordings in a few bands is cross-correlated (Knapp and Carter, 1976, on envelopes:
microphones at different places of a room hear the same events with different colours, not the same wave).
The result is a proposal, or that the offset is unknown: two recordings of a beeping monitor match at every
beep, and unrelated ones match nowhere better than elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.core.jobs import CancelToken, Progress, Report, no_report
from app.core.recording.index import NONE
from app.core.recording.recording import Recording
from app.core.recording.samples import Samples, sound_blocks

RATE = 8000
"""The sampling rate of the compared sound in Hz."""

STRETCH = 300.0
"""Seconds of the leading recording that are compared: clocks of cameras drift, so the offset holds for the
stretch around the displayed time."""

_FARTHEST = 7200.0
"""Seconds on both sides within which the stretch is searched in the other recording."""

_HOP, _WINDOW = 80, 256
_EDGES = (150.0, 350.0, 600.0, 1000.0, 1600.0, 2500.0, 3800.0)
_STEADY = 1.0
"""Seconds over which the loudness is averaged, to remove steadier sound."""

_LEAST_OVERLAP = 3.0
_NEAR = 1.0
"""Seconds around the best match that belong to it."""

_CLEAR, _ALONE = 8.0, 0.7
"""The least strength of the best match relative to the usual one, and the largest of the second best relative
to the best."""

_QUIETEST = 1e-8

Loudness = npt.NDArray[np.float32]
"""The loudness (n, 6) in dB in each band, every 10 ms."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """An alignment: `offset` (s) of the camera's clock minus the leading one's, None when unknown;
    `confidence` 0–100 by the distance of the best match from the second best; `why` is the reason when
    unknown."""

    offset: float | None
    confidence: int = 0
    why: str = ""


def align_by_clocks(leader: Recording, camera: Recording) -> float | None:
    """The offset (s) by the start times stated in both files; None where one does not state it, or where the
    two would not overlap. Clocks of cameras are rarely set to the second."""
    mine, other = leader.started_at, camera.started_at
    if mine is None or other is None or (mine.tzinfo is None) != (other.tzinfo is None):
        return None
    offset = (mine - other).total_seconds()
    return offset if -leader.duration < offset < camera.duration else None


def align_in_file(leader: Recording, camera: Recording) -> float:
    """The offset (s) of the clocks of two picture tracks of one file; 0 without time stamps."""
    mine, other = _origin(leader), _origin(camera)
    return 0.0 if mine is None or other is None else round(mine - other, 6)


def _origin(recording: Recording) -> float | None:
    """The time stamp (s) in the file at which the recording's clock begins; None without time stamps."""
    index = recording.index.video
    row = int(np.argmax(index.shown & (index.pts != NONE)))
    return None if index.pts[row] == NONE else float(index.pts[row] * index.time_base - index.times[row])


def align_by_sound(
    leader: Recording,
    camera: Recording,
    at: float,
    guess: float = 0.0,
    *,
    report: Report = no_report,
    cancel: CancelToken | None = None,
) -> Alignment:
    """The alignment by the sound around `at` seconds of the leading recording.

    `guess` is the presumed offset (s); a match more than two hours away is not found. Raises UserError when a
    file can no longer be read, Cancelled.
    """
    silent = next((one.name for one in (leader, camera) if one.audio is None), None)
    if silent is not None:
        return Alignment(None, 0, f"“{silent}” has no sound to compare.")
    start = max(0.0, min(at - STRETCH / 2, leader.duration - STRETCH))
    end = min(start + STRETCH, leader.duration)
    begin = max(0.0, min(start + guess, camera.duration) - _FARTHEST)
    stop = min(camera.duration, max(end + guess, 0.0) + _FARTHEST)
    total = end - start + stop - begin
    known = _Listener(leader, start, end, report, cancel).loudness(0.0, total)
    other = _Listener(camera, begin, stop, report, cancel).loudness(end - start, total)
    found = fit(known, other)
    if found.offset is None:
        return found
    return Alignment(round(found.offset + begin - start, 4), found.confidence)


def loudness(sound: Samples) -> Loudness:
    """The loudness of (n,) sound at `RATE` Hz."""
    if len(sound) < _WINDOW:
        return np.zeros((0, len(_EDGES) - 1), np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(sound, _WINDOW)[::_HOP]
    power = np.abs(np.fft.rfft(frames * np.hanning(_WINDOW).astype(np.float32), axis=1)) ** 2
    bins = np.searchsorted(np.fft.rfftfreq(_WINDOW, 1 / RATE), _EDGES)
    bands = np.add.reduceat(power[:, : bins[-1]], bins[:-1], axis=1)
    return np.asarray(10.0 * np.log10(bands + _QUIETEST), np.float32)


class _Listener:
    """A reader of the loudness of a stretch of a recording, in small pieces."""

    def __init__(
        self, recording: Recording, start: float, end: float, report: Report, cancel: CancelToken | None
    ) -> None:
        self._recording = recording
        self._start, self._end = start, end
        self._report = report
        self._cancel = cancel

    def loudness(self, done: float, total: float) -> Loudness:
        """The loudness of the stretch; progress is reported as part of `total` seconds of which `done` are
        completed."""
        parts = [loudness(np.zeros(0, np.float32))]
        rest = np.zeros(0, np.float32)
        for samples in self._pieces(done, total):
            rest = np.concatenate((rest, samples))
            if len(rest) < 10 * RATE:
                continue
            whole = (len(rest) - _WINDOW) // _HOP + 1
            parts.append(loudness(rest))
            rest = rest[whole * _HOP :]
        parts.append(loudness(rest))
        return np.concatenate(parts)

    def _pieces(self, done: float, total: float) -> Iterator[Samples]:
        length = round((self._end - self._start) * RATE)
        for block in sound_blocks(self._recording, self._start, RATE, channels=1):
            if self._cancel is not None:
                self._cancel.check()
            if block.first >= length:
                return
            yield block.samples[: length - block.first, 0]
            read = done + block.first / RATE
            self._report(Progress("Comparing the sound of the cameras", read / max(total, 1e-6)))


def fit(leader: Loudness, camera: Loudness) -> Alignment:
    """The alignment of two loudness curves; the offset is the seconds by which `camera` is ahead."""
    least = round(_LEAST_OVERLAP * RATE / _HOP)
    if min(len(leader), len(camera)) < least:
        return Alignment(None, 0, "There is too little sound to compare.")
    strengths, first = _strengths(_events(leader), _events(camera), least)
    usual = 1.4826 * float(np.median(np.abs(strengths - np.median(strengths))))
    best = int(np.argmax(strengths))
    near = round(_NEAR * RATE / _HOP)
    others = np.concatenate((strengths[: max(best - near, 0)], strengths[best + near + 1 :]))
    second = max(float(others.max(initial=0.0)), 0.0)
    strength = float(strengths[best])
    if usual <= 0 or strength < _CLEAR * usual:
        return Alignment(None, 0, "The sounds have nothing recognisable in common.")
    if second > _ALONE * strength:
        return Alignment(None, 0, "The sounds match at several places, so none can be proposed.")
    seconds = (first + best + _summit(strengths, best)) * _HOP / RATE
    return Alignment(seconds, round(100 * (1 - second / strength)))


def _events(levels: Loudness) -> npt.NDArray[np.float64]:
    """The changes of the loudness, limited so that large ones do not dominate."""
    width = round(_STEADY * RATE / _HOP)
    padded = np.pad(levels.astype(np.float64), ((width // 2, width - width // 2), (0, 0)), mode="edge")
    sums = np.cumsum(padded, axis=0)
    changes = levels - (sums[width:] - sums[:-width])[: len(levels)] / width
    scale = 1.4826 * np.median(np.abs(changes), axis=0)
    scale = np.where(scale > 1e-3, scale, np.maximum(changes.std(axis=0), 1e-3))
    clipped: npt.NDArray[np.float64] = np.clip(changes / scale, -3.0, 3.0)
    return clipped


def _strengths(
    leader: npt.NDArray[np.float64], camera: npt.NDArray[np.float64], least: int
) -> tuple[npt.NDArray[np.float64], int]:
    """The strength of the match for every shift with at least `least` overlapping rows, normalised by the
    overlap; and the first shift."""
    rows = len(leader) + len(camera)
    size = 1 << (rows - 1).bit_length()
    common = np.zeros(size // 2 + 1, np.complex128)
    for band in range(leader.shape[1]):
        common += np.fft.rfft(camera[:, band], size) * np.conj(np.fft.rfft(leader[:, band], size))
    products = np.fft.irfft(common, size)
    shifts = np.arange(least - len(leader), len(camera) - least + 1)
    starts, ends = np.maximum(shifts, 0), np.minimum(shifts + len(leader), len(camera))
    energies = [np.concatenate(([0.0], np.cumsum((one**2).sum(axis=1)))) for one in (leader, camera)]
    mine = energies[0][ends - shifts] - energies[0][starts - shifts]
    theirs = energies[1][ends] - energies[1][starts]
    alike = products[shifts % size] / np.sqrt(np.maximum(mine * theirs, 1e-9))
    return alike * np.sqrt(ends - starts), int(shifts[0])


def _summit(strengths: npt.NDArray[np.float64], best: int) -> float:
    """The distance (rows) from the best row to the vertex of the parabola through it and its neighbours."""
    if not 0 < best < len(strengths) - 1:
        return 0.0
    before, top, after = strengths[best - 1 : best + 2]
    bend = before - 2 * top + after
    return float(0.5 * (before - after) / bend) if bend < 0 else 0.0
