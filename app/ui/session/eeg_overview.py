"""The overview of the EEG that is shown: computed in the background, which part is seen, and its events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.jobs import Progress
from app.ui.session.computed import Computed
from app.ui.session.eeg_display import EegDisplay
from app.ui.session.opened_recording import OpenedRecording
from app.ui.session.status import StatusLine

if TYPE_CHECKING:
    from app.core.eeg.file_overview import FileOverview
    from app.core.eeg.rhythmic_events import RhythmicEvent

_SHORTEST = 60.0
"""Seconds that are seen at least; a column of the trends is two."""

_LEAD = 0.2
"""The share of the page that is before an event when it is gone to."""

_NEAR = 1.0
"""Seconds: an event that begins closer to the page's moment than this is the present one."""


class EegOverview(Computed):
    """Computes the overview once somebody looks at it. Times are on the EEG's clock."""

    moved = Signal()
    """Another part is seen."""
    source_changed = Signal()
    """Other channels are chosen."""

    def __init__(
        self,
        opened: OpenedRecording,
        display: EegDisplay,
        status: StatusLine,
        parent: QObject | None = None,
    ) -> None:
        super().__init__("overview of the EEG", parent)
        self._opened = opened
        self._display = display
        self._status = status
        self._found: FileOverview | None = None
        self._key = ""
        self._length = 0.0
        self._shown = (0.0, 0.0)
        self._source = ""
        self._wanted = False
        self._last: float | None = None
        self._runner.done.connect(self._on_done)
        display.file_changed.connect(self._on_file)

    # computing it

    @property
    def found(self) -> FileOverview | None:
        """The overview; None without one."""
        return self._found

    @property
    def running(self) -> bool:
        return self._runner.running

    def want(self, wanted: bool) -> None:
        """Somebody looks at the overview, or no longer; what is being computed is finished."""
        self._wanted = wanted
        if wanted and self._found is None and not self.running and not self.problem:
            self.compute()

    def compute(self) -> None:
        """Compute it, or take it from the cache, once all time stamps of the file are known."""
        file = self._display.file
        if file is None or not file.is_complete:
            return
        from app.core.eeg.overview_cache import file_overview

        self.problem, self.progress = "", Progress("Computing the overview of the EEG", 0.0)
        self._runner.start(lambda task: file_overview(file, report=task.report, cancel=task.cancel))
        self.changed.emit()

    def cancel(self) -> None:
        """Compute no further; `compute` begins again."""
        if self.running:
            self.problem = "The overview was cancelled."
            self._runner.cancel()

    def _on_file(self) -> None:
        """Of another file, or with other bad channels, everything is different."""
        file = self._display.file
        key = ""
        if file is not None and file.is_complete:
            from app.core.eeg.overview_cache import overview_key

            key = overview_key(file)
        if key == self._key:
            return
        self._key = key
        self._runner.drop()
        self._found, self.progress, self.problem, self._source = None, None, "", ""
        self._last = None
        length = file.duration if file is not None else 0.0
        if length != self._length:
            self._length = length
            self.show_all()
        if self._wanted:
            self.compute()
        self.changed.emit()

    def _on_done(self, found: FileOverview) -> None:
        self._found, self.problem = found, ""

    # the channels

    @property
    def source(self) -> str:
        """The group or channel that is chosen; "" for all channels together."""
        return self._source

    def choose_source(self, name: str) -> None:
        """Show the trends of this group or channel."""
        if name != self._source:
            self._source = name
            self.source_changed.emit()

    # the part that is seen

    @property
    def length(self) -> float:
        """Seconds of the whole EEG."""
        return self._length

    @property
    def shown(self) -> tuple[float, float]:
        """Start and end in seconds."""
        return self._shown

    def show_all(self) -> None:
        """Show the whole EEG."""
        self._show(0.0, self._length)

    def zoom(self, factor: float, anchor: float) -> None:
        """See less (a factor below 1) or more; `anchor` stays where it is."""
        start, end = self._shown
        seconds = min(max((end - start) * factor, min(_SHORTEST, self._length)), self._length)
        share = (anchor - start) / (end - start) if end > start else 0.0
        self._show(anchor - share * seconds, seconds)

    def scroll(self, seconds: float) -> None:
        """Move the part that is seen."""
        start, end = self._shown
        self._show(start + seconds, end - start)

    def reveal(self, moment: float) -> None:
        """Bring a moment into sight."""
        start, end = self._shown
        if not start <= moment <= end:
            self._show(moment - (end - start) / 2, end - start)

    def _show(self, start: float, seconds: float) -> None:
        start = max(min(start, self._length - seconds), 0.0)
        shown = (start, start + seconds)
        if shown != self._shown:
            self._shown = shown
            self.moved.emit()

    # going there

    def go_to(self, moment: float, lead: float = 0.5) -> None:
        """Show the page that has this moment on it, `lead` of the page before it, and the frame where there
        is a picture."""
        file = self._display.file
        if file is None:
            return
        position = self._display.position
        position.go_to(moment - lead * position.seconds)
        self.reveal(moment)
        if 0.0 <= file.sync.to_recording(moment) <= self._opened.duration:
            self._display.seek(moment)

    def event_at(self, moment: float) -> RhythmicEvent | None:
        """The rhythmic stretch at a moment."""
        events = self._found.events if self._found is not None else ()
        return next((one for one in events if one.start <= moment <= one.end), None)

    def next_event(self, by: int) -> None:
        """Go to the next (1) or the previous (-1) rhythmic stretch, seen from the page."""
        if self._found is None:
            self._status.say("the overview of the EEG is not computed yet", of_eeg=True)
            return
        position, now = self._display.position, self._last
        # At the ends of the EEG the page cannot begin before an event as it does elsewhere.
        if now is None or not position.contains(now):
            now = position.start + _LEAD * position.seconds
        starts = [one.start for one in self._found.events]
        ahead = [one for one in starts if (one - now) * by > _NEAR]
        if not ahead:
            self._status.say(f"no {'later' if by > 0 else 'earlier'} rhythmic stretch was found", of_eeg=True)
            return
        self._last = min(ahead) if by > 0 else max(ahead)
        self.go_to(self._last, _LEAD)
