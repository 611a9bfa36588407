"""Patient data for the recordings of a study: shown before they are kept, then kept as one undoable edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app.core.evaluation.label_tables import table_rows
from app.core.evaluation.patient_names import rows_of_names
from app.core.evaluation.patient_rows import PatientRow, key_of, merged, rows_of_table
from app.core.evaluation.recording_names import name_map
from app.core.exchange.codec import load
from app.core.exchange.match_recordings import NOTHING_CHOSEN
from app.core.exchange.meaning import NOTHING_MAPPED, Meaning
from app.core.exchange.phrases import shorten
from app.core.study.edits import SetPatientData
from app.core.study.patient_data import FIXED, NO_PATIENT_DATA, PatientData
from app.core.study.recording_table import RecordingRow
from app.core.study.store import Study
from app.core.study.viewer import Viewer, is_sealed, sealed_from


@dataclass(frozen=True, slots=True)
class PatientChange:
    """What is known of a recording's patient before and after; `number` is None where the study has no such
    recording yet."""

    number: int | None
    name: str
    before: PatientData
    after: PatientData

    @property
    def said(self) -> str:
        """What is new, on one line; nothing of what the study knew before."""
        known = self.before.texts
        news = {title: text for title, text in self.after.texts.items() if known.get(title) != text}
        return ", ".join(f"{title} {text}" for title, text in news.items())


@dataclass(frozen=True, slots=True)
class PatientPlan:
    """What would be changed, `why` it is, and sentences on what fits no recording or already matches."""

    changes: tuple[PatientChange, ...]
    why: str
    remarks: tuple[str, ...] = ()

    @property
    def known(self) -> tuple[PatientChange, ...]:
        """The changes of recordings that the study has."""
        return tuple(one for one in self.changes if one.number is not None)

    @property
    def missing(self) -> tuple[PatientChange, ...]:
        """The rows whose recording the study does not have."""
        return tuple(one for one in self.changes if one.number is None)


def plan_from_table(
    study: Study,
    path: Path,
    names: Path | None = None,
    meaning: Meaning = NOTHING_MAPPED,
    chosen: Mapping[str, int] = NOTHING_CHOSEN,
) -> PatientPlan:
    """The changes that a table asks for; a blank cell changes nothing.

    `meaning` holds what columns of other names are, `chosen` the number of the recording for a name that fits
    several. Raises UserError.
    """
    known = {} if names is None else name_map(table_rows(load(names)))
    rows = rows_of_table(load(path), known, meaning)
    return _plan(study, rows, f"patient data from {path.name}", (), chosen)


def plan_from_names(study: Study, pattern: str) -> PatientPlan:
    """The changes that the names of the study's recordings ask for by the pattern. Raises UserError."""
    rows, others = rows_of_names([row.name for row in study.recordings()], pattern)
    return _plan(study, rows, "patient data from the names of the recordings", _unfit(others))


def _unfit(others: Sequence[str]) -> tuple[str, ...]:
    if not others:
        return ()
    return (f"Names that do not fit the pattern: {len(others)}, such as “{shorten(others[0])}”.",)


def _plan(
    study: Study,
    rows: Sequence[PatientRow],
    why: str,
    remarks: tuple[str, ...],
    chosen: Mapping[str, int] = NOTHING_CHOSEN,
) -> PatientPlan:
    known = rows_by_key(study)
    changes: list[PatientChange] = []
    same, several = 0, list[str]()
    for row in rows:
        found = _meant(known.get(row.key, []), chosen.get(row.name))
        if len(found) > 1:
            several.append(row.name)
            continue
        number = found[0].id if found else None
        before = NO_PATIENT_DATA if number is None else study.patient_data(number, viewers=())
        after = merged(before, row.data)
        same += before == after and number is not None
        if before != after or number is None:
            changes.append(PatientChange(number, found[0].name if found else row.name, before, after))
    return PatientPlan(tuple(changes), why, (*remarks, *_remarks(same, several)))


def _meant(rows: list[RecordingRow], chosen: int | None) -> list[RecordingRow]:
    """The chosen one of several, else all."""
    return [row for row in rows if row.id == chosen] or rows


def rows_by_key(study: Study) -> Mapping[str, list[RecordingRow]]:
    """The recordings of a study by the names by which they are matched, those that were joined with labels
    alone also by the names of these, where no recording has that name."""
    recordings = study.recordings()
    found: dict[str, list[RecordingRow]] = {}
    for row in recordings:
        found.setdefault(key_of(row.name), []).append(row)
    numbers = {row.id: row for row in recordings}
    former: dict[str, dict[RecordingRow, None]] = {}
    for name, number in study.joined_labels().items():
        if number in numbers:
            former.setdefault(key_of(name), {})[numbers[number]] = None
    for key, rows in former.items():
        found.setdefault(key, list(rows))
    return found


def _remarks(same: int, several: Sequence[str]) -> tuple[str, ...]:
    sentences = [f"Recordings for which nothing changes: {same}."] if same else []
    if several:
        sentences.append(
            f"More than one recording is called “{shorten(several[0])}”; nothing was taken for such "
            f"recordings: {len(several)}."
        )
    return tuple(sentences)


def keep_patient_plan(study: Study, plan: PatientPlan, *, add_missing: bool = False) -> int:
    """Keep the changes, all together or none, and give their number; one undo takes them back.

    `add_missing` adds recordings that the study does not have, by their labels alone. Raises UserError.
    """
    edits = []
    for change in plan.changes:
        number = change.number
        if number is None and add_missing:
            number = study.recording_without_video(change.name)
        if number is not None and change.before != change.after:
            edits.append(SetPatientData(number, change.before, change.after))
    if edits:
        study.apply_all(edits, why=plan.why)
    return len(edits)


@dataclass(frozen=True, slots=True)
class TypedRow:
    """A recording with the patient data that a person may see and change; `sealed` withholds diagnosis and
    free columns."""

    number: int
    name: str
    data: PatientData
    sealed: bool = False


def rows_to_type(study: Study, viewer: Viewer) -> tuple[TypedRow, ...]:
    """Every recording of the study as a row that can be typed into."""
    readers = sealed_from(study, viewer)
    return tuple(
        TypedRow(
            row.id,
            row.name,
            study.patient_data(row.id, viewers=readers),
            is_sealed(study, row.id, readers),
        )
        for row in study.recordings()
    )


def keep_typed(study: Study, typed: Sequence[TypedRow], viewer: Viewer) -> int:
    """Keep what a person has typed, all together or nothing, and give how many recordings changed.

    What is sealed from the viewer stays as it was. Raises UserError.
    """
    readers = sealed_from(study, viewer)
    edits = []
    for row in typed:
        before = study.patient_data(row.number, viewers=())
        if is_sealed(study, row.number, readers):
            after = replace(before, patient=row.data.patient, event=row.data.event, split=row.data.split)
        else:
            after = row.data
        if before != after:
            edits.append(SetPatientData(row.number, before, after))
    if edits:
        study.apply_all(edits)
    return len(edits)


def patient_table(study: Study, viewer: Viewer) -> list[tuple[str, ...]]:
    """Every recording with its patient data as rows of text, the titles first.

    Of recordings that are sealed from the viewer without diagnosis and free columns.
    """
    readers = sealed_from(study, viewer)
    found = [(row.name, study.patient_data(row.id, viewers=readers).texts) for row in study.recordings()]
    free = sorted({title for _, said in found for title in said} - set(FIXED))
    titles = (*FIXED, *free)
    return [("recording", *titles), *((name, *(said.get(one, "") for one in titles)) for name, said in found)]
