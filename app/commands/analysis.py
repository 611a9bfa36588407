"""The analysis of a recording by a local reader, shared by analyze, report and demo."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands.terminal import say
from app.core.jobs import CancelToken, Report
from app.core.readers.local_readers import LOCAL_READERS, TRAINED, is_local, local_reader

if TYPE_CHECKING:
    from app.core.picture_box import Box
    from app.core.readers.analyse_recording import Analysed


def analyse(
    file: Path,
    *,
    reader: str,
    patient: Box | None,
    study_folder: Path | None,
    report: Report,
    cancel: CancelToken,
    backbone: Path | None = None,
) -> Analysed:
    """`analyse_recording` with the reader that `--reader` names. Raises UserError, Cancelled."""
    from app.core.readers.analyse_recording import analyse_recording

    return analyse_recording(
        file,
        local_reader(reader, backbone),
        patient=patient,
        study_folder=study_folder,
        report=report,
        cancel=cancel,
    )


def print_limits(analysed: Analysed) -> None:
    """Print to stderr, a line each, which parts of the recording the reader could not be shown."""
    for limit in analysed.limits:
        say(limit)


def reader_choice(*others: str) -> Callable[[str], str]:
    """The type of `--reader`: a local reader, a trained one, or one of `others`."""

    def check(text: str) -> str:
        known = (*LOCAL_READERS, *others)
        if text in known or is_local(text):
            return text
        raise argparse.ArgumentTypeError(
            f"invalid choice: {text!r} (choose from {', '.join(known)}, {TRAINED}FILE)"
        )

    return check
