"""The history of a recording in words, without what is sealed."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.reading import ReaderIdentity
from app.core.study.history_search import HistoryFilter
from app.core.study.store import Study


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One row of the history in words."""

    at: str
    who: str
    reader: str
    feature: str
    what: str
    old: str
    new: str
    why: str


@dataclass(frozen=True, slots=True)
class HistoryLines:
    """Lines with the latest first; `next` continues after them, None at the end."""

    lines: tuple[HistoryLine, ...] = ()
    next: int | None = None


def history_lines(
    study: Study,
    recording_id: int,
    viewer: ReaderIdentity | None,
    *,
    feature: str | None = None,
    before: int | None = None,
) -> HistoryLines:
    """Changes of a recording, of one feature or all, the latest first; `before` continues a page."""
    wanted = HistoryFilter(recording_id=recording_id, feature=feature)
    page = study.history_page(wanted, before=before, viewer=viewer)
    lines = (
        HistoryLine(
            row.entry.at,
            row.entry.who,
            row.reader,
            row.entry.feature or "",
            _what(row.entry.subject, row.entry.operation),
            row.old,
            row.new,
            row.entry.why,
        )
        for row in page.rows
    )
    return HistoryLines(tuple(lines), page.next)


_SUBJECTS = {
    "answer": "answer",
    "spans": "spans",
    "verdict": "answer",
    "note": "note",
    "mark": "mark",
    "lock": "lock",
    "reveal": "reveal",
    "decision": "consensus",
    "rating": "rating",
    "patient_box": "patient's box",
    "cameras": "cameras",
    "reading": "reading",
    "person": "reader",
    "setting": "setting",
}
_OPERATIONS = {"undo": "undone", "redo": "redone"}


def _what(subject: str, operation: str) -> str:
    name = _SUBJECTS.get(subject, subject)
    return f"{name}, {_OPERATIONS[operation]}" if operation in _OPERATIONS else name
