"""The one way in which a command, or a program's work, opens a study to write into it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.core.errors import UserError
from app.core.study.access import PROGRAM
from app.core.study.store import Study
from app.core.study.study_copies import copy_after_changes


@contextmanager
def writable_study(folder: Path, *, author: str = PROGRAM, create: bool = True) -> Iterator[Study]:
    """The study in `folder`, made when there is none unless `create` is False, for changes in the name of
    `author`. A study that was changed is copied before it is closed, also when the work was stopped.

    Raises UserError when it cannot be written.
    """
    with Study.open(folder, author=author, create=create, shared=True) as study:
        if study.read_only:
            raise UserError(study.note)
        study.check_pages()
        try:
            yield study
        finally:
            copy_after_changes(study)
