"""Errors that are caused by input and shown as one sentence; all others are bugs, which are logged."""

from __future__ import annotations

from pathlib import Path


class UserError(Exception):
    """An error with one sentence that a clinician understands.

    The sentence is shown unchanged: as a message in the window, or as a line on stderr with exit code 1. It
    names the file or folder and states what can be done.
    """


class StorageError(UserError):
    """What the disk, the share or another program did not let through; the same can succeed later."""


class Cancelled(Exception):  # noqa: N818 - a decision of a person, not an error
    """Raised by long work after its cancel token was set, with nothing unfinished left behind."""


class DamagedStudyError(StorageError):
    """A study whose files are damaged or missing; its `folder` contains `copies` backup copies.

    `why` is the sentence without its full stop. The window and the command line add how to restore a copy.
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
