"""The video files of a day of EEG, found and placed on its clock in the background."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.core.jobs import Task
from app.ui.session.background import Background


class EegVideos(QObject):
    """Places the videos beside an EEG file; needs no open recording."""

    found = Signal(object)
    """A DayOfVideo."""
    progressed = Signal(object)
    """A Progress."""
    failed = Signal(str)
    """Why the EEG cannot be read, in a sentence."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._search = Background("search for the videos of the EEG", self)
        self._search.done.connect(self.found)
        self._search.progressed.connect(self.progressed)
        self._search.failed.connect(self.failed)

    def search(self, path: Path) -> None:
        """Place the videos beside the EEG at `path`, which a person has chosen."""
        self._search.start(lambda task: _videos_of(path, task))

    def cancel(self) -> None:
        self._search.cancel()


def _videos_of(path: Path, task: Task) -> object:
    """Raises UserError when it is not an EEG, Cancelled."""
    from app.core.eeg.day_of_video import videos_beside
    from app.core.eeg.record_scan import read_recording
    from app.core.eeg.sync_proposals import FileExtent
    from app.core.study.eeg_places import find_eeg_at

    file = find_eeg_at(path).file
    try:
        eeg = read_recording(file, report=task.report, cancel=task.cancel)
    finally:
        file.contents.close()
    extent = FileExtent(eeg.start, eeg.duration)
    return videos_beside(path, extent, report=task.report, cancel=task.cancel)
