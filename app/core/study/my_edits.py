"""The state of the person's labels after an edit, without reading the study again."""

from __future__ import annotations

from dataclasses import replace

from app.core.reading import Reading
from app.core.semiology import Answer
from app.core.study.edits import ChangeSpans, Edit, SetAnswer, SetMark, SetNote, SetVerdict
from app.core.study.marks import sort_marks
from app.core.study.my_reading import MyReading
from app.core.study.spans import replace_spans
from app.core.study.verdict import with_verdict


def after(edit: Edit, mine: Reading, beside: MyReading) -> tuple[Reading, MyReading] | None:
    """The person's reading, notes and marks after an edit that the study has just stored.

    None when that does not follow from them: the edit is not one of the person's labels, or what it starts
    from is not what is known.
    """
    if not isinstance(edit, SetAnswer | SetVerdict | ChangeSpans | SetNote | SetMark):
        return None
    if not edit.reader.is_same(mine.reader):
        return None
    if isinstance(edit, SetNote):
        notes = {**beside.notes, edit.feature: edit.after}
        return mine, replace(beside, notes={feature: note for feature, note in notes.items() if note})
    if isinstance(edit, SetMark):
        left = [mark for mark in beside.marks if mark != edit.before]
        marks = left if edit.after is None else [*left, edit.after]
        return mine, replace(beside, marks=sort_marks(marks))
    answer = _answer(edit, mine.answer(edit.feature))
    if answer is None:
        return None
    return replace(mine, answers={**mine.answers, edit.feature: answer}), beside


def _answer(edit: SetAnswer | SetVerdict | ChangeSpans, before: Answer) -> Answer | None:
    if isinstance(edit, SetAnswer):
        return edit.after
    if isinstance(edit, SetVerdict):
        return with_verdict(before, edit.after)
    try:
        changed = replace_spans(before, edit.before, edit.after)
    except ValueError:
        return None
    # Thousands of spans are not put in order twice.
    return changed if changed.presence is before.presence else replace(changed, presence=before.presence)
