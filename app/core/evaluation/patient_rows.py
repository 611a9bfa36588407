"""Rows of patient data: what a table or a name says of a recording's patient and event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.core.errors import UserError
from app.core.evaluation.label_columns import label_columns
from app.core.evaluation.label_tables import read_table
from app.core.evaluation.recording_names import NameMap, segment_of
from app.core.exchange.codec import Source
from app.core.exchange.meaning import NOTHING_MAPPED, Meaning
from app.core.exchange.phrases import normalise_name, shorten
from app.core.exchange.table import FoundTable
from app.core.same_names import recording_key
from app.core.study.patient_data import NO_PATIENT_DATA, PatientData, columns_of, diagnosis_of

_TITLES: Mapping[str, str] = {
    **dict.fromkeys(("patient", "patientid", "subject", "subjectid"), "patient"),
    **dict.fromkeys(("event", "eventid", "seizure", "seizureid"), "event"),
    **dict.fromkeys(("diagnosis", "eventtype", "seizuretype"), "diagnosis"),
    **dict.fromkeys(("split", "subset", "fold"), "split"),
}
"""What a column holds by its title; any other one is a free column."""


@dataclass(frozen=True, slots=True)
class PatientRow:
    """What is said of the recording of this name; `key` is the name by which it is matched."""

    name: str
    key: str
    data: PatientData


def patient_row(name: str, texts: Mapping[str, str], where: str, names: NameMap | None = None) -> PatientRow:
    """The row of a recording from texts by title. Raises UserError, naming `where` they stand."""
    said: dict[str, str] = {}
    free: dict[str, str] = {}
    for title, text in texts.items():
        kind = _TITLES.get(normalise_name(title))
        if kind is None or kind in said:
            free[title] = text.strip()
        else:
            said[kind] = text.strip()
    data = PatientData(
        said.get("patient", ""),
        said.get("event", ""),
        diagnosis_of(said.get("diagnosis", ""), where),
        said.get("split", ""),
        columns_of(free),
    )
    key = segment_of(name)[0]
    return PatientRow(name, (names or {}).get(key, key), data)


def rows_of_table(
    source: Source, names: NameMap, meaning: Meaning = NOTHING_MAPPED
) -> tuple[PatientRow, ...]:
    """What a table says of each recording in columns that hold no labels. Raises UserError.

    Rows of segments, and of several readers, are one where they do not contradict each other.
    """
    try:
        return _rows_of_table(read_table(source), names, meaning)
    except UserError as error:
        raise UserError(f"“{source.name}”: {error}") from error


def _rows_of_table(table: FoundTable, names: NameMap, meaning: Meaning) -> tuple[PatientRow, ...]:
    columns = label_columns(table.titles, meaning)
    found: dict[str, PatientRow] = {}
    for number, cells in table.numbered():
        name = cells[columns.name].strip() if columns.name < len(cells) else ""
        if not name:
            raise UserError(f"Row {number} names no recording.")
        texts = {title: cells[at] for title, at in columns.free.items() if at < len(cells)}
        row = patient_row(_whole(name), texts, f"Row {number}", names)
        known = found.setdefault(row.key, row)
        if known is not row:
            found[row.key] = _joined(known, row, number)
    return tuple(found.values())


def _whole(name: str) -> str:
    """The name of the recording of which a segment's row is."""
    key, segment = segment_of(name)
    return name if segment is None else key


def _joined(one: PatientRow, other: PatientRow, number: int) -> PatientRow:
    said = one.data.texts
    for title, text in other.data.texts.items():
        if said.setdefault(title, text) != text:
            raise UserError(
                f"Row {number} says of “{shorten(one.name)}” that its {shorten(title)} is "
                f"“{shorten(text)}”, an earlier row “{shorten(said[title])}”."
            )
    return PatientRow(one.name, one.key, merged(one.data, other.data))


def merged(before: PatientData, said: PatientData) -> PatientData:
    """What is known after something was said; what is blank there stays as it was."""
    if said == NO_PATIENT_DATA:
        return before
    return PatientData(
        said.patient or before.patient,
        said.event or before.event,
        said.diagnosis or before.diagnosis,
        said.split or before.split,
        columns_of({**dict(before.columns), **dict(said.columns)}),
    )


def key_of(name: str) -> str:
    """The name by which a recording of a study is matched."""
    return recording_key(name)
