"""Take answers out of a file of another program into a study."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.core.exchange.formats import FORMATS, read
from app.core.exchange.import_readings import ImportOutcome, import_into
from app.core.jobs import CancelToken, Progress, Report
from app.core.study.store import Study
from app.core.study.viewer import NOTHING_SEALED, Seal, Viewer, describe_seal, settle_seal

_PURPOSE = "import"


@dataclass(frozen=True, slots=True)
class ImportedLabels:
    """What an import changed, and whether it was let at what is sealed."""

    outcome: ImportOutcome
    seal: Seal = NOTHING_SEALED


def import_labels(
    study: Study,
    viewer: Viewer,
    path: Path,
    format_id: str,
    *,
    reader: str | None = None,
    report: Report,
    cancel: CancelToken,
) -> ImportedLabels:
    """Write the answers of the file, or of the files in a folder, into the study, an undoable edit each.

    `reader` says whose they are, see `choose_readings`. Raises UserError when the file cannot be
    understood or the study not be changed, and Cancelled; then nothing was changed.
    """
    report(Progress("Reading the file", 0.2))
    imported = read(path, FORMATS[format_id])
    cancel.check()
    report(Progress("Writing the answers", 0.7))
    seal = settle_seal(study, viewer, 0, _PURPOSE)
    why = f"imported from {path.name}"
    return ImportedLabels(import_into(study, imported, viewer, reader=reader, why=why), seal)


def describe_import(imported: ImportedLabels) -> tuple[str, ...]:
    """What was changed, in a sentence, and what to beware of, a sentence each."""
    changed, same = imported.outcome.changed, imported.outcome.same
    answers = "1 answer" if changed == 1 else f"{changed} answers"
    return (
        f"{answers} changed; {same} already matched.",
        *describe_seal(imported.seal),
        *imported.outcome.remarks,
    )
