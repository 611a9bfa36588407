"""The model that is chosen, where it answers from, the keys for that, and the test of the connection."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

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

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._choice: ModelChoice | None = None
        self._is_one_stored = (settings_folder() / MODEL_CHOICE).exists()
        self.keys = Keys()
        self.trial = Background("test of the connection", self)
        self.vault = Background("key vault", self)
        self._destination: Destination | None = None
        self._incomplete = False
        self._place = Background("settings of the model", self)
        self._place.done.connect(self._on_place)
        self._place.failed.connect(self._on_no_place)
        self._find_destination()

    @property
    def choice(self) -> ModelChoice:
        """The stored choice; it is read when it is first asked for."""
        if self._choice is None:
            from app.core.readers.models.model_choice import load_choice

            self._choice = load_choice()
        return self._choice

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
        """Store the choice of the model. Raises UserError when it cannot be stored."""
        from app.core.readers.models.model_choice import save_choice

        # Before it is stored: the former one is read only now, if nobody has asked for it yet.
        is_other = choice != self.choice
        save_choice(choice)
        if is_other:
            self.replaced.emit()
        self._choice, self._is_one_stored = choice, True
        self._find_destination()
        self.changed.emit()

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
