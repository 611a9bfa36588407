"""Looking at the open recording's study beside the window: through a connection of its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.errors import UserError
from app.core.jobs import Progress
from app.core.reading import ReaderIdentity
from app.ui.session.background import Task

if TYPE_CHECKING:
    from app.core.agreement.of_study import RecordingRead
    from app.core.study.refinding import Found
    from app.core.study.store import Study

    # Not at run time: the store is loaded with the first recording, not with the window.
    from app.core.study.worklist import WorkItem  # noqa: TC004 - re-exported for annotations only

__all__ = ["StudyLook", "WorkItem"]


@dataclass(frozen=True, slots=True)
class StudyLook:
    """What a thread needs to look at a study; the window may close its own meanwhile.

    `viewer` is from whom sealed answers are withheld, None when everything is open; `number` is the
    open recording's in the study.
    """

    folder: Path
    me: ReaderIdentity
    viewer: ReaderIdentity | None
    number: int

    @property
    def whose(self) -> tuple[Path, str, bool]:
        """The study's folder, who reads, and whether something may be sealed from them: what was found for
        one of these is not to be shown to another, nor are its numbers of recordings theirs."""
        return self.folder, self.me.name, self.viewer is not None

    def open(self) -> Study:
        """The study, for anything; to be closed. Raises UserError."""
        from app.core.study.store import Study

        return Study.open(self.folder, author=self.me.name, create=False, shared=True)

    def worklist(self) -> tuple[WorkItem, ...]:
        """Every recording with the person's progress."""
        with self.open() as study:
            return study.worklist(self.me, viewer=self.viewer)

    def recordings_read(self, *, only_open: bool = False) -> tuple[RecordingRead, ...]:
        """Every recording, or the open one, with the readings that may be seen, ready to be compared."""
        from app.core.agreement.of_study import recordings_read

        with self.open() as study:
            return recordings_read(study, self.viewer, only=self.number if only_open else None)

    def is_missing(self, recording_id: int) -> bool:
        """Whether the file of a recording may be opened by itself and is not where it was last seen."""
        from app.core.study.refinding import is_missing

        with self.open() as study:
            return is_missing(study, recording_id)

    def find_moved(self, folder: Path, task: Task) -> tuple[tuple[Found, ...], int]:
        """The missing recordings that lie in `folder` or below now, and how many are missing."""
        from app.core.study.refinding import find_moved, missing

        with self.open() as study:
            found = find_moved(study, folder, report=task.report, cancel=task.cancel)
            return found, len(missing(study))

    def keep_places(self, found: tuple[Found, ...]) -> None:
        """Let the study open its recordings where they were found."""
        from app.core.study.refinding import keep_places

        with self.open() as study:
            keep_places(study, found)

    def add(self, paths: tuple[Path, ...], task: Task) -> int:
        """Take recordings into the study; how many it has now. What cannot be read is left out and told."""
        from app.core.recording.probe import open_recording
        from app.core.study.named_places import remember_opened

        refused = []
        with self.open() as study:
            for number, path in enumerate(paths):
                task.cancel.check()
                task.report(Progress(f"Adding {path.name}", number / len(paths)))
                try:
                    study.recording(open_recording(path, cancel=task.cancel))
                    remember_opened(path)
                except UserError as error:
                    refused.append(str(error))
            count = len(study.recordings())
        if refused:
            raise UserError(" ".join(refused[:3]))
        return count
