"""What a study knows of the patient and the event in a recording: patient data, which no export holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from app.core.bounded_json import canonical
from app.core.errors import UserError
from app.core.study import values

MOST_COLUMNS = 200
LONGEST_TEXT = 1000
"""Characters of one text."""


class Diagnosis(StrEnum):
    """The diagnosis of the recorded event."""

    EPILEPTIC = "epileptic"
    FUNCTIONAL = "functional"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class PatientData:
    """Whose event a recording shows: `patient` and `event` as the department calls them (pseudonyms),
    `diagnosis`, `split` (development, test …), and free columns as pairs of title and text, by title.

    "" and None are not known. Raises UserError for more or longer texts than a study keeps.
    """

    patient: str = ""
    event: str = ""
    diagnosis: Diagnosis | None = None
    split: str = ""
    columns: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        texts = [self.patient, self.event, self.split, *(text for pair in self.columns for text in pair)]
        if len(self.columns) > MOST_COLUMNS or any(len(text) > LONGEST_TEXT for text in texts):
            raise UserError(
                f"A recording can have {MOST_COLUMNS} columns of {LONGEST_TEXT} characters each at most."
            )

    @property
    def known_to_blind_readers(self) -> PatientData:
        """Without the diagnosis and the free columns, which would tell a blind reader what to see."""
        return replace(self, diagnosis=None, columns=())

    @property
    def texts(self) -> dict[str, str]:
        """Everything that is known by title, as a row of a table."""
        fixed = {
            "patient": self.patient,
            "event": self.event,
            "diagnosis": self.diagnosis or "",
            "split": self.split,
        }
        return {title: text for title, text in (*fixed.items(), *self.columns) if text}


NO_PATIENT_DATA = PatientData()

FIXED = ("patient", "event", "diagnosis", "split")
"""The titles of what is not a free column."""


def columns_of(texts: Mapping[str, str] | Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Free columns in their order, without blank ones."""
    return tuple(sorted((title, text) for title, text in dict(texts).items() if text))


def diagnosis_of(word: str, where: str) -> Diagnosis | None:
    """The diagnosis that a word means, None for a blank. Raises UserError, naming `where` it stands."""
    text = "".join(filter(str.isalnum, word.casefold()))
    if not text:
        return None
    try:
        return Diagnosis(_DIAGNOSES.get(text, text))
    except ValueError:
        raise UserError(
            f"{where} says “{word.strip()[:40]}”; a diagnosis is epileptic, functional or other."
        ) from None


_DIAGNOSES = {
    **dict.fromkeys(("epilepsy", "es", "epilepticseizure"), "epileptic"),
    **dict.fromkeys(
        ("fs", "fnd", "nes", "pnes", "pnea", "psychogenic", "dissociative", "functionalseizure"), "functional"
    ),
}
"""Other words for a diagnosis, of letters alone."""


def patient_data_to_json(data: PatientData) -> str:
    """The form in the study and its history; null where nothing is known."""
    if data == NO_PATIENT_DATA:
        return canonical(None)
    return canonical(
        {
            "patient": data.patient,
            "event": data.event,
            "diagnosis": data.diagnosis and data.diagnosis.value,
            "split": data.split,
            "columns": dict(data.columns),
        }
    )


def patient_data_from_json(text: str | None) -> PatientData:
    """The inverse. Raises ValueError or UserError for anything else."""
    row = None if text is None else values.json_of(text)
    if row is None:
        return NO_PATIENT_DATA
    kept = values.fields(row)
    columns = values.fields(kept.get("columns"))
    return PatientData(
        values.name(kept.get("patient")),
        values.name(kept.get("event")),
        values.maybe(lambda word: Diagnosis(values.name(word)), kept.get("diagnosis")),
        values.name(kept.get("split")),
        columns_of({values.name(title): values.name(said) for title, said in columns.items()}),
    )
