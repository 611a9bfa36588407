"""A small window with the progress of a background work and its Cancel; the main window goes on meanwhile."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QProgressBar, QProgressDialog, QWidget

from app.core.jobs import Progress
from app.ui.session.background import Background

_WIDTH = 320
"""Pixels in which the words of every step have room, so that the window keeps its size."""


class WorkProgress(QObject):
    """Shown from the first progress of a work on until that ends."""

    def __init__(self, work: Background, title: str, window: QWidget | None, *, after: float = 0.0) -> None:
        """Shown only when a work goes on for `after` seconds; it takes the keyboard from nothing."""
        super().__init__(work)
        self._work = work
        self._title = title
        self._window = window
        self._after = after
        self._dialog: QProgressDialog | None = None
        work.progressed.connect(self._show)
        work.ended.connect(self.close)

    def close(self) -> None:
        """Take the window away; the work itself goes on."""
        if self._dialog is not None:
            dialog, self._dialog = self._dialog, None
            dialog.canceled.disconnect(self._work.cancel)
            dialog.close()
            dialog.deleteLater()

    def _show(self, progress: Progress) -> None:
        if self._dialog is None:
            self._dialog = self._begun(progress)
        self._dialog.setLabelText(progress.what)
        self._dialog.setValue(round(1000 * progress.done))

    def _begun(self, progress: Progress) -> QProgressDialog:
        dialog = QProgressDialog(progress.what, "Cancel", 0, 1000, self._window)
        bar = QProgressBar()
        bar.setTextVisible(False)  # it could not be read across the edge of what is done
        bar.setAccessibleName("Progress")
        dialog.setBar(bar)
        dialog.setRange(0, 1000)
        dialog.setMinimumWidth(_WIDTH)
        dialog.setWindowTitle(self._title)
        dialog.setWindowModality(Qt.WindowModality.NonModal)
        dialog.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        dialog.setAutoClose(False)
        dialog.setAutoReset(False)
        dialog.setMinimumDuration(round(1000 * self._after))
        dialog.canceled.connect(self._work.cancel)
        return dialog
