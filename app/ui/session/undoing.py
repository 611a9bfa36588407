"""Undo and redo, which go to what they have changed."""

from __future__ import annotations

from app.core.semiology import FEATURE
from app.ui.session.opened_study import OpenedStudy
from app.ui.session.selection import Selection


class Undoing:
    """Takes changes of the study back and brings them back."""

    def __init__(self, study: OpenedStudy, selection: Selection) -> None:
        self._study = study
        self._selection = selection

    def undo(self) -> None:
        """Take back the last change."""
        self._study.undo(self._go_to)

    def redo(self) -> None:
        """Make the last change that was undone again."""
        self._study.redo(self._go_to)

    def _go_to(self, feature: str | None) -> None:
        if feature in FEATURE:
            self._selection.select(feature)
