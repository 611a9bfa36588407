"""Tables of labels of research groups taken into a study: answers, and free columns as patient data.

The tables are read as `evaluate` reads them (`label_tables.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app.core.errors import UserError
from app.core.evaluation.describe_patients import (
    PatientPlan,
    keep_patient_plan,
    plan_from_table,
    rows_by_key,
)
from app.core.evaluation.label_columns import STATE, label_columns
from app.core.evaluation.label_tables import LabelTable, read_label_table, read_table
from app.core.evaluation.labels import LabelledCase, LabelState, ReaderLabels
from app.core.evaluation.patient_rows import key_of
from app.core.evaluation.recording_names import name_map
from app.core.exchange.bundle import Bundle, Imported, ReadRecording
from app.core.exchange.codec import load
from app.core.exchange.import_labels import ImportChoice, ImportedLabels, ImportPreview, preview_of
from app.core.exchange.import_readings import UNSETTLED, import_into, plan_import
from app.core.exchange.joined_readings import Settlement
from app.core.exchange.meaning import NOTHING_MAPPED, Meaning
from app.core.jobs import CancelToken, Progress, Report
from app.core.reading import ReaderIdentity, ReaderKind, Reading, RecordingIdentity, person
from app.core.semiology import Answer
from app.core.study.recording_table import RecordingRow
from app.core.study.store import Study
from app.core.study.viewer import Viewer, settle_seal

FAILED = "The table says that no answer came (fail)."

_FIELDS = {
    "explanation": "explanation",
    "start": "evidence",
    "confidence": "confidence",
    "side": "laterality",
}
"""The field of an answer that a column of this kind tells."""


@dataclass(frozen=True, slots=True)
class TableChoice:
    """How a table is taken: `reader` says whose the answers are where the table does not, `kind` whether
    readers are people or models, `names` is a table of other names, `add_missing` adds recordings that the
    study does not have by their labels alone, `meaning` says what columns of other names are, `settlement`
    what is meant where the table leaves a doubt."""

    reader: str | None = None
    kind: ReaderKind = ReaderKind.PERSON
    names: Path | None = None
    add_missing: bool = False
    meaning: Meaning = NOTHING_MAPPED
    settlement: Settlement = UNSETTLED


def import_table(
    study: Study, viewer: Viewer, path: Path, choice: TableChoice, *, report: Report, cancel: CancelToken
) -> ImportedLabels:
    """Write the table's answers into the study, all together, and its free columns as patient data.

    *fail* stays *failed* (of a model), na *not assessable*, and blank leaves the study as it is. Several rows
    of one recording and reader are joined as in any other file. Raises UserError when the table cannot be
    understood, or says of a person that they failed, ContradictionError when rows contradict each other and
    nobody has said what is meant; Cancelled.
    """
    found = _read(study, path, choice, report, cancel)
    report(Progress("Writing the answers", 0.7))
    seal = settle_seal(study, viewer, 0, "import")
    plan_import(study, found.imported(study, choice), viewer, choice.reader, choice.settlement).check()
    _add_recordings(study, found.table, choice)
    imported, why = found.imported(study, choice), f"imported from {path.name}"
    outcome = import_into(
        study, imported, viewer, reader=choice.reader, why=why, settlement=choice.settlement
    )
    kept = keep_patient_plan(study, _with_added(found.patients, study))
    said = (f"Recordings whose patient data changed: {kept}.",) if kept else ()
    return ImportedLabels(replace(outcome, asides=(*outcome.asides, *said)), seal)


def preview_table(
    study: Study, viewer: Viewer, path: Path, choice: TableChoice, *, report: Report, cancel: CancelToken
) -> ImportPreview:
    """What `import_table` would change, without changing it. Raises UserError and Cancelled."""
    found = _read(study, path, choice, report, cancel)
    report(Progress("Comparing with the study", 0.7))
    settle_seal(study, viewer, 0, "import")
    imported = found.imported(study, choice)
    missing = _missing(study, found.table) if choice.add_missing else set()
    entries = (one for one in imported.bundle.recordings if key_of(one.recording.name) not in missing)
    added = f"Recordings that would be added by their labels alone, with their answers: {len(missing)}."
    asides = (*imported.asides, *((added,) if missing else ()))
    known = replace(imported, bundle=Bundle(tuple(entries)), asides=asides)
    return preview_of(study, known, viewer, ImportChoice(choice.reader, choice.meaning, choice.settlement))


@dataclass(frozen=True, slots=True)
class _ReadTable:
    """A table, the titles of its columns, and what it says of patients."""

    table: LabelTable
    fields: frozenset[str]
    patients: PatientPlan

    def imported(self, study: Study, choice: TableChoice) -> Imported:
        """What the table says of each recording, a reading for each row."""
        bundle = _bundle(study, self.table, choice, self.fields)
        return Imported(bundle, self.table.remarks, self.table.unknown, asides=self.table.asides)


def _read(study: Study, path: Path, choice: TableChoice, report: Report, cancel: CancelToken) -> _ReadTable:
    report(Progress("Reading the table", 0.2))
    names = {} if choice.names is None else name_map(read_table(load(choice.names)).rows)
    source, meaning = load(path), choice.meaning
    table = read_label_table(source, names, meaning, several=True)
    found = _ReadTable(
        table,
        _fields(read_table(source).titles, table, meaning),
        plan_from_table(study, path, choice.names, meaning, choice.settlement.recordings),
    )
    _check_failed(found.table, choice)
    cancel.check()
    return found


def _missing(study: Study, table: LabelTable) -> set[str]:
    """The keys of the table's recordings that the study does not have."""
    return {case.key for case in _cases(table)} - rows_by_key(study).keys()


def _check_failed(table: LabelTable, choice: TableChoice) -> None:
    failed = any(label.state is LabelState.FAILED for case in _cases(table) for label in case.labels.values())
    if failed and choice.kind is ReaderKind.PERSON:
        raise UserError(
            "The table says of some features that the reader failed, which a person does not; say that its "
            "readers are models (--reader-kind model)."
        )


def _cases(table: LabelTable) -> Iterator[LabelledCase]:
    for labels in table.labels:
        yield from labels.cases


def _fields(header: Iterable[str], table: LabelTable, meaning: Meaning) -> frozenset[str]:
    """The fields of an answer of which the table tells."""
    parts = {part for places in label_columns([*header], meaning).features.values() for part in places}
    failed = any(label.state is LabelState.FAILED for case in _cases(table) for label in case.labels.values())
    told = {_FIELDS[part] for part in parts - {STATE} if part in _FIELDS}
    return frozenset({"presence", *told, *({"explanation"} if failed else ())})


def _add_recordings(study: Study, table: LabelTable, choice: TableChoice) -> None:
    if choice.add_missing:
        known = {*rows_by_key(study)}
        for case in _cases(table):
            if case.key not in known:
                known.add(case.key)
                study.recording_without_video(case.name)


def _bundle(study: Study, table: LabelTable, choice: TableChoice, fields: frozenset[str]) -> Bundle:
    """The table's readings by recording, one for each row with its place."""
    known = rows_by_key(study)
    entries: dict[str, ReadRecording] = {}
    for labels in table.labels:
        reader = _reader(labels, choice)
        for case in labels.cases:
            found = replace(_entry(case, known.get(case.key, [])), fields=fields)
            entry = entries.setdefault(found.recording.name, found)
            reading = Reading(entry.recording, reader, dict(_answers(case)))
            entries[found.recording.name] = replace(
                entry, readings=(*entry.readings, reading), places=(*entry.places, case.places)
            )
    return Bundle(tuple(entries.values()))


def _entry(case: LabelledCase, rows: Sequence[RecordingRow]) -> ReadRecording:
    """The recording of a case, by the name by which it is matched after the map of names."""
    if len(rows) != 1:
        name = case.name if key_of(case.name) == case.key else case.key
        return ReadRecording(RecordingIdentity(name, "", 0.0))
    (row,) = rows
    return ReadRecording(
        RecordingIdentity(row.name, row.sha256 or "", row.duration), fingerprint=row.fingerprint
    )


def _reader(labels: ReaderLabels, choice: TableChoice) -> ReaderIdentity:
    name = labels.reader or choice.reader or ""
    if choice.kind is ReaderKind.PERSON:
        return person(name)
    return ReaderIdentity(choice.kind, name, "", {"source": "table"})


def _answers(case: LabelledCase) -> Iterator[tuple[str, Answer]]:
    for feature, label in case.labels.items():
        answer = label.answer
        if label.state is LabelState.FAILED:
            answer = Answer(feature, None, None, (), None, answer.explanation or FAILED)
        yield feature, answer


def _with_added(plan: PatientPlan, study: Study) -> PatientPlan:
    """The plan with the recordings that were added meanwhile."""
    known = rows_by_key(study)
    changes = tuple(
        replace(change, number=next((row.id for row in known.get(key_of(change.name), ())), None))
        if change.number is None
        else change
        for change in plan.changes
    )
    return replace(plan, changes=changes)
