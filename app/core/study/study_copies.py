"""The copies of a study: listed and checked, made, restored."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.core.errors import UserError
from app.core.jobs import CancelToken, Progress, Report
from app.core.study.access import StudyAccess
from app.core.study.backup import Backup
from app.core.study.copy_schedule import CLOSING, HOURLY
from app.core.study.database import FILE_NAME
from app.core.study.replacing import restorable_copies, restore_from_copy, study_id_of
from app.core.study.restoring import InspectedCopy, Restored, copies_of_other_studies, inspect_copy
from app.core.study.store import Study
from app.core.study.study_files import linked_copies_in

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ListedCopies:
    """Every copy with what it holds, the latest first; which are of another study than the folder's; and how
    many are not used because they have a name elsewhere too (hard links)."""

    copies: tuple[InspectedCopy, ...]
    foreign: frozenset[Path]
    linked: int


def list_copies(
    folder: Path, found: Callable[[InspectedCopy], None], *, report: Report, cancel: CancelToken
) -> ListedCopies:
    """Read and check the copies of the study in the folder; `found` is given each as soon as it is checked.

    Raises UserError when there is neither a study nor a copy of one, and Cancelled.
    """
    ways, copies = _all_copies(folder), []
    for number, copy in enumerate(ways):
        cancel.check()
        report(Progress(f"Checking copy {number + 1} of {len(ways)}", number / len(ways)))
        copies.append(inspect_copy(copy))
        found(copies[-1])
    foreign = copies_of_other_studies(copies, study_id_of(folder))
    return ListedCopies(tuple(copies), foreign, len(linked_copies_in(folder)))


def _all_copies(folder: Path) -> tuple[Backup, ...]:
    found = restorable_copies(folder)
    if not found and not (folder / FILE_NAME).exists():
        raise UserError(f"There is no study in the folder “{folder.name}”.")
    return found


def copy_if_due(access: StudyAccess, *, hourly: bool) -> None:
    """Make today's copy unless there is one, or else, when it is `hourly`, one of what was changed."""
    with access.open() as study:
        if study.back_up_if_due() is None and hourly:
            study.back_up_if_changed(HOURLY)


def copy_now(access: StudyAccess, *, report: Report) -> str:
    """Copy the study, whatever copies there are; what was done, as a phrase."""
    report(Progress("Copying the study and checking the copy", 0.3))
    with access.open() as study:
        study.back_up_now()
    return f"copied at {datetime.now().astimezone():%H:%M:%S}"


def copy_on_closing(access: StudyAccess) -> None:
    """Copy what was changed since the last copy; a failure is logged, since nobody can be shown it."""
    try:
        with access.open() as study:
            copy_after_changes(study)
    except UserError as error:
        log.warning("no copy was made on closing: %s", error)
    except Exception:
        log.exception("the copy on closing failed")


def copy_after_changes(study: Study) -> None:
    """Copy a study that was changed, before it is closed; where that fails the log says so."""
    try:
        study.back_up_if_changed(CLOSING)
    except UserError as error:
        log.warning("no copy was made: %s", error)


def copy_named(folder: Path, name: str) -> Backup:
    """The copy of this name; a file that was set aside has that of its folder. Raises UserError."""
    wanted = Path(name)
    for copy in _all_copies(folder):
        if wanted.name in _names(copy) or wanted.absolute() == copy.path.absolute():
            return copy
    raise UserError(f"The study has no copy “{wanted.name}”; list them to see which there are.")


def _names(copy: Backup) -> set[str]:
    if copy.path.parent.name.startswith("damaged-"):
        return {copy.path.parent.name}
    return {copy.path.stem, copy.path.name}


def restore_copy(folder: Path, copy: Backup, author: str, *, report: Report) -> Restored:
    """Restore the copy in the author's name; the study as it is now is kept first. Raises UserError."""
    report(Progress("Checking the copy and keeping the present study", 0.3))
    return restore_from_copy(folder, copy, author)


def describe_restored(restored: Restored) -> tuple[str, ...]:
    """What was restored and where the former state is kept, a sentence each."""
    name = restored.kept.name
    kept = f"The study as it was before is kept as {name}; restore that copy to undo this."
    if restored.kept.is_dir():
        kept = f"The damaged files are kept in the folder {restored.kept.parent.name}/{name}."
    return (
        f"The copy {restored.copy.path.name} was restored.",
        kept,
        "Recordings that were added after this copy was made are not in the study; add them again.",
    )


def describe_linked(count: int) -> str:
    """The sentence on copies that are not used because they have a name elsewhere; "" without any."""
    if not count:
        return ""
    have = "has a name" if count == 1 else "have names"
    return (
        f"{count} more {have} elsewhere (hard links, as some backup programs make them), so they are not "
        "used: copy the whole folder, and list the copy's."
    )


def describe_purpose(what: str) -> str:
    """The reason for which a copy was made, as a phrase."""
    if what in _PURPOSES:
        return _PURPOSES[what]
    return f"before version {int(what[1:]) + 1}" if what[:1] == "v" and what[1:].isdigit() else what


_PURPOSES = {
    "day": "daily",
    "hour": "hourly",
    "close": "on closing",
    "now": "on request",
    "replaced": "before restoring",
    "damaged": "damaged files",
    "itself": "the study without its log",
}
