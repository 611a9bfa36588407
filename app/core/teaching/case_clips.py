"""The clips of a course that is made from a study: de-identified, laid aside, looked at, and then in place.

Making them takes long, so what is done waits in the course's folder until a person has looked at its sheet;
the next start goes on where the last one stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app.core.deidentify.clip_choice import HidingChoice, chosen_stretch
from app.core.deidentify.clip_ledger import (
    ClipLedger,
    check_aside,
    confirm_waiting,
    is_waiting,
    waiting_clip,
    waiting_sheet,
)
from app.core.deidentify.drawn_covers import covered_with
from app.core.deidentify.prepared_clips import PreparedClips, describe_prepared, prepare_deidentified
from app.core.errors import UserError
from app.core.folders import settings_folder
from app.core.jobs import CancelToken, Progress, Report, part_of
from app.core.recording.probe import open_recording
from app.core.settings import account_author
from app.core.study.hidden_places import HiddenPlaces, places_of_picture
from app.core.study.store import Study
from app.core.teaching.hiding_note import HidingNote
from app.core.teaching.study_course import (
    CoursePlan,
    PlannedCase,
    checked_path,
    clip_of,
    copy_drawn,
    make_clip_folder,
)


@dataclass(frozen=True, slots=True)
class SourceOfCase:
    """A case whose clip is not in place yet, where its recording is, and the places of its picture that are
    to be covered."""

    case: PlannedCase
    path: Path
    places: HiddenPlaces


@dataclass(frozen=True, slots=True)
class WaitingClip:
    """A clip that waits to be looked at: of which recording, its sheet, and what was found in it ("" for one
    of an earlier run)."""

    case: PlannedCase
    sheet: Path
    found: str = ""


SettleClips = Callable[[PreparedClips, str], None]
"""What becomes of a clip that was made, of which a sentence or "" is to be said: asked about, or laid
aside."""


def missing_sources(study: Study, plan: CoursePlan, path: Path) -> tuple[SourceOfCase, ...]:
    """The cases whose clips are not in place in the course at `path`, which is made, and their recordings.

    Raises UserError when one is missing, may not be opened, the places to cover in it cannot be read, or the
    folder is a course already.
    """
    make_clip_folder(path)
    return tuple(
        SourceOfCase(case, checked_path(study, case), _places_of(study, case))
        for case in plan.cases
        if not clip_of(path, case).is_file()
    )


def _places_of(study: Study, case: PlannedCase) -> HiddenPlaces:
    try:
        return study.places_to_cover(case.number)
    except UserError as error:
        raise UserError(f"“{case.name}”: {error}") from error


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

    Those that wait already are not made again, unless other places were drawn over their recording since.
    Raises UserError, also when clips wait here in which people are hidden in another way, and before any is
    made when one cannot be laid aside; Cancelled, and what was made until then waits.
    """
    note = HidingNote(path)
    note.begin(choice)
    made = {
        source.case.id
        for source in sources
        if waits(path, source.case) and note.covers(source.case.id, source.places)
    }
    check_aside(clip_of(path, source.case) for source in sources if source.case.id not in made)
    waiting = []
    for number, source in enumerate(sources):
        cancel.check()
        part = part_of(report, number / len(sources), (number + 1) / len(sources))
        found = ""
        if source.case.id not in made:
            _discard_outdated(path, source.case)
            note.add(source.case.id, source.places)
            found = _make(
                source, path, choice, settle, report=_numbered(part, number, sources), cancel=cancel
            )
        if waits(path, source.case):
            waiting.append(WaitingClip(source.case, waiting_sheet(clip_of(path, source.case)), found))
    return tuple(waiting)


def _discard_outdated(path: Path, case: PlannedCase) -> None:
    """Delete the clip of a case that waits. Raises UserError when it is not this account's."""
    check_aside((clip_of(path, case),))
    discard_case_clip(path, case)


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
    here, elsewhere = places_of_picture(source.places, recording)
    choice = replace(choice, covers=covered_with(choice.covers, here))
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
        found = " ".join((*describe_prepared(prepared.clips[0]), elsewhere)).rstrip()
        settle(prepared, elsewhere)
    return found


def lay_aside(prepared: PreparedClips, _remark: str) -> None:
    """Let the clip wait until somebody has looked at its sheet."""
    prepared.lay_aside()


def waits(path: Path, case: PlannedCase) -> bool:
    """Whether the clip of a case waits to be looked at, and can be confirmed then. Raises UserError."""
    return is_waiting(clip_of(path, case))


def confirm_case_clip(path: Path, case: PlannedCase) -> None:
    """Put the clip of a case in place, now that a person has looked at its sheet. Raises UserError when none
    waits, or another one than this account laid aside."""
    confirm_waiting(settings_folder(), clip_of(path, case), replace=True)


def discard_case_clip(path: Path, case: PlannedCase) -> None:
    """Delete the clip of a case that waits, with its sheet."""
    for file in (waiting_clip(clip_of(path, case)), waiting_sheet(clip_of(path, case))):
        file.unlink(missing_ok=True)


def check_places(sources: Sequence[SourceOfCase], path: Path) -> None:
    """Raise UserError when other places were drawn over a recording since its clip was made, which waits."""
    note = HidingNote(path)
    for source in sources:
        if waits(path, source.case) and not note.covers(source.case.id, source.places):
            raise UserError(
                f"Since the clip of “{source.case.name}” was made, the places to cover in it have changed; "
                "make it anew, without --confirm."
            )
