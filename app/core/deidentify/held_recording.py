"""The file of a recording, which has to stay the same while a clip is made of it and compared with it."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

from app.core.errors import UserError
from app.core.recording.file_watch import signature
from app.core.recording.identity import fingerprint


class HeldRecording:
    """The file at `path`, whose content has the fingerprint `known`; to be closed.

    It is held open, so that no other file can get its number in the folder system after it was replaced.
    """

    def __init__(self, path: Path, known: str) -> None:
        """Raises UserError when it cannot be read."""
        self._path, self._known = path, known
        try:
            self._file = path.open("rb")
            self._noted = signature(path)
        except OSError as error:
            raise self._changed() from error

    def check(self) -> None:
        """Check that this file is still there and was not written meanwhile. Raises UserError.

        Size, time of the last change and number are of the whole file; the fingerprint is of its ends alone.
        """
        try:
            same = fingerprint(self._path) == self._known and signature(self._path) == self._noted
        except OSError as error:
            raise self._changed() from error
        if not same:
            raise self._changed()

    def _changed(self) -> UserError:
        return UserError(
            f"“{self._path.name}” has changed while the clip was made, so nothing was kept; open it again."
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
