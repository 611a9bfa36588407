"""The process that searches a recording's noise profile: `python -m app.core.enhance.noise_process`."""

from __future__ import annotations

import sys
from typing import Any

from app.core.enhance.noise_profile import search_profile
from app.core.jobs import Report
from app.core.recording.analysis_process import open_unchanged, serve


def main() -> int:
    """Search the profile for the job on stdin; the result is its samples, none without a profile."""
    return serve(_profile)


def _profile(job: dict[str, Any], report: Report) -> bytes:
    recording = open_unchanged(job)
    if job["track"] != recording.track:
        recording = recording.with_track(job["track"])
    return search_profile(recording, job["channel"], report).tobytes()


if __name__ == "__main__":
    sys.exit(main())
