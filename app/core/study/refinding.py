"""Recordings that are not where a study saw them last, found again by their content."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.core.jobs import CancelToken, Progress, Report, no_report
from app.core.recording.identity import fingerprint
from app.core.study.named_places import may_open, remember_opened
from app.core.study.recording_table import RecordingRow
from app.core.study.store import Study


@dataclass(frozen=True, slots=True)
class FoundRecording:
    """A file with the content of a recording of the study; `duration` is the one that the study kept."""

    path: Path
    fingerprint: str
    duration: float

    @property
    def name(self) -> str:
        return self.path.name


def missing(study: Study) -> tuple[RecordingRow, ...]:
    """The recordings whose file is not where it was last seen, or where it is not looked for by itself."""
    return tuple(row for row in study.recordings() if not _is_there(study.recording_path(row.id), study))


def _is_there(path: Path, study: Study) -> bool:
    return may_open(path, study.folder) and path.is_file()


def find_moved(
    study: Study, folder: Path, *, report: Report = no_report, cancel: CancelToken | None = None
) -> tuple[FoundRecording, ...]:
    """Look for the missing recordings in `folder` and below, and write down where they are now.

    Known by content, not by name; of two copies the first in the order of their paths. Reads at
    most 2 MiB of every file with the ending of a missing one. Files that cannot be read are passed
    over. Raises UserError when the study cannot be written, Cancelled when it was cancelled; what
    was found until then is kept.
    """
    wanted = {row.fingerprint: row for row in missing(study)}
    sought = len(wanted)
    found = []
    for path in _candidates(folder, {Path(row.name).suffix.lower() for row in wanted.values()}):
        if cancel is not None:
            cancel.check()
        if not wanted:
            break
        try:
            row = wanted.pop(fingerprint(path), None)
        except OSError:
            continue  # a file that cannot be read is not one that could be shown
        if row is not None:
            one = FoundRecording(path, row.fingerprint, row.duration)
            study.recording(one)
            remember_opened(one.path)
            found.append(one)
            report(Progress("Finding the recordings by their content", len(found) / sought))
    return tuple(found)


def _candidates(folder: Path, endings: set[str]) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(place, name)
            # A named pipe would be waited for.
            if path.suffix.lower() in endings and path.is_file():
                yield path
