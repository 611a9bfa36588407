"""The selected feature, and where the person's evidence for it begins."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.core.semiology import FEATURE, FEATURES


class Selection(QObject):
    """The selected feature, of which there always is one."""

    selected = Signal(str, str)
    """The feature that is selected now, and the former one."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._feature = FEATURES[0].id
        self.evidence_start: float | None = None
        """Where evidence for the selected feature begins, until its end is given; seconds."""

    @property
    def feature(self) -> str:
        """Id of the selected feature."""
        return self._feature

    def reset(self) -> None:
        """No evidence is begun in another recording; the same feature stays selected."""
        self.evidence_start = None

    def select(self, feature: str) -> None:
        """Select a feature in every view; an unknown id is a bug (KeyError)."""
        if FEATURE[feature].id != self._feature:
            former, self._feature = self._feature, feature
            self.evidence_start = None
            self.selected.emit(feature, former)
