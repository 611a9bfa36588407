"""What the window does without at first, and loads once it stands and nothing plays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from threading import Thread

from PySide6.QtCore import QObject, QTimer

_BESIDE = "numpy"
"""With which every recording is read: up to a third of a second, and none of it has to be in the thread of
the window."""

_MODULES = (
    _BESIDE,
    "app.ui.dialogs.closing",  # must be at hand when a disk fails
    "app.core.readers.models.model_choice",
    "app.core.readers.models.model_work",
    "app.ui.views.worklist",  # comes by itself with the second recording of a study
    "app.ui.views.eeg_panel",
)


_BETWEEN, _AGAIN = 50, 2000
"""Milliseconds from one module to the next, for what the window has to do, and to the next look while it is
busy."""


def load_later(
    owner: QObject, after: int, is_busy: Callable[[], bool], modules: Sequence[str] = _MODULES
) -> None:
    """Load the modules from `after` milliseconds on, one after the other with time between them: each takes
    some hundredths of a second, and waits while `is_busy`. Nothing is loaded once `owner` is gone."""

    def load() -> None:
        if is_busy():
            load_later(owner, _AGAIN, is_busy, modules)
            return
        if modules[0] == _BESIDE:
            # The end of the program waits for it: an interpreter that ends in the midst of it can crash.
            beside = Thread(target=import_module, args=(_BESIDE,), name=f"loading of {_BESIDE}")
            beside.start()
            load_later(owner, _BETWEEN, lambda: beside.is_alive() or is_busy(), modules[1:])
            return
        try:
            import_module(modules[0])
        finally:
            if len(modules) > 1:
                load_later(owner, _BETWEEN, is_busy, modules[1:])

    QTimer.singleShot(after, owner, load)
