"""Videos for which labels of a study wait are added to it; no others are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.core.exchange.label_joins import NO_OTHER_NAMES, Names, awaited_videos
from app.core.jobs import CancelToken, Report
from app.core.recording.identity import fingerprint
from app.core.recording.open_errors import check_file
from app.core.study.add_recordings import add_recordings
from app.core.study.store import Study

_NOT_AWAITED = "No labels wait for “{}”, so it was not added."


@dataclass(frozen=True, slots=True)
class AddedVideos:
    """The `numbers` of the videos that the study has now, those that it had before among them, and sentences
    on the others."""

    numbers: frozenset[int]
    remarks: tuple[str, ...]


def add_awaited_videos(
    study: Study,
    videos: Sequence[Path],
    names: Names = NO_OTHER_NAMES,
    *,
    report: Report,
    cancel: CancelToken,
) -> AddedVideos:
    """Add the videos for which labels wait, by the names that `names` maps too; what is given twice is one.

    A video that the study has under another name or in another place is known by the new one afterwards.
    Raises UserError, before anything is added where a file is not there; Cancelled.
    """
    for path in videos:
        check_file(path)
    contents: dict[str, Path] = {}
    for path in videos:
        contents.setdefault(fingerprint(path), path)
    known = {row.fingerprint for row in study.recordings()}
    again = [path for content, path in contents.items() if content in known]
    if again:  # under a new name or in a new place, perhaps, which the study then has
        add_recordings(study, again, report=report, cancel=cancel)
    new = [path for content, path in contents.items() if content not in known]
    waiting = awaited_videos(study, (path.name for path in new), names)
    wanted = [path for path, is_awaited in zip(new, waiting.awaited, strict=True) if is_awaited]
    if wanted:
        add_recordings(study, wanted, report=report, cancel=cancel)
    unwanted = (_NOT_AWAITED.format(path.name) for path in new if path not in wanted)
    return AddedVideos(
        frozenset(row.id for row in study.recordings() if row.fingerprint in contents),
        (*waiting.doubts, *unwanted),
    )
