"""What could not be written into a study is kept on this computer, for its next opening."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from app.core.errors import UserError
from app.core.study.saving import PATIENCE
from app.core.study.study_writer import StudyWriter
from app.core.study.unsaved_changes import keep, new_place

log = logging.getLogger(__name__)

_NOT_KEPT = "Changes that were not saved could not be kept on this computer either."


class EmergencyFile:
    """The changes of one writer that are not on disk, in the account's own folder. For any thread."""

    def __init__(self, writer: StudyWriter) -> None:
        self._writer = writer
        self._lock = threading.Lock()
        self._path: Path | None = None

    def write(self, fingerprints: Mapping[int, str]) -> int:
        """Keep what is not on disk now, in place of what was kept; how many changes. Raises UserError."""
        with self._lock:
            self._path = self._path or new_place(self._writer.study_id)
            return keep(self._path, self._writer.left(), fingerprints)

    def remove(self) -> None:
        """Everything is on disk."""
        with self._lock:
            if self._path is not None:
                self._path.unlink(missing_ok=True)


def leave(
    writer: StudyWriter,
    file: EmergencyFile,
    fingerprints: Mapping[int, str],
    show_note: Callable[[str], None],
) -> None:
    """Close a study whose window goes on, without waiting; `show_note` is given a sentence."""
    if not writer.unsaved().requests:
        writer.close(0.0)
        file.remove()
        return

    def finish() -> None:
        sentence = close(writer, file, fingerprints, PATIENCE)
        if sentence:
            show_note(sentence)

    threading.Thread(target=finish, name="leaving a study", daemon=True).start()


def close(writer: StudyWriter, file: EmergencyFile, fingerprints: Mapping[int, str], seconds: float) -> str:
    """Close a study, waiting so many seconds for its disk, and keep here what is not on disk then.

    Gives a sentence on what was kept, "" when everything is saved.
    """
    if not writer.close(seconds).requests:
        file.remove()
        return ""
    try:
        count = file.write(fingerprints)
    except (UserError, KeyError) as error:
        log.warning("Changes that were not saved could not be kept (%s)", type(error).__name__)
        return _NOT_KEPT
    which, verb = ("1 change", "is") if count == 1 else (f"{count} changes", "are")
    return (
        f"{which} could not be saved and {verb} kept on this computer; "
        "open the study again to save them there."
    )
