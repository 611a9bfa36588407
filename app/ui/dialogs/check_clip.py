"""The sheet of a clip's most doubtful frames, which a person looks at before the clip is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPixmap, QResizeEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QScrollArea, QWidget

from app.ui.dialogs.form import button, lay_out, sentence, title

if TYPE_CHECKING:
    from app.core.deidentify.prepared_clips import PreparedClips


_SIZE = QSize(1520, 940)
"""Room for the whole sheet of a wide recording, where the screen has it."""
_FRAME = QSize(60, 80)
"""Pixels of a screen that are left for the frame of the dialog."""


class ClipCheckDialog(QDialog):
    """One sheet after the other; every clip has to be seen before all are kept. Return keeps nothing."""

    def __init__(self, prepared: PreparedClips, parent: QWidget | None = None, *, said: str = "") -> None:
        """`said` is said of every clip, after what was found in it."""
        super().__init__(parent)
        from app.core.deidentify.prepared_clips import CONFIRMING

        title(self, "Can anybody be recognised?")
        self.prepared = prepared
        self._said = said
        self._number = 0
        self.ask = sentence(CONFIRMING)
        self.which = sentence(bold=True)
        self.found = sentence()
        self.sheet = SheetPicture()
        area = QScrollArea()
        area.setWidget(self.sheet)
        area.setWidgetResizable(True)
        self.discard = button("Discard", self.reject, tip="Write nothing")
        self.next = button("Next clip", self.show_next)
        self.keep = button("Keep: I see nobody and no name", self.accept)
        ends = QHBoxLayout()
        ends.addStretch(1)
        for one in (self.discard, self.next, self.keep):
            ends.addWidget(one)
        lay_out(self, self.which, self.ask, area, self.found, ends, growing=area)
        self._show()
        # By itself Qt makes a dialog with sentences only as high as these need, and most of the sheet is cut.
        self.resize(self.sizeHint().boundedTo(self.screen().availableSize() - _FRAME))

    def sizeHint(self) -> QSize:
        return _SIZE

    def show_next(self) -> None:
        """Go on to the next clip's sheet."""
        self._number += 1
        self._show()

    def _show(self) -> None:
        from app.core.deidentify.prepared_clips import describe_prepared

        clips = self.prepared.clips
        clip = clips[self._number]
        self.which.setText(f"{clip.target.name} ({self._number + 1} of {len(clips)})")
        self.found.setText(" ".join(filter(None, (*describe_prepared(clip), self._said))))
        self.sheet.show_file(str(clip.sheet))
        last = self._number + 1 == len(clips)
        self.next.setVisible(not last)
        self.keep.setVisible(last)
        (self.keep if last else self.next).setDefault(False)
        self.discard.setDefault(True)


class SheetPicture(QLabel):
    """A picture as wide as the dialog, in the pixels of the screen, and never larger than it is."""

    def __init__(self) -> None:
        super().__init__()
        self.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.setAccessibleName("The most doubtful frames of the clip")
        self.setMinimumWidth(320)
        self._whole = QPixmap()

    def show_file(self, path: str) -> None:
        """Show the picture in this file."""
        self._whole = QPixmap(path)
        self.setPixmap(QPixmap())
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        if self._whole.isNull():
            return
        ratio = self.devicePixelRatioF()
        width = min(round(self.width() * ratio), self._whole.width())
        fitted = self._whole.scaledToWidth(max(width, 1), Qt.TransformationMode.SmoothTransformation)
        fitted.setDevicePixelRatio(ratio)
        if self.pixmap().size() != fitted.size():
            self.setPixmap(fitted)
