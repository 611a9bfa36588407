"""Filters of the worklist: their description, and those that the study stores by name."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping

from app.core.study.worklist import WorkFilter, WorkStatus

log = logging.getLogger(__name__)

BELOW: Mapping[str, float | None] = {
    "any agreement": None,
    "not all agree": 1.0,
    "agreement below 80 %": 0.8,
    "agreement below 60 %": 0.6,
}
"""The offered limits of agreement, each with its text."""


def work_filter(text: str, statuses: Iterable[str], reader: str, below: float | None) -> WorkFilter:
    """A filter of these conditions; empty ones let everything through."""
    return WorkFilter(text.strip(), frozenset(map(WorkStatus, statuses)), reader, below)


def filter_text(wanted: WorkFilter) -> str:
    """The conditions of a filter besides text and status, as text."""
    parts = [f"read by {wanted.reader}"] if wanted.reader else []
    if wanted.agreement_below is not None:
        known = {value: words for words, value in BELOW.items()}
        usual = f"agreement below {wanted.agreement_below:.0%}"
        parts.append(known.get(wanted.agreement_below, usual))
    return " · ".join(parts)


def parse_filters(texts: Mapping[str, str]) -> dict[str, WorkFilter]:
    """Stored filters by name; what a newer version wrote and this one does not understand is left out."""
    found = {}
    for name, text in texts.items():
        try:
            found[name] = WorkFilter.from_text(text)
        except (ValueError, KeyError, TypeError):
            log.warning("a saved filter of the worklist is not understood and left out")
    return found
