"""What the window does without at first, and loads once it stands."""

from __future__ import annotations

from functools import partial
from importlib import import_module

from PySide6.QtCore import QObject, QTimer

_MODULES = (
    "app.ui.dialogs.closing",  # must be at hand when a disk fails
    "app.core.readers.models.model_choice",
    "app.core.readers.models.model_work",
    "app.ui.views.eeg_panel",
)


def load_later(owner: QObject, after: int) -> None:
    """Load each module `after` so many milliseconds, in a turn of the event loop for each: some hundredths of
    a second. Nothing is loaded once `owner` is gone."""
    for module in _MODULES:
        QTimer.singleShot(after, owner, partial(import_module, module))
