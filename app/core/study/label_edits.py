"""The edits that a change of the person's answer needs, from what was answered before."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.core.reading import ReaderIdentity
from app.core.semiology import Answer, Presence, Span
from app.core.study.edits import ChangeSpans, SetAnswer, SetVerdict
from app.core.study.spans import draw_span, replace_spans
from app.core.study.verdict import verdict_of

LabelEdit = SetAnswer | SetVerdict | ChangeSpans


@dataclass(frozen=True, slots=True)
class LabelEdits:
    """Edits of one reader's answers for one recording of the study; None where nothing changes."""

    recording_id: int
    reader: ReaderIdentity

    def presence(self, before: Answer, presence: Presence | None) -> LabelEdit | None:
        """Tick a feature; clearing it clears its evidence too."""
        cleared = Answer(before.feature)
        return self.answer(before, cleared if presence is None else replace(before, presence=presence))

    def answer(self, before: Answer, after: Answer) -> LabelEdit | None:
        """Replace one answer by another."""
        if before == after:
            return None
        if before.evidence and before.evidence == after.evidence:
            verdicts = verdict_of(before), verdict_of(after)
            return SetVerdict(self.recording_id, self.reader, after.feature, *verdicts)
        return SetAnswer(self.recording_id, self.reader, before, after)

    def evidence(self, before: Answer, span: Span) -> LabelEdit | None:
        """Add a span, joined with those that it meets; what was unanswered becomes *yes*."""
        met, whole = draw_span(before, span)
        return None if met == (whole,) else self.spans(before, met, (whole,))

    def spans(self, before: Answer, removed: tuple[Span, ...], added: tuple[Span, ...]) -> LabelEdit | None:
        """Replace spans of evidence by others; an unanswered feature becomes *yes*."""
        if before.presence is None and added:
            return self.answer(before, replace_spans(before, removed, added))
        if removed == added:
            return None
        return ChangeSpans(self.recording_id, self.reader, before.feature, removed, added)
