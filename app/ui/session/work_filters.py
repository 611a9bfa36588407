"""Filters of the worklist that the study keeps by name, and the way back from a change of them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from app.core.errors import UserError
from app.ui.session.answers import Answers
from app.ui.session.state import Changed

if TYPE_CHECKING:
    # Not at run time: the store is loaded with the first recording, not with the window.
    from app.core.study.worklist import WorkFilter  # noqa: TC004 - re-exported for annotations only

__all__ = ["BELOW", "WorkFilter", "WorkFilters", "filter_words", "made"]

log = logging.getLogger(__name__)

BELOW: Mapping[str, float | None] = {
    "any agreement": None,
    "not all agree": 1.0,
    "agreement below 80 %": 0.8,
    "agreement below 60 %": 0.6,
}
"""Agreement as a filter, in words."""


def made(text: str, statuses: Iterable[str], reader: str, below: float | None) -> WorkFilter:
    """A filter of these conditions; empty ones let everything through."""
    from app.core.study.worklist import WorkFilter, WorkStatus

    return WorkFilter(text.strip(), frozenset(map(WorkStatus, statuses)), reader, below)


def filter_words(wanted: WorkFilter) -> str:
    """What a filter asks for beside text and status, in words."""
    parts = [f"read by {wanted.reader}"] if wanted.reader else []
    if wanted.agreement_below is not None:
        known = {value: words for words, value in BELOW.items()}
        usual = f"agreement below {wanted.agreement_below:.0%}"
        parts.append(known.get(wanted.agreement_below, usual))
    return " · ".join(parts)


class WorkFilters:
    """Intents on the saved filters of the open study; each is on disk when it returns, and can be undone."""

    def __init__(self, answers: Answers, keep: Callable[[Callable[[], None], Changed], bool]) -> None:
        self._answers = answers
        self._keep = keep

    def saved(self) -> dict[str, WorkFilter]:
        """By name; what a newer version wrote and this one does not understand is left out."""
        from app.core.study.worklist import WorkFilter

        found = {}
        for name, text in self._texts().items():
            try:
                found[name] = WorkFilter.from_text(text)
            except (ValueError, KeyError, TypeError):
                log.warning("a saved filter of the worklist is not understood and left out")
        return found

    def save(self, name: str, wanted: WorkFilter) -> bool:
        """Keep a filter under a name, in place of the one that has it; whether it was kept."""
        return self._set(name, wanted.to_text())

    def delete(self, name: str) -> bool:
        return self._set(name, None)

    def _texts(self) -> dict[str, str]:
        try:
            return self._answers.whole_study()[0].settings().filters
        except UserError:
            return {}

    def _set(self, name: str, after: str | None) -> bool:
        from app.core.study.edits import SetSavedFilter

        before = self._texts().get(name)
        if before == after:
            return True
        return self._keep(lambda: self._answers.apply(SetSavedFilter(name, before, after)), Changed.STUDY)
