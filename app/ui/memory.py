"""The remembered settings of the window, written in a background thread."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer

from app.core.changed_settings import save_changes
from app.core.errors import UserError
from app.core.settings import Settings, UnreadSettings, load_settings
from app.ui.session.background import outlive_window

if TYPE_CHECKING:
    import threading

log = logging.getLogger(__name__)

_CALM = 1000
"""Milliseconds without a change after which it is written: a slider moves a hundred times."""


class Memory(QObject):
    """The present settings. Changes are written after a second; `close` writes the rest.

    Where the settings could not be read at the start only what the person changes is written, over those that
    can be read by then.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings = self._before = load_settings()
        self._saving: threading.Thread | None = None
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_CALM)
        self._later.timeout.connect(self.save_aside)

    def change(self, **fields: Any) -> None:
        """Change settings by name; written when nothing has changed for a second."""
        self.replace(replace(self.settings, **fields))

    def replace(self, settings: Settings) -> None:
        if settings != self.settings:
            self.settings = settings
            self._later.start()

    def remember(self, settings: Settings) -> None:
        """As `replace`, for what the window remembers by itself: that never replaces settings that could not
        be read."""
        if not isinstance(self.settings, UnreadSettings):
            self.replace(settings)

    def begin_with(self, **fields: Any) -> None:
        """What a part shows in place of settings that could not be read: not a change."""
        if isinstance(self.settings, UnreadSettings):
            self._wait()  # for what is being written, which becomes the state before
            self._before = replace(self._before, **fields)
            self.settings = replace(self.settings, **fields)

    def save_aside(self) -> None:
        """Write now in a background thread."""
        self._wait()
        self._later.stop()
        settings = self.settings
        self._saving = outlive_window(lambda: self._save(settings), "settings")

    def close(self) -> None:
        """Write unsaved changes; returns when they are on disk."""
        self._later.stop()
        self._wait()
        self._save(self.settings)

    def _wait(self) -> None:
        if self._saving is not None:
            self._saving.join()

    def _save(self, settings: Settings) -> None:
        """Write them; called in a thread that the next call waits for. What is written is no change from then
        on, so that taking it back is one."""
        try:
            save_changes(self._before, settings)
        except UserError as error:
            log.warning("the settings were not kept: %s", error)
        else:
            self._before = settings
