"""What is computed of the open recording in the background once somebody looks."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.core.jobs import Progress
from app.ui.session.background import Background


class Computed(QObject):
    """One result at a time, which the class takes from `_runner.done`; its `name` is that of the work."""

    changed = Signal()
    """There is another result or none, or it is further on."""

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.progress: Progress | None = None
        """How far it is, None while nothing is computed."""
        self.problem = ""
        """Why there is no result, in one sentence; "" when nothing is wrong."""
        self._runner = Background(name, self)
        self._runner.progressed.connect(self._on_progress)
        self._runner.failed.connect(self._on_failed)
        self._runner.ended.connect(self._on_ended)

    def _on_progress(self, progress: Progress) -> None:
        self.progress = progress
        self.changed.emit()

    def _on_failed(self, why: str) -> None:
        self.problem = why

    def _on_ended(self) -> None:
        self.progress = None
        self.changed.emit()
