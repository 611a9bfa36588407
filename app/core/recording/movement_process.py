"""The process that finds movement in a picture: `python -m app.core.recording.movement_process`."""

from __future__ import annotations

import io
import sys
from typing import Any

import numpy as np

from app.core.jobs import Report
from app.core.recording.analysis_process import open_unchanged, serve
from app.core.recording.movement import measure_movement


def _measured(job: dict[str, Any], report: Report) -> bytes:
    """Measure the recording of the job on stdin; the result is its arrays as npz."""
    content = io.BytesIO()
    np.savez(content, **measure_movement(open_unchanged(job), report).arrays())
    return content.getvalue()


if __name__ == "__main__":
    sys.exit(serve(_measured))
