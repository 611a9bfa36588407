"""The process that looks for burned-in text: `python -m app.core.hiding.text_process`, started by
`text_of_recording`."""

from __future__ import annotations

import json
import sys
from typing import Any

from app.core.hiding.text_memory import text_of_stretches
from app.core.hiding.text_of_recording import WHAT, places_to_rows
from app.core.jobs import Progress, Report
from app.core.recording.analysis_process import open_unchanged, serve
from app.core.semiology import Span


def _text(job: dict[str, Any], report: Report) -> bytes:
    """The places of the job on stdin, as JSON."""

    def tell(share: float) -> None:
        report(Progress(WHAT, share))

    (found,) = text_of_stretches(open_unchanged(job), [Span(**job["span"])], tell)
    return json.dumps(places_to_rows(found)).encode()


if __name__ == "__main__":
    sys.exit(serve(_text))
