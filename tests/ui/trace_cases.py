"""Traces that were measured nowhere, and what stands in for measuring them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from app.core.errors import UserError
from app.core.semiology import FEATURES, Laterality, Span
from app.core.timeline.traces import MeasuredTrace, RecordingTraces, TraceCurve, TraceLimit

TIMES = np.arange(50) / 25
SPAN = Span(0.5, 1.5)


def made_traces(outdated: frozenset[str] = frozenset()) -> RecordingTraces:
    left = TraceCurve("left wrist", Laterality.LEFT, TIMES, np.full(50, 2.9, np.float32))
    right = TraceCurve("right wrist", Laterality.RIGHT, TIMES, np.full(50, np.nan, np.float32))
    rate = MeasuredTrace(
        "Wrist rate", "Hz", (left, right), (TraceLimit(0.8, "at least"), TraceLimit(5.0, "at most"))
    )
    rows: dict[str, tuple[MeasuredTrace, ...]] = {feature.id: () for feature in FEATURES}
    rows["clonic"] = (rate, *(MeasuredTrace(f"Row {number}", "°", (left,)) for number in range(11)))
    return RecordingTraces(rows, {"clonic": (SPAN,)}, outdated)


class Measuring:
    """Stands in for the measuring: counts, and can fail."""

    def __init__(self) -> None:
        self.count = 0
        self.error: UserError | None = None
        self.traces = made_traces()

    def __call__(self, *_what: Any, **_how: Any) -> RecordingTraces:
        self.count += 1
        if self.error is not None:
            raise self.error
        return self.traces


@pytest.fixture
def measuring(monkeypatch: pytest.MonkeyPatch) -> Measuring:
    found = Measuring()
    monkeypatch.setattr("app.core.readers.signal.traces.behind_answers.traces_behind", found)
    return found
