"""The box round the patient, and drawing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.study.recording_study import Content
from app.ui.session.opened_study import OpenedStudy

if TYPE_CHECKING:
    from app.core.picture_box import Box
    from app.core.study.edits import Edit


class PatientBox(QObject):
    """Kept with the recording, in shares of the picture."""

    changed = Signal()
    """The box is another one, wherever it was changed."""
    drawing_changed = Signal(bool)
    """Whether the next drag on the picture draws the box."""
    set_here = Signal()
    """The box was drawn or removed here, or that was undone: the patient is followed anew."""

    def __init__(self, study: OpenedStudy, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._study = study
        self._drawing = False
        study.content_changed.connect(self._on_content)
        study.edited.connect(self._on_edit)

    @property
    def box(self) -> Box | None:
        return self._study.patient

    @property
    def drawing(self) -> bool:
        """Whether the next drag on the picture draws the box."""
        return self._drawing

    def reset(self) -> None:
        """Nothing is drawn in another recording."""
        self._drawing = False

    def draw(self, on: bool) -> None:
        """Let the next drag on the picture draw the box, or no longer."""
        self._drawing = on
        self.drawing_changed.emit(on)

    def set(self, box: Box | None) -> None:
        """Keep this box with the recording; None follows the person who is seen longest."""
        self.draw(False)
        if box != self.box:
            self._study.apply(lambda: self._edit(box))

    def _edit(self, box: Box | None) -> Edit:
        from app.core.study.edits import SetPatientBox

        return SetPatientBox(self._study.opened()[1], self.box, box)

    def _on_content(self, before: Content, now: Content) -> None:
        if before.patient != now.patient:
            self.changed.emit()

    def _on_edit(self, edit: Edit) -> None:
        from app.core.study.edits import SetPatientBox

        if isinstance(edit, SetPatientBox):
            self.set_here.emit()
