"""A study as one thread uses it: opened when it is first needed, and anew after its disk was away."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from app.core.errors import StorageError, UserError
from app.core.study.change_requests import Request, as_expected, found_among, group_of, perform
from app.core.study.saving import Saved
from app.core.study.store import Study
from app.core.study.study_identity import study_id

_ANOTHER_STUDY = "Another study lies where this one was, so nothing was written there."


class StudyInUse:
    """The open study of one thread; the first one is opened by `open_study`."""

    def __init__(self, open_study: Callable[[], Study]) -> None:
        self._open_study = open_study
        self._study: Study | None = None
        self._folder: Path | None = None
        self.id = ""
        """The study's id; "" until it is open."""
        self.last_row = 0
        """The row of the history up to which everything is known to be on disk."""

    def study(self) -> Study:
        """The open study. Raises UserError when it cannot be opened, StorageError when not opened again."""
        if self._study is None:
            self._study = self._opened() if self._folder is None else self._opened_again(self._folder)
        return self._study

    def _opened(self) -> Study:
        study = self._open_study()
        try:
            self.id, self.last_row = study_id(study.folder), _last_row(study)
        except BaseException:
            study.close()
            raise
        self._folder = study.folder
        return study

    def close(self) -> None:
        """Let go of the study; it is opened again when it is needed."""
        study, self._study = self._study, None
        if study is not None:
            # A disk that is away fails this as well; the handle is given back all the same.
            with suppress(sqlite3.Error, OSError):
                study.close()

    def save(self, request: Request, author: str, *, again: bool) -> Saved:
        """Make a change as `author`. `again`: it was tried before, and may be on disk although that failed.

        Raises what `perform` raises.
        """
        study = self.study()
        if study.author != author:
            study.change_author(author)
        made = found_among(request, study.made_since(self.last_row, author)) if again else None
        group = perform(study, request) if made is None else group_of(request, made)
        return Saved(group, datetime.now(UTC), as_expected(request, group.changes))

    def acknowledge(self, saved: Saved) -> None:
        """Everything up to these changes is known to be on disk."""
        self.last_row = max([self.last_row, *(change.seq for change in saved.changes)])

    def _opened_again(self, folder: Path) -> Study:
        try:
            study = self._open_same(folder)
        except StorageError:
            raise
        except UserError as error:
            # Whatever it is, the changes that wait can be saved once it is gone.
            raise StorageError(str(error)) from error
        return study

    def _open_same(self, folder: Path) -> Study:
        study = Study.open(folder, author="", create=False)
        fault = study.note if study.read_only else "" if study_id(folder) == self.id else _ANOTHER_STUDY
        if fault:
            study.close()
            raise StorageError(fault)
        return study


def _last_row(study: Study) -> int:
    """The number of the latest row of the history, 0 without any."""
    rows = study.history_page(limit=1, viewers=()).rows
    return rows[0].entry.seq if rows else 0
