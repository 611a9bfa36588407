"""Trends taken together in the columns of a picture: of hours in a thousand pixels nothing is skipped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from app.core.eeg.trends import COLUMN, LOUDEST, QUIETEST, SPECTRUM, Bytes, Trends

Floats = npt.NDArray[np.float32]

_NOWHERE = np.iinfo(np.int64).min
"""Less than the key of any value."""


@dataclass(frozen=True, slots=True, eq=False)
class PictureColumns:
    """The half-open range `first`…`stop` of trend columns in each column of a picture; `count` is that of all
    trend columns. Where there are none both are `count`."""

    first: npt.NDArray[np.int64]
    stop: npt.NDArray[np.int64]
    count: int

    def highest(self, values: npt.NDArray[Any]) -> Floats:
        """The largest value of (count,) in each column, NaN where there is none."""
        return np.asarray(self._reduced(np.fmax, np.asarray(values, np.float32), np.nan))

    def mean(self, values: npt.NDArray[Any]) -> Floats:
        """The mean of (count,) or (count, n) in each column without NaN, NaN where there is none."""
        values = np.asarray(values, np.float32)
        there = np.isfinite(values)
        if not there.all():
            values = np.where(there, values, np.float32(0.0))
        return self.mean_of(values, there)

    def mean_of(self, values: npt.NDArray[Any], there: npt.NDArray[np.bool_]) -> Floats:
        """The mean of (count,) or (count, n) in each column of what is `there`; everything else is 0."""
        total, number = (self._reduced(np.add, one, 0.0) for one in (values, there))
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(total / number, np.float32)

    def place_of_highest(self, values: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
        """The trend column with the largest of (count,) finite values in each column, -1 where there is
        none."""
        values = np.asarray(values, np.float32)
        bits = values.view(np.int32).astype(np.int64)
        # Read as whole numbers floats are in their order, negative ones after they were turned round.
        bits ^= (bits >> 31) & 0x7FFF_FFFF
        keys = (bits << 32) | np.arange(self.count)
        keys[~np.isfinite(values)] = _NOWHERE
        best = self._reduced(np.maximum, keys, _NOWHERE, np.int64)
        return np.where(best > _NOWHERE, best & 0xFFFF_FFFF, -1)

    def _reduced(
        self, how: np.ufunc, values: npt.NDArray[Any], nothing: float, kind: type = np.float32
    ) -> npt.NDArray[Any]:
        """The values (count, …) of each column taken together, `nothing` where there are none."""
        if not len(self.first):
            return np.zeros((0, *values.shape[1:]), kind)
        begin = min(int(self.first.min()), self.count)  # of an hour of a day few are needed
        padded: npt.NDArray[Any]
        padded = np.empty((*values.shape[1:], self.count + 1 - begin), kind)  # along the last axis it is fast
        padded[..., :-1], padded[..., -1] = values[begin:].T, nothing
        ranges = np.column_stack([self.first, self.stop]).ravel() - begin
        return np.asarray(how.reduceat(padded, ranges, axis=-1)[..., ::2].T)


def picture_columns(trends: Trends, start: float, end: float, columns: int) -> PictureColumns:
    """The trend columns in each of `columns` equal parts of a stretch in seconds."""
    edges = (np.linspace(start, end, columns + 1) - trends.start) / float(COLUMN)
    first = np.floor(edges[:-1]).astype(np.int64)
    stop = np.maximum(np.ceil(edges[1:]).astype(np.int64), first + 1)
    count = trends.columns
    outside = (first >= count) | (stop <= 0)
    first, stop = np.clip(first, 0, count), np.clip(stop, 0, count)
    return PictureColumns(np.where(outside, count, first), np.where(outside, count, stop), count)


def spectrum_picture(spectrum: Bytes, columns: PictureColumns) -> Bytes:
    """(SPECTRUM, columns) the mean level of each column of a spectrogram (count, SPECTRUM), the lowest
    frequency last, 0 where there is none."""
    means = columns.mean_of(spectrum, spectrum > 0)
    picture = np.nan_to_num(means, nan=0.0).T[::-1]
    return np.ascontiguousarray(np.rint(picture), np.uint8).reshape(SPECTRUM, -1)


def decibels(level: float) -> float:
    """dB re 1 µV²/Hz of a stored level (0–255)."""
    return QUIETEST + level * (LOUDEST - QUIETEST) / 255.0
