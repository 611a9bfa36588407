"""The stored files of a model's reading: the clips it was shown and its answers, segment by segment."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from app.core.clips.clip import Clip, stored_clips
from app.core.containment import folders_inside
from app.core.enhance.enhancement import Enhancement
from app.core.errors import UserError
from app.core.readers.models.journal import READINGS, RUN_FILE, Journal, read_row
from app.core.readers.models.providers import PROVIDERS
from app.core.readers.models.reader import CLIPS
from app.core.readers.models.request_plan import HIGHEST_FPS, LOWEST_FPS, AskingMode, Request, requests
from app.core.readers.models.response import parse_response
from app.core.readers.models.segments import STRETCHES, stretches_from
from app.core.reading import Reading
from app.core.semiology import Answer

_log = logging.getLogger(__name__)

_NOT_OF_THE_PLAN = frozenset({"served", "program"})


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
    told = {key: value for key, value in reading.reader.details.items() if key not in _NOT_OF_THE_PLAN}
    for folder in folders_inside(study_folder / READINGS, study_folder):
        run = folder / RUN_FILE
        what = _what(run)
        if what is None or what.get("model") != reading.reader.name:
            continue
        decided = {key: value for key, value in what.items() if key not in {"recording", "model"} and value}
        # A study without the content's hash still identifies its recording.
        same = reading.recording.sha256 in {"", what.get("recording")}
        if decided == told and same:
            clips = stored_clips(folder / CLIPS) or ()
            return ReadingFiles(folder, clips, _said(folder, what, reading), _as_video(what))
    return None


def _as_video(what: dict[str, str]) -> bool:
    row = PROVIDERS.get(what.get("provider", ""))
    return bool(what.get("video")) or (row is not None and row.sends_video)


def _what(path: Path) -> dict[str, str] | None:
    data = read_row(path)
    return None if data is None else {str(key): str(value) for key, value in data.items()}


def _said(folder: Path, what: dict[str, str], reading: Reading) -> tuple[StoredAnswer, ...]:
    journal = Journal(folder, what)
    rows: list[StoredAnswer] = []
    for request in _asked(what, reading.recording.duration):
        reply = journal.reply(request.key)
        answers = (
            parse_response(reply.text, request.features, request.segment).answers if reply is not None else {}
        )
        rows += [
            StoredAnswer(request, feature.id, answers.get(feature.id), reply is not None)
            for feature in request.features
        ]
    return tuple(rows)


def _asked(what: dict[str, str], duration: float) -> tuple[Request, ...]:
    """The requests of a run by its description; () when that is invalid."""
    try:
        fps = float(what["fps"])
        if not LOWEST_FPS <= fps <= HIGHEST_FPS:
            raise ValueError("not a sampling rate")
        return requests(
            duration,
            mode=AskingMode(what["mode"]),
            enhancements=frozenset(Enhancement(name) for name in what["enhancements"].split(",") if name),
            fps=fps,
            feature_rates=bool(what.get("feature_rates")),
            stretches=stretches_from(what.get(STRETCHES, "")),
        )
    except (KeyError, ValueError, UserError) as error:
        _log.warning("what a run asked could not be read: %s", type(error).__name__)
        return ()
