"""The stored files of a model's reading: the clips it was shown and its answers, segment by segment."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from app.core.clips.clip import Clip, stored_clips
from app.core.containment import folders_inside
from app.core.errors import UserError
from app.core.reader_details import MARKS, MERGING, NOT_OF_THE_QUESTION, OF_THE_RUN_ALONE, RECORDING
from app.core.readers.models.asked import TIMES, asked_in
from app.core.readers.models.journal import CLIPS, RUN_FILE, Journal, read_row
from app.core.readers.models.providers import PROVIDERS
from app.core.readers.models.request_plan import Request
from app.core.readers.models.response import parse_reply
from app.core.readers.models.time_notation import TimeNotation
from app.core.reading import Reading
from app.core.semiology import Answer
from app.core.study.readings_folder import READINGS

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """The result of one request for one feature: `answer` is None when it failed, was rejected or not
    asked."""

    request: Request
    feature: str
    answer: Answer | None
    asked: bool


@dataclass(frozen=True, slots=True)
class ReadingFiles:
    """The files of a reading: `folder` with its `clips`, and the answers in order of time.

    `as_video` is whether clips were sent as MP4 instead of single pictures.
    """

    folder: Path
    clips: tuple[Clip, ...]
    said: tuple[StoredAnswer, ...]
    as_video: bool = False

    @property
    def clips_folder(self) -> Path:
        return self.folder / CLIPS

    def of(self, feature: str) -> tuple[StoredAnswer, ...]:
        """The answers of all segments for a feature."""
        return tuple(row for row in self.said if row.feature == feature)


def reading_files_of(reading: Reading, study_folder: Path) -> ReadingFiles | None:
    """The files of a model's reading; None when this study does not have them.

    They are found by the details of the reading, which contain everything that determined the answers.
    """
    # How segments are merged decides about no reply; a run has the marks themselves, not whose they are.
    apart = NOT_OF_THE_QUESTION | {MERGING, MARKS}
    told = {key: value for key, value in reading.reader.details.items() if key not in apart}
    # Of runs that differ in the marks they were given alone the last one made the reading.
    for folder in sorted(folders_inside(study_folder / READINGS, study_folder), key=_touched, reverse=True):
        run = folder / RUN_FILE
        what = _what(run)
        if what is None or what.get("model") != reading.reader.name:
            continue
        decided = {
            key: value for key, value in what.items() if key not in {*OF_THE_RUN_ALONE, "model"} and value
        }
        # A study without the content's hash still identifies its recording.
        same = reading.recording.sha256 in {"", what.get(RECORDING)}
        if decided == told and same:
            clips = stored_clips(folder / CLIPS) or ()
            return ReadingFiles(folder, clips, _said(folder, what, reading), _as_video(what))
    return None


def _touched(folder: Path) -> float:
    """When something was last written into a folder, as the disk says."""
    try:
        return folder.stat().st_mtime
    except OSError:
        return 0.0


def _as_video(what: dict[str, str]) -> bool:
    row = PROVIDERS.get(what.get("provider", ""))
    return bool(what.get("video")) or (row is not None and row.sends_video)


def _what(path: Path) -> dict[str, str] | None:
    data = read_row(path)
    return None if data is None else {str(key): str(value) for key, value in data.items()}


def _said(folder: Path, what: dict[str, str], reading: Reading) -> tuple[StoredAnswer, ...]:
    journal = Journal(folder, what)
    times = _times(what)
    rows: list[StoredAnswer] = []
    for request in _asked(what, reading.recording.duration):
        reply = journal.reply(request.key)
        answers = (
            parse_reply(reply, request.features, request.segment, times, form=request.form).answers
            if reply is not None
            else {}
        )
        rows += [
            StoredAnswer(request, feature.id, answers.get(feature.id), reply is not None)
            for feature in request.features
        ]
    return tuple(rows)


def _times(what: dict[str, str]) -> TimeNotation:
    """How times were asked for; milliseconds, as in earlier readings, are read with any of them."""
    told = what.get(TIMES, "")
    return TimeNotation(told) if told in set(TimeNotation) else TimeNotation.SECONDS


def _asked(what: dict[str, str], duration: float) -> tuple[Request, ...]:
    """The requests of a run by its description; () when that is invalid."""
    try:
        return asked_in(what, duration)
    except (KeyError, ValueError, UserError) as error:
        _log.warning("what a run asked could not be read: %s", type(error).__name__)
        return ()
