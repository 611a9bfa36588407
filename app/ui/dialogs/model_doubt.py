"""The page on what a model's confidence is, and how its segments become one answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from PySide6.QtWidgets import QComboBox, QScrollArea, QSpinBox, QWidget

from app.core.answer_words import CONFIDENCE_MEANINGS
from app.core.readers.models.merge_rule import MOST_SEGMENTS_NEEDED, MergeRule, merge_rule
from app.core.readers.models.model_choice import MOST_TIMES_ASKED, ModelChoice
from app.core.readers.models.prompt_files import prompt_sets
from app.core.readers.models.prompt_set_words import prompt_set_words
from app.core.readers.models.rate_cost import times_everywhere
from app.core.semiology import ConfidenceKind
from app.ui.dialogs.check_box import CheckBox
from app.ui.dialogs.form import add_row, form, page, sentence, side_by_side, stacked
from app.ui.session.session import Session
from app.ui.views.combo_box import ComboBox

_KINDS = (
    (ConfidenceKind.STATED, "What the model says of itself"),
    (ConfidenceKind.REPEATS, "The share of repeated questions"),
    (ConfidenceKind.TOKENS, "The probability of its verdict's token"),
)
_EFFECTS = {
    ConfidenceKind.STATED: "Models mostly say 90 or more, right or wrong.",
    ConfidenceKind.REPEATS: "Each request is sent several times, and takes as many times the tokens.",
    ConfidenceKind.TOKENS: "Only from servers that give probabilities (vLLM, SGLang, llama.cpp); where one "
    "gives none, the confidence is what the model says of itself.",
}
_ANY, _COUNT, _PART, _SURE = "any", "count", "part", "sure"
_RULES = (
    (_ANY, "One segment says yes, as in arXiv 2605.03352"),
    (_COUNT, "At least this many segments say yes"),
    (_PART, "At least this part of the segments says yes"),
    (_SURE, "One segment says yes with at least this confidence"),
)
_RANGES = {_COUNT: (2, MOST_SEGMENTS_NEEDED, " segments"), _PART: (1, 100, " %"), _SURE: (1, 100, " %")}


class DoubtPage(QScrollArea):
    """The page that fills confidence, merging and passes of a choice."""

    def __init__(self, session: Session, choice: ModelChoice) -> None:
        super().__init__()
        self.confidence = ComboBox()
        self.times_asked = QSpinBox()
        self.wordings = {name: CheckBox(session, prompt_set_words(name)) for name in prompt_sets()}
        self.rule = ComboBox()
        self.amount = QSpinBox()
        self.two_passes = CheckBox(session, "Higher rates only where the pose moves quickly")
        self._effect = sentence(small=True)
        self._form = form(())
        self._arrange()
        self._show(choice)

    def filled(self, choice: ModelChoice) -> ModelChoice:
        """`choice` with what stands on this page."""
        wordings = (name for name, box in self.wordings.items() if box.isChecked())
        return replace(
            choice,
            confidence=ConfidenceKind(self.confidence.currentData()),
            times_asked=self.times_asked.value(),
            wordings=tuple(name for name in wordings if name != choice.prompts),
            merging=self._rule().name,
            two_passes=self.two_passes.isChecked(),
        )

    def _rule(self) -> MergeRule:
        amount = self.amount.value()
        return {
            _ANY: MergeRule(),
            _COUNT: MergeRule(at_least=amount),
            _PART: MergeRule(part=amount / 100),
            _SURE: MergeRule(confidence=amount),
        }[str(self.rule.currentData())]

    def _arrange(self) -> None:
        _fill(self.confidence, ((kind.value, words) for kind, words in _KINDS))
        _fill(self.rule, _RULES)
        for box in (self.confidence, self.rule):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(20)
        for kind, _words in _KINDS:
            row = self.confidence.findData(kind.value)
            self.confidence.setItemData(row, CONFIDENCE_MEANINGS[kind].capitalize(), 3)
        self.times_asked.setRange(2, MOST_TIMES_ASKED)
        self.times_asked.setSuffix(" times")
        self.times_asked.setToolTip("An odd number decides between yes and no")
        self.confidence.setAccessibleName("What the confidence is")
        self.times_asked.setAccessibleName("How often each request is sent")
        self.rule.setAccessibleName("When segments are a yes")
        self.amount.setAccessibleName("How many segments, or how sure")
        passes = sentence(
            "With “higher rate, in shorter windows”: everything is asked at the usual rate, and "
            "what is fast once more in the windows in which the signal reader's pose moves quickest. "
            "Together that takes at most 3 times the tokens; "
            f"everywhere takes {times_everywhere()} times.",
            small=True,
        )
        rows: tuple[tuple[str, QWidget], ...] = (
            ("Confidence", stacked(self.confidence, self._effect)),
            ("Asked", side_by_side(self.times_asked)),
            ("Other wordings", stacked(*self.wordings.values())),
            ("An answer is yes when", side_by_side(self.rule, self.amount, growing=self.rule)),
            ("Two passes", stacked(self.two_passes, passes)),
        )
        for name, field in rows:
            add_row(self._form, name, field)
        page(self, self._form)
        self.confidence.currentIndexChanged.connect(self._on_confidence)
        self.rule.currentIndexChanged.connect(self._on_rule)

    def _show(self, choice: ModelChoice) -> None:
        self.confidence.setCurrentIndex(max(0, self.confidence.findData(choice.confidence.value)))
        self.times_asked.setValue(choice.times_asked)
        for name, box in self.wordings.items():
            box.setChecked(name in choice.wordings)
        rule = merge_rule(choice.merging)
        chosen = _SURE if rule.confidence else _PART if rule.part else _COUNT if rule.at_least > 1 else _ANY
        self.rule.setCurrentIndex(self.rule.findData(chosen))
        self._on_confidence()
        self._on_rule()
        amount = {_SURE: rule.confidence, _PART: round(100 * rule.part), _COUNT: rule.at_least}.get(chosen)
        if amount is not None:
            self.amount.setValue(amount)
        self.two_passes.setChecked(choice.two_passes)

    def _on_confidence(self) -> None:
        kind = ConfidenceKind(self.confidence.currentData())
        self._effect.setText(_EFFECTS[kind])
        for widget in (self.times_asked, *self.wordings.values()):
            widget.setEnabled(kind is ConfidenceKind.REPEATS)

    def _on_rule(self) -> None:
        chosen = _RANGES.get(str(self.rule.currentData()))
        self.amount.setVisible(chosen is not None)
        if chosen is not None:
            self.amount.setRange(chosen[0], chosen[1])
            self.amount.setSuffix(chosen[2])


def _fill(box: QComboBox, rows: Iterable[tuple[str, str]]) -> None:
    for value, words in rows:
        box.addItem(words, value)
