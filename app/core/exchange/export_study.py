"""The export of a study: what the viewer may see, in the files of another program."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.core.errors import UserError
from app.core.exchange.bundle import bundle_of_study, only_readers
from app.core.exchange.formats import FORMATS, CheckPaths, files_of, nothing_checked, write_files
from app.core.exchange.without_sealed import without_sealed
from app.core.jobs import CancelToken, Progress, Report
from app.core.study.store import Study
from app.core.study.viewer import (
    NOTHING_SEALED,
    Seal,
    Viewer,
    describe_seal,
    seal_of,
    sealed_error,
    sealed_from,
    settle_seal,
)

WITHOUT_HISTORY = "The history was left out, since it tells of what is sealed."

_FILES_NAMED = 4


@dataclass(frozen=True, slots=True)
class Exported:
    """The files that were written, and what was left out of them as sealed."""

    paths: tuple[Path, ...]
    seal: Seal = NOTHING_SEALED
    without_history: bool = False


def export_study(
    study: Study,
    viewer: Viewer,
    format_id: str,
    target: Path,
    *,
    readers: frozenset[str] = frozenset(),
    check: CheckPaths = nothing_checked,
    replace: bool = True,
    report: Report,
    cancel: CancelToken,
) -> Exported:
    """Write the study's answers to `target`, only those of `readers` (names) when there are any.

    `target` is a file, or a folder that is made when it is missing; `check` is called with the paths before
    anything is written, and what exists is kept without `replace`. Raises UserError as it does, when there is
    nothing that may be written, or the files cannot be; Cancelled before anything was written.
    """
    report(Progress("Reading the study", 0.1))
    found = without_sealed(bundle_of_study(study), study, sealed_from(study, viewer))
    cancel.check()
    bundle = only_readers(found.bundle, readers) if readers else found.bundle
    if not bundle.readings:
        raise _nothing(seal_of(study, viewer, found.withheld))
    report(Progress("Writing", 0.6))
    files = files_of(bundle, target, FORMATS[format_id], check)
    # The history says for good what was given: only once it can be written.
    seal = settle_seal(study, viewer, found.withheld, f"export as {format_id}")
    return Exported(write_files(files, replace=replace), seal, found.without_history)


def _nothing(seal: Seal) -> UserError:
    why = "All such answers are sealed" if seal.withheld else "The study has no such answers"
    return sealed_error(seal, f"{why}, so nothing was written.")


def describe_export(exported: Exported) -> tuple[str, ...]:
    """Sentences on what was written and what to beware of."""
    count = len(exported.paths)
    files = "1 file was written" if count == 1 else f"{count} files were written"
    named = ", ".join(path.name for path in exported.paths[:_FILES_NAMED])
    return (
        f"{files}: {named}.",
        *describe_seal(exported.seal),
        *((WITHOUT_HISTORY,) if exported.without_history else ()),
    )
