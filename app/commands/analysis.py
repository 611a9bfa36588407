"""The analysis of a recording by a local reader, shared by analyze, report and demo."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands.terminal import one_line
from app.core.jobs import CancelToken, Report

if TYPE_CHECKING:
    from app.core.picture_box import Box
    from app.core.readers.analyse_recording import Analysed
    from app.core.readers.reader import Reader


def analyse(
    file: Path,
    *,
    reader: str,
    patient: Box | None,
    study_folder: Path | None,
    report: Report,
    cancel: CancelToken,
) -> Analysed:
    """`analyse_recording` with the reader that `--reader` names. Raises UserError, Cancelled."""
    from app.core.readers.analyse_recording import analyse_recording

    return analyse_recording(
        file, READERS[reader], patient=patient, study_folder=study_folder, report=report, cancel=cancel
    )


def print_limits(analysed: Analysed) -> None:
    """Print to stderr, a line each, which parts of the recording the reader could not be shown."""
    for limit in analysed.limits:
        print(f"semioscope: {one_line(limit)}", file=sys.stderr)


def _signal(patient: Box | None) -> Reader:
    from app.core.readers.signal.reader import SignalReader

    return SignalReader(patient)


READERS: dict[str, Callable[[Box | None], Reader]] = {"signal": _signal}
"""The readers that need no network, by the name that `--reader` takes."""
