"""How far a run of a model is."""

from __future__ import annotations

from app.core.jobs import Progress, Report, TimeEstimate
from app.core.readers.models.request_plan import Request


class RunProgress:
    """Progress reports by the number of answered requests."""

    def __init__(self, total: int, report: Report) -> None:
        self._total = total
        self._report = report
        self._done = 0
        self._estimate = TimeEstimate()

    def one_more(self, request: Request) -> None:
        self._done += 1
        share = self._done / self._total
        segment = request.segment
        place = "the whole event" if segment.whole else f"segment {segment.number + 1}"
        what = f"The model reads {place} ({request.enhancement.value})"
        self._report(Progress(what, share, self._estimate.remaining(share)))
