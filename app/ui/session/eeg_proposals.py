"""EEG files that may belong to the open recording, and how their clocks could be brought together.

Everything is searched in the background and only proposed: `AttachedEegs.attach` is called by a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.jobs import Progress, Task, share_of
from app.ui.session.background import Background
from app.ui.session.opened_recording import OpenedRecording
from app.ui.session.status import StatusLine

if TYPE_CHECKING:
    from app.core.eeg.eeg_file import EegFile
    from app.core.eeg.record_scan import Scan
    from app.core.eeg.sync import Sync
    from app.core.eeg.sync_options import SyncOption
    from app.core.eeg.sync_proposals import FileExtent
    from app.core.recording.recording import Recording
    from app.core.study.eeg_places import FoundEeg

_SCANNED = 0.6
"""The share of the progress after which the time stamps are known."""


@dataclass(frozen=True, slots=True)
class ExaminedEeg:
    """A file that may be attached: its place and content, its start and duration, and the ways to bring the
    clocks together, those that propose something first. `complete` when no more will be found."""

    path: Path
    fingerprint: str
    extent: FileExtent
    options: tuple[SyncOption, ...]
    complete: bool


class EegProposals(QObject):
    """Looks for EEG files beside the open recording, and examines one that may be attached."""

    found = Signal(object)
    """The files beside the recording (a tuple of NearbyEeg), the likeliest first."""
    examined = Signal(object)
    """An ExaminedEeg; again with each way that is found."""
    progressed = Signal(object)
    """A Progress of the examination."""
    failed = Signal(str)
    """Why a file cannot be attached, in a sentence."""
    ended = Signal()
    """The examination has ended or was cancelled."""

    def __init__(self, opened: OpenedRecording, status: StatusLine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._opened = opened
        self._search = Background("search for EEG files", self)
        self._search.done.connect(self.found)
        self._search.failed.connect(status.show_message)
        self._examination = Background("examination of the EEG", self)
        self._examination.posted.connect(self.examined)
        self._examination.progressed.connect(self.progressed)
        self._examination.failed.connect(self.failed)
        self._examination.ended.connect(self.ended)
        opened.recording_changed.connect(self.cancel)

    def search(self) -> None:
        """Look beside the open recording; `found` follows."""
        recording = self._opened.recording
        if recording is not None:
            self._search.start(lambda task: _found_beside(recording, task))

    def examine(self, path: Path) -> None:
        """Examine a file that a person has chosen; `examined` or `failed` follows."""
        recording = self._opened.recording
        if recording is not None:
            self._examination.start(lambda task: _examine(path, recording, task))

    def warnings(self, examined: ExaminedEeg, sync: Sync) -> tuple[str, ...]:
        """What is to be checked before this file is attached with this sync."""
        from app.core.eeg.sync_options import pairing_warnings, recording_extent

        recording = self._opened.recording
        if recording is None:
            return ()
        return pairing_warnings(sync, examined.extent, recording_extent(recording), examined.options)

    def cancel(self) -> None:
        """Stop the search and the examination."""
        self._search.cancel()
        self._examination.cancel()


def _found_beside(recording: Recording, task: Task) -> object:
    from app.core.eeg.eeg_beside import eegs_beside
    from app.core.eeg.sync_options import recording_extent

    return eegs_beside(recording.path, recording_extent(recording), cancel=task.cancel)


def _examine(path: Path, recording: Recording, task: Task) -> None:
    """Post what is found in the file, at first by its header alone. Raises UserError, Cancelled."""
    from app.core.study.eeg_places import find_eeg_at

    found = find_eeg_at(path, task.report, task.cancel)
    try:
        _examine_file(path, found, recording, task)
    finally:
        found.file.contents.close()


def _examine_file(path: Path, found: FoundEeg, recording: Recording, task: Task) -> None:
    from app.core.eeg.record_scan import first_timeline
    from app.core.eeg.sync_options import (
        annotation_options,
        clock_options,
        eeg_extent,
        in_order,
        recording_extent,
        sound_option,
        sound_signal,
    )

    mine, file = recording_extent(recording), found.file

    def post(extent: FileExtent, options: Sequence[SyncOption], *, complete: bool = False) -> None:
        task.post(ExaminedEeg(path, found.fingerprint, extent, in_order(options), complete))

    extent = eeg_extent(file, first_timeline(file))
    post(extent, clock_options(extent, mine, recording.name))
    scan = _scanned(file, task)
    extent = eeg_extent(file, scan.timeline)
    clocks = in_order(clock_options(extent, mine, recording.name))
    options = [*clocks, *annotation_options(scan.annotations, mine.duration, clocks)]
    if sound_signal(file) is not None and recording.audio is not None:
        post(extent, options)
        guess, report = clocks[0].proposal.sync, share_of(task.report, _SCANNED, 1.0)
        options.append(sound_option(file, scan.timeline, recording, guess, report=report, cancel=task.cancel))
    post(extent, options, complete=True)


def _scanned(file: EegFile, task: Task) -> Scan:
    from app.core.eeg.record_scan import scan_records

    scan = None
    for scan in scan_records(file, cancel=task.cancel):
        task.report(Progress("Reading the time stamps of the EEG", _SCANNED * scan.done))
    assert scan is not None  # a scan yields at least its final result
    return scan
