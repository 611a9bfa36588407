"""What may be sent from the open study: the account's permissions, read in the background, and revoking one.

They are bound to the study's id, which is on its disk, so nothing here waits for that in the GUI thread.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.jobs import Task
from app.core.plain_text import plain
from app.core.settings import account_author
from app.ui.session.background import Background
from app.ui.session.chosen_model import INCOMPLETE, LOCAL, ChosenModel
from app.ui.session.opened_recording import OpenedRecording
from app.ui.session.opened_study import OpenedStudy
from app.ui.session.status import StatusLine

if TYPE_CHECKING:
    from app.core.privacy.destination import Destination
    from app.core.privacy.study_sending import StudySending

NOT_ALLOWED = "Nothing is sent before you allow it"
LOOKING = "Looking up what may be sent"


class SendingPermissions(QObject):
    """Of the study that is open. Lives in the GUI thread."""

    changed = Signal()
    """What is known, or where data may go."""
    revoked = Signal(object)
    """The Destination to which nothing may be sent from now on; at once, before that is on disk."""

    def __init__(
        self,
        *,
        opened: OpenedRecording,
        study: OpenedStudy,
        chosen: ChosenModel,
        status: StatusLine,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._study, self._chosen, self._status = study, chosen, status
        self.known: StudySending | None = None
        """What the study may send and has sent; None while that is not known, or no study is open."""
        self._folder: Path | None = None
        self._again = False
        self._reading = Background("permissions", self)
        self._reading.done.connect(self._on_read)
        self._reading.failed.connect(status.show_message)
        self._reading.ended.connect(self._look_again)
        self._revoking = Background("permission that is revoked", self)
        self._revoking.failed.connect(status.show_message)
        self._revoking.ended.connect(self.look)
        opened.recording_changed.connect(self._on_recording)
        chosen.changed.connect(self.changed)

    @property
    def where(self) -> str:
        """Where data may go, as text: to a place only while that is allowed for the open study."""
        place = self._chosen.destination
        if self._chosen.where in {LOCAL, INCOMPLETE}:
            return self._chosen.where
        if self._folder is not None and self.known is None:
            return LOOKING
        if place is None or self.known is None or not self.known.allows(place, account_author()):
            return NOT_ALLOWED
        return f"May send to {plain(place.shown, 60)}"

    def look(self) -> None:
        """Read what the open study may send and has sent."""
        from app.core.privacy.study_sending import sending_of

        folder = self._folder
        # On a share that hangs one thread waits, not one for each time.
        self._again = self._reading.running
        if folder is not None and not self._again:
            self._reading.start(lambda _task: sending_of(folder))

    def revoke(self, place: Destination) -> None:
        """Take back the permissions to send from the open study to this place."""
        folder = self._folder
        if folder is None:
            return

        def work(_task: Task) -> None:
            from app.core.privacy.gate import revoke

            revoke(folder, place)

        self.revoked.emit(place)
        self._revoking.start(work)

    def close(self) -> None:
        """Stop everything; returns when every thread has ended."""
        self._reading.close()
        self._revoking.close()

    def _on_recording(self) -> None:
        """Look once for each study that is opened."""
        if self._study.folder != self._folder:
            self._folder, self.known = self._study.folder, None
            self._reading.drop()  # what it finds is of the other study
            self.look()
            self.changed.emit()

    def _on_read(self, found: StudySending) -> None:
        self.known = found
        self.changed.emit()

    def _look_again(self) -> None:
        if self._again:
            self.look()
