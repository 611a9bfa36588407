"""Errors that are the input's fault, told in one sentence; everything else is a bug and is logged as one."""

from __future__ import annotations

from pathlib import Path


class UserError(Exception):
    """What went wrong in one sentence that a clinician understands.

    The sentence is shown as it is: in the window as a message, on the command line as one line on
    stderr with exit code 1. It names the file or folder by its name and says what can be done.
    """


class StorageError(UserError):
    """What the disk, the share or another program did not let through; the same can succeed later."""


class Cancelled(Exception):  # noqa: N818 - a decision of a person, not an error
    """Raised by long work after its cancel token was set; nothing half-done is left behind."""


class DamagedStudyError(StorageError):
    """A study whose files are damaged or missing; `folder` is its folder, where `copies` copies of it lie.

    `why` is the sentence without its full stop. The window and the command line each add their way back.
    """

    def __init__(self, why: str, folder: Path, copies: int) -> None:
        self.why, self.folder, self.copies = why, folder, copies
        super().__init__(f"{why}; {_that_there_are(copies)}.")


def _that_there_are(copies: int) -> str:
    if not copies:
        return "there is no copy of the study in its folder"
    return (
        "a copy of the study can be restored"
        if copies == 1
        else f"one of its {copies} copies can be restored"
    )
