"""One answer scored with the key: presence, side, span, and the onset beside the spread among experts."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.agreement.overlap import iou
from app.core.semiology import FEATURE, Answer, Presence
from app.core.teaching.case_key import KeyAnswer

GOOD_OVERLAP = 0.3
"""The intersection over union from which a span counts as found; experts' own spans often share no more."""


@dataclass(frozen=True, slots=True)
class CardScore:
    """How an answer compares with the key.

    `right`: the presence is the key's. The others are None unless both say yes and the key has such a thing:
    `side_right`, where a side is asked; `overlap`, the intersection over union of the spans (0–1; 0 when the
    learner marked none); `onset_error` (s, positive when the learner is late), and `onset_within`, whether
    the learner's onset is among those of the experts, where the key has several.
    """

    right: bool
    side_right: bool | None = None
    overlap: float | None = None
    onset_error: float | None = None
    onset_within: bool | None = None

    @property
    def is_full(self) -> bool:
        """Right in everything that was asked."""
        found = self.overlap is None or self.overlap >= GOOD_OVERLAP
        return self.right and self.side_right is not False and found


def score_card(answer: Answer, key: KeyAnswer) -> CardScore:
    """The score of an answer. Raises ValueError when the key leaves the feature open."""
    expert = key.answer
    if expert.presence is None:
        raise ValueError("the key leaves this open")
    if answer.presence is not expert.presence or expert.presence is not Presence.YES:
        return CardScore(answer.presence is expert.presence)
    error = onset_error(answer, expert)
    asks_side = FEATURE[expert.feature].has_side and expert.laterality is not None
    return CardScore(
        right=True,
        side_right=answer.laterality is expert.laterality if asks_side else None,
        overlap=(iou(answer.evidence, expert.evidence) or 0.0) if expert.evidence else None,
        onset_error=error,
        onset_within=_is_among(answer.evidence[0].start, key.onsets) if error is not None else None,
    )


def onset_error(answer: Answer, expert: Answer) -> float | None:
    """Seconds by which the learner's first onset is later; None when either has none."""
    if not answer.evidence or not expert.evidence:
        return None
    return answer.evidence[0].start - expert.evidence[0].start


def _is_among(onset: float, onsets: tuple[float, ...]) -> bool | None:
    return min(onsets) <= onset <= max(onsets) if len(onsets) > 1 else None
