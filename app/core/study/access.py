"""A study's folder and its reader: what a background thread needs to open the study itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from app.core.jobs import CancelToken, Report
from app.core.picture_box import Box
from app.core.reading import ReaderIdentity
from app.core.study import moved_recordings
from app.core.study.moved_recordings import FoundRecording
from app.core.study.named_places import OpenablePlaces
from app.core.study.place import named_path
from app.core.study.store import Study
from app.core.study.viewer import SealedFrom, sealed_from
from app.core.study.work_order import in_groups
from app.core.study.worklist import FeaturePlace, WorkItem

PROGRAM = "semioscope"
"""The author that the history names for changes that no person made."""


def _nothing_to_wait_for() -> None:
    """Every change is on disk."""


@dataclass(frozen=True, slots=True)
class StudyAccess:
    """A study as one person may use it, through a separate connection each time.

    `viewer` stands for the person (`me`) alone; `number` is the open recording's in the study.
    """

    folder: Path
    me: ReaderIdentity
    viewer: SealedFrom
    number: int
    wait: Callable[[], object] = field(default=_nothing_to_wait_for, compare=False, repr=False)
    """Waits for changes that are on their way to the study, before it is opened."""

    @property
    def whose(self) -> tuple[Path, str, bool]:
        """The study's folder, who reads, and whether something may be sealed from them: what was found for
        one of these is not to be shown to another, nor are its numbers of recordings theirs."""
        return self.folder, self.me.name, self.viewer.until_decided

    def open(self) -> Study:
        """The study, to be read and changed; to be closed. Raises UserError."""
        self.wait()
        return Study.open(self.folder, author=self.me.name, create=False, shared=True)

    def places_to_cover(self, picture_key: str) -> tuple[Box, ...]:
        """The places that are kept to be covered in that picture of the open recording. Raises UserError
        where they cannot be read."""
        with self.open() as study:
            return study.places_to_cover(self.number).get(picture_key, ())

    def worklist(self) -> tuple[WorkItem, ...]:
        """Every recording with the person's progress, those of one patient together."""
        with self.open() as study:
            return in_groups(study.worklist(self.me, viewer=self._viewer_in(study)))

    def has_several(self) -> bool:
        """Whether the study has more than one recording."""
        with self.open() as study:
            return len(study.recordings()) > 1

    def places(self, numbers: Iterable[int]) -> dict[int, Path]:
        """The files of these recordings that may be looked at without asking the person."""
        with self.open() as study:
            wanted, openable = {*numbers}, OpenablePlaces(study.folder)
            rows = [row for row in study.recordings() if row.id in wanted and row.has_video]
            found = {row.id: named_path(row.path, study.folder) for row in rows}
        return {number: path for number, path in found.items() if openable.allow(path)}

    def next_unanswered(self, after: FeaturePlace) -> FeaturePlace | None:
        """The next feature that the person has not answered, round to the first."""
        with self.open() as study:
            return study.next_unanswered(self.me, after)

    def next_disagreement(self, after: FeaturePlace) -> FeaturePlace | None:
        """The next feature on which readers differ and that is not decided, round to the first."""
        with self.open() as study:
            return study.next_disagreement(after, viewer=self._viewer_in(study), undecided=True)

    def next_to_decide(self, after: FeaturePlace) -> FeaturePlace | None:
        """The next feature of which the consensus is open or older than an answer, round to the first."""
        with self.open() as study:
            return study.next_to_decide(after, viewer=self._viewer_in(study))

    def is_missing(self, recording_id: int) -> bool:
        """Whether the file of a recording may be opened by itself and is not where it was last seen."""
        with self.open() as study:
            return moved_recordings.is_missing(study, recording_id)

    def find_moved(
        self, folder: Path, *, report: Report, cancel: CancelToken
    ) -> tuple[tuple[FoundRecording, ...], int]:
        """The missing recordings that lie in `folder` or below now, and how many are missing."""
        with self.open() as study:
            found = moved_recordings.find_moved(study, folder, report=report, cancel=cancel)
            return found, len(moved_recordings.missing_recordings(study))

    def keep_places(self, found: tuple[FoundRecording, ...]) -> None:
        """Let the study open its recordings where they were found."""
        with self.open() as study:
            moved_recordings.keep_places(study, found)

    def _viewer_in(self, study: Study) -> ReaderIdentity | None:
        return next(iter(sealed_from(study, self.viewer)), None)
