"""Trends taken together in the columns of a picture: of hours in a thousand pixels nothing is skipped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from app.core.eeg.trends import COLUMN, LOUDEST, QUIETEST, SPECTRUM, Bytes, Trends

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class PictureColumns:
    """The half-open range `first`…`stop` of trend columns in each column of a picture; `count` is that of all
    trend columns. Where there are none both are `count`."""

    first: npt.NDArray[np.int64]
    stop: npt.NDArray[np.int64]
    count: int

    def highest(self, values: npt.NDArray[Any]) -> Floats:
        """The largest value of (count,) in each column, NaN where there is none."""
        return self._reduced(np.fmax, values)

    def lowest(self, values: npt.NDArray[Any]) -> Floats:
        """The smallest value of (count,) in each column, NaN where there is none."""
        return self._reduced(np.fmin, values)

    def mean(self, values: npt.NDArray[Any]) -> Floats:
        """The mean of (count,) or (count, n) in each column without NaN, NaN where there is none."""
        values = self._seen(values)
        there = np.isfinite(values)
        total = self._reduced(np.add, np.where(there, values, 0.0), 0.0)
        count = self._reduced(np.add, there.astype(np.float32), 0.0)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(total / count, np.float32)

    def place_of_highest(self, values: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
        """The trend column with the largest of (count,) finite values in each column, -1 where there is
        none."""
        if not len(self.first):
            return np.zeros(0, np.int64)
        # Every column has its rank, so that the highest rank of a range tells the column.
        order = np.argsort(np.where(np.isfinite(values), values, -np.inf), kind="stable")
        rank = np.empty(self.count + 1, np.int64)
        rank[order] = np.arange(self.count)
        rank[: self.count][~np.isfinite(values)] = -1
        rank[self.count] = -1
        best = np.maximum.reduceat(rank, np.column_stack([self.first, self.stop]).ravel())[::2]
        return np.where(best >= 0, order[best], -1)

    def _seen(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """The values as float32, those that no column has left empty: of an hour of a day few are needed."""
        used = self.first < self.count
        seen = np.full(values.shape, np.nan, np.float32)
        if used.any():
            part = slice(int(self.first[used].min()), int(self.stop[used].max()))
            seen[part] = values[part]
        return seen

    def _reduced(self, how: np.ufunc, values: npt.NDArray[Any], nothing: float = np.nan) -> Floats:
        if not len(self.first):
            return np.zeros((0, *values.shape[1:]), np.float32)
        end = np.full((1, *values.shape[1:]), nothing, np.float32)
        padded = np.concatenate([values.astype(np.float32), end])
        ranges = np.column_stack([self.first, self.stop]).ravel()
        return np.asarray(how.reduceat(padded, ranges, axis=0)[::2], np.float32)


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
    means = columns.mean(np.where(spectrum > 0, spectrum.astype(np.float32), np.nan))
    picture = np.nan_to_num(means, nan=0.0).T[::-1]
    return np.ascontiguousarray(np.rint(picture), np.uint8).reshape(SPECTRUM, -1)


def decibels(level: float) -> float:
    """dB re 1 µV²/Hz of a stored level (0–255)."""
    return QUIETEST + level * (LOUDEST - QUIETEST) / 255.0
