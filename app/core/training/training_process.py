"""Training on a study in a process beside the program: `python -m app.core.training.training_process`.

Fitting and judging use a core for minutes and would starve the window; a crash there is a sentence here, and
what was measured until then is not measured again. Only the program writes the reader's file.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.core.atomic import check_writable
from app.core.jobs import CancelToken, Report
from app.core.readers.trained.trained_reader_file import trained_reader_from_dict, trained_reader_to_json
from app.core.reading import person
from app.core.recording.analysis_process import run_process, serve
from app.core.study.access import StudyAccess
from app.core.study.store import Study
from app.core.study.viewer import SealedFrom
from app.core.training.train_on_study import (
    StudyTrained,
    StudyTraining,
    TrainedOnStudy,
    keep_trained,
    train_on_study,
)

PROCESS = "app.core.training.training_process"
_FAILED = (
    "The program that trained the reader ended unexpectedly, so no reader was written. What was measured is "
    "not measured again when you start anew; the log says more."
)


def train_apart(
    access: StudyAccess, choice: StudyTraining, out: Path, *, report: Report, cancel: CancelToken
) -> TrainedOnStudy:
    """Train in a process that has ended when this returns, and write the reader to `out`.

    Raises UserError as `train_on_study` does, when the file cannot be written, and with a sentence when the
    process crashed or was killed; Cancelled, before anything was written.
    """
    check_writable(out)
    access.wait()
    job = {
        "path": str(access.folder.absolute()),
        "viewers": [one.name for one in access.viewer.readers],
        "until_decided": access.viewer.until_decided,
        "choice": asdict(choice),
    }
    content = json.loads(run_process(PROCESS, job, failed=_FAILED, report=report, cancel=cancel))
    cancel.check()
    trained = StudyTrained(trained_reader_from_dict(content["reader"]), tuple(content["remarks"]))
    return keep_trained(trained, out)


def train_job(job: dict[str, Any], report: Report) -> bytes:
    """The trained reader of the job with its remarks, as JSON. Raises UserError."""
    viewer = SealedFrom(tuple(person(name) for name in job["viewers"]), job["until_decided"])
    wanted = job["choice"]
    choice = StudyTraining(wanted["labels"], tuple(wanted["features"]), wanted["name"])
    with Study.open_for_viewing(Path(job["path"])) as study:
        trained = train_on_study(study, viewer, choice, report=report, cancel=CancelToken())
    reader = json.loads(trained_reader_to_json(trained.reader))
    return json.dumps({"reader": reader, "remarks": trained.remarks}).encode()


if __name__ == "__main__":
    sys.exit(serve(train_job))
