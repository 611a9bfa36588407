"""A study that is left: what could not be written is kept on this computer, for its next opening."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping

from app.core.errors import UserError
from app.core.study.saving import PATIENCE
from app.core.study.study_writer import StudyWriter
from app.core.study.unsaved_changes import keep, new_place

log = logging.getLogger(__name__)


def leave(
    writer: StudyWriter, fingerprints: Mapping[int, str], said: Callable[[str], None]
) -> threading.Thread | None:
    """Close a study whose window goes on, without waiting for it; `said` is given what to know of it.

    Gives the thread that looks after what is not on disk yet, None when everything is.
    """
    if not writer.unsaved().requests:
        writer.close(0.0)
        return None

    def finish() -> None:
        sentence = close(writer, fingerprints, PATIENCE)
        if sentence:
            said(sentence)

    thread = threading.Thread(target=finish, name="leaving a study", daemon=True)
    thread.start()
    return thread


def close(writer: StudyWriter, fingerprints: Mapping[int, str], seconds: float) -> str:
    """Close a study, waiting so many seconds for its disk, and keep here what is not on disk then.

    Gives a sentence on what was kept, "" when everything is saved.
    """
    if not writer.close(seconds).requests:
        return ""
    try:
        count = keep(new_place(writer.study_id), writer.left(), fingerprints)
    except (UserError, KeyError) as error:
        log.error("Changes that were not saved could not be kept (%s)", type(error).__name__)
        return "Changes that were not saved could not be kept on this computer either."
    which = "1 change" if count == 1 else f"{count} changes"
    return (
        f"{which} could not be saved and {'is' if count == 1 else 'are'} kept on this computer; "
        "open the study again to save them there."
    )
