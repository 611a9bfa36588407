"""An EEG of the same name beside the recording: offered once, attached by a person alone.

The same name does not make it the same patient's: what it is and how the clocks meet is shown before.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from app.core.jobs import CancelToken
from app.core.plain_text import plain
from app.ui.session.attached_eeg import AttachedEegs
from app.ui.session.background import Background
from app.ui.session.eeg_display import EegDisplay
from app.ui.session.opened_recording import OpenedRecording
from app.ui.session.opened_study import OpenedStudy
from app.ui.session.status import Offer, StatusLine

if TYPE_CHECKING:
    from app.core.eeg.eeg_beside import NearbyEeg
    from app.core.recording.recording import Recording

LOOK_AFTER = 2000
"""Milliseconds after opening; the picture and the answers come first."""
ATTACH = "Attach…"


class OfferedEeg(QObject):
    """Looks beside each recording that has no EEG; what somebody has closed stays closed in this window."""

    def __init__(
        self,
        *,
        opened: OpenedRecording,
        study: OpenedStudy,
        attached: AttachedEegs,
        display: EegDisplay,
        status: StatusLine,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._opened = opened
        self._study = study
        self._attached = attached
        self._display = display
        self._status = status
        self._offered: set[Path] = set()
        self._looking = Background("look for an EEG beside the recording", self)
        self._looking.done.connect(self._on_found)
        self._due = QTimer(self)
        self._due.setSingleShot(True)
        self._due.timeout.connect(self._look)
        opened.recording_changed.connect(self._on_recording)
        study.reader_known.connect(self._on_recording)

    def _on_recording(self) -> None:
        self._looking.drop()
        self._due.start(LOOK_AFTER)

    def _look(self) -> None:
        recording = self._opened.recording
        if recording is not None and self._has_none():
            self._looking.start(lambda task: _beside(recording, task.cancel))

    def _has_none(self) -> bool:
        """Whether an EEG can be attached here, and none is."""
        return bool(self._study.recording_number) and not self._study.read_only and not self._attached.files

    def _on_found(self, found: NearbyEeg | None) -> None:
        if found is None or found.path in self._offered or not self._has_none():
            return
        if self._status.offer is not None:
            return  # which is more urgent; it is looked for again at the next opening
        self._offered.add(found.path)
        sentence = f"Beside this recording lies an EEG: “{plain(found.path.name, 80)}” ({found.words})."
        attach = self._display.attach_wanted.emit
        self._status.make_offer(Offer(sentence, ATTACH, lambda: attach(found.path)))


def _beside(recording: Recording, cancel: CancelToken) -> NearbyEeg | None:
    from app.core.eeg.eeg_beside import eeg_of_same_name
    from app.core.eeg.sync_options import recording_extent

    return eeg_of_same_name(recording.path, recording_extent(recording), cancel=cancel)
