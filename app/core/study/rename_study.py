"""Giving a study another name, whether it is open in a window or not."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.core.study.edits import SetStudyName
from app.core.study.store import Study
from app.core.study.study_name import checked_name, name_of_folder


@dataclass(frozen=True, slots=True)
class RenamedStudy:
    """The study in `folder` is called `after` now and was called `before`."""

    folder: Path
    before: str
    after: str


def renaming(folder: Path, given: str | None, name: str) -> SetStudyName | None:
    """The edit that gives the study in `folder` this name; `given` is its present one, None for the folder's.

    None where it has that name already. Raises UserError for a text that cannot be a name.
    """
    after = checked_name(name)
    if after == (given or name_of_folder(folder)):
        return None
    return SetStudyName(given, None if after == name_of_folder(folder) else after)


def rename_study(folder: Path, name: str, author: str) -> RenamedStudy:
    """Give the study in `folder` another name, as a change of its history. Raises UserError."""
    with Study.open(folder, author=author, create=False, shared=True) as study:
        study.check_pages()
        return rename_open_study(study, name)


def rename_open_study(study: Study, name: str) -> RenamedStudy:
    """Give a study that is open for changes another name. Raises UserError, also where it is read-only."""
    before = study.settings().name
    edit = renaming(study.folder, before, name)
    if edit is not None:
        study.apply(edit)
    former = before or name_of_folder(study.folder)
    return RenamedStudy(study.folder, former, former if edit is None else checked_name(name))
