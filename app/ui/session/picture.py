"""How the picture of the open recording is shown: its presentation and what is drawn over it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from app.core.deidentify.drawn_covers import CoversByRecording
from app.core.recording.presentation import PLAIN, Aim, Presentation, Streams


@dataclass(frozen=True, slots=True)
class Overlay:
    """What is drawn over the picture."""

    skeleton: bool = True
    face: bool = False
    trails: bool = False


class ShownPicture(QObject):
    """The presentation is that of the open recording; the overlay is the same for every recording."""

    presentation_changed = Signal()
    mirrored_changed = Signal()
    """The picture is mirrored now, or no longer."""
    overlay_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._presentation = PLAIN
        self._overlay = Overlay()
        self.drawn_covers = CoversByRecording()
        """Places to be covered in de-identified clips, for every recording that was open in this window."""

    @property
    def presentation(self) -> Presentation:
        """Brightness, turn, mirror, zoom, inset, and which of the recording's streams are used."""
        return self._presentation

    @property
    def mirrored(self) -> bool:
        """Whether the picture is shown mirrored; left and right of programs' readings follow."""
        return self._presentation.orientation.mirrored

    @property
    def overlay(self) -> Overlay:
        return self._overlay

    def reset(self) -> None:
        """Every recording begins as recorded; the window restores what was kept of it."""
        self._presentation = PLAIN

    def present(self, presentation: Presentation) -> None:
        """Show the picture so."""
        if presentation == self._presentation:
            return
        turned = presentation.orientation.mirrored is not self.mirrored
        self._presentation = presentation
        self.presentation_changed.emit()
        if turned:
            self.mirrored_changed.emit()

    def set_streams(self, streams: Streams) -> None:
        """Use these of the recording's streams."""
        self.present(replace(self._presentation, streams=streams))

    def aim(self, aim: Aim) -> None:
        """Zoom to the patient or the face and follow, or show the whole picture."""
        self.present(replace(self._presentation, aim=aim))

    def set_overlay(self, overlay: Overlay) -> None:
        self._overlay = overlay
        self.overlay_changed.emit()
