"""What a study will hold of a recording once the changes are made that are on their way to the disk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from app.core.reading import Reading
from app.core.study import my_edits
from app.core.study.change_requests import ApplyEdits, KeepReading, Request, StepHistory
from app.core.study.consensus import CONSENSUS, is_consensus
from app.core.study.content import Content, latest, with_reading
from app.core.study.edits import (
    AttachEeg,
    Decide,
    Edit,
    LockReading,
    RateExplanation,
    SetBadChannels,
    SetBlindByDefault,
    SetCameras,
    SetEegSync,
    SetHiddenPlaces,
    SetMark,
    SetNote,
    SetPatientBox,
    SetPeopleOnly,
    SetPerson,
    SetReference,
    SetSavedFilter,
    SetStudyName,
)
from app.core.study.eeg_edits import with_eeg_edit
from app.core.study.ratings import Explained, StoredRating, known_by

_OF_SEALS = (LockReading, SetBlindByDefault, SetPerson)
"""What they lead to for the person says only the study: nothing is unsealed on a mere expectation."""

_FIELDS: dict[type[Edit], str] = {
    SetPatientBox: "patient",
    SetCameras: "cameras",
    SetHiddenPlaces: "hidden_places",
    SetReference: "reference",
    SetBlindByDefault: "blind_by_default",
    SetPeopleOnly: "people_only",
    SetStudyName: "study_name",
}
"""The edits that put something in place of what `Content` has under this name."""


def with_requests(content: Content, requests: Iterable[Request], number: int) -> Content:
    """The content of recording `number` after these changes, as far as that follows from what is known."""
    for request in requests:
        content = _with_request(content, request, number)
    return content


def _with_request(content: Content, request: Request, number: int) -> Content:
    if isinstance(request, KeepReading):
        return content if request.recording_id != number else _with_other(content, request.reading)
    for edit in edits_of(request):
        if getattr(edit, "recording_id", number) == number:
            content = _with_edit(content, edit)
    return content


def edits_of(request: Request) -> tuple[Edit, ...]:
    """The edits that a change is thought to come to."""
    if isinstance(request, ApplyEdits):
        return request.edits
    return request.expected if isinstance(request, StepHistory) else ()


def must_be_read(content: Content, request: Request) -> bool:
    """Whether only the study can say what a change leads to: its content is to be read again afterwards."""
    edits = edits_of(request)
    if not edits or any(isinstance(edit, _OF_SEALS) or _is_beside_agreed(edit) for edit in edits):
        return True
    # What was said when the former decision was made stands in the history alone.
    if isinstance(request, StepHistory) and any(isinstance(edit, Decide) for edit in edits):
        return True
    # With the first answer the person becomes one of the recording's readers.
    return not any(one.is_same(content.mine.reader) for one in content.my_reading.known)


def _is_beside_agreed(edit: Edit) -> bool:
    """Whether it changes a mark or a reason of the consensus, which stand beside its answers."""
    return isinstance(edit, SetMark | SetNote) and is_consensus(edit.reader)


def _with_other(content: Content, reading: Reading) -> Content:
    if content.my_reading.sealed:
        return content
    return replace(content, others=with_reading(reading, content.others))


def _with_edit(content: Content, edit: Edit) -> Content:
    field = _FIELDS.get(type(edit))
    if field is not None:
        changed: Any = {field: edit.after}
        return replace(content, **changed)
    if isinstance(edit, AttachEeg | SetEegSync | SetBadChannels):
        return replace(content, eegs=with_eeg_edit(content.eegs, edit))
    if isinstance(edit, SetSavedFilter):
        return replace(content, filters=_with_filter(content, edit))
    if isinstance(edit, Decide | RateExplanation):
        return content if content.my_reading.sealed else _with_statement(content, edit)
    if isinstance(edit, SetNote) and is_consensus(edit.reader):
        return content if content.my_reading.sealed else _with_reason(content, edit.feature, edit.after)
    known = my_edits.after(edit, content.mine, content.my_reading)
    return content if known is None else replace(content, mine=known[0], my_reading=known[1])


def _with_filter(content: Content, edit: SetSavedFilter) -> dict[str, str]:
    kept = {name: text for name, text in content.filters.items() if name != edit.name}
    return kept if edit.after is None else dict(sorted((*kept.items(), (edit.name, edit.after))))


def _with_statement(content: Content, edit: Decide | RateExplanation) -> Content:
    return _with_decision(content, edit) if isinstance(edit, Decide) else _with_rating(content, edit)


def _with_decision(content: Content, edit: Decide) -> Content:
    former = next((one for one in content.versions if is_consensus(one.reader)), None)
    answers = {} if former is None else former.answers
    decided = Reading(content.mine.recording, CONSENSUS, {**answers, edit.feature: edit.after.answer})
    said_then = dict(content.said_then)
    for reading in (content.mine, *content.versions):
        key, feature = reading.reader.exact_key, edit.feature
        said_then[key] = {**said_then.get(key, {}), feature: reading.answer(feature)}
    versions = with_reading(decided, content.versions)
    content = replace(content, versions=versions, others=latest(versions), said_then=said_then)
    return _with_reason(content, edit.feature, edit.after.note)


def _with_reason(content: Content, feature: str, reason: str) -> Content:
    """At once, because what is decided next starts from it."""
    notes = {**content.my_reading.consensus_notes, feature: reason}
    kept = {name: note for name, note in notes.items() if note}
    return replace(content, my_reading=replace(content.my_reading, consensus_notes=kept))


def _with_rating(content: Content, edit: RateExplanation) -> Content:
    if not edit.rater.is_same(content.mine.reader):
        return content  # of the person who read before
    about = Explained(edit.recording_id, edit.reader, edit.feature)
    kept = [one for one in content.my_reading.ratings if not _is_about(one, about)]
    if edit.after is not None:
        said = next((one for one in content.versions if one.reader.is_same_version(edit.reader)), None)
        text = "" if said is None else said.answer(edit.feature).explanation
        kept.append(StoredRating(about, edit.rater, edit.after, text, current=True))
    return replace(content, my_reading=replace(content.my_reading, ratings=tuple(kept)))


def _is_about(kept: StoredRating, about: Explained) -> bool:
    return known_by(kept.explained) == known_by(about)
