"""How faithful the person thinks explanations are: of the shown reader, and of the whole study in turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.reading import ReaderIdentity
from app.core.study.rating import Particular, Rating, Sheet, make_sheet
from app.ui.session.answers import Answers
from app.ui.session.opened_study import OpenedStudy
from app.ui.session.selection import Selection

if TYPE_CHECKING:
    from app.core.study.edits import Edit
    from app.core.study.ratings import StoredRating


class Ratings:
    """Each rating shows at once and is saved in the background."""

    def __init__(self, study: OpenedStudy, answers: Answers, selection: Selection) -> None:
        self._study = study
        self._answers = answers
        self._selection = selection
        self._begun: dict[tuple[str, str, str, str], Sheet] = {}
        """Sheets of explanations that have no score yet, each of one rater."""

    @property
    def score(self) -> int | None:
        """The person's score (1–5) of what the shown reader says now of the selected feature."""
        rating = self._rating
        return None if rating is None else rating.score

    @property
    def sheet(self) -> Sheet:
        """What the person answered of the particulars of that explanation, also before there is a score."""
        rating = self._rating
        return self._begun.get(self._place, ()) if rating is None else rating.sheet

    @property
    def _rating(self) -> Rating | None:
        shown = self._answers.shown
        if shown is None:
            return None
        kept = self._of(shown.reader, self._selection.feature)
        return kept.rating if kept is not None and kept.current else None

    def _of(self, reader: ReaderIdentity, feature: str) -> StoredRating | None:
        """The person's rating of what this version of a reader said of a feature."""
        ratings = self._answers.my_reading.ratings
        about = (one for one in ratings if one.explained.feature == feature)
        return next((one for one in about if one.explained.reader.is_same_version(reader)), None)

    @property
    def _place(self) -> tuple[str, str, str, str]:
        """The rater, and the recording, reader and explanation that a sheet is begun for."""
        shown, me = self._answers.shown, self._study.me.exact_key
        if shown is None:
            return me, "", "", ""
        feature = self._selection.feature
        recording = shown.recording.sha256 or shown.recording.name
        return me, recording, shown.reader.exact_key, f"{feature} {shown.answer(feature).explanation}"

    def rate(self, score: int | None) -> None:
        """Rate the shown reader's explanation of the selected feature; None takes the rating back."""
        shown = self._answers.shown
        if shown is not None:
            sheet = self.sheet
            if self.rate_explanation(shown.reader, self._selection.feature, score, sheet):
                self._begun[self._place] = sheet

    def answer_sheet(self, particular: Particular, holds: bool | None) -> None:
        """Say whether a particular of the shown explanation holds; None leaves it open.

        It is kept with the rating, and until there is one as long as the program runs.
        """
        answers = dict(self.sheet)
        answers.pop(particular, None)
        sheet = make_sheet(answers if holds is None else {**answers, particular: holds})
        shown, score = self._answers.shown, self.score
        self._begun[self._place] = sheet
        if shown is not None and score is not None:
            self.rate_explanation(shown.reader, self._selection.feature, score, sheet)

    def rate_explanation(
        self, reader: ReaderIdentity, feature: str, score: int | None, sheet: Sheet | None = None
    ) -> bool:
        """Rate what a reader says of a feature of the open recording; whether that is on its way. Without a
        `sheet` the one of before stays."""
        from app.core.study.edits import RateExplanation

        def edit() -> Edit | None:
            number, me = self._study.opened(), self._study.me
            kept = self._of(reader, feature)
            before = None if kept is None else kept.rating
            held = sheet if sheet is not None else before.sheet if before is not None else ()
            after = None if score is None else Rating(score, sheet=held)
            if before == after:
                return None
            return RateExplanation(number, reader, feature, me, before, after)

        return self._study.apply(edit)
