"""Take answers out of a file of another program into a study; what would change can be seen first."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.core.exchange.bundle import Imported
from app.core.exchange.formats import FORMATS, read
from app.core.exchange.import_readings import UNSETTLED, ImportOutcome, ImportPlan, import_into, plan_import
from app.core.exchange.joined_readings import Settlement
from app.core.exchange.meaning import NOTHING_MAPPED, Meaning, PatientUnknownError
from app.core.jobs import CancelToken, Progress, Report
from app.core.plural import plural
from app.core.study.store import Study
from app.core.study.viewer import NOTHING_SEALED, Seal, Viewer, describe_seal, settle_seal

_PURPOSE = "import"


@dataclass(frozen=True, slots=True)
class ImportChoice:
    """How a file is taken: `reader` says whose the answers are (see `choose_readings`), `meaning` what its
    names mean, `settlement` what is meant where it leaves a doubt."""

    reader: str | None = None
    meaning: Meaning = NOTHING_MAPPED
    settlement: Settlement = UNSETTLED


PLAIN_CHOICE = ImportChoice()
"""Nothing was chosen: all readers of the file, under the names of the features."""


@dataclass(frozen=True, slots=True)
class ImportedLabels:
    """What an import changed, and whether it was let at what is sealed."""

    outcome: ImportOutcome
    seal: Seal = NOTHING_SEALED


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """What an import would change; `unknown` are the file's names that are not ours, `subjects` those among
    whom the patient is not known."""

    plan: ImportPlan
    unknown: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()


def preview_labels(
    study: Study,
    viewer: Viewer,
    path: Path,
    format_id: str,
    choice: ImportChoice = PLAIN_CHOICE,
    *,
    report: Report,
    cancel: CancelToken,
) -> ImportPreview:
    """What `import_labels` would change, without changing it. Raises UserError and Cancelled."""
    try:
        imported = _read(path, format_id, choice, report, cancel)
    except PatientUnknownError as error:
        return ImportPreview(ImportPlan(remarks=(str(error),)), subjects=error.subjects)
    report(Progress("Comparing with the study", 0.7))
    settle_seal(study, viewer, 0, _PURPOSE)
    return preview_of(study, imported, viewer, choice)


def preview_of(study: Study, imported: Imported, viewer: Viewer, choice: ImportChoice) -> ImportPreview:
    """What importing this would change. Raises UserError."""
    plan = plan_import(study, imported, viewer, choice.reader, choice.settlement)
    return ImportPreview(plan, imported.unknown, imported.subjects)


def import_labels(
    study: Study,
    viewer: Viewer,
    path: Path,
    format_id: str,
    choice: ImportChoice = PLAIN_CHOICE,
    *,
    report: Report,
    cancel: CancelToken,
) -> ImportedLabels:
    """Write the answers of the file, or of the files in a folder, into the study, an undoable edit each.

    Raises UserError when the file cannot be understood or the study not be changed, ContradictionError when
    the file contradicts itself and nobody has said what is meant, and Cancelled; then nothing was changed.
    """
    imported = _read(path, format_id, choice, report, cancel)
    report(Progress("Writing the answers", 0.7))
    seal = settle_seal(study, viewer, 0, _PURPOSE)
    why = f"imported from {path.name}"
    outcome = import_into(
        study, imported, viewer, reader=choice.reader, why=why, settlement=choice.settlement
    )
    return ImportedLabels(outcome, seal)


def _read(path: Path, format_id: str, choice: ImportChoice, report: Report, cancel: CancelToken) -> Imported:
    report(Progress("Reading the file", 0.2))
    imported = read(path, FORMATS[format_id], choice.meaning)
    cancel.check()
    return imported


def describe_import(imported: ImportedLabels) -> tuple[str, ...]:
    """What was changed, in a sentence, and what to beware of, a sentence each."""
    changed, same = imported.outcome.changed, imported.outcome.same
    return (
        f"{_count(changed)} changed; {same} already matched.",
        *describe_seal(imported.seal),
        *imported.outcome.remarks,
        *imported.outcome.asides,
        *(one.describe() for one in imported.outcome.doubts),
    )


def describe_preview(preview: ImportPreview) -> tuple[str, ...]:
    """What would be changed, in a sentence, and what to beware of, a sentence each."""
    plan = preview.plan
    return (
        f"{_count(len(plan.edits))} would change; {plan.same} already match.",
        *(f"The file contradicts itself: {one.describe()}." for one in plan.unsettled),
        *plan.remarks,
        *plan.asides,
        *(one.describe() for one in plan.doubts),
    )


def _count(answers: int) -> str:
    return plural(answers, "answer")
