"""A new study: its folder, its recordings from files, folders and lists, and whose events they show."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.core.batch.recording_list import ListedRecording, listed_recordings
from app.core.errors import UserError
from app.core.evaluation.describe_patients import keep_patient_plan, plan_from_names
from app.core.evaluation.patient_names import rows_of_names
from app.core.exchange.phrases import shorten
from app.core.exchange.table_files import is_table
from app.core.jobs import CancelToken, Report
from app.core.study.add_recordings import add_recordings
from app.core.study.place import SUFFIX
from app.core.study.store import Study

_NOT_IN_NAMES = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class BegunStudy:
    """The folder of a new study, the number of its recordings, and sentences on what could not be added."""

    folder: Path
    recordings: int
    remarks: tuple[str, ...] = ()


def folder_of_name(name: str, where: Path) -> Path:
    """The folder that a study of this name has in `where`. Raises UserError for a name that cannot be one."""
    words = " ".join(name.split()).removesuffix(SUFFIX)
    if not words or words.startswith("."):
        raise UserError("Give the study a name.")
    if _NOT_IN_NAMES.search(words) or len(words) > _LONGEST or words.endswith("."):
        raise UserError(
            "A study's name is that of its folder: without / \\ : * ? \" < > |, and not too long."
        )
    return where / f"{words}{SUFFIX}"


def chosen_recordings(sources: Sequence[Path], *, cancel: CancelToken) -> tuple[Path, ...]:
    """The files that were chosen by themselves, by folder, by list or by another study, each once.

    Raises UserError for a folder or a list without any, Cancelled.
    """
    found: dict[Path, None] = {}
    for source in sources:
        cancel.check()
        if source.is_dir() or is_table(source):
            listed = listed_recordings(source, cancel=cancel)
            found |= {row.path.absolute(): None for row in listed if _can_be_added(row)}
        else:
            found[source.absolute()] = None
    return tuple(found)


def _can_be_added(row: ListedRecording) -> bool:
    return not row.refusal


def patients_in(names: Sequence[str], pattern: str) -> tuple[int, int]:
    """How many patients the names say by the pattern, and how many names do not fit it. Raises UserError."""
    rows, others = rows_of_names(names, pattern)
    return len({row.data.patient for row in rows if row.data.patient}), len(others)


def begin_study(
    folder: Path,
    paths: Sequence[Path],
    pattern: str,
    author: str,
    *,
    report: Report,
    cancel: CancelToken,
) -> BegunStudy:
    """Make the study in `folder` with these recordings; with a `pattern` of their names, patients and events.

    Raises UserError when there is one already, or when no recording could be read, and Cancelled; what was
    added by then stays.
    """
    _check_new(folder)
    if pattern.strip():
        rows_of_names(
            [path.name for path in paths], pattern
        )  # a wrong pattern is said before anything is made
    with Study.open(folder, author=author, shared=True) as study:
        remarks: tuple[str, ...] = ()
        try:
            add_recordings(study, paths, report=report, cancel=cancel)
        except UserError as error:
            remarks = (str(error),)
        count = len(study.recordings())
        if not count:
            raise UserError(" ".join(remarks) or "Choose recordings for the study.")
        if pattern.strip():
            plan = plan_from_names(study, pattern)
            keep_patient_plan(study, plan)
            remarks += plan.remarks
    return BegunStudy(folder, count, remarks)


def _check_new(folder: Path) -> None:
    """An attempt in which no recording could be read may be repeated."""
    if not folder.exists():
        return
    try:
        with Study.open_for_viewing(folder) as study:
            empty = not study.recordings()
    except UserError:
        empty = False
    if not empty:
        raise UserError(f"There is already a “{shorten(folder.name)}” in that folder; choose another name.")
