"""Undo and redo, which go to what they have changed."""

from __future__ import annotations

from app.core.semiology import FEATURE
from app.core.study.recording_study import Step
from app.ui.session.opened_study import OpenedStudy
from app.ui.session.selection import Selection


class Undoing:
    """Takes changes of the study back and brings them back."""

    def __init__(self, study: OpenedStudy, selection: Selection) -> None:
        self._study = study
        self._selection = selection

    def undo(self) -> None:
        """Undo the last change."""
        self._go_to(self._study.undo())

    def redo(self) -> None:
        """Make the last change that was undone again."""
        self._go_to(self._study.redo())

    def _go_to(self, step: Step | None) -> None:
        if step is not None and step.feature in FEATURE:
            self._selection.select(step.feature)
