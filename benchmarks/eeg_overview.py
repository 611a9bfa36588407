"""The overview of a long generated EEG, in a separate process: `python -m benchmarks.eeg_overview SECONDS`.

It prints JSON: processor time (s), memory (MB), how far the onset of the seizure is off (s), and how many
events were proposed.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from app.core.eeg.derivation import InputChannel, derive
from app.core.eeg.electrodes import SCALP
from app.core.eeg.montages import parse_montage
from app.core.eeg.overview import overview
from app.core.eeg.rhythmic_events import RhythmicEvent, rhythmic_events
from app.core.jobs import Progress
from app.core.phantom.eeg import EegScript, phantom_eeg
from app.core.phantom.eeg_sources import EegSeizure
from app.core.semiology import Span

CHANNELS, RATE = 32, Fraction(256)
NOT_FOUND = 1e6
"""Seconds that stand for an onset that was not found."""

_PIECE, _ONSET = 600.0, 310.0
"""Seconds of the generated EEG that is repeated, and where in it the seizure begins."""

Floats = npt.NDArray[np.float32]


def main(seconds: float) -> str:
    """What was measured, as JSON."""
    channels = [InputChannel(label, RATE) for label in SCALP[:CHANNELS]]
    rows = derive(parse_montage("each EEG - average"), channels).rows
    day = _Day(seconds)
    overview(rows, day.read, Fraction(60))  # what is imported once is there
    before, begun = _memory(), time.process_time()
    events = rhythmic_events(overview(rows, day.read, Fraction(seconds), report=day.looked))
    taken, most = time.process_time() - begun, max(day.most, _memory())
    evolving = [event for event in events if event.evolves]
    found = {
        "seconds": taken,
        "memory": most - before,
        "onset_off": day.off(evolving),
        "events": len(evolving),
    }
    return json.dumps(found)


class _Day:
    """A long EEG of two generated pieces, of which that with the seizure is in its middle."""

    def __init__(self, seconds: float) -> None:
        self.most = 0.0
        """MB, the most that was in use."""
        self._middle = max(round(seconds / _PIECE), 1) // 2
        seizure = EegSeizure(Span(_ONSET, _ONSET + 70.0))
        self._calm, self._seizure = (
            np.resize(phantom_eeg(EegScript(2, _PIECE, one)).values[:19], (CHANNELS, round(_PIECE * RATE)))
            for one in (None, seizure)
        )

    def read(self, numbers: Sequence[int], at: Fraction, count: int) -> list[Floats]:
        piece, inside = divmod(int(at * RATE), self._calm.shape[1])
        values = self._seizure if piece == self._middle else self._calm
        return [values[number, inside : inside + count] for number in numbers]

    def looked(self, _progress: Progress) -> None:
        self.most = max(self.most, _memory())

    def off(self, events: Sequence[RhythmicEvent]) -> float:
        """Seconds from the onset to the nearest event."""
        onset = self._middle * _PIECE + _ONSET
        return min((abs(event.start - onset) for event in events), default=NOT_FOUND)


def _memory() -> float:
    """Resident memory of this process in MB."""
    import psutil  # type: ignore[import-untyped]  # it has no stubs here

    return float(psutil.Process(os.getpid()).memory_info().rss) / 1e6


if __name__ == "__main__":
    sys.stdout.write(main(float(sys.argv[1])) + "\n")
