"""How large the screen is: the person measures a line, so that millimetres of an EEG are right."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from app.core.eeg.page_scale import pixels_per_millimetre
from app.ui.session.session import Session

LENGTH = 100.0
"""Millimetres that the line would have if the screen told its size."""


class _MeasuredLine(QWidget):
    """A line with an upright end on both sides."""

    def __init__(self, pixels: float, parent: QWidget) -> None:
        super().__init__(parent)
        self._pixels = round(pixels)
        self.setFixedSize(QSize(self._pixels + 8, 28))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        ink = QColor(self.palette().color(self.foregroundRole()))
        painter.fillRect(QRectF(4, 13, self._pixels, 2), ink)
        for x in (4, 3 + self._pixels):
            painter.fillRect(QRectF(x, 4, 1, 20), ink)
        painter.end()


class CalibrationDialog(QDialog):
    """Shows a line and asks for its length on the screen."""

    def __init__(self, session: Session, dots_per_inch: float, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Size of the screen")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._session = session
        self._dots = dots_per_inch
        words = QLabel("Measure this line with a ruler on the screen, and enter its length.")
        self.length = QDoubleSpinBox()
        self.length.setRange(20.0, 400.0)
        self.length.setDecimals(1)
        self.length.setSuffix(" mm")
        self.length.setValue(LENGTH)
        self.length.setAccessibleName("Length of the line")
        row = QHBoxLayout()
        row.addWidget(self.length)
        row.addStretch()
        column = QVBoxLayout(self)
        column.addWidget(words)
        column.addWidget(_MeasuredLine(LENGTH * pixels_per_millimetre(dots_per_inch), self))
        column.addLayout(row)
        column.addWidget(self._buttons())

    def _buttons(self) -> QDialogButtonBox:
        kinds = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(kinds.Ok | kinds.Cancel | kinds.Reset)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        reset = buttons.button(kinds.Reset)
        reset.setText("As the screen reports")
        reset.clicked.connect(self.reset)
        return buttons

    def accept(self) -> None:
        self._session.eeg.change(dots_per_inch=self._dots * LENGTH / self.length.value())
        super().accept()

    def reset(self) -> None:
        """Believe the screen again."""
        self._session.eeg.change(dots_per_inch=0.0)
        self.reject()
