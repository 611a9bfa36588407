"""The recording that is open, or what is seen of one that is being opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from app.core.recording.recording import Recording
    from app.ui.session.preview_frame import PreviewFrame


class OpenedRecording(QObject):
    """The open recording; only `Opening` exchanges it."""

    recording_changed = Signal()
    """Another recording is open, or none; everything that is shown of a recording is that of this one now."""
    preview_changed = Signal()
    """The first frame of a recording that is being opened has come, or is no longer needed."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._recording: Recording | None = None
        self._preview: PreviewFrame | None = None

    @property
    def recording(self) -> Recording | None:
        return self._recording

    @property
    def preview(self) -> PreviewFrame | None:
        """What is seen of a recording that is still being opened; `recording` is None then."""
        return self._preview

    @property
    def duration(self) -> float:
        """Seconds of the open recording, 0 without one."""
        return self._recording.duration if self._recording else 0.0

    def take(self, recording: Recording | None) -> None:
        """Let this be the open recording; `recording_changed` is emitted when everything else is ready."""
        self._recording, self._preview = recording, None

    def take_track(self, recording: Recording) -> None:
        """The same recording with another of its sound tracks."""
        self._recording = recording

    def set_preview(self, preview: PreviewFrame | None) -> None:
        """Show this of a recording that is being opened; None shows nothing of it."""
        self._preview = preview
        self.preview_changed.emit()
