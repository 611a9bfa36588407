"""The current EEG of the recording in the display: as soon as its first times are known."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.core.eeg.sync import Sync
from app.ui.session.attached_eeg import AttachedEeg, AttachedEegs
from app.ui.session.eeg_display import EegDisplay
from app.ui.session.status import StatusLine


class CurrentEeg(QObject):
    """Puts the attached EEG into the display, and takes messages about it back when another one is shown.

    A channel that is marked as bad in the display becomes so in the study.
    """

    def __init__(
        self, attached: AttachedEegs, display: EegDisplay, status: StatusLine, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._attached = attached
        self._status = status
        self._shown = ""
        self._display = display
        self._previewed: Sync | None = None
        attached.changed.connect(self._show)
        for changed in (
            attached.opened,
            attached.scanned,
            attached.sync_changed,
            attached.bad_channels_changed,
        ):
            changed.connect(self._on_changed)
        display.bad_wanted.connect(self._mark_bad)

    def preview(self, sync: Sync | None) -> None:
        """Show the current EEG with this sync in place of the agreed one (None) until that is taken back."""
        if sync != self._previewed:
            self._previewed = sync
            self._show()

    def _on_changed(self, eeg: AttachedEeg) -> None:
        current = self._attached.current
        if current is not None and current.fingerprint == eeg.fingerprint:
            self._show()

    def _show(self) -> None:
        eeg = self._attached.current
        former, self._shown = self._shown, eeg.fingerprint if eeg is not None else ""
        if former != self._shown:
            self._status.leave_eeg()
        file = self._attached.file_of(eeg) if eeg is not None else None
        scan = self._attached.scan_of(eeg) if eeg is not None else None
        if eeg is None or file is None or scan is None:
            if self._display.file is not None:
                self._display.show(None)
            problem = self._attached.problem_of(eeg) if eeg is not None and file is None else ""
            self._display.tell_problem(problem)
            return
        from app.core.eeg.displayed_file import DisplayedFile

        self._display.show(
            DisplayedFile(
                file,
                scan.timeline,
                scan.annotations,
                self._previewed or eeg.sync,
                eeg.bad_channels,
                scan.done >= 1.0,
                eeg.fingerprint,
            )
        )

    def _mark_bad(self, label: str, bad: bool) -> None:
        eeg = self._attached.current
        if eeg is not None:
            self._attached.mark_bad(eeg, [label], bad=bad)
