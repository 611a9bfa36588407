"""Opens the study of a recording, from a background thread that waits for its disk."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.errors import UserError
from app.core.folders import cache_folder
from app.core.jobs import CancelToken
from app.core.study.content import Asking, Loaded, load
from app.core.study.found_study import find_study

if TYPE_CHECKING:
    from app.core.recording.recording import Recording
    from app.core.study.store import Study
    from app.core.study.study_writer import StudyWriter
    from app.core.study.unsaved_changes import KeptChanges


@dataclass(frozen=True, slots=True)
class OpenStudy:
    """The writer of a study with what it holds of a recording, and what of its changes was kept elsewhere."""

    path: Path
    fingerprint: str
    writer: StudyWriter
    loaded: Loaded
    kept: tuple[KeptChanges, ...] = ()


@dataclass(frozen=True, slots=True)
class NoStudy:
    """Why there is no study of the recording at `path`."""

    path: Path
    fault: UserError


@dataclass(frozen=True, slots=True)
class FormerWriters:
    """The writers that there are already: the `present` one is used again for the same folder, the others
    are closed and must have ended before their study is opened anew."""

    present: StudyWriter | None = None
    folder: Path | None = None
    closed: tuple[StudyWriter, ...] = ()


class StudyOpener:
    """Opens the study of one recording; what was opened in vain is closed again."""

    def __init__(
        self,
        asking: Asking,
        wake: Callable[[], None],
        *,
        folder: Path | None = None,
        former: FormerWriters | None = None,
    ) -> None:
        """`folder` is that of the study, None to look for it; `wake` is the new writer's."""
        self._asking = asking
        self._wake = wake
        self._folder = folder
        self._former = former or FormerWriters()
        self._lock = threading.Lock()
        self._made: StudyWriter | None = None
        self._abandoned = False

    def open(self, recording: Recording, cancel: CancelToken) -> OpenStudy | NoStudy:
        """Open or make the recording's study and read what it holds; waits for the disk. Raises Cancelled."""
        try:
            found = find_study(recording, self._folder)
            if found.fault is not None:
                raise found.fault
            return self._opened(recording, found.folder, cancel)
        except UserError as error:
            return NoStudy(recording.path, error)

    def _opened(self, recording: Recording, folder: Path, cancel: CancelToken) -> OpenStudy:
        from app.core.study.unsaved_changes import kept

        writer = self._writer(folder)
        demonstration = cache_folder() / "demonstration" in recording.path.parents
        asking = replace(self._asking, demonstration=demonstration)

        def question(study: Study) -> Loaded:
            return load(study, study.recording(recording), asking)

        try:
            loaded = writer.wait_for_answer(question, cancel.check)
        except BaseException:
            self.abandon()
            raise
        return OpenStudy(recording.path, recording.fingerprint, writer, loaded, kept(writer.study_id))

    def _writer(self, folder: Path) -> StudyWriter:
        if self._former.present is not None and self._former.folder == folder:
            return self._former.present
        from app.core.study.saving import PATIENCE
        from app.core.study.store import Study
        from app.core.study.study_writer import StudyWriter

        former = self._former.closed

        def open_study() -> Study:
            for one in former:
                one.has_ended(PATIENCE)
            return Study.open(folder, author=self._asking.me.name)

        with self._lock:
            self._made = StudyWriter(open_study, self._wake, author=self._asking.me.name)
            if self._abandoned:
                self._made.close(0.0)
            return self._made

    def abandon(self) -> StudyWriter | None:
        """Close the study as another recording is opened. Gives its writer, None before it was opened."""
        with self._lock:
            self._abandoned = True
            if self._made is not None:
                self._made.close(0.0)
            return self._made

    def keep(self) -> None:
        """Mark what was opened as in use, so that it is no longer abandoned."""
        with self._lock:
            self._made = None
