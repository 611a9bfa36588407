"""What may be sent from the open study: the account's permissions, read in the background, and revoking one.

They are bound to the study's id, which is on its disk, so nothing here waits for that in the GUI thread.
What is revoked is in force at once, whatever the disk still says (`is_revoked`).
"""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.errors import UserError
from app.core.jobs import Task
from app.core.plain_text import plain
from app.core.settings import account_author
from app.ui.session.background import Background, outlive_window
from app.ui.session.chosen_model import INCOMPLETE, LOCAL, ChosenModel
from app.ui.session.opened_recording import OpenedRecording
from app.ui.session.opened_study import OpenedStudy
from app.ui.session.status import StatusLine

if TYPE_CHECKING:
    from app.core.privacy.destination import Destination
    from app.core.privacy.study_sending import SentSoFar, StudySending
    from app.core.readers.models.reading_state import Planned

_Revoked = tuple[Path, "Destination"]
"""A study's folder, and where nothing may be sent from it."""

NOT_ALLOWED = "Nothing is sent before you allow it"
LOOKING = "Looking up what may be sent"
REVOKED = "Nothing was sent: the permission to send there has been revoked and is still being removed."
CLOSING_WAITS = 2.0
"""Seconds that closing waits for what is revoked; after that the thread goes on alone."""

log = logging.getLogger(__name__)


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
        """What the study may send; None while that is not known, or no study is open."""
        self.problem = ""
        """Why it is not known; "" when it is, or is being read."""
        self.sent: SentSoFar | None = None
        """What has left the study; None before it was counted."""
        self.not_counted = ""
        """Why it could not be counted."""
        self._taken_back: set[_Revoked] = set()
        """What was revoked since the program began and was not allowed again."""
        self._running_to: Destination | None = None
        self._revoked: set[_Revoked] = set()
        """What was revoked, until that is done and was read again."""
        self._to_remove: list[_Revoked] = []
        """Of these what is still to be removed; the first is being removed."""
        self._removed: set[_Revoked] = set()
        """Of these what is removed."""
        self._folder: Path | None = None
        self._again = False
        self._reading = Background("permissions", self)
        self._reading.done.connect(self._on_read)
        self._reading.failed.connect(self._on_not_read)
        self._reading.ended.connect(self._look_again)
        self._counting = Background("list of what was sent", self)
        self._counting.done.connect(self._on_counted)
        self._counting.failed.connect(self._on_not_counted)
        self._revoking = Background("permission that is revoked", self)
        self._revoking.done.connect(self._on_removed)
        self._revoking.failed.connect(self._on_not_removed)
        self._revoking.ended.connect(self._remove_next)
        opened.recording_changed.connect(self._on_recording)
        chosen.changed.connect(self.changed)

    @property
    def where(self) -> str:
        """Where data go, as text: while a model is asked where this run sends, else where data may go, to a
        place only while that is allowed for the open study."""
        if self._running_to is not None:
            return f"Sending to {plain(self._running_to.shown, 60)}"
        place = self._chosen.destination
        if self._chosen.where in {LOCAL, INCOMPLETE}:
            return self._chosen.where
        if self._folder is not None and self.known is None and not self.problem:
            return LOOKING
        if place is None or not self._allows(place):
            return NOT_ALLOWED
        return f"May send to {plain(place.shown, 60)}"

    @property
    def not_allowed(self) -> Destination | None:
        """Where the chosen model would be asked, while that is not allowed for the open study; None where it
        is, or where nobody knows yet."""
        place = self._chosen.destination
        if self._chosen.where in {LOCAL, INCOMPLETE} or self.known is None or place is None:
            return None
        return None if self._allows(place) else place

    def was_revoked(self, place: Destination) -> bool:
        """Whether it was revoked for the open study while this program runs."""
        return self._folder is not None and (self._folder, place) in self._taken_back

    def _allows(self, place: Destination) -> bool:
        if self._folder is None or self.known is None or self.is_revoked(self._folder, place):
            return False
        return self.known.allows(place, account_author())

    def show_run(self, place: Destination | None) -> None:
        """Say where the run sends that goes on; None when none does."""
        if place != self._running_to:
            self._running_to = place
            self.changed.emit()

    def is_revoked(self, folder: Path, place: Destination) -> bool:
        """Whether sending there from the study in this folder was revoked and that may not be on disk."""
        return (folder, place) in self._revoked

    def as_allowed(self, planned: Planned) -> Planned:
        """The plan without its permission where that was revoked since it was read."""
        plan = planned.plan
        return (
            replace(planned, permission=None)
            if self.is_revoked(plan.study_folder, plan.destination)
            else planned
        )

    def look(self) -> None:
        """Read what the open study may send."""
        from app.core.privacy.study_sending import sending_of

        folder = self._folder
        # On a share that hangs one thread waits, not one for each time.
        self._again = self._reading.running
        if folder is not None and not self._again:
            removed = frozenset(self._removed)
            self._reading.start(lambda _task: (sending_of(folder), removed))

    def count(self) -> None:
        """Read what has left the open study, which takes long where that is much."""
        from app.core.privacy.study_sending import sent_from

        folder = self._folder
        if folder is not None:
            self._counting.start(lambda _task: sent_from(folder))

    def revoke(self, place: Destination) -> None:
        """Take back the permissions to send from the open study to this place."""
        folder = self._folder
        if folder is None:
            return
        self._revoked.add((folder, place))
        self._taken_back.add((folder, place))
        self._removed.discard((folder, place))
        if (folder, place) not in self._to_remove:
            self._to_remove.append((folder, place))
        self.revoked.emit(place)
        self.changed.emit()
        if not self._revoking.running:
            self._remove_next()

    def close(self) -> None:
        """Stop everything; what was revoked is removed before the program ends, also without its window."""
        self._reading.close()
        self._counting.close()
        self._revoking.drop()
        left, self._to_remove = tuple(self._to_remove), []
        if left:
            outlive_window(lambda: _remove_on_closing(left), "revoking on closing").join(CLOSING_WAITS)

    def _remove_next(self) -> None:
        if not self._to_remove:
            self.look()
            return
        folder, place = self._to_remove[0]

        def work(_task: Task) -> None:
            from app.core.privacy.gate import revoke

            revoke(folder, place)

        self._revoking.start(work)

    def _on_removed(self, _none: None) -> None:
        self._removed.add(self._to_remove.pop(0))

    def _on_not_removed(self, sentence: str) -> None:
        """It stays revoked as long as the program runs, or until it is revoked again and that succeeds."""
        _, place = self._to_remove.pop(0)
        self._status.show_message(f"{plain(place.shown, 60)}: {sentence}")

    def _on_recording(self) -> None:
        """Look once for each study that is opened."""
        if self._study.folder != self._folder:
            self._folder, self.known, self.sent = self._study.folder, None, None
            self.problem = self.not_counted = ""
            self._reading.drop()  # what it finds is of the other study
            self._counting.drop()
            self.look()
            self.changed.emit()

    def _on_read(self, found: tuple[StudySending, frozenset[_Revoked]]) -> None:
        self.known, removed = found
        self.problem = ""
        self._removed -= removed
        self._revoked -= removed
        if self._folder is not None:
            again = {(self._folder, one.destination) for one in self.known.permissions}
            self._taken_back -= again - self._revoked
        self.changed.emit()

    def _on_not_read(self, sentence: str) -> None:
        self.known, self.problem = None, sentence
        self._status.show_message(sentence)
        self.changed.emit()

    def _on_counted(self, sent: SentSoFar) -> None:
        self.sent, self.not_counted = sent, ""
        self.changed.emit()

    def _on_not_counted(self, sentence: str) -> None:
        self.sent, self.not_counted = None, sentence
        self.changed.emit()

    def _look_again(self) -> None:
        if self._again:
            self.look()


def _remove_on_closing(left: tuple[_Revoked, ...]) -> None:
    from app.core.privacy.gate import revoke

    for folder, place in left:
        try:
            revoke(folder, place)
        except UserError as error:
            # No window is left that could say it.
            log.error("on closing: %s", error)
