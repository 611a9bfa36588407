"""The remembered settings of the window, written in a background thread."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer

from app.core.errors import UserError
from app.core.settings import Settings, load_settings, save_settings
from app.ui.session.background import outlive_window

if TYPE_CHECKING:
    import threading

log = logging.getLogger(__name__)

_CALM = 1000
"""Milliseconds without a change after which it is written: a slider moves a hundred times."""


class Memory(QObject):
    """The present settings. Changes are written after a second; `close` writes the rest."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings = load_settings()
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

    def save_aside(self) -> None:
        """Write now in a background thread."""
        self._wait()
        self._later.stop()
        settings = self.settings
        self._saving = outlive_window(lambda: _save(settings), "settings")

    def close(self) -> None:
        """Write unsaved changes; returns when they are on disk."""
        self._later.stop()
        self._wait()
        _save(self.settings)

    def _wait(self) -> None:
        if self._saving is not None:
            self._saving.join()


def _save(settings: Settings) -> None:
    try:
        save_settings(settings)
    except UserError as error:
        log.warning("the settings were not kept: %s", error)
