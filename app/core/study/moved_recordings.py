"""Recordings that are not where a study saw them last, found again by their content."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from app.core.jobs import CancelToken, Progress, Report, no_report
from app.core.plural import plural
from app.core.recording.identity import fingerprint
from app.core.study.named_places import may_open, remember_opened
from app.core.study.recording_table import RecordingRow
from app.core.study.store import Study
from app.core.study.without_video import NoVideoError


@dataclass(frozen=True, slots=True)
class FoundRecording:
    """A file with the content of a recording of the study; `duration` (s) is the study's."""

    path: Path
    fingerprint: str
    duration: float

    @property
    def name(self) -> str:
        return self.path.name


def missing_recordings(study: Study) -> tuple[RecordingRow, ...]:
    """The recordings whose file is not where it was last seen, or where it is not looked for by itself."""
    rows = (row for row in study.recordings() if row.has_video)
    return tuple(row for row in rows if not _is_there(study.recording_path(row.id), study))


def is_missing(study: Study, recording_id: int) -> bool:
    """Whether the file of a recording may be opened by itself and is not where it was last seen."""
    try:
        path = study.recording_path(recording_id)
    except NoVideoError:
        return False
    return may_open(path, study.folder) and not path.is_file()


def _is_there(path: Path, study: Study) -> bool:
    return may_open(path, study.folder) and path.is_file()


def find_moved(
    study: Study, folder: Path, *, report: Report = no_report, cancel: CancelToken | None = None
) -> tuple[FoundRecording, ...]:
    """The missing recordings that lie in `folder` or below now; `keep_places` makes the study know them.

    Known by content, not by name; of two copies the first in the order of their paths. Reads at
    most 2 MiB of every file with the ending of a missing one. Files that cannot be read are passed
    over. Raises Cancelled when it was cancelled.
    """
    wanted = {row.fingerprint: row for row in missing_recordings(study)}
    sought = len(wanted)
    found = []
    endings = {Path(row.name).suffix.lower() for row in wanted.values()}
    for number, path in enumerate(_candidates(folder, endings), start=1):
        if cancel is not None:
            cancel.check()
        if not wanted:
            break
        try:
            row = wanted.pop(fingerprint(path), None)
        except OSError:
            continue  # a file that cannot be read is not one that could be shown
        if row is not None:
            found.append(FoundRecording(path, row.fingerprint, row.duration))
        so_far = f"{len(found)} of {plural(sought, 'recording')}"
        report(Progress(f"{plural(number, 'file')} compared, {so_far} found", 0.0))
    return tuple(found)


def keep_places(study: Study, found: Iterable[FoundRecording]) -> None:
    """Let the study open its recordings where they were found. Raises UserError when it cannot be written."""
    for one in found:
        study.recording(one)
        remember_opened(one.path)


def _candidates(folder: Path, endings: set[str]) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(place, name)
            # A named pipe would be waited for.
            if path.suffix.lower() in endings and path.is_file():
                yield path
