"""The process that looks for burned-in text: `python -m app.core.hiding.text_process`, started by
`text_of_recording`."""

from __future__ import annotations

import json
import sys
from functools import partial
from itertools import accumulate
from typing import Any

from app.core.hiding.burned_in_text import text_in
from app.core.hiding.text_of_recording import WHAT, places_to_rows
from app.core.jobs import Progress, Report, share_of
from app.core.recording.analysis_process import open_unchanged, serve
from app.core.semiology import Span

_STRETCH, _FRAME = 13.0, 3.0
"""Seconds of processor time that a search takes, of a stretch and of a frame alone."""


def _text(job: dict[str, Any], report: Report) -> bytes:
    """The places of each span of the job on stdin, as JSON."""
    recording, spans = open_unchanged(job), [Span(**span) for span in job["spans"]]
    ends = list(accumulate((_STRETCH if span.duration else _FRAME for span in spans), initial=0.0))
    found = []
    for number, span in enumerate(spans):
        part = share_of(report, ends[number] / ends[-1], ends[number + 1] / ends[-1])
        places = text_in(recording, span, report=partial(_tell, part))
        found.append(places_to_rows(places))
    return json.dumps(found).encode()


def _tell(report: Report, share: float) -> None:
    report(Progress(WHAT, share))


if __name__ == "__main__":
    sys.exit(serve(_text))
