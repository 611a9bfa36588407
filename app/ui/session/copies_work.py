"""The copies of the open study: made, checked and restored in the background."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.errors import UserError
from app.core.jobs import Progress
from app.ui.session.background import Task
from app.ui.session.exchange_work import Written
from app.ui.session.study_look import StudyLook

if TYPE_CHECKING:
    from app.core.study.backup import Backup

    # Not at run time: the study is loaded with the first recording, not with the window.
    from app.core.study.restoring import InspectedCopy  # noqa: TC004 - re-exported for annotations only

__all__ = [
    "InspectedCopy",
    "copy_if_due",
    "copy_now",
    "copy_on_closing",
    "look_at_all",
    "restore",
    "what_for",
]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Whose:
    """The folder of a study that need not be open, and who restores a copy of it."""

    folder: Path
    author: str


def copy_if_due(look: StudyLook, *, hourly: bool) -> None:
    """Make today's copy unless there is one, or else, when it is `hourly`, one of what was changed."""
    from app.core.study.keeping import HOURLY

    with look.open() as study:
        made = study.back_up_if_due() or (study.back_up_if_changed(HOURLY) if hourly else None)
    if made is not None:
        log.info("the copy %s was made", made.name)


def copy_now(look: StudyLook, task: Task) -> str:
    """Copy the study, whatever copies there are; what the status line says of it."""
    task.report(Progress("Copying the study and checking the copy", 0.3))
    with look.open() as study:
        study.back_up_now()
    return f"copied at {datetime.now().astimezone():%H:%M:%S}"


def copy_on_closing(look: StudyLook) -> None:
    """Copy what was changed since the last copy; a failure is logged, since nobody is there to be told."""
    from app.core.study.keeping import CLOSING

    try:
        with look.open() as study:
            study.back_up_if_changed(CLOSING)
    except UserError as error:
        log.warning("no copy was made on closing: %s", error)
    except Exception:
        log.exception("the copy on closing failed")


def look_at_all(folder: Path, task: Task) -> frozenset[Path]:
    """Hand over every copy as it is read and checked, the latest first; which of them are of another study
    than the one in the folder."""
    from app.core.study.replacing import restorable_copies, study_id_of
    from app.core.study.restoring import copies_of_other_studies, inspect_copy

    copies, looked = restorable_copies(folder), []
    for number, copy in enumerate(copies):
        task.cancel.check()
        task.report(Progress(f"Checking copy {number + 1} of {len(copies)}", number / len(copies)))
        looked.append(inspect_copy(copy))
        task.post(looked[-1])
    return copies_of_other_studies(looked, study_id_of(folder))


def restore(whose: Whose, copy: Backup, task: Task) -> Written:
    """Restore the copy; the study as it is now is kept first."""
    from app.core.study.replacing import restore_from_copy

    task.report(Progress("Checking the copy and keeping the present study", 0.3))
    restored = restore_from_copy(whose.folder, copy, whose.author)
    when = f"The copy of {copy.at.astimezone():%Y-%m-%d %H:%M} was restored."
    kept = f"The study as it was before is kept as the copy {restored.kept.name}; restore that to undo this."
    if restored.kept.is_dir():
        kept = f"The damaged files are kept in the folder {restored.kept.parent.name}/{restored.kept.name}."
    later = "Recordings that were added after this copy was made are not in the study; add them again."
    return Written(f"{when} {kept}", (later,))


def what_for(what: str) -> str:
    """Why a copy was made, in words."""
    if what in _WORDS:
        return _WORDS[what]
    return f"before version {int(what[1:]) + 1}" if what[:1] == "v" and what[1:].isdigit() else what


_WORDS = {
    "day": "daily",
    "hour": "hourly",
    "close": "on closing",
    "now": "on request",
    "replaced": "before restoring",
    "damaged": "damaged files",
    "itself": "the study without its log",
}
