"""Errors that are the input's fault, told in one sentence; everything else is a bug and is logged as one."""

from __future__ import annotations


class UserError(Exception):
    """What went wrong in one sentence that a clinician understands.

    The sentence is shown as it is: in the window as a message, on the command line as one line on
    stderr with exit code 1. It names the file or folder by its name and says what can be done.
    """


class Cancelled(Exception):  # noqa: N818 - a decision of a person, not an error
    """Raised by long work after its cancel token was set; nothing half-done is left behind."""
