"""One reading of a batch: a recording and a reader, and the ways in which it is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from app.core.batch.batch_reader import UNMARKED, BatchReader
from app.core.batch.marked_events import EventsOf
from app.core.batch.recording_list import ListedRecording
from app.core.batch.work_process import run_work, work_job
from app.core.errors import UserError
from app.core.jobs import CancelToken, Report
from app.core.privacy.keys import Secret
from app.core.readers.local_readers import local_reader
from app.core.readers.models.blind_control import blind_copy
from app.core.readers.models.model_choice import ModelChoice
from app.core.readers.models.providers import provider_of
from app.core.readers.models.read_recording import ModelQuestion, Permit, read_recording
from app.core.readers.models.reading_range import EventTimes
from app.core.readers.models.spending import SpendingLimit
from app.core.reading import Reading, RecordingIdentity, from_json
from app.core.recording.analysis_process import Job
from app.core.recording.probe import open_recording
from app.core.recording.recording import Recording
from app.core.study.hidden_places import NO_PLACES
from app.core.study.store import Study


@dataclass(frozen=True, slots=True)
class Unit:
    """A recording with this content, read by a reader; `key` is the name of the result, `event` what is
    marked where the reader is asked by marks."""

    recording: ListedRecording
    reader: BatchReader
    sha256: str
    key: str
    event: EventTimes = UNMARKED


def unit_of(recording: ListedRecording, reader: BatchReader, sha256: str, events: EventsOf) -> Unit:
    """The unit of a recording with this content. Raises UserError when a reader is asked by marks and there
    are none."""
    event = events(recording, reader)
    return Unit(recording, reader, sha256, reader.key_for(sha256, recording.patient, event), event)


ReadUnit = Callable[[Unit, Report, CancelToken], Reading]
"""Reads a unit, in any thread. Raises UserError, Cancelled."""

RunJob = Callable[[Job, Report, CancelToken], bytes]
"""Runs the job of a local reader somewhere, and gives its reading as JSON. Raises UserError, Cancelled."""


@dataclass(frozen=True, slots=True)
class ModelAccess:
    """What is needed to ask models: the study whose ledger records what is sent, who permits it, the keys by
    the name of what each opens, a folder for copies that show nothing, and a ceiling for all readings
    together."""

    study: Study
    permit: Permit
    keys: dict[str, Secret | None]
    folder: Path
    spending: SpendingLimit | None = None


def folder_of_copies(results: Path) -> Path:
    """Where a batch with this folder of results keeps copies that show nothing."""
    return results / "blind"


@dataclass(frozen=True, slots=True)
class UnitReading:
    """Reads units: local readers through `run`, models with `models`, which are refused without."""

    run: RunJob = run_work
    models: ModelAccess | None = None

    def __call__(self, unit: Unit, report: Report, cancel: CancelToken) -> Reading:
        if unit.reader.is_model:
            return unit.reader.signed(_by_model(unit, self.models, report, cancel))
        return unit.reader.signed(_by_local_reader(unit, self.run, report, cancel))


def _by_local_reader(unit: Unit, run: RunJob, report: Report, cancel: CancelToken) -> Reading:
    recording, kind = unit.recording, unit.reader.kind
    job = work_job(recording.path, kind, unit.sha256, recording.patient, blind=unit.reader.blind)
    reading = from_json(run(job, report, cancel).decode())
    expected = local_reader(kind)(None).identity
    details = {name: reading.reader.details.get(name) for name in expected.details}
    if (reading.reader.version, details) != (expected.version, dict(expected.details)):
        raise UserError("It was read by another version of the program; install the same one everywhere.")
    if reading.recording.sha256 != unit.sha256:
        raise UserError("Another recording was read than was meant.")
    return reading


def question_of(
    unit: Unit, choice: ModelChoice, shown: Recording | None, spending: SpendingLimit | None = None
) -> ModelQuestion:
    """What a model is asked in a unit; `choice` is its reader's, `shown` the opened recording, None for a
    copy that shows nothing. Raises UserError where the places to cover cannot be read."""
    reader, listed = unit.reader, unit.recording
    return ModelQuestion(
        choice,
        reader.prompt_sets,
        None if shown is None else listed.patient,
        NO_PLACES if shown is None else listed.places_to_cover(shown, text=choice.cover_text),
        repeat=reader.repeat,
        spending=spending,
        event=unit.event,
    )


def _by_model(unit: Unit, models: ModelAccess | None, report: Report, cancel: CancelToken) -> Reading:
    reader = unit.reader
    choice = reader.question
    if models is None or choice is None:
        raise UserError("Models are asked only with a study whose ledger records what is sent.")
    recording = open_recording(unit.recording.path, cancel=cancel)
    question = question_of(unit, choice, None if reader.blind else recording, models.spending)
    shown = recording
    if reader.blind:
        copy = blind_copy(recording, unit.sha256, models.folder, report=report, cancel=cancel)
        shown = open_recording(copy, cancel=cancel)
    key = models.keys.get(provider_of(choice).destination(choice).key_name)
    reading, outcome = read_recording(
        models.study, shown, question, models.permit, key, report=report, cancel=cancel
    )
    again = [failed.reason for failed in outcome.failed if failed.again]
    if again:
        raise UserError(f"{len(again)} answers are missing, the first because: {again[0]}")
    identity = RecordingIdentity(recording.name, unit.sha256, recording.duration)
    return replace(reading, recording=identity)
