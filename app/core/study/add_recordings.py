"""Adding recordings to a study."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from app.core.errors import UserError
from app.core.jobs import CancelToken, Progress, Report
from app.core.recording.probe import open_recording
from app.core.study.named_places import remember_opened
from app.core.study.store import Study

_MOST_REFUSALS = 3


def add_recordings(study: Study, paths: Sequence[Path], *, report: Report, cancel: CancelToken) -> int:
    """Add recordings to the study, and give the number of all that it has then.

    Raises UserError with the reasons when some could not be read; the others are in the study.
    """
    refused = []
    for number, path in enumerate(paths):
        cancel.check()
        report(Progress(f"Adding {path.name}", number / len(paths)))
        try:
            study.recording(open_recording(path, cancel=cancel))
            remember_opened(path)
        except UserError as error:
            refused.append(str(error))
    count = len(study.recordings())
    if refused:
        raise UserError(" ".join(refused[:_MOST_REFUSALS]))
    return count
