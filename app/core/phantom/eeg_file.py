"""A phantom's EEG as an EDF+ file, and its truth as JSON."""

from __future__ import annotations

import json
from datetime import datetime
from fractions import Fraction
from pathlib import Path

from app.core.eeg.edf_writing import WrittenAnnotation, WrittenChannel, WrittenStretch, write_edf
from app.core.phantom.eeg import EegTruth, PhantomEeg

VIDEO_BEGINS = "Video start"
"""The annotation at the start of the recording, written if the EEG began earlier."""


def write_phantom_eeg(path: Path, eeg: PhantomEeg, start: datetime | None = None) -> None:
    """Write the EEG as EDF+; its first sample is at `start` (local time). Raises UserError when it cannot be
    written."""
    channels = [WrittenChannel(label, eeg.rate) for label in eeg.labels]
    video = eeg.truth.sync.to_eeg(0.0)
    seconds = eeg.values.shape[1] / float(eeg.rate)
    annotations = [WrittenAnnotation(round(video, 6), None, VIDEO_BEGINS)] if 0 <= video < seconds else []
    write_edf(path, channels, [WrittenStretch(Fraction(0), tuple(eeg.values))], annotations, start=start)


def truth_json(truth: EegTruth) -> str:
    """The truth as JSON, in seconds on the EEG's clock; its `sync` converts to the recording's clock."""
    data = {
        "onset": truth.onset,
        "end": truth.end,
        "side": truth.side.value,
        "reached": dict(truth.reached),
        "blinks": list(truth.blinks),
        "sync": {"offset": truth.sync.offset, "drift": truth.sync.drift},
    }
    return json.dumps(data, indent=2, allow_nan=False) + "\n"
