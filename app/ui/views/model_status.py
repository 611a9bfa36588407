"""The model's reading in the status bar: requests, progress, pause and cancel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QSizePolicy, QToolButton, QWidget

from app.core.readers.models.reading_stage import ReadingStage, Status
from app.ui.session.session import Session
from app.ui.theme import small_font
from app.ui.views.tool_tip import tool_tip

if TYPE_CHECKING:
    from app.core.readers.models.reading_state import Cell

_WORDS = {
    ReadingStage.WAITING: "Model: waits for the signal reader",
    ReadingStage.PREPARING: "Model: making the clips",
    ReadingStage.PAUSED: "Model: paused",
    ReadingStage.STOPPING: "Model: stopping",
}
_SHOWN = frozenset({*_WORDS, ReadingStage.RUNNING})


class ModelStatus(QWidget):
    """Visible while a model's reading is prepared or runs, and after one that ended with failures."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.words = _button("What the model was asked, segment by segment")
        self.words.clicked.connect(session.models.progress_wanted)
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setFixedSize(90, 4)
        self.bar.setAccessibleName("Progress of the model's reading")
        self.pause = _button("Send no further requests until Resume; requests under way continue")
        self.pause.clicked.connect(session.models.pause_or_resume)
        self.cancel = _button("Stop the model; its answers are kept, the rest can be asked later")
        self.cancel.setText("Cancel")
        self.cancel.clicked.connect(session.models.stop)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 0, 6, 0)
        row.setSpacing(4)
        for widget in (self.words, self.bar, self.pause, self.cancel):
            row.addWidget(widget)
        session.models.run_changed.connect(self._show)
        session.opened.recording_changed.connect(self._show)
        session.appearance.theme_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        models = self._session.models
        stage = models.stage
        failed = len(models.failures)
        at_work = stage in _SHOWN
        self.setVisible(at_work or bool(failed))
        done = share_done(models.cells) if stage.asking else 0.0
        if stage is ReadingStage.PREPARING and models.progress is not None:
            done = models.progress.done
        self.bar.setVisible(at_work)
        if self.bar.value() != round(1000 * done):
            self.bar.setValue(round(1000 * done))  # paints at once
        self.pause.setVisible(stage in {ReadingStage.RUNNING, ReadingStage.PAUSED})
        self.pause.setText("Resume" if stage is ReadingStage.PAUSED else "Pause")
        self.cancel.setVisible(at_work)
        self.cancel.setEnabled(stage is not ReadingStage.STOPPING)
        self.words.setText(_words(stage, models.cells))
        theme = self._session.appearance.theme
        colour = theme.caution if failed else theme.muted
        style = f"QToolButton {{ color: {colour}; background: transparent; }}"
        if self.words.styleSheet() != style:
            self.words.setStyleSheet(style)  # reads and applies it, also where it is the same


def share_done(cells: tuple[Cell, ...]) -> float:
    """The share of the requests that have ended, 0–1."""
    asked = [cell for cell in cells if cell.status is not Status.NOT_SHOWN]
    over = sum(cell.status not in {Status.WAITING, Status.ASKING} for cell in asked)
    return over / len(asked) if asked else 0.0


def _words(stage: ReadingStage, cells: tuple[Cell, ...]) -> str:
    asked = [cell for cell in cells if cell.status is not Status.NOT_SHOWN]
    answered = sum(cell.status in {Status.ANSWERED, Status.PARTLY} for cell in asked)
    failed = sum(cell.status is Status.FAILED for cell in asked)
    partly = sum(cell.status is Status.PARTLY for cell in asked)
    troubles = [f"{failed} failed"] if failed else []
    troubles += [f"{partly} in part"] if partly else []
    if stage is ReadingStage.RUNNING:
        return " · ".join([f"Model: {answered} of {len(asked)}", *troubles])
    if stage in _WORDS:
        return _WORDS[stage]
    return " · ".join(["Model", *troubles]) if troubles else ""


def _button(tip: str) -> QToolButton:
    button = QToolButton()
    # Without words it would be as high as an icon, and everything above would move when it gets some.
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
    button.setFont(small_font())
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setToolTip(tool_tip(tip))
    return button
