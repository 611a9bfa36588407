"""The EEG files of a recording after an edit of them, without reading the study again."""

from __future__ import annotations

from dataclasses import replace

from app.core.study.edits import AttachEeg, SetBadChannels, SetEegSync
from app.core.study.stored_eeg import StoredEeg, StoredEegs, sort_eegs

EegEdit = AttachEeg | SetEegSync | SetBadChannels


def with_eeg_edit(eegs: StoredEegs, edit: EegEdit) -> StoredEegs:
    """The EEG files after the edit, in the order in which they begin."""
    others = [one for one in eegs if one.fingerprint != edit.eeg]
    if isinstance(edit, AttachEeg):
        return sort_eegs([*others, *([] if edit.after is None else [edit.after])])
    return sort_eegs([*others, *(_changed(one, edit) for one in eegs if one.fingerprint == edit.eeg)])


def _changed(eeg: StoredEeg, edit: SetEegSync | SetBadChannels) -> StoredEeg:
    if isinstance(edit, SetEegSync):
        return replace(eeg, agreed=edit.after)
    return replace(eeg, bad_channels=edit.after)
