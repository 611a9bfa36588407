"""The message on an error of the study, with the offer of its copies where it is damaged."""

from __future__ import annotations

from app.core.errors import DamagedStudyError, UserError
from app.ui.session.requests import Requests
from app.ui.session.status import Offer, StatusLine

RESTORE = "Restore a copy…"


class StudyErrors:
    """Shows errors of the study."""

    def __init__(self, status: StatusLine, requests: Requests) -> None:
        self._status = status
        self._requests = requests

    def show(self, error: UserError) -> None:
        """Show what went wrong, and of a damaged study offer its copies."""
        self._status.show_message(str(error))
        self.offer_copies(error)

    def offer_copies(self, error: UserError) -> None:
        """Offer the copies of a damaged study that has some."""
        if isinstance(error, DamagedStudyError) and error.copies:
            self._offer()

    def _offer(self) -> None:
        self._status.make_offer(Offer("", RESTORE, self._show_copies))

    def _show_copies(self) -> None:
        """Open the copies; the offer stays until the study can be read, also when no copy is restored."""
        self._offer()
        self._requests.copies.emit()
