"""The process that draws the first course: `python -m app.core.teaching.first_course_process`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from app.core.jobs import CancelToken, Report
from app.core.recording.analysis_process import serve
from app.core.teaching.phantom_course import make_phantom_course


def _draw(job: dict[str, Any], report: Report) -> bytes:
    """Draw the course; what it holds is read from its folder."""
    make_phantom_course(
        Path(job["path"]),
        job["cases"],
        duration=job["duration"],
        report=report,
        cancel=CancelToken(),
    )
    return b""


if __name__ == "__main__":
    sys.exit(serve(_draw))
