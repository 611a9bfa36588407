"""The status bar: the running work with its Cancel, the last save, and the folder of the study."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QProgressBar, QStatusBar, QToolButton, QWidget

from app.core.jobs import Progress
from app.core.plain_text import plain
from app.core.times import remaining_words
from app.ui.session.chosen_model import INCOMPLETE, LOCAL
from app.ui.session.sending_permissions import LOOKING, NOT_ALLOWED
from app.ui.session.session import Session
from app.ui.theme import small_font
from app.ui.views.crowded_row import CrowdedRow, RowPart
from app.ui.views.elided_label import ElidedLabel
from app.ui.views.model_status import ModelStatus
from app.ui.views.tool_tip import tool_tip

DISCLAIMER = "Research use, not a medical device"
SHORT_DISCLAIMER = "Not a medical device"
_LEAST_BAR, _LEAST_WORK, _LEAST_LINE, _LEAST_SILENT = 50, 130, 140, 110
"""Pixels below which a part of the line is left out."""
_LONGEST = 160
_WHERE_TIPS = {
    LOCAL: "Nothing leaves this computer",
    INCOMPLETE: "Something is missing in Reader → Set up a model",
    NOT_ALLOWED: "A model is set up; it is sent to only after you have seen and allowed it in each study",
    LOOKING: "Whether you have allowed it for this study is being looked up",
}


class StatusBar(QStatusBar):
    """Left the work with its Cancel, right what holds all the time."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setSizeGripEnabled(False)
        self._work = _label("Background work")
        self._bar = QProgressBar()
        self._bar.setRange(0, 1000)
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(4)
        self._bar.setAccessibleName("Progress of the background work")
        self._left = _label("Time remaining")
        self._cancel = QToolButton()
        self._cancel.setText("Cancel")
        self._cancel.setFont(small_font())
        self._cancel.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._cancel.setToolTip("Stop the background work; what it has found is kept")
        self._cancel.clicked.connect(session.analysis.cancel)
        self._silent = _label("Sound")
        self._saved = _label("Last change")
        self._local = _label("Where data is sent")
        self._note = _label("Purpose", short=SHORT_DISCLAIMER)
        self._note.setText(DISCLAIMER)
        self._note.setToolTip(DISCLAIMER)
        self.addWidget(self._row(ModelStatus(session)), 1)
        session.analysis.work_changed.connect(self._on_work)
        session.status.line_changed.connect(self._show_line)
        session.sound.heard_changed.connect(self._show_silent)
        session.answers.mine_changed.connect(self._show_count)
        session.study.reread.connect(self._show_count)
        session.opened.recording_changed.connect(self._show_all)
        session.models.sending.changed.connect(self._show_where)
        session.appearance.theme_changed.connect(self._recolour)
        self._show_work(None)
        self._show_status()
        self._show_where()
        self._recolour()

    def _row(self, model: ModelStatus) -> CrowdedRow:
        """There is always room to end what runs and for what this is not; then comes what became of changes,
        what leaves the computer, and that nothing is heard; how long it takes gives way."""
        return CrowdedRow(
            (
                RowPart(self._work, 2, _LEAST_WORK),
                RowPart(self._bar, 7, _LEAST_BAR),
                RowPart(self._left, 8),
                RowPart(self._cancel, 0),
                RowPart(model, 3),
            ),
            (
                RowPart(self._silent, 6, _LEAST_SILENT),
                RowPart(self._saved, 4, _LEAST_LINE),
                RowPart(self._local, 5),
                RowPart(self._note, 1, self._note.width_of(SHORT_DISCLAIMER), whole_last=True),
            ),
        )

    def _on_work(self) -> None:
        self._show_work(self._session.analysis.work)

    def _show_all(self) -> None:
        self._on_work()
        self._show_status()

    def _show_count(self) -> None:
        if self._session.analysis.work is None:
            self._work.setText(self._at_rest())

    def _show_where(self) -> None:
        where = self._session.models.sending.where
        self._local.setText(where)
        self._local.setToolTip(
            tool_tip(_WHERE_TIPS.get(where, "You have seen and allowed it for this study"))
        )

    def _show_work(self, work: Progress | None) -> None:
        for widget in (self._bar, self._left, self._cancel):
            widget.setVisible(work is not None)
        if work is None:
            self._work.setText(self._at_rest())
            return
        self._work.setText(plain(work.what, 80))
        # Set while it does not paint, the bar comes with the next picture of the window: else each step would
        # paint all that waits to be painted, at once.
        self._bar.setUpdatesEnabled(False)
        self._bar.setValue(round(1000 * work.done))
        self._bar.setUpdatesEnabled(True)
        self._left.setText(remaining_words(work.remaining))

    def _at_rest(self) -> str:
        if self._session.opened.recording is None or self._session.study.candidates:
            return ""  # it is not known yet whose answers are counted
        answers = self._session.answers.mine.answers.values()
        answered = len([answer for answer in answers if answer.presence is not None])
        words = f"{answered} of 20 answered"
        return f"Read-only, {words}" if self._session.study.read_only else words

    def _show_status(self) -> None:
        self._show_line()
        self._show_silent()

    def _show_line(self) -> None:
        _say(self._saved, self._session.status.line)

    def _show_silent(self) -> None:
        _say(self._silent, self._session.sound.silent)

    def _recolour(self) -> None:
        theme = self._session.appearance.theme
        for label in (self._work, self._left, self._saved, self._local, self._note):
            label.setStyleSheet(f"color: {theme.muted};")
        self._silent.setStyleSheet(f"color: {theme.caution};")


def _say(label: QLabel, words: str) -> None:
    """Show these words in a label, or nothing of it without any."""
    whole = plain(words, 400)
    label.setText(whole if len(whole) <= _LONGEST else plain(words, _LONGEST))
    # What looks like markup would be painted as such in a tip.
    label.setToolTip(tool_tip(whole))
    label.setVisible(bool(words))


def _label(name: str, *, short: str = "") -> ElidedLabel:
    # Cut rather than keep the window from being narrow.
    label = ElidedLabel(short=short)
    label.setFont(small_font())
    label.setAccessibleName(name)
    return label
