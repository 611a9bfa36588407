"""Everything that can be edited in a study: one file for each kind, and this table of them."""

from app.core.study.edits.attach_eeg import AttachEeg
from app.core.study.edits.change_spans import ChangeSpans
from app.core.study.edits.decide import Decide, Decision
from app.core.study.edits.edit import Conflict, Edit, NoLonger
from app.core.study.edits.join_labels import JoinLabels
from app.core.study.edits.lock_reading import LockReading
from app.core.study.edits.rate_explanation import RateExplanation
from app.core.study.edits.set_answer import SetAnswer
from app.core.study.edits.set_bad_channels import SetBadChannels
from app.core.study.edits.set_blind_by_default import SetBlindByDefault
from app.core.study.edits.set_cameras import SetCameras
from app.core.study.edits.set_eeg_sync import SetEegSync
from app.core.study.edits.set_hidden_places import SetHiddenPlaces
from app.core.study.edits.set_mark import SetMark
from app.core.study.edits.set_note import SetNote
from app.core.study.edits.set_patient_box import SetPatientBox
from app.core.study.edits.set_patient_data import SetPatientData
from app.core.study.edits.set_people_only import SetPeopleOnly
from app.core.study.edits.set_person import SetPerson
from app.core.study.edits.set_reference import SetReference
from app.core.study.edits.set_saved_filter import SetSavedFilter
from app.core.study.edits.set_study_name import SetStudyName
from app.core.study.edits.set_verdict import SetVerdict

__all__ = [
    "EDITS",
    "AttachEeg",
    "ChangeSpans",
    "Conflict",
    "Decide",
    "Decision",
    "Edit",
    "JoinLabels",
    "LockReading",
    "NoLonger",
    "RateExplanation",
    "SetAnswer",
    "SetBadChannels",
    "SetBlindByDefault",
    "SetCameras",
    "SetEegSync",
    "SetHiddenPlaces",
    "SetMark",
    "SetNote",
    "SetPatientBox",
    "SetPatientData",
    "SetPeopleOnly",
    "SetPerson",
    "SetReference",
    "SetSavedFilter",
    "SetStudyName",
    "SetVerdict",
]

EDITS: tuple[type[Edit], ...] = (
    SetAnswer,
    SetVerdict,
    ChangeSpans,
    SetNote,
    SetMark,
    LockReading,
    Decide,
    RateExplanation,
    SetPatientBox,
    SetPatientData,
    JoinLabels,
    SetHiddenPlaces,
    SetCameras,
    AttachEeg,
    SetEegSync,
    SetBadChannels,
    SetPerson,
    SetBlindByDefault,
    SetReference,
    SetPeopleOnly,
    SetStudyName,
    SetSavedFilter,
)
"""Every kind of edit; a new one is a file and a row here."""
