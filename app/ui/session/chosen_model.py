"""The model that is chosen, where it answers from, the keys for that, and the test of the connection."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.account_file import UnreadableFileError
from app.core.folders import MODEL_CHOICE, settings_folder
from app.core.jobs import Task
from app.core.plain_text import plain
from app.core.privacy.key_cache import Keys
from app.ui.session.background import Background

if TYPE_CHECKING:
    from app.core.privacy.destination import Destination
    from app.core.readers.models.model_choice import ModelChoice

LOCAL = "Local only"
INCOMPLETE = "Nothing is sent: the model is not set up completely"

log = logging.getLogger(__name__)


class ChosenModel(QObject):
    """Which model may be asked. Lives in the GUI thread; where it answers from is found in the background."""

    changed = Signal()
    """Which model is asked, and where its data go."""
    replaced = Signal()
    """Another model or other settings are being chosen: what was planned is not what would be asked."""

    not_stored = Signal(str)
    """The sentence on why the choice could not be stored."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._choice: ModelChoice | None = None
        self._unread = False
        """Whether there is a stored choice that could not be read and was not replaced since."""
        self._is_one_stored = (settings_folder() / MODEL_CHOICE).exists()
        self.keys = Keys()
        self.trial = Background("test of the connection", self)
        self.vault = Background("key vault", self)
        self._destination: Destination | None = None
        self._incomplete = False
        self._writing = threading.Lock()
        self._storing = Background("storing of the chosen model", self)
        self._storing.failed.connect(self._on_not_stored)
        self._place = Background("settings of the model", self)
        self._place.done.connect(self._on_place)
        self._place.failed.connect(self._on_no_place)
        self._find_destination()

    @property
    def choice(self) -> ModelChoice:
        """The stored choice; it is read when it is first asked for."""
        if self._choice is None:
            from app.core.readers.models.model_choice import ModelChoice

            self._choice = self._stored() or ModelChoice()
        return self._choice

    def _stored(self) -> ModelChoice | None:
        from app.core.readers.models.model_choice import stored_choice

        try:
            found = stored_choice()
        except UnreadableFileError:
            self._unread = True
            return None
        self._unread = False
        return found

    def read_again(self) -> None:
        """Take the stored choice if it could not be read before and can be now."""
        if self._unread and (found := self._stored()) is not None:
            self._take(found)

    @property
    def local_only(self) -> bool:
        """Whether nothing is sent anywhere; as long as no choice is stored, that needs no look at one."""
        return not self._is_one_stored or self.choice.local_only

    @property
    def where(self) -> str:
        """Where the chosen model answers from, as text; whether anything may be sent there is another matter
        (`sending_permissions.py`)."""
        if self.local_only:
            return LOCAL
        if self._incomplete:
            return INCOMPLETE
        return plain(self._destination.shown, 60) if self._destination else ""

    @property
    def destination(self) -> Destination | None:
        """Where the chosen model answers from; None while local only or not known yet."""
        return self._destination

    def choose(self, choice: ModelChoice) -> None:
        """Choose the model, and store that in a background thread; `not_stored` follows where it fails."""
        self._is_one_stored = True
        self._take(choice)
        self._storing.start(lambda _task: self._store())

    def _take(self, choice: ModelChoice) -> None:
        # The former one is read only now, if nobody has asked for it yet.
        if choice != self.choice:
            self.replaced.emit()
        self._choice = choice
        self._find_destination()
        self.changed.emit()

    def _store(self) -> None:
        """Store what is chosen by now; called in background threads, one of which may still be writing."""
        from app.core.readers.models.model_choice import save_choice

        with self._writing:
            save_choice(self.choice, seen=not self._unread)
            self._unread = False

    def _on_not_stored(self, sentence: str) -> None:
        self.read_again()
        self.not_stored.emit(sentence)

    def _find_destination(self) -> None:
        self._destination, self._incomplete = None, False
        if self.local_only:
            return
        choice = self.choice

        def work(_task: Task) -> Destination:
            from app.core.readers.models.model_work import destination_of

            return destination_of(choice)

        self._place.start(work)

    def _on_place(self, found: Destination) -> None:
        self._destination = found
        self.changed.emit()

    def _on_no_place(self, _sentence: str) -> None:
        log.info("the chosen model cannot be asked")
        self._incomplete = True
        self.changed.emit()
