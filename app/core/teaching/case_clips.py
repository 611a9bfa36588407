"""The clips of a course that is made from a study: de-identified, laid aside, looked at, and then in place.

Making them takes long, so what is done waits in the course's folder until a person has looked at its sheet;
the next start goes on where the last one stopped.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.core.containment import write_inside
from app.core.deidentify.clip_choice import HidingChoice, choice_to_dict, chosen_stretch
from app.core.deidentify.clip_ledger import ClipLedger, confirm_waiting, waiting_clip, waiting_sheet
from app.core.deidentify.prepared_clips import PreparedClips, describe_prepared, prepare_deidentified
from app.core.errors import UserError
from app.core.folders import settings_folder
from app.core.jobs import CancelToken, Progress, Report, part_of
from app.core.recording.probe import open_recording
from app.core.settings import account_author
from app.core.study.store import Study
from app.core.teaching.course_file import CLIPS
from app.core.teaching.study_course import (
    CoursePlan,
    PlannedCase,
    checked_path,
    clip_of,
    copy_drawn,
    make_clip_folder,
)

HIDING_FILE = "hiding.json"
"""How people are hidden in the clips that wait, beside them until the course is complete."""


@dataclass(frozen=True, slots=True)
class SourceOfCase:
    """A case whose clip is not in place yet, and where its recording is."""

    case: PlannedCase
    path: Path


@dataclass(frozen=True, slots=True)
class WaitingClip:
    """A clip that waits to be looked at: of which recording, its sheet, and what was found in it ("" for one
    of an earlier run)."""

    case: PlannedCase
    sheet: Path
    found: str = ""


SettleClips = Callable[[PlannedCase, PreparedClips], None]
"""What becomes of a clip that was made: asked about, or laid aside."""


def missing_sources(study: Study, plan: CoursePlan, path: Path) -> tuple[SourceOfCase, ...]:
    """The cases whose clips are not in place in the course at `path`, which is made, and their recordings.

    Raises UserError when one is missing, may not be opened, or the folder is a course already.
    """
    make_clip_folder(path)
    return tuple(
        SourceOfCase(case, checked_path(study, case))
        for case in plan.cases
        if not clip_of(path, case).is_file()
    )


def copy_drawn_clips(
    sources: Sequence[SourceOfCase], path: Path, *, report: Report, cancel: CancelToken
) -> None:
    """Take the clips of drawn patients as they are. Raises UserError for any other recording, Cancelled."""
    for number, source in enumerate(sources):
        cancel.check()
        report(Progress("Copying drawn patients", number / len(sources)))
        copy_drawn(source.case, source.path, clip_of(path, source.case))


def make_case_clips(
    sources: Sequence[SourceOfCase],
    path: Path,
    choice: HidingChoice,
    settle: SettleClips,
    *,
    report: Report,
    cancel: CancelToken,
) -> tuple[WaitingClip, ...]:
    """De-identify the recordings, each in full length, and settle each clip; those that wait then.

    Those that wait already are not made again. Raises UserError, also when clips wait here in which people
    are hidden in another way; Cancelled, and what was made until then waits.
    """
    _keep_choice(path, choice)
    waiting = []
    for number, source in enumerate(sources):
        cancel.check()
        part = part_of(report, number / len(sources), (number + 1) / len(sources))
        found = ""
        if not waits(path, source.case):
            found = _make(
                source, path, choice, settle, report=_numbered(part, number, sources), cancel=cancel
            )
        if waits(path, source.case):
            waiting.append(WaitingClip(source.case, waiting_sheet(clip_of(path, source.case)), found))
    return tuple(waiting)


def _numbered(report: Report, number: int, sources: Sequence[SourceOfCase]) -> Report:
    def say(progress: Progress) -> None:
        what = f"Recording {number + 1} of {len(sources)}: {progress.what[:1].lower()}{progress.what[1:]}"
        report(Progress(what, progress.done, progress.remaining))

    return say


def _make(
    source: SourceOfCase,
    path: Path,
    choice: HidingChoice,
    settle: SettleClips,
    *,
    report: Report,
    cancel: CancelToken,
) -> str:
    recording = open_recording(source.path, cancel=cancel)
    ledger = ClipLedger(settings_folder(), account_author(), choice)
    with prepare_deidentified(
        recording,
        (chosen_stretch(recording, None, None),),
        choice,
        clip_of(path, source.case),
        ledger,
        patient=source.case.patient,
        report=report,
        cancel=cancel,
    ) as prepared:
        found = " ".join(describe_prepared(prepared.clips[0]))
        settle(source.case, prepared)
    return found


def lay_aside(_case: PlannedCase, prepared: PreparedClips) -> None:
    """Let the clip wait until somebody has looked at its sheet."""
    prepared.lay_aside()


def waits(path: Path, case: PlannedCase) -> bool:
    """Whether the clip of a case waits to be looked at."""
    target = clip_of(path, case)
    return waiting_clip(target).is_file() and waiting_sheet(target).is_file()


def confirm_case_clip(path: Path, case: PlannedCase) -> None:
    """Put the clip of a case in place, now that a person has looked at its sheet. Raises UserError when none
    waits, or another one than this account laid aside."""
    confirm_waiting(settings_folder(), clip_of(path, case), replace=True)


def discard_case_clip(path: Path, case: PlannedCase) -> None:
    """Delete the clip of a case that waits, with its sheet."""
    for file in (waiting_clip(clip_of(path, case)), waiting_sheet(clip_of(path, case))):
        file.unlink(missing_ok=True)


def forget_choice(path: Path) -> None:
    """Delete the note on how people were hidden, once no clip waits."""
    (path / CLIPS / HIDING_FILE).unlink(missing_ok=True)


def _keep_choice(path: Path, choice: HidingChoice) -> None:
    """Note how people are hidden in the clips of this folder. Raises UserError when it was another way."""
    note = path / CLIPS / HIDING_FILE
    text = json.dumps(choice_to_dict(choice), sort_keys=True) + "\n"
    if note.is_file() and note.read_text(encoding="utf-8") != text:
        raise UserError(
            f"In “{path.name}” clips wait in which people are hidden in another way; choose that again, or "
            "another folder."
        )
    write_inside(note, path, text.encode())
