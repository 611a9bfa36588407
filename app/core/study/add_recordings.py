"""Adding recordings to a study."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from app.core.errors import UserError
from app.core.jobs import CancelToken, Progress, Report
from app.core.plain_text import plain
from app.core.recording.probe import open_recording
from app.core.study.named_places import remember_opened
from app.core.study.store import Study

_MOST_REFUSALS = 3
_MOST_NAMES = 5


def add_recordings(study: Study, paths: Sequence[Path], *, report: Report, cancel: CancelToken) -> int:
    """Add recordings to the study, and give the number of all that it has then.

    Raises UserError with how many could not be read, their names and reasons; the others are in the study.
    """
    refused: list[tuple[Path, str]] = []
    for number, path in enumerate(paths):
        cancel.check()
        report(Progress(f"Adding {path.name}", number / len(paths)))
        try:
            study.recording(open_recording(path, cancel=cancel))
            remember_opened(path)
        except UserError as error:
            refused.append((path, str(error)))
    count = len(study.recordings())
    if refused:
        raise UserError(_describe(refused, len(paths)))
    return count


def _describe(refused: Sequence[tuple[Path, str]], chosen: int) -> str:
    """How many of the `chosen` files could not be read, the first with their reasons, others by name."""
    reasons = [why if path.name in why else f"“{path.name}”: {why}" for path, why in refused[:_MOST_REFUSALS]]
    if chosen == 1:
        return reasons[0]
    said = f"{len(refused)} of {chosen} could not be read: {' '.join(reasons)}"
    others = [plain(path.name, 60) for path, _why in refused[_MOST_REFUSALS:]]
    if not others:
        return said
    rest = f" and {len(others) - _MOST_NAMES} more" if len(others) > _MOST_NAMES else ""
    return f"{said} Nor could {', '.join(others[:_MOST_NAMES])}{rest}."
