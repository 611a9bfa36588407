"""Studies of tiny files to be queued, and a program that works off the queue until it is killed."""

from __future__ import annotations

import sys
from pathlib import Path

from app.core.batch.queue_orders import orders_for
from app.core.batch.unit import Unit
from app.core.batch.work_queue import WorkQueue
from app.core.jobs import CancelToken, Report
from app.core.reading import Reading
from app.core.recording.identity import fingerprint
from app.core.study.moved_recordings import FoundRecording
from app.core.study.store import Study
from tests.core.batch_cases import CountingReading


def study_of(folder: Path, *names: str, size: int = 2000) -> Path:
    """The folder of a study of files of these names, each with another content."""
    place = folder / "study.semioscope"
    with Study.open(place, author="tester") as study:
        for name in names:
            path = folder / name
            path.write_text(name * size)
            study.recording(FoundRecording(path, fingerprint(path), 3.0))
    return place


def all_orders(study: Path) -> frozenset[int]:
    """The numbers of all recordings."""
    with Study.open_for_viewing(study) as opened:
        return frozenset(row.id for row in opened.recordings())


def work_off(queue: WorkQueue, reading: CountingReading) -> None:
    """Run the queue in this thread until nothing is left to do."""
    cancel = CancelToken()

    def changed() -> None:
        if not queue.view().orders.left or queue.view().orders.paused:
            cancel.cancel()

    try:
        queue.run(reading, changed, cancel)
    except Exception as error:
        if type(error).__name__ != "Cancelled":
            raise


class WritingReading(CountingReading):
    """Writes down every reading that it has finished."""

    def __init__(self, log: Path) -> None:
        super().__init__()
        self.log = log

    def __call__(self, unit: Unit, report: Report, cancel: CancelToken) -> Reading:
        reading = super().__call__(unit, report, cancel)
        with self.log.open("a") as file:
            file.write(f"{unit.recording.name}\n")
        return reading


def main() -> None:
    """Work off the queue of this account; with a study, its recordings are ordered first."""
    queue, log = WorkQueue(jobs=2), Path(sys.argv[1])
    if len(sys.argv) > 2:
        study = Path(sys.argv[2])
        queue.add(orders_for(study, all_orders(study)))
    work_off(queue, WritingReading(log))


if __name__ == "__main__":
    main()
