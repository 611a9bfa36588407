"""The key after the answer: right or wrong, the expert's words, what the feature is confused with."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from app.core.plain_text import breakable, plain
from app.core.teaching.feedback_text import feedback_facts, verdict
from app.core.teaching.learner_log import LONGEST_REASON
from app.core.teaching.practice import CardFeedback
from app.ui.dialogs.form import button, rows_of, selectable, sentence
from app.ui.session.practice import Practice

_LONGEST = 5000
"""Characters of a fact that are shown."""


class PracticeFeedback(QWidget):
    """Empty except while a key is shown."""

    repeat_wanted = Signal()
    """The expert's span is to be repeated."""
    compare_wanted = Signal()
    """The feature is to be seen beside what looks alike."""

    def __init__(self, practice: Practice, repeat_key: str, compare_key: str) -> None:
        super().__init__()
        self._practice = practice
        self._shown: CardFeedback | None = None
        self.name, self.verdict = sentence(bold=True), sentence(bold=True)
        self.facts = QScrollArea()
        self.note = QLineEdit()
        self.repeat = button(f"Repeat the expert's span  ({repeat_key})", self.repeat_wanted.emit)
        self.compare = button(f"Compare with what looks alike  ({compare_key})", self.compare_wanted.emit)
        self.next = button("", self.go_on)
        self._arrange()
        practice.changed.connect(self.refresh)

    def _arrange(self) -> None:
        self.next.setObjectName("main")
        self.facts.setWidgetResizable(True)
        self.facts.setFrameShape(QFrame.Shape.NoFrame)
        self.note.setMaxLength(LONGEST_REASON)
        self.note.setPlaceholderText("Optional; your teacher can read it")
        self.note.setAccessibleName("Why did you think so?")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.name)
        column.addWidget(self.verdict)
        column.addWidget(self.facts, 1)
        column.addWidget(self.repeat)
        column.addWidget(self.compare)
        column.addWidget(sentence("Why did you think so?", small=True))
        column.addWidget(self.note)
        column.addWidget(self.next)

    def go_on(self) -> None:
        """Keep the note and go to the next card."""
        self._practice.go_on(self.note.text())

    def refresh(self) -> None:
        """Show the key, or nothing."""
        feedback = self._practice.feedback
        self.setEnabled(not self._practice.busy)
        self.next.setText("Next key  (Enter)" if self._practice.reviewing else "Next card  (Enter)")
        if feedback is self._shown:
            return
        self._shown = feedback
        self.note.clear()
        self.name.setText(feedback.feature.name if feedback else "")
        self.verdict.setText(
            f"{'✓' if feedback.score.right else '✕'}  {verdict(feedback)}" if feedback else ""
        )
        self.repeat.setVisible(bool(self._practice.expert_spans))
        self._show_facts(feedback)

    def _show_facts(self, feedback: CardFeedback | None) -> None:
        content = QWidget()
        if feedback is not None:
            facts = [(name, breakable(plain(text, _LONGEST))) for name, text in feedback_facts(feedback)]
            column = QVBoxLayout(content)
            column.setContentsMargins(0, 0, 6, 0)
            column.addLayout(rows_of(facts))
            column.addStretch(1)
            for label in content.findChildren(type(sentence())):
                selectable(label)
        self.facts.setWidget(content)
