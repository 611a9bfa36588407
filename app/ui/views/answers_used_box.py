"""The choice of which answers count of those who read blind."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox

from app.core.study.blind_readings import AnswersUsed
from app.ui.views.combo_box import ComboBox

_WORDS = {AnswersUsed.LOCKED: "as locked", AnswersUsed.NOW: "as of now"}


class AnswersUsedBox(ComboBox):
    """Shown only where somebody has changed an answer after unblinding; else both choices are the same."""

    def __init__(self) -> None:
        super().__init__()
        for used, words in _WORDS.items():
            self.addItem(words, used.value)
        self.setAccessibleName("Which answers count of those who read blind")
        self.setToolTip("Of those who read blind: what they locked, or also what they changed afterwards")
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setMinimumContentsLength(max(map(len, _WORDS.values())))
        self.offer(0)

    @property
    def used(self) -> AnswersUsed:
        """The chosen answers."""
        return AnswersUsed(self.currentData())

    def offer(self, changed: int) -> None:
        """Offer the choice where so many answers were changed after unblinding."""
        self.setVisible(changed > 0)
