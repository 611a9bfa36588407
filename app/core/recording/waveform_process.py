"""The process for the second half of a long sound: `python -m app.core.recording.waveform_process`."""

from __future__ import annotations

import sys
from typing import Any

from app.core.jobs import Report
from app.core.recording.analysis_process import open_unchanged, serve
from app.core.recording.continuous_sound import MiddlePacket, SoundBreaks
from app.core.recording.waveform import second_half


def _second_half(job: dict[str, Any], _report: Report) -> bytes:
    """Compute the waveform from the middle packet in the job on stdin; the result is its bins, none on
    failure."""
    recording = open_unchanged(job)
    if job["track"] != recording.track:
        recording = recording.with_track(job["track"])
    try:
        return second_half(recording, MiddlePacket(*job["middle"])).tobytes()
    except SoundBreaks:
        return b""


if __name__ == "__main__":
    sys.exit(serve(_second_half))
