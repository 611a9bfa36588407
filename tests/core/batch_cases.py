"""Batches over tiny files, with a reader that stands in and counts what it is asked."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from app.core.batch.batch_reader import BatchReader
from app.core.batch.recording_list import ListedRecording
from app.core.batch.run_batch import BatchChoice
from app.core.batch.unit import Unit
from app.core.errors import UserError
from app.core.jobs import CancelToken, Progress, Report
from app.core.readers.signal.reader import IDENTITY
from app.core.reading import Reading, RecordingIdentity
from app.core.semiology import Answer, Presence

SIGNAL = BatchReader("signal")


@dataclass
class CountingReading:
    """Reads units at once; fails for files whose name says so."""

    asked: Counter[str] = field(default_factory=Counter)
    cancel_after: int | None = None
    token: CancelToken | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)
    most_at_once: int = 0
    at_once: int = 0

    def __call__(self, unit: Unit, report: Report, cancel: CancelToken) -> Reading:
        with self.lock:
            self.asked[unit.recording.name] += 1
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            if self.token is not None and sum(self.asked.values()) == self.cancel_after:
                self.token.cancel()
        report(Progress("Reading", 0.5))
        cancel.wait(0.005)
        cancel.check()
        with self.lock:
            self.at_once -= 1
        if "unreadable" in unit.recording.name:
            raise UserError("This recording cannot be read.")
        if "fault" in unit.recording.name:
            raise ZeroDivisionError
        answers = {"tonic": Answer("tonic", Presence.YES, 50, (), None, unit.recording.name)}
        recording = RecordingIdentity(unit.recording.name, unit.sha256, 3.0)
        return unit.reader.signed(Reading(recording, IDENTITY, answers))


def files(folder: Path, *names: str) -> tuple[ListedRecording, ...]:
    """Files that are not recordings, each with another content."""
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_text(name)
    return tuple(ListedRecording(folder / name, name) for name in names)


def choice_of(
    folder: Path, *names: str, jobs: int = 2, readers: tuple[BatchReader, ...] = (SIGNAL,)
) -> BatchChoice:
    """A batch over such files."""
    return BatchChoice(files(folder, *names), (SIGNAL,), folder / "results", None, jobs)
