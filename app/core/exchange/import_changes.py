"""The changes that an import would make, each in a few words for people."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.exchange.import_readings import ImportEdit, ImportPlan
from app.core.exchange.joined_readings import describe_answer
from app.core.semiology import FEATURE
from app.core.study.edits import RateExplanation, SetAnswer, SetMark, SetNote

_NOTHING = "–"


@dataclass(frozen=True, slots=True)
class ImportChange:
    """One change: of which recording and reader, of what (a feature, a note, a mark), what the study says now
    and what the file says."""

    recording: str
    reader: str
    what: str
    mine: str
    theirs: str


def list_changes(plan: ImportPlan) -> tuple[ImportChange, ...]:
    """Every change that the plan makes, in its order."""
    return tuple(_change(edit, plan.names[edit.recording_id]) for edit in plan.edits)


def _change(edit: ImportEdit, recording: str) -> ImportChange:
    reader = edit.reader.name
    if isinstance(edit, SetAnswer):
        mine, theirs = describe_answer(edit.before), describe_answer(edit.after)
        if mine == theirs:  # only the explanation differs
            mine, theirs = (f"{said}; {one.explanation or _NOTHING}" for said, one in
                            ((mine, edit.before), (theirs, edit.after)))  # fmt: skip
        return ImportChange(recording, reader, FEATURE[edit.after.feature].name, mine, theirs)
    if isinstance(edit, SetNote):
        what = f"Note on {FEATURE[edit.feature].name}"
        return ImportChange(recording, reader, what, edit.before or _NOTHING, edit.after or _NOTHING)
    if isinstance(edit, SetMark):
        mine, theirs = (f"{mark.seconds:.1f} s" if mark else _NOTHING for mark in (edit.before, edit.after))
        kinds = (mark.kind.value for mark in (edit.after, edit.before) if mark)
        return ImportChange(recording, reader, f"Mark: {next(kinds)}", mine, theirs)
    return _rating(edit, recording)


def _rating(edit: RateExplanation, recording: str) -> ImportChange:
    what = f"Rating of {FEATURE[edit.feature].name} by {edit.rater.name}"
    mine, theirs = (str(rating.score) if rating else _NOTHING for rating in (edit.before, edit.after))
    return ImportChange(recording, edit.reader.name, what, mine, theirs)
