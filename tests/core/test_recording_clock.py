"""The mapping of time stamps that wrap and jump to one clock."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import assume, given
from hypothesis import strategies as st

from app.core.recording.clock_mapping import map_to_clock

WRAP = 2**33 / 90_000
STEPS = (0.04, 0.024)

lengths = st.lists(st.floats(0.3, 3.0), min_size=1, max_size=5)
origins = st.lists(st.floats(0.0, 90_000.0), min_size=5, max_size=5)


def interleaved(seconds: float, origin: float) -> list[tuple[int, float]]:
    """Packets of a picture and a sound that begin together, in the order of the file."""
    rows = [
        (stream, origin + i * step) for stream, step in enumerate(STEPS) for i in range(int(seconds / step))
    ]
    return sorted(rows, key=lambda row: row[1])


def mapped(
    rows: list[tuple[int, float]], forward: float = 10.0
) -> tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]:
    streams = np.array([stream for stream, _ in rows], np.int64)
    times = np.array([time for _, time in rows])
    length = np.array([STEPS[stream] for stream in streams])
    mapping = map_to_clock(streams, times, times, length, forward=forward, backward=0.02, wrap=WRAP)
    return streams, times + mapping.offsets, mapping.jumps


@given(lengths, origins)
def test_joined_parts_follow_each_other_and_stay_in_step(parts: list[float], starts: list[float]) -> None:
    ends = [start + part for part, start in zip(parts, starts, strict=False)]
    # Overlaps of a few milliseconds cannot be distinguished from rounding.
    assume(all(abs(start - end) > 0.1 for start, end in zip(starts[1:], ends, strict=False)))
    rows = [row for part, start in zip(parts, starts, strict=False) for row in interleaved(part, start)]
    streams, times, jumps = mapped(rows)
    for stream, step in enumerate(STEPS):
        steps = np.diff(times[streams == stream])
        assert (steps > 0).all()
        assert (steps <= 10.0 + 2 * step).all()
    assert len(jumps) <= len(parts) - 1
    at = 0
    for part, start in zip(parts, starts, strict=False):
        n = len(interleaved(part, start))
        own = np.array([time for _, time in rows[at : at + n]])
        shift = times[at : at + n] - own
        assert np.ptp(shift) < 1e-6
        at += n


@given(st.floats(0.2, 5.0), st.floats(0.1, 4.9))
def test_wrap_goes_on_as_if_nothing_had_happened(seconds: float, before: float) -> None:
    rows = interleaved(seconds, WRAP - before)
    _, times, jumps = mapped([(stream, time % WRAP) for stream, time in rows])
    assert np.allclose(times - times[0], [time - rows[0][1] for _, time in rows], atol=1e-6)
    assert len(jumps) == 0


@given(st.floats(0.5, 9.0), st.floats(0.0, 90_000.0))
def test_lost_time_stays_lost_time(gap: float, origin: float) -> None:
    rows = interleaved(1.0, origin) + interleaved(1.0, origin + 1.0 + gap)
    _, times, jumps = mapped(rows)
    assert np.allclose(times, [time for _, time in rows])
    assert len(jumps) == 0


def test_containers_with_an_index_keep_every_gap() -> None:
    rows = interleaved(1.0, 0.0) + interleaved(1.0, 4000.0)
    _, times, jumps = mapped(rows, forward=np.inf)
    assert times.max() > 4000
    assert len(jumps) == 0


def test_nothing_is_mapped_to_nothing() -> None:
    none = np.zeros(0)
    mapping = map_to_clock(none.astype(np.int64), none, none, none, forward=10.0, backward=0.02, wrap=WRAP)
    assert len(mapping.offsets) == len(mapping.jumps) == 0
