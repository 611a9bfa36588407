"""The confidence of a reader of a study: scaled on the study's own patients, and without anything shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.core.agreement.comparison import group_by_reader
from app.core.agreement.study_readings import (
    RecordingReadings,
    answered_readings,
    count_changed,
    count_withheld,
    default_reference,
    find_reader,
    possible_references,
    visible_recordings,
)
from app.core.errors import UserError
from app.core.evaluation.blind_answers import BlindShare, blind_shares
from app.core.evaluation.scaled_confidence import OfPatient, ScaledReadings, scale_confidence
from app.core.reader_details import SCALED_ON
from app.core.reading import ReaderKind, Reading
from app.core.study.blind_readings import AnswersUsed
from app.core.study.store import Study
from app.core.study.viewer import Seal, SealedFrom, Viewer, settle_seal

WHY = "confidence scaled"


@dataclass(frozen=True, slots=True)
class ReaderDoubt:
    """What is known of a reader's confidence; `scaled` is None with the reason in `refusal`.

    `unknown` is the number of recordings without a patient, each of which counts as one of another. `changed`
    answers of the reference were changed after unblinding, and are not used.
    """

    reader: str
    reference: str
    scaled: ScaledReadings | None
    refusal: str
    unknown: int
    blind: Mapping[str, BlindShare]
    seal: Seal
    changed: int = 0


def doubt_of_reader(
    study: Study, viewer: Viewer, *, reader: str | None = None, reference: str | None = None
) -> ReaderDoubt:
    """The doubt of a reader (default: the only model) against a reference (default: the study's).

    Raises UserError when the study has no such reader or reference.
    """
    recordings = visible_recordings(study, viewer, used=AnswersUsed.LOCKED)
    seal = settle_seal(study, viewer, count_withheld(recordings), WHY)
    candidates = _as_they_came(recordings)
    name = reader or _only_model(candidates)
    readings = find_reader(candidates, name, "reader")
    blind = blind_shares(answered_readings(recordings), readings[0].reader)
    references = possible_references(recordings)
    right = reference or default_reference(references, study.settings().reference)
    if right is None:
        refusal = "The confidence cannot be scaled: there is no reference."
        return ReaderDoubt(name, "", None, refusal, 0, blind, seal)
    judging = find_reader(references, right, "reference")
    truth = {one.recording.sha256: one for one in judging}
    changed = count_changed(recordings, judging[0].reader)
    patients = _patients(study, viewer, recordings)
    items = [
        OfPatient(one, patients[sha256] or f"of {sha256}", truth.get(sha256))
        for one in readings
        for sha256 in (one.recording.sha256,)
    ]
    unknown = sum(not patients[one.reading.recording.sha256] for one in items)
    try:
        return ReaderDoubt(name, right, scale_confidence(items, right), "", unknown, blind, seal, changed)
    except UserError as error:
        return ReaderDoubt(name, right, None, str(error), unknown, blind, seal, changed)


def keep_scaled(study: Study, found: ReaderDoubt) -> int:
    """Keep the scaled readings in the study beside those they were made of; how many changed it.

    Raises UserError with the reason where there is nothing to keep.
    """
    if found.scaled is None:
        raise UserError(found.refusal)
    numbers = {row.fingerprint: row.id for row in study.recordings()}
    kept = (study.keep_reading(numbers[one.recording.sha256], one, why=WHY) for one in found.scaled.readings)
    return sum(change is not None for change in list(kept))


def _as_they_came(recordings: tuple[RecordingReadings, ...]) -> dict[str, list[Reading]]:
    """The readings of programs as they came, by the reader's name: not scaled, and of no control."""
    return group_by_reader(
        [
            one
            for one in answered_readings(recordings)
            if one.reader.kind in (ReaderKind.MODEL, ReaderKind.SIGNAL)
            and SCALED_ON not in one.reader.details
            and not one.reader.is_control
        ]
    )


def _only_model(candidates: Mapping[str, list[Reading]]) -> str:
    models = [name for name, found in candidates.items() if found[0].reader.kind is ReaderKind.MODEL]
    if len(models) != 1:
        known = ", ".join(candidates) or "none"
        raise UserError(f"Say which reader is meant with --reader; there are: {known}.")
    return models[0]


def _patients(study: Study, viewer: Viewer, recordings: tuple[RecordingReadings, ...]) -> dict[str, str]:
    """The patient of each recording by its fingerprint, "" where nobody has said."""
    people = viewer.readers if isinstance(viewer, SealedFrom) else ()
    found = {row.id: row.fingerprint for row in study.recordings()}
    data = ((one.number, study.patient_data(one.number, viewers=people)) for one in recordings)
    return {found[number]: known.patient.strip() for number, known in data}
