"""The writer of the open study, and those of studies that were left and may still be writing."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.study.study_opener import FormerWriters, OpenStudy, StudyOpener

if TYPE_CHECKING:
    from app.core.study.content import Asking, Loaded
    from app.core.study.leaving_study import EmergencyFile
    from app.core.study.saving import Unsaved
    from app.core.study.study_writer import StudyWriter
    from app.core.study.unsaved_changes import KeptChanges

_SETTLING_SECONDS = 10.0
"""How long a background thread waits for changes that are on their way."""


def nothing() -> None:
    """Does nothing, where there is nothing to do."""


class OpenWriters:
    """Opens and closes them; `wake` is the writers'. All methods are for one thread, unless they say so."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake_window = wake
        self._closed = False
        self.show_note: Callable[[str], None] = lambda _sentence: None
        """Called with a sentence on changes of a study that was left, which were kept on this computer."""
        self.present: StudyWriter | None = None
        """The open study's; None without one."""
        self.kept: tuple[KeptChanges, ...] = ()
        """What of the open study's changes was kept on this computer before it was opened."""
        self._former: list[StudyWriter] = []
        self._emergency: EmergencyFile | None = None
        self._fingerprints: dict[int, str] = {}
        self._notes: list[str] = []
        self._expected: tuple[Path, Path] | None = None
        self._opener: StudyOpener | None = None

    def _wake(self) -> None:
        """Called in the writers' threads, which may still write when the window is gone."""
        if not self._closed:
            self._wake_window()

    # opening

    def expect(self, path: Path, folder: Path) -> None:
        """The recording that is opened next belongs to this study, in whatever folder it is."""
        self._expected = (path, folder)

    def opener(self, path: Path, asking: Asking, known: Loaded | None) -> StudyOpener:
        """What opens the study of the recording at `path` in a background thread.

        `known` is what was read of the open study, whose writer is used again if it can write.
        """
        self.abandon()
        expected, self._expected = self._expected, None
        folder = expected[1] if expected is not None and expected[0] == path else None
        self._former = [one for one in self._former if not one.has_ended()]
        usable = known is not None and not known.read_only
        former = FormerWriters(
            self.present if usable else None, known.folder if known else None, tuple(self._former)
        )
        self._opener = StudyOpener(asking, self._wake, folder=folder, former=former)
        return self._opener

    def abandon(self) -> None:
        """Close what was opened for a recording that is not opened after all."""
        opener, self._opener = self._opener, None
        opened_in_vain = None if opener is None else opener.abandon()
        if opened_in_vain is not None:
            self._former.append(opened_in_vain)

    def use(self, found: OpenStudy) -> None:
        """What was opened is the open study from now on."""
        from app.core.study.leaving_study import EmergencyFile

        if self._opener is not None:
            self._opener.keep()
        self._opener = None
        if found.writer is not self.present:
            self.leave()
            self.present, self.kept = found.writer, found.kept
            self._emergency = EmergencyFile(found.writer)
        self._fingerprints[found.loaded.number] = found.fingerprint

    def deliver_outcomes(self) -> None:
        """Deliver what has happened since; called when woken."""
        for writer in (*self._former, *filter(None, [self.present])):
            writer.deliver_outcomes()
        while self._notes:
            self.show_note(self._notes.pop(0))

    # closing

    def leave(self) -> None:
        """Close the open study, which is written in its thread until everything is on disk."""
        writer, self.present, self.kept = self.present, None, ()
        if writer is not None and self._emergency is not None:
            from app.core.study.leaving_study import leave

            leave(writer, self._emergency, dict(self._fingerprints), self._keep_note)
            self._former.append(writer)
        self._fingerprints.clear()

    def _keep_note(self, sentence: str) -> None:
        """Say what was kept of a study that was left; called in a background thread."""
        self._notes.append(sentence)
        self._wake()

    def close(self, seconds: float) -> None:
        """Close all studies, waiting so long for their disks, and keep here what is not saved then."""
        self.abandon()
        deadline = time.monotonic() + seconds
        writer, self.present = self.present, None
        if writer is not None and self._emergency is not None:
            from app.core.study.leaving_study import close

            close(writer, self._emergency, self._fingerprints, seconds)
        for one in self._former:
            one.has_ended(max(0.0, deadline - time.monotonic()))
        self._closed = True

    def has_ended(self, seconds: float) -> bool:
        """Whether the studies that were left are closed, after waiting so long; for any thread."""
        return all(one.has_ended(seconds) for one in self._former)

    # what is not on disk

    def unsaved(self) -> Unsaved:
        """The changes that are not known to be on disk."""
        from app.core.study.saving import Unsaved

        return Unsaved() if self.present is None else self.present.unsaved()

    def retry(self) -> None:
        """Try again to save what waits."""
        if self.present is not None:
            self.present.retry()

    def settle(self, seconds: float) -> Unsaved:
        """What is not on disk after trying again and waiting so many seconds at most."""
        if self.present is None:
            return self.unsaved()
        self.present.retry()
        return self.present.settle(seconds)

    def wait_for_disk(self) -> Callable[[], object]:
        """What a background thread calls before it opens the study, so that it finds all changes."""
        writer = self.present
        return nothing if writer is None else lambda: writer.settle(_SETTLING_SECONDS)

    def keep_unsaved(self) -> Callable[[], object]:
        """What a background thread calls to keep on this computer what is not on disk. Raises UserError."""
        file, fingerprints = self._emergency, dict(self._fingerprints)
        return nothing if file is None else lambda: file.write(fingerprints)

    def forget_kept(self) -> None:
        """Everything is on disk: remove what was kept of this window's changes on this computer."""
        if self._emergency is not None:
            self._emergency.remove()
