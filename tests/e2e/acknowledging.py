"""The program as it is; it also writes down, before anything else, what its window has heard is saved.

`python -m tests.e2e.acknowledging LOG [ARGUMENTS]`: a line in LOG is the row of the history (its number) of a
change of which the window says that it is saved. A line is there even if the program is killed right after.
"""

from __future__ import annotations

import os
import runpy
import sys
from typing import Any

from app.core.study.saving import Saved
from app.ui.session.session import Session


class Acknowledged:
    """The changes that the window has heard are on disk."""

    def __init__(self, path: str) -> None:
        self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, saved: Saved) -> None:
        for change in saved.changes:
            os.write(self._handle, f"{change.seq}\n".encode())


def main() -> None:
    acknowledged = Acknowledged(sys.argv[1])
    former = Session.__init__

    def begun(session: Session, *arguments: Any, **named: Any) -> None:
        former(session, *arguments, **named)
        session.study.saved.connect(acknowledged.write)

    setattr(Session, "__init__", begun)  # noqa: B010 - mypy takes no other constructor
    sys.argv[1:2] = []
    runpy.run_module("app", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
