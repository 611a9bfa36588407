"""What the status line says of changes on their way to the disk: saving, saved, not saved."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from app.ui.session.status import Offer, StatusLine

if TYPE_CHECKING:
    from app.core.study.saving import Unsaved

SAVING = "saving…"
TRY_AGAIN = "Try again"
_WAITING = "not saved: "

KEPT_AFTER = 5.0
"""Seconds that a change waits for the disk before it is kept on this computer, too."""

_WATCH_EVERY = 500
"""Milliseconds between two looks at a disk that does not answer."""


class SavingStatus(QObject):
    """Says *saving…* at once, *saved* only of what is on disk; what waits for the disk can be tried again."""

    def __init__(
        self,
        status: StatusLine,
        unsaved: Callable[[], Unsaved],
        retry: Callable[[], None],
        keep_elsewhere: Callable[[], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._status = status
        self._unsaved = unsaved
        self._retry = retry
        self._offer: Offer | None = None
        self._said = self._saved = ""
        self._keep_elsewhere = keep_elsewhere
        self._watch = QTimer(self)
        self._watch.setInterval(_WATCH_EVERY)
        self._watch.timeout.connect(self.show_unsaved)

    def begin(self) -> None:
        """A change of the person's is on its way."""
        self._saved = ""
        self._say(SAVING)
        self._watch.start()

    def say(self, line: str) -> None:
        """Say that a change is on disk, unless a later one is not."""
        self._saved = line
        self.settle()

    def settle(self) -> None:
        """Once everything is on disk, say of the last change that it is."""
        if self._unsaved().requests:
            return
        self._watch.stop()
        self._withdraw()
        # What somebody else has said meanwhile stays.
        if self._saved and self._status.line == self._said:
            self._say(self._saved)

    def _say(self, line: str) -> None:
        self._said = line
        self._status.say(line)

    def show_unsaved(self) -> None:
        """Say what is not saved yet when the disk has failed or does not answer, and offer to try again."""
        unsaved = self._unsaved()
        sentence = unsaved.sentence()
        if not unsaved.requests:
            self.settle()
        elif unsaved.seconds > KEPT_AFTER:
            self._keep_elsewhere()
        if not sentence or (self._offer is not None and self._offer.sentence == sentence):
            return
        self._watch.start()
        self._say(f"{_WAITING}{sentence}")
        self._offer = Offer(sentence, TRY_AGAIN, self._try_again)
        self._status.make_offer(self._offer)

    def stop(self) -> None:
        """Say nothing more of changes that wait."""
        self._watch.stop()

    def _try_again(self) -> None:
        self._withdraw()
        self._say(SAVING)
        self._watch.start()
        self._retry()

    def _withdraw(self) -> None:
        offer, self._offer = self._offer, None
        if offer is not None and self._status.offer is offer:
            self._status.make_offer(None)
