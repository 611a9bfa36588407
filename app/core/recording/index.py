"""The packet index: position of every packet in the file, and its time on the recording's clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

NONE = -(2**63)
"""The value in integer arrays for one that the file does not state."""

Int64Array = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class StreamIndex:
    """All packets of one stream in the order of the file, one row each.

    - `pts`, `dts` in ticks of `time_base`, `pos` in bytes, `size` in bytes; `NONE` where not given;
    - `key` whether decoding can begin there; `shown` whether it brings something to see or hear;
    - `times` seconds on the recording's clock, `lengths` seconds it lasts.
    """

    stream: int
    time_base: Fraction
    pts: Int64Array
    dts: Int64Array
    pos: Int64Array
    size: Int64Array
    key: BoolArray
    shown: BoolArray
    times: FloatArray
    lengths: FloatArray

    def __len__(self) -> int:
        return len(self.pts)

    def find(self, pts: int | None, pos: int | None, size: int) -> int | None:
        """The row of a packet that was read again; None when it is ambiguous."""
        same = self.size == size
        by_place = same & (self.pos == pos) if pos is not None else same & False
        by_time = same & (self.pts == pts) if pts is not None else same & False
        for fitting in (by_place & by_time, by_place, by_time):
            rows = np.flatnonzero(fitting)
            if len(rows) == 1:
                return int(rows[0])
        return None

    def is_row(self, row: int, pts: int | None, pos: int | None, size: int) -> bool:
        """Whether a packet can be that of `row`: it has the same size, and position or time."""
        if row >= len(self.pts) or self.size[row] != size:
            return False
        place = None if pos is None or self.pos[row] == NONE else bool(self.pos[row] == pos)
        time = None if pts is None or self.pts[row] == NONE else bool(self.pts[row] == pts)
        return bool(place or time or (place is None and time is None))


@dataclass(frozen=True, slots=True, eq=False)
class PacketIndex:
    """The index of a recording.

    `order` (n,) are the rows of `video` in the order in which their frames are shown, `number` is its
    inverse (-1 for packets that show nothing), `starts` the rows where decoding can begin, rising, always
    with row 0; `tracks` are those of the sound, of which `track` is heard; `jumps` (j,) are the seconds on
    the clock where the file's time stamps break; `cuts` (c, 3) are the stretches of the file in which nothing
    can be read: the columns of `FileCut`.
    """

    container: str
    video: StreamIndex
    order: Int64Array
    tracks: tuple[StreamIndex, ...]
    jumps: FloatArray
    track: int = 0
    cuts: Int64Array = field(default_factory=lambda: np.zeros((0, 3), np.int64))

    @property
    def audio(self) -> StreamIndex | None:
        """The chosen sound track; None without sound."""
        return self.tracks[self.track] if self.tracks else None

    @property
    def number(self) -> Int64Array:
        """(packets,) the number of the frame that each packet of the picture produces, or -1."""
        numbers = np.full(len(self.video), -1, np.int64)
        numbers[self.order] = np.arange(len(self.order))
        return numbers

    @property
    def starts(self) -> Int64Array:
        """The rows of `video` where decoding can begin."""
        rows = np.flatnonzero(self.video.key)
        return rows if len(rows) and rows[0] == 0 else np.concatenate([[0], rows])


def stream_arrays(index: StreamIndex, prefix: str) -> dict[str, npt.NDArray[Any]]:
    """The index of a stream as arrays, for storage; the inverse is `stream_from`."""
    fields = {name: getattr(index, name) for name in _COLUMNS}
    base = [index.stream, index.time_base.numerator, index.time_base.denominator]
    return {f"{prefix}_{name}": array for name, array in fields.items()} | {
        f"{prefix}_base": np.array(base, np.int64)
    }


def stream_from(arrays: dict[str, npt.NDArray[Any]], prefix: str) -> StreamIndex:
    """The inverse of `stream_arrays`. Raises KeyError or ValueError when it is damaged."""
    stream, numerator, denominator = (int(x) for x in arrays[f"{prefix}_base"])
    columns: dict[str, Any] = {
        name: arrays[f"{prefix}_{name}"].astype(kind) for name, kind in _COLUMNS.items()
    }
    lengths = {len(column) for column in columns.values()}
    if len(lengths) != 1 or any(column.ndim != 1 for column in columns.values()):
        raise ValueError("columns of different lengths")
    return StreamIndex(stream=stream, time_base=Fraction(numerator, denominator), **columns)


_COLUMNS: dict[str, type] = {
    "pts": np.int64,
    "dts": np.int64,
    "pos": np.int64,
    "size": np.int64,
    "key": np.bool_,
    "shown": np.bool_,
    "times": np.float64,
    "lengths": np.float64,
}
