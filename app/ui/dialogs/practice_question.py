"""The question of a card: presence, side, span, certainty, and after a model's answer keep or change."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSpinBox, QToolButton, QVBoxLayout, QWidget

from app.core.plain_text import plain
from app.core.presence_text import PRESENCE_GLYPHS, PRESENCE_NAMES
from app.core.semiology import Answer, Laterality, Presence
from app.core.teaching.feedback_text import answer_text, feature_facts, foil_text
from app.core.teaching.learner_log import LONGEST_REASON
from app.core.timeline.clock_text import clock, span_text
from app.ui.dialogs.form import button, rows_of, sentence
from app.ui.session.practice import Practice, PracticeStage
from app.ui.theme import small_font
from app.ui.views.tool_tip import tool_tip

_OPEN = -1
_LONGEST_FOIL = 1000
"""Characters of a model's reason that are shown."""
KeysOf = Callable[[str], str]
"""Gives the first key of a command, as text; "" without one."""

_PRESENCES = {Presence.YES: "yes", Presence.NO: "no", Presence.NOT_ASSESSABLE: "unable"}
_SIDES = {
    Laterality.LEFT: "side_left",
    Laterality.RIGHT: "side_right",
    Laterality.BOTH: "side_both",
}


class PracticeQuestion(QWidget):
    """The fields of the answer that is being given."""

    def __init__(self, practice: Practice, key_of: KeysOf) -> None:
        super().__init__()
        self._practice = practice
        self._key_of = key_of
        self._feature = ""
        self.name = sentence(bold=True)
        self.foil, self.foil_reason = sentence(), sentence(small=True)
        self.presences = {presence: self._presence_button(presence) for presence in _PRESENCES}
        self.sides = {side: self._side_button(side) for side in _SIDES}
        self.side_row = QWidget()
        self.spans = sentence(small=True)
        self.remove = _tool("Remove", "Remove the span that was marked last", practice.draft.take_back)
        self.confidence = QSpinBox()
        self.reason = QLineEdit()
        self.look_up = button("Look up the definition  (Shift+H)", practice.look_up)
        self.definition = QWidget()
        self.submit = button("Submit", practice.submit)
        self._arrange()
        practice.changed.connect(self.refresh)
        practice.draft.changed.connect(self.refresh)

    def _presence_button(self, presence: Presence) -> QToolButton:
        name, key = PRESENCE_NAMES[presence].capitalize(), self._key_of(_PRESENCES[presence])
        words = f"{PRESENCE_GLYPHS[presence]}  {_with_key(name, key)}"
        made = _tool(words, "", lambda: self._say(presence))
        made.setAccessibleName(PRESENCE_NAMES[presence].capitalize())
        made.setCheckable(True)
        return made

    def _say(self, presence: Presence) -> None:
        self._practice.draft.say(presence)
        self.refresh()  # said again nothing changes, but Qt has taken the button's tick away

    def _side_button(self, side: Laterality) -> QToolButton:
        words, tip = _with_key(side.value, self._key_of(_SIDES[side])), "The patient's own side"
        made = _tool(words, tip, lambda: self._practice.draft.toggle_side(side))
        made.setAccessibleName(f"Side: {side.value}")
        made.setCheckable(True)
        return made

    def _arrange(self) -> None:
        self.foil.setObjectName("foil")
        self.look_up.setToolTip("The answer then counts apart from those without help")
        self.submit.setObjectName("main")
        self._arrange_fields()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        for part in (self.name, self.foil, self.foil_reason):
            column.addWidget(part)
        column.addLayout(_row("", *self.presences.values()))
        self.side_row.setLayout(_row("Side", *self.sides.values()))
        column.addWidget(self.side_row)
        column.addLayout(_row("When", self.spans, self.remove, growing=self.spans))
        column.addLayout(_row("How sure", self.confidence))
        column.addLayout(_row("Why", self.reason, growing=self.reason))
        column.addWidget(self.definition)
        column.addWidget(self.look_up, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        column.addWidget(self.submit)

    def _arrange_fields(self) -> None:
        self.confidence.setRange(_OPEN, 100)
        self.confidence.setSpecialValueText("–")
        self.confidence.setSuffix(" %")
        self.confidence.setSingleStep(5)
        self.confidence.setAccessibleName("How sure you are")
        self.confidence.setToolTip(tool_tip(f"0–100, key {self._key_of('how_sure')}; – leaves it open"))
        self.confidence.valueChanged.connect(
            lambda value: self._practice.draft.set_confidence(None if value == _OPEN else value)
        )
        self.reason.setMaxLength(LONGEST_REASON)
        self.reason.setPlaceholderText("Optional; your teacher can read it")
        self.reason.setAccessibleName("Why you think so")
        self.reason.textEdited.connect(self._practice.draft.set_reason)

    def refresh(self) -> None:
        """Show the card and the answer so far."""
        practice, draft = self._practice, self._practice.draft.answer
        feature = practice.feature
        self._show_foil()
        if feature is None or practice.stage not in (PracticeStage.QUESTION, PracticeStage.FOIL):
            return
        self.setEnabled(not practice.busy)
        self.name.setText(f"{feature.name}: is it in this recording?")
        for presence, one in self.presences.items():
            one.setChecked(draft.presence is presence)
        self.side_row.setVisible(self._practice.draft.asks_side)
        for side, one in self.sides.items():
            one.setChecked(draft.laterality is side)
        self._show_spans()
        self._show_fields(draft)
        self._show_definition()
        self.submit.setText(self._submit_words())

    def _show_foil(self) -> None:
        foil = self._practice.foil
        self.foil.setVisible(foil is not None)
        self.foil.setText(f"{plain(foil_text(foil), 300)} Keep your answer, or change it?" if foil else "")
        reason = plain(foil.answer.explanation, _LONGEST_FOIL) if foil else ""
        self.foil_reason.setText(f"“{reason}”" if reason else "")
        self.foil_reason.setVisible(bool(reason))

    def _show_spans(self) -> None:
        draft, key = self._practice.draft, self._key_of
        words = ", ".join(span_text(span) for span in draft.answer.evidence)
        if draft.begun is not None:
            words = f"from {clock(draft.begun, 1)} …  {key('mark_end')} ends it"
        how = f"{key('mark_start')} begins, {key('mark_end')} ends, or hold {key('hold')}"
        self.spans.setText(words or how)
        self.remove.setVisible(bool(draft.answer.evidence))

    def _show_fields(self, draft: Answer) -> None:
        with QSignalBlocker(self.confidence):
            self.confidence.setValue(_OPEN if draft.confidence is None else draft.confidence)
        if self.reason.text() != draft.explanation:
            self.reason.setText(draft.explanation)

    def _show_definition(self) -> None:
        practice = self._practice
        asks = practice.stage is PracticeStage.QUESTION
        self.look_up.setVisible(asks and practice.may_hint and not practice.hinted)
        shown = practice.feature.id if practice.hinted and practice.feature else ""
        if shown != self._feature:
            self._feature = shown
            self._replace_definition()

    def _replace_definition(self) -> None:
        column, former, feature = self.layout(), self.definition, self._practice.feature
        self.definition = QWidget()
        if self._feature and feature is not None:
            facts = rows_of(feature_facts(feature))
            facts.setContentsMargins(0, 4, 0, 4)
            self.definition.setLayout(facts)
        if column is not None:
            column.replaceWidget(former, self.definition)
        former.deleteLater()

    def _submit_words(self) -> str:
        practice, draft = self._practice, self._practice.draft.answer
        if practice.busy:
            return "Saving …"
        if practice.stage is PracticeStage.QUESTION:
            return "Submit  (Enter)"
        if draft == practice.own:
            return "Keep my answer  (Enter)"
        return f"Change to “{answer_text(draft)}”  (Enter)"


def _with_key(words: str, key: str) -> str:
    return f"{words}  ({key})" if key else words


def _tool(words: str, tip: str, slot: Callable[[], object]) -> QToolButton:
    made = QToolButton()
    made.setText(words)
    made.setToolTip(tool_tip(tip))
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    made.clicked.connect(lambda _on=False: slot())
    return made


def _row(name: str, *widgets: QWidget, growing: QWidget | None = None) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(4)
    if name:
        label = sentence(name, small=True)
        label.setFont(small_font())
        label.setFixedWidth(62)
        row.addWidget(label)
    for widget in widgets:
        row.addWidget(widget, 1 if widget is growing else 0)
    if growing is None:
        row.addStretch(1)
    return row
