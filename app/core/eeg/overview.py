"""The trends of a whole EEG, computed piece by piece with progress and cancelling."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from app.core.eeg.channel_kind import ChannelKind
from app.core.eeg.derivation import DerivedRow, row_values
from app.core.eeg.traces import Read, by_number
from app.core.eeg.trends import TrendBuilder, Trends
from app.core.jobs import CancelToken, Progress, Report, TimeEstimate, no_report

_SECONDS = 60
_MOST = 1 << 22
"""Samples of all channels in one piece: 32 MB."""


def overview_rows(rows: Sequence[DerivedRow]) -> tuple[DerivedRow, ...]:
    """The rows for the trends: EEG in µV, of the most common sampling rate."""
    brain = [row for row in rows if row.kind in (ChannelKind.EEG, ChannelKind.DEPTH) and row.unit == "µV"]
    if not brain:
        return ()
    ((rate, _),) = Counter(row.rate for row in brain).most_common(1)
    return tuple(row for row in brain if row.rate == rate)


def overview(
    rows: Sequence[DerivedRow],
    read: Read,
    duration: Fraction,
    *,
    report: Report = no_report,
    cancel: CancelToken | None = None,
) -> Trends:
    """The trends of rows of one sampling rate from 0 to `duration` seconds. Raises Cancelled and the errors
    of `read`."""
    rate = rows[0].rate if rows else Fraction(1)
    builder = TrendBuilder([row.name for row in rows], rate, float(duration))
    inputs = sorted({number for row in rows for number in row.inputs})
    count = math.floor(duration * rate) if rows else 0
    step = max(min(round(_SECONDS * rate), _MOST // max(len(inputs), 1)), 1)
    estimate = TimeEstimate()
    for first in range(0, count, step):
        if cancel is not None:
            cancel.check()
        size = min(step, count - first)
        values = read(inputs, first / rate, size)
        builder.add(np.stack(row_values(rows, by_number(inputs, values))))
        done = (first + size) / count
        report(Progress("Computing the overview of the EEG", done, estimate.remaining(done)))
    return builder.finish()
