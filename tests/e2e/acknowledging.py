"""The program as it is; it also writes down, before anything else happens, what its window has called saved.

`python -m tests.e2e.acknowledging LOG [ARGUMENTS]`: a line in LOG is the row of the history (its number) of a
change that the status line tells of. A line is there even if the program is killed the moment after.
"""

from __future__ import annotations

import os
import runpy
import sys
from collections.abc import Callable
from typing import Any

from app.core.study.store import Study
from app.ui.session.session import Session


class Acknowledged:
    """The change that was made last, told once the window tells of it."""

    def __init__(self, path: str) -> None:
        self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._last = 0

    def noting(self, former: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*arguments: Any, **named: Any) -> Any:
            made = former(*arguments, **named)
            if made is not None and made.changes:
                self._last = made.changes[-1].seq
            return made

        return noted

    def tell(self, session: Session) -> None:
        said = session.status.line.startswith(("saved", "undone", "redone"))
        if said and self._last:
            os.write(self._handle, f"{self._last}\n".encode())
            self._last = 0


def main() -> None:
    acknowledged = Acknowledged(sys.argv[1])
    for name in ("apply_all", "undo", "redo"):
        setattr(Study, name, acknowledged.noting(getattr(Study, name)))
    former = Session.__init__

    def begun(session: Session, *arguments: Any, **named: Any) -> None:
        former(session, *arguments, **named)
        session.status.line_changed.connect(lambda: acknowledged.tell(session))
        session.study.content_changed.connect(lambda *_contents: acknowledged.tell(session))

    setattr(Session, "__init__", begun)  # noqa: B010 - mypy takes no other constructor
    sys.argv[1:2] = []
    runpy.run_module("app", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
