"""Says in the status line which files of the account could not be read."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal

from app.core.account_file import AccountProblems
from app.ui.session.status import StatusLine


class SaidProblems(QObject):
    """Says each once: those from when it was made as soon as there is a status line, later ones at once, from
    whatever thread they come."""

    _new = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._status: StatusLine | None = None
        self._problems = AccountProblems(self._new.emit)
        self._problems.listen()
        self._new.connect(self._say, Qt.ConnectionType.QueuedConnection)

    def say_in(self, status: StatusLine) -> None:
        self._status = status
        self._say()

    def close(self) -> None:
        self._problems.close()

    def _say(self) -> None:
        if self._status is not None:
            for sentence in self._problems.take():
                self._status.add_message(sentence)
