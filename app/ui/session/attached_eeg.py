"""The EEG files of the open recording: attached, synchronised, bad channels, what is read of them.

The study keeps what is attached; here each file is opened in the background, and what is known of its times
and annotations is published as it comes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from threading import Semaphore
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.eeg.sync import MarkPair, Sync
from app.core.jobs import Task
from app.ui.session.background import Background
from app.ui.session.eeg_opening import EegOpening
from app.ui.session.opened_recording import OpenedRecording
from app.ui.session.opened_study import OpenedStudy
from app.ui.session.status import StatusLine

if TYPE_CHECKING:
    from app.core.eeg.eeg_file import EegFile
    from app.core.eeg.record_scan import Scan
    from app.core.study.edits import Edit
    from app.core.study.eeg_edits import EegEdit
    from app.core.study.eeg_places import FindEeg
    from app.core.study.stored_eeg import AgreedSync, StoredEeg

_AT_ONCE = 2
"""The most files that are scanned at the same time: more would only wait for the disk."""


@dataclass(frozen=True, slots=True)
class AttachedEeg:
    """An EEG file of the open recording, as it is attached now; after a change there is another object.

    `fingerprint` stays the same and names it; `path` is where it was last seen. `sync` and `origin` (a
    sentence) are what a person agreed to, `pairs` the marks that it was fitted to. `bad_channels` are exact
    labels of the file.
    """

    fingerprint: str
    path: Path
    name: str
    sync: Sync
    origin: str
    pairs: tuple[MarkPair, ...]
    bad_channels: frozenset[str]


class AttachedEegs(QObject):
    """The EEG files of the open recording, in the order in which they begin.

    Every change is an edit of the study. Where nothing can be kept, as in a study that is only looked at, it
    holds until the recording is closed.
    """

    changed = Signal()
    """Other files are attached, or another one is current."""
    opened = Signal(object)
    """The file of this AttachedEeg is open, or could not be opened: `file_of`, `problem_of`."""
    scanned = Signal(object)
    """More time stamps of this AttachedEeg are known, the last time all: `scan_of`."""
    annotations_changed = Signal(object)
    """More annotations of this AttachedEeg are known: `scan_of`."""
    file_changed = Signal(object)
    """The file of this AttachedEeg has grown, changed, gone away or come back: `problem_of`."""
    sync_changed = Signal(object)
    """This AttachedEeg has another sync."""
    bad_channels_changed = Signal(object)
    """Other channels of this AttachedEeg are bad."""
    progressed = Signal(object, object)
    """An AttachedEeg and the Progress of its scan."""

    def __init__(
        self,
        opened: OpenedRecording,
        study: OpenedStudy,
        status: StatusLine,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._recording = opened
        self._study = study
        self._status = status
        self._turns = Semaphore(_AT_ONCE)
        self._stored: tuple[StoredEeg, ...] = ()
        self._openings: dict[str, EegOpening] = {}
        self._files: tuple[AttachedEeg, ...] = ()
        self._current = ""
        self._told: dict[str, str] = {}
        """What was said last of a file that has changed."""
        self._unkept: tuple[EegEdit, ...] = ()
        opened.recording_changed.connect(self._on_recording)
        study.edited.connect(self._on_edit)
        study.reread.connect(self._load)

    # what there is

    @property
    def files(self) -> tuple[AttachedEeg, ...]:
        """All of them."""
        return self._files

    @property
    def current(self) -> AttachedEeg | None:
        """The EEG that is shown and that commands refer to; None without one."""
        return self.find(self._current) or next(iter(self._files), None)

    def find(self, fingerprint: str) -> AttachedEeg | None:
        """The attached EEG of that content as it is now, None when it is not attached."""
        return next((one for one in self._files if one.fingerprint == fingerprint), None)

    def choose(self, eeg: AttachedEeg) -> None:
        """Let this be the current one."""
        if self.find(eeg.fingerprint) is not None and eeg.fingerprint != self._current:
            self._current = eeg.fingerprint
            self.changed.emit()

    def file_of(self, eeg: AttachedEeg) -> EegFile | None:
        """The open file, None while it is being opened and where it could not be.

        Any thread may read from it. It is closed when it is detached or another recording is opened, and
        reading raises ValueError then.
        """
        opening = self._openings.get(eeg.fingerprint)
        return None if opening is None else opening.file

    def scan_of(self, eeg: AttachedEeg) -> Scan | None:
        """What is known of its time stamps and annotations until now, None before anything is."""
        opening = self._openings.get(eeg.fingerprint)
        return None if opening is None else opening.scan

    def problem_of(self, eeg: AttachedEeg) -> str:
        """Why it is not open, what has happened to its file since it was opened, or what is different from
        when it was attached, in one sentence; "" when all is well."""
        opening = self._openings.get(eeg.fingerprint)
        return "" if opening is None else opening.problem or opening.change or opening.note

    def offered(self, eeg: AttachedEeg) -> Path | None:
        """A place that the study names for it and that is opened only when somebody asks."""
        opening = self._openings.get(eeg.fingerprint)
        return None if opening is None else opening.offered

    # changing it

    def attach(self, path: Path, agreed: AgreedSync) -> None:
        """Attach a file with the sync that a person has agreed to; a problem shows as a message."""
        from app.core.study.eeg_places import find_eeg_at
        from app.core.study.stored_eeg import stored_eeg

        recording = self._recording.recording
        if recording is None:
            self._status.show_message("Open a recording first; an EEG is attached to one.")
            return
        folder = self._study.folder or recording.path.parent

        def work(task: Task) -> StoredEeg:
            found = find_eeg_at(path, task.report, task.cancel)
            try:
                return stored_eeg(path, found.fingerprint, found.file.contents.size, folder, agreed)
            finally:
                found.file.contents.close()

        # Several files may be attached at once.
        runner = Background("attaching of the EEG", self)
        runner.done.connect(lambda stored: self._attach(stored, recording.fingerprint))
        runner.failed.connect(self._status.show_message)
        runner.ended.connect(runner.deleteLater)
        runner.start(work)

    def detach(self, eeg: AttachedEeg) -> None:
        """Let the file no longer belong to the recording; undo brings it back."""
        from app.core.study.edits import AttachEeg

        stored = self._stored_of(eeg)
        if stored is not None and self._change(lambda number: AttachEeg(number, stored, None)):
            self._status.say(f"detached {eeg.name}; Undo brings it back")

    def set_sync(self, eeg: AttachedEeg, agreed: AgreedSync) -> None:
        """Bring the clocks together as a person has agreed to."""
        from app.core.study.edits import SetEegSync

        stored = self._stored_of(eeg)
        if stored is not None and stored.agreed != agreed:
            self._change(lambda number: SetEegSync(number, stored.fingerprint, stored.agreed, agreed))

    def mark_bad(self, eeg: AttachedEeg, labels: Iterable[str], *, bad: bool = True) -> None:
        """Mark the channels with these exact labels bad, or good again."""
        from app.core.study.edits import SetBadChannels

        stored = self._stored_of(eeg)
        if stored is None:
            return
        before = stored.bad_channels
        after = before | frozenset(labels) if bad else before - frozenset(labels)
        if after != before:
            self._change(lambda number: SetBadChannels(number, stored.fingerprint, before, after))

    def find_file(self, eeg: AttachedEeg, path: Path) -> None:
        """The file lies here now; another EEG is refused."""
        from app.core.study.eeg_places import find_same_eeg

        stored, opening = self._stored_of(eeg), self._openings.get(eeg.fingerprint)
        if stored is not None and opening is not None:
            opening.start(find_same_eeg(stored, path))

    def read_again(self, eeg: AttachedEeg) -> None:
        """Open the file again, as after it has grown."""
        stored, recording = self._stored_of(eeg), self._recording.recording
        if stored is not None and recording is not None:
            beside = recording.path.parent
            self._open(stored, self._study.folder or beside, beside)

    def close(self) -> None:
        """Close all files; returns when all threads have ended or their time is over."""
        self._leave()

    def _stored_of(self, eeg: AttachedEeg) -> StoredEeg | None:
        return next((one for one in self._stored if one.fingerprint == eeg.fingerprint), None)

    def _attach(self, stored: StoredEeg, recording: str) -> None:
        from app.core.study.edits import AttachEeg

        leader = self._recording.recording
        if leader is None or leader.fingerprint != recording:
            return  # another recording is open by now
        known = next((one for one in self._stored if one.fingerprint == stored.fingerprint), None)
        if known is not None:
            self._status.show_message(f"“{stored.name}” is attached already.")
            return
        if self._change(lambda number: AttachEeg(number, None, stored)):
            self._current = stored.fingerprint
            self.changed.emit()
            self._status.say(f"attached {stored.name}")

    def _change(self, make: Callable[[int], EegEdit]) -> bool:
        """Make an edit, where nothing can be kept only for what is shown."""
        number = self._study.recording_number
        if number and not self._study.read_only:
            return self._study.apply(lambda: make(number))
        self._unkept = (*self._unkept, make(number))
        self._load()
        self._status.say("this holds until the recording is closed: nothing can be kept in its study")
        return True

    # what is kept

    def _on_recording(self) -> None:
        had = bool(self._stored)
        self._leave()
        if had:
            self.changed.emit()
        self._load()

    def _on_edit(self, edit: Edit) -> None:
        from app.core.study.eeg_edits import EegEdit

        if isinstance(edit, EegEdit):
            self._load()

    def _load(self) -> None:
        """Show what the study holds, also after an undo."""
        from app.core.study.eeg_edits import with_eeg_edit

        if self._recording.recording is None:
            return
        stored = self._study.content.eegs
        for edit in self._unkept:
            stored = with_eeg_edit(stored, edit)
        if stored != self._stored:
            self._show(stored)

    def _leave(self) -> None:
        for opening in self._openings.values():
            opening.close()
            opening.deleteLater()
        self._openings.clear()
        self._stored, self._files, self._unkept, self._current = (), (), (), ""

    def _show(self, stored: tuple[StoredEeg, ...]) -> None:
        """Show these: those that are open already stay."""
        recording = self._recording.recording
        assert recording is not None
        folder, beside = self._study.folder or recording.path.parent, recording.path.parent
        before = {one.fingerprint: one for one in self._stored}
        wanted = {one.fingerprint for one in stored}
        for fingerprint in tuple(self._openings.keys() - wanted):
            closed = self._openings.pop(fingerprint)
            closed.close()
            closed.deleteLater()
        self._stored = stored
        new = [one for one in stored if one.fingerprint not in before]
        self._openings |= {one.fingerprint: self._made(one.fingerprint) for one in new}
        self._files = tuple(self._attached(one, folder) for one in stored)
        for one in new:
            self._open(one, folder, beside)
        if wanted != before.keys():
            self.changed.emit()
        self._tell_changes(before)

    def _tell_changes(self, before: dict[str, StoredEeg]) -> None:
        for one, eeg in zip(self._stored, self._files, strict=True):
            former = before.get(one.fingerprint, one)
            if former.agreed != one.agreed:
                self.sync_changed.emit(eeg)
            if former.bad_channels != one.bad_channels:
                self.bad_channels_changed.emit(eeg)

    def _attached(self, stored: StoredEeg, folder: Path) -> AttachedEeg:
        path = self._openings[stored.fingerprint].path or stored.place(folder)
        agreed = stored.agreed
        return AttachedEeg(
            stored.fingerprint,
            path,
            stored.name,
            agreed.sync,
            agreed.origin,
            agreed.pairs,
            stored.bad_channels,
        )

    def _open(self, stored: StoredEeg, folder: Path, beside: Path) -> None:
        from app.core.study.eeg_places import StoredEegPlace

        find: FindEeg = StoredEegPlace(stored, folder, beside)
        self._openings[stored.fingerprint].start(find)

    def _made(self, fingerprint: str) -> EegOpening:
        opening = EegOpening(self._turns, self)
        opening.opened.connect(lambda: self._on_opened(fingerprint))
        opening.scanned.connect(lambda: self._on_scanned(fingerprint))
        opening.progressed.connect(lambda progress: self._on_progress(fingerprint, progress))
        opening.file_changed.connect(lambda: self._on_file_changed(fingerprint))
        return opening

    def _on_opened(self, fingerprint: str) -> None:
        recording = self._recording.recording
        if recording is None:
            return
        folder = self._study.folder or recording.path.parent
        self._files = tuple(self._attached(one, folder) for one in self._stored)
        eeg = self.find(fingerprint)
        if eeg is not None:
            self.opened.emit(eeg)

    def _on_scanned(self, fingerprint: str) -> None:
        eeg, scan = self.find(fingerprint), self._openings[fingerprint].scan
        if eeg is None or scan is None:
            return
        self.scanned.emit(eeg)
        if scan.annotations:
            self.annotations_changed.emit(eeg)

    def _on_file_changed(self, fingerprint: str) -> None:
        eeg, change = self.find(fingerprint), self._openings[fingerprint].change
        if eeg is None:
            return
        former, self._told[fingerprint] = self._told.get(fingerprint, ""), change
        if change or self._status.message == former:  # it may be there again
            self._status.show_message(change)
        self.file_changed.emit(eeg)

    def _on_progress(self, fingerprint: str, progress: object) -> None:
        eeg = self.find(fingerprint)
        if eeg is not None:
            self.progressed.emit(eeg, progress)
