"""The report of a recording or of its whole study: what the viewer may see, gathered and written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.core.jobs import CancelToken, Report
from app.core.report.document import Choices, OpenRecording, build_recording_report, build_study_report
from app.core.report.reviewed_recording import PLAIN_VIEW, RecordingView, ReviewedRecording, review_recording
from app.core.report.write_report import WritePdf, write_report
from app.core.study.store import Study
from app.core.study.study_name import name_of_folder
from app.core.study.study_settings import StudySettings
from app.core.study.viewer import NOTHING_SEALED, Seal, Viewer, describe_seal, settle_seal

_PURPOSE = "report"
_FACE = "It shows the patient's face."


@dataclass(frozen=True, slots=True)
class GatheredStudy:
    """A study's content for a report: its name and settings, its recordings, and what was withheld."""

    name: str
    settings: StudySettings
    recordings: tuple[ReviewedRecording, ...]
    seal: Seal


@dataclass(frozen=True, slots=True)
class WrittenReport:
    """The page, what is left out of it as sealed, and whether it shows the patient's face."""

    path: Path
    seal: Seal = NOTHING_SEALED
    shows_face: bool = False


def gather_study(
    study: Study,
    viewer: Viewer,
    views: Mapping[str, RecordingView],
    *,
    only: int | None = None,
    named: bool = False,
    cancel: CancelToken,
) -> GatheredStudy:
    """What the viewer may see of every recording, or `only` of that number.

    `views` says by fingerprint how recordings are looked at; `named`: recordings may be opened wherever the
    study says that they lie. Raises UserError when the study cannot be read, and Cancelled.
    """
    found = []
    for row in study.recordings():
        cancel.check()
        if only in (None, row.id):
            view = views.get(row.fingerprint, PLAIN_VIEW)
            found.append(review_recording(study, row, viewer, view, named=named))
    settings = study.settings()
    name = settings.name or name_of_folder(study.folder)
    seal = settle_seal(study, viewer, sum(each.withheld for each in found), _PURPOSE)
    return GatheredStudy(name, settings, tuple(found), seal)


def write_study_report(
    page: Path,
    gathered: GatheredStudy,
    choices: Choices,
    write_pdf: WritePdf,
    *,
    replace: bool = True,
    report: Report,
    cancel: CancelToken,
) -> WrittenReport:
    """Write the report of all recordings that were gathered, see `write_report`. Raises UserError,
    Cancelled."""
    document = build_study_report(
        gathered.name,
        gathered.settings,
        gathered.recordings,
        choices,
        _now(),
        report=report,
        cancel=cancel,
    )
    write_report(page, document, write_pdf, replace=replace)
    return _written(page, choices, gathered.seal)


def write_recording_report(
    page: Path,
    reported: ReviewedRecording,
    opened: OpenRecording,
    choices: Choices,
    write_pdf: WritePdf,
    *,
    seal: Seal = NOTHING_SEALED,
    replace: bool = True,
    report: Report,
    cancel: CancelToken,
) -> WrittenReport:
    """Write the report of one recording, which is open, see `write_report`. Raises UserError, Cancelled."""
    document = build_recording_report(reported, opened, choices, _now(), report=report, cancel=cancel)
    write_report(page, document, write_pdf, replace=replace)
    return _written(page, choices, seal)


def _written(page: Path, choices: Choices, seal: Seal) -> WrittenReport:
    return WrittenReport(page, seal, choices.pictures and not choices.hide_faces)


def _now() -> datetime:
    return datetime.now().astimezone()


def describe_report(written: WrittenReport) -> tuple[str, ...]:
    """Sentences on what was written and what to beware of."""
    return (
        f"{written.path.name} was written.",
        *describe_seal(written.seal),
        *((_FACE,) if written.shows_face else ()),
    )
