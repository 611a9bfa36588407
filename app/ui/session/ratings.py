"""How faithful the person thinks explanations are: of the shown reader, and of the whole study in turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.reading import ReaderIdentity
from app.core.study.rating import Rating
from app.ui.session.answers import Answers
from app.ui.session.opened_study import OpenedStudy
from app.ui.session.selection import Selection

if TYPE_CHECKING:
    from app.core.study.edits import Edit


class Ratings:
    """Each rating shows at once and is saved in the background."""

    def __init__(self, study: OpenedStudy, answers: Answers, selection: Selection) -> None:
        self._study = study
        self._answers = answers
        self._selection = selection

    @property
    def score(self) -> int | None:
        """The person's score (1–5) of what the shown reader says now of the selected feature."""
        shown = self._answers.shown
        if shown is None:
            return None
        key = shown.reader.key
        for kept in self._answers.my_reading.ratings:
            about = kept.explained
            if about.feature == self._selection.feature and about.reader.key == key:
                return kept.rating.score if kept.current else None
        return None

    def rate(self, score: int | None) -> None:
        """Rate the shown reader's explanation of the selected feature; None takes the rating back."""
        shown = self._answers.shown
        if shown is not None:
            self.rate_explanation(shown.reader, self._selection.feature, score)

    def rate_explanation(self, reader: ReaderIdentity, feature: str, score: int | None) -> bool:
        """Rate what a reader says of a feature of the open recording; whether that is on its way."""
        from app.core.study.edits import RateExplanation

        def edit() -> Edit | None:
            number, me, key = self._study.opened(), self._study.me, reader.exact_key
            kept = (one for one in self._answers.my_reading.ratings if one.explained.feature == feature)
            before = next((one.rating for one in kept if one.explained.reader.exact_key == key), None)
            after = None if score is None else Rating(score)
            if before is None and after is None:
                return None
            return RateExplanation(number, reader, feature, me, before, after)

        return self._study.apply(edit)
