"""Adding recordings to a study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.core.errors import UserError
from app.core.jobs import CancelToken, Progress, Report
from app.core.plain_text import plain
from app.core.plural import plural
from app.core.recording.probe import open_recording
from app.core.study.named_places import remember_opened
from app.core.study.store import Study

_MOST_REFUSALS = 3
_MOST_NAMES = 5


@dataclass(frozen=True, slots=True)
class AddedRecordings:
    """How many recordings the study has now, and the names of the files whose recording it had before."""

    count: int
    known: tuple[str, ...]

    @property
    def phrase(self) -> str:
        """What was added, as a line."""
        has = f"the study has {plural(self.count, 'recording')}"
        if not self.known:
            return has
        return f"{_describe_known(self.known)}; {has}"


def add_recordings(
    study: Study, paths: Sequence[Path], *, report: Report, cancel: CancelToken
) -> AddedRecordings:
    """Add recordings to the study, and give what came of it.

    Raises UserError with how many could not be read, their names and reasons, and which the study had before;
    the others are in the study.
    """
    refused: list[tuple[Path, str]] = []
    had = {row.id for row in study.recordings()}
    known: list[str] = []
    for at, path in enumerate(paths):
        cancel.check()
        report(Progress(f"Adding {path.name}", at / len(paths)))
        try:
            number = study.recording(open_recording(path, cancel=cancel))
            if number in had:
                known.append(path.name)
            remember_opened(path)
        except UserError as error:
            refused.append((path, str(error)))
    count = len(study.recordings())
    if refused:
        there = (f"{_describe_known(known)}.",) if known else ()
        raise UserError(" ".join((_describe(refused, len(paths)), *there)))
    return AddedRecordings(count, tuple(known))


def _describe_known(known: Sequence[str]) -> str:
    """Which files the study had before."""
    if len(known) == 1:
        return f"{plain(known[0])} is in this study already"
    return f"{len(known)} of these files are in this study already"


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
