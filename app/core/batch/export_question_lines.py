"""A study as JSON lines of clip, question and answer, for fine-tuning a model elsewhere.

It goes through the gate like what is sent to a model: with the permission of a person for this folder, heads
covered as they are for models, and a row in the ledger before anything gets its name. Nothing that is sealed
from any reader of the study is in it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from app.core.agreement.study_readings import (
    answered_readings,
    default_reference,
    possible_references,
    visible_recordings,
)
from app.core.atomic import unfinished_folder, write_atomically
from app.core.batch.question_lines import (
    LineOf,
    LineWriting,
    files_of_line,
    line_requests,
    pseudonym,
    question_lines,
)
from app.core.batch.recording_list import ListedRecording, recordings_of_study
from app.core.clips.clip import Clip, ClipOptions, clip_file
from app.core.clips.clip_preparation import prepare_clips
from app.core.containment import make_folder_inside
from app.core.errors import UserError
from app.core.exports import exporting_to
from app.core.jobs import CancelToken, Progress, Report, share_of
from app.core.plural import plural
from app.core.privacy.destination import Destination, ServiceKind
from app.core.privacy.gate import Permission
from app.core.privacy.ledger import THIS_COMPUTER, WRITTEN, Ledger, Sending
from app.core.reader_names import name_readers
from app.core.readers.models.journal import CLIPS
from app.core.readers.models.prompts import PROMPT_SETS, PromptSet
from app.core.readers.models.request_plan import Request, clip_specs
from app.core.readers.models.segments import SAMPLING_RATE
from app.core.readers.models.who_is_shown import deidentification
from app.core.reading import Reading
from app.core.recording.probe import open_recording
from app.core.recording.recording import Recording
from app.core.recording.sparse_time import stretches_of
from app.core.study.readings_folder import READINGS
from app.core.study.store import Study
from app.core.study.study_identity import study_id
from app.core.study.viewer import SealedFrom, every_reader, sealed_from
from app.core.study.writer_lock import WriterLock

LINES = "questions.jsonl"
_WHAT = "questions for fine-tuning"
_WORK = "questions"
"""The folder inside the study in which clips are made."""

AS_RECORDED = ClipOptions(pose=False, face=False, denoise=False, cover_bystanders=True, cover_patient=True)
"""Picture and sound as recorded, everybody's head covered as far as features of the face allow."""

Permit = Callable[[Destination], Permission]


@dataclass(frozen=True, slots=True)
class LinesChoice:
    """Whose answers (None: the study's reference), how clips are made and asked about.

    `explanations`: with the reader's explanations, which may name people; `named`: recordings may be opened
    wherever the study says that they are. `viewer`: nothing that is sealed from them is written (None: from
    any human reader of the study).
    """

    reader: str | None = None
    options: ClipOptions = AS_RECORDED
    prompts: PromptSet = field(default_factory=lambda: PROMPT_SETS["expert"])
    fps: float = SAMPLING_RATE
    explanations: bool = False
    named: bool = False
    viewer: SealedFrom | None = None


@dataclass(frozen=True, slots=True)
class LinesWritten:
    """The file of `lines` lines over `recordings` recordings of `reader`, and what was left out, why."""

    path: Path
    lines: int
    recordings: int
    reader: str
    left_out: tuple[tuple[str, str], ...]


def folder_destination(folder: Path) -> Destination:
    """The folder as a destination of the gate."""
    return Destination(ServiceKind.FOLDER, THIS_COMPUTER, str(folder.absolute()), "file")


def possible_readers(study: Study, viewer: SealedFrom) -> tuple[str, ...]:
    """The readers whose answers can be written, the usual one first; nothing sealed from the viewer is."""
    found = visible_recordings(study, viewer)
    usual = default_reference(possible_references(found), study.settings().reference)
    names = name_readers(one.reader for one in answered_readings(found))
    return tuple(sorted(dict.fromkeys(names.values()), key=lambda name: name != usual))


def describe_lines(written: LinesWritten) -> tuple[str, ...]:
    """Sentences on what was written and what was left out."""
    return (
        f"{plural(written.lines, 'line')} of {plural(written.recordings, 'recording')}, answered by "
        f"{written.reader}.",
        "The ledger of what leaves this computer has a row for the clips of each recording.",
        *(f"{name} was left out: {why}" for name, why in written.left_out),
    )


def export_question_lines(
    study: Study,
    choice: LinesChoice,
    folder: Path,
    permit: Permit,
    user: str,
    *,
    report: Report,
    cancel: CancelToken,
) -> LinesWritten:
    """Write the lines and clips into `folder`, which must be new or empty.

    Raises UserError, also without a permission, before anything is made; Cancelled.
    """
    _check_empty(folder)
    viewer = choice.viewer or every_reader(study)
    name, readings = readings_to_write(study, choice.reader, viewer)
    listed = [one for one in recordings_of_study(study, named=choice.named) if one.number in readings]
    permission = permit(folder_destination(folder))
    if not permission.covers_recordings or permission.destination != folder_destination(folder):
        raise UserError("Nothing was written: writing clips into this folder has not been allowed.")
    folder.mkdir(parents=True, exist_ok=True)
    lines: list[dict[str, Any]] = []
    left_out: list[tuple[str, str]] = []
    done = 0
    with exporting_to(folder), _removable_work_folder(study) as work:
        for place, one in enumerate(listed):
            part = share_of(report, place / len(listed), (place + 1) / len(listed))
            part(Progress(f"Clips of {one.name}", 0.0))
            try:
                made = RecordingLines(study, one, readings[one.number or 0], choice, work)
                found = made.write(folder, user, report=part, cancel=cancel)
            except UserError as error:
                left_out.append((one.name, str(error)))
                continue
            lines += found
            done += 1
        if not lines:
            raise UserError(_nothing(name, left_out))
        text = "".join(json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n" for line in lines)
        write_atomically(folder / LINES, text.encode("utf-8", "replace"))
    return LinesWritten(folder / LINES, len(lines), done, name, tuple(left_out))


def _check_empty(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(f"“{folder.name}” holds something already; name a new or an empty folder.")


def everybody_and(study: Study, viewer: SealedFrom) -> SealedFrom:
    """All human readers of the study together with those of the viewer, who may not have read anything."""
    known = every_reader(study).readers
    more = (one for one in viewer.readers if not any(one.is_same(other) for other in known))
    return SealedFrom((*known, *more), viewer.until_decided)


def readings_to_write(study: Study, wanted: str | None, viewer: SealedFrom) -> tuple[str, dict[int, Reading]]:
    """The reader's name and readings by the number of the recording, nothing sealed. Raises UserError."""
    found = visible_recordings(study, viewer)
    names = name_readers(one.reader for one in answered_readings(found))
    usual = default_reference(possible_references(found), study.settings().reference)
    name = wanted or usual
    readings = {
        each.number: reading
        for each in found
        for reading in each.readings
        if names.get(reading.reader.exact_key) == name
    }
    if name is None or not readings:
        known = ", ".join(dict.fromkeys(names.values())) or "none"
        raise UserError(f"Say whose answers are written: --reader NAME. Not sealed there are: {known}.")
    return name, readings


@contextmanager
def work_folder(study: Study, name: str, *, keep: bool = False) -> Iterator[Path]:
    """A folder inside the study in which clips are made, emptied afterwards unless they are to `keep`.

    Raises UserError, also where another program makes clips in it.
    """
    work = study.folder / READINGS / name
    try:
        make_folder_inside(work, study.folder)
        lock = WriterLock.acquire(work, study.folder)
    except OSError as error:
        raise UserError("The study's folder cannot be written, so no clips can be made.") from error
    if lock is None:
        raise UserError("Another program is writing clips of this study; wait until it is done.")
    try:
        yield work
    except BaseException:
        keep = False
        raise
    finally:
        if not keep:
            shutil.rmtree(work / CLIPS, ignore_errors=True)
        lock.release()


@contextmanager
def _removable_work_folder(study: Study) -> Iterator[Path]:
    """A folder inside the study for clips, which the next start of the program removes after a kill."""
    with work_folder(study, _WORK) as work, exporting_to(work), unfinished_folder(work / CLIPS) as place:
        yield place


@dataclass(frozen=True, slots=True)
class RecordingLines:
    """One recording of the study with its lines, whose clips are made in the folder `work`."""

    study: Study
    listed: ListedRecording
    reading: Reading
    choice: LinesChoice
    work: Path

    def write(self, folder: Path, user: str, *, report: Report, cancel: CancelToken) -> list[dict[str, Any]]:
        """Make the clips, note them in the ledger and move them into `folder`; their lines."""
        clips, lines = self.make(report=report, cancel=cancel)
        cancel.check()
        self._hand_over(self.work / CLIPS, _used(clips, lines), lines, folder, user)
        return lines

    def make(self, *, report: Report, cancel: CancelToken) -> tuple[tuple[Clip, ...], list[dict[str, Any]]]:
        """Make the clips in `work`; gives them, and the lines that show them. Raises UserError, Cancelled."""
        if self.listed.refusal:
            raise UserError(self.listed.refusal)
        self.listed.check_content()
        shown = open_recording(self.listed.path, cancel=cancel)
        asked = _asked(shown, self.choice.fps)
        place = self.work / CLIPS
        patient, options = self.listed.patient, self.choice.options
        specs = clip_specs(asked)
        places = self.listed.places_to_cover(shown, text=options.cover_text)
        drawn = places.get(shown.picture_key, ())
        clips = prepare_clips(
            shown, specs, place, patient=patient, drawn=drawn, options=options, report=report, cancel=cancel
        )
        writing = LineWriting(self.choice.prompts, options, self._whose(shown), self.choice.explanations)
        lines = list(question_lines(self.reading, asked, {clip.name: clip for clip in clips}, writing))
        if not lines:
            raise UserError("Nothing is said of what its clips show.")
        return clips, lines

    @property
    def _viewer(self) -> SealedFrom:
        return self.choice.viewer or every_reader(self.study)

    def _whose(self, shown: Recording) -> LineOf:
        secret = study_id(self.study.folder)
        number = self.listed.number or 0
        data = self.study.patient_data(number, viewers=sealed_from(self.study, self._viewer))
        patient = pseudonym("p", secret, data.patient) if data.patient else ""
        name = pseudonym("r", secret, shown.fingerprint)
        return LineOf(name, patient, data.split, self.reading.reader.kind.value)

    def _hand_over(
        self, place: Path, clips: Sequence[Clip], lines: Sequence[dict[str, Any]], folder: Path, user: str
    ) -> None:
        """A row of the ledger over all files, then the files under their names."""
        target = folder / "clips" / str(lines[0]["recording"])
        target.parent.mkdir(exist_ok=True)
        digest, size = hashlib.sha256(), 0
        # Right in the folder that `exporting_to` names: what a killed program leaves is removed there alone.
        with unfinished_folder(folder / target.name) as unfinished:
            made = unfinished / target.name
            made.mkdir()
            for clip in clips:
                for name in clip.files:
                    content = clip_file(place, clip, name)
                    digest.update(content)
                    size += len(content)
                    (made / name).write_bytes(content)
            ledger = Ledger(self.study.folder)
            cover = deidentification(self.choice.options)
            row = ledger.sending(
                Sending(user, THIS_COMPUTER, _WHAT, "export", size, digest.hexdigest(), cover)
            )
            made.rename(target)
            ledger.outcome(row, WRITTEN)


def _asked(shown: Recording, fps: float) -> tuple[Request, ...]:
    stretches = stretches_of(shown)
    return line_requests(shown.duration, fps, () if stretches is None else stretches.spans())


def _used(clips: Iterable[Clip], lines: Sequence[dict[str, Any]]) -> list[Clip]:
    """The clips that a line shows, without the sound as recorded that is kept for comparison."""
    shown = {name for line in lines for name in files_of_line(line)}
    return [replace(clip, raw_sound=None) for clip in clips if not shown.isdisjoint(clip.files)]


def _nothing(name: str, left_out: Sequence[tuple[str, str]]) -> str:
    why = f" {left_out[0][0]}: {left_out[0][1]}" if left_out else ""
    return f"No answer of “{name}” could be written.{why}"
