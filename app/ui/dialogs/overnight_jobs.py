"""The overnight jobs of the study as a list: how far each is, collecting, and stopping."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog, QProgressBar, QTableWidget, QTableWidgetItem, QWidget

from app.core.plain_text import breakable, plain
from app.ui.dialogs.form import CLOSE, button, buttons, lay_out, sentence, side_by_side, title
from app.ui.session.session import Session
from app.ui.views.table_style import chosen_sentence, name_and_sentence, plain_table
from app.ui.views.tool_tip import tool_tip

if TYPE_CHECKING:
    from app.core.batch.overnight_of_study import ShownJob

_TITLES = ("Recording", "Sent", "Requests", "Model", "State")
_NONE = "No overnight job of yours is under way for this study."


class OvernightJobsDialog(QDialog):
    """The jobs of the open study. Does not block; what it began goes on when it is closed."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title(self, "Overnight jobs")
        self._session = session
        self._jobs: tuple[ShownJob, ...] = ()
        self.words, self.whole = sentence(), sentence(small=True)
        self.whole.setMinimumHeight(2 * self.whole.fontMetrics().height())
        self.table = QTableWidget(0, len(_TITLES))
        plain_table(self.table)
        self.table.setSelectionMode(QTableWidget.SelectionMode.ExtendedSelection)
        self.table.setAccessibleName("Overnight jobs of this study")
        self.table.setHorizontalHeaderLabels(list(_TITLES))
        name_and_sentence(self.table, _TITLES.index("Recording"), _TITLES.index("State"))
        self.table.itemSelectionChanged.connect(self._show_buttons)
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(4)
        overnight = session.models.overnight
        self.collect = button("&Collect now", overnight.collect, tip="Keep the answers that are there")
        self.look = button("&Refresh", overnight.look, tip="Ask the service how far the jobs are")
        self.stop = button(
            "Cancel &job",
            lambda: overnight.stop(self.selected),
            tip="Ask the service to stop what is selected; what it has answered may have to be paid for",
        )
        self.more = button("&Ask overnight…", lambda: session.requests.overnight.emit(frozenset()))
        space = QWidget()
        ends = side_by_side(
            self.collect, self.look, self.stop, self.more, space, buttons(self, CLOSE), growing=space
        )
        lay_out(self, self.words, self.table, self.whole, self.bar, ends, growing=self.table)
        self.resize(860, 380)
        overnight.changed.connect(self._show)
        overnight.look()
        self._show()

    @property
    def selected(self) -> frozenset[str]:
        """The ids of the selected jobs."""
        rows = self.table.selectionModel().selectedRows()
        return frozenset(self._jobs[row.row()].job.id for row in rows)

    def _show(self) -> None:
        overnight = self._session.models.overnight
        if overnight.jobs != self._jobs or not self.table.rowCount():
            self._jobs = overnight.jobs
            self._fill()
        self.bar.setVisible(overnight.running)
        self.bar.setValue(round(1000 * overnight.progress.done) if overnight.progress else 0)
        said = "\n".join(overnight.said[:6])
        usual = "" if self._jobs else _NONE
        doing = overnight.progress.what if overnight.progress else "Asking the service…"
        self.words.setText(breakable(plain(doing if overnight.running else said or usual, 900)))
        self.words.setVisible(bool(self.words.text()))
        self._show_buttons()

    def _fill(self) -> None:
        self.table.setRowCount(len(self._jobs))
        for number, one in enumerate(self._jobs):
            job = one.job
            sent = datetime.fromisoformat(job.time).astimezone().strftime("%Y-%m-%d %H:%M")
            state = f"{one.state.value}: {one.problem}" if one.problem else one.state.value
            cells = (one.recording or "–", sent, str(len(job.asked)), job.destination.model, state)
            for column, words in enumerate(cells):
                item = QTableWidgetItem(plain(words, 300))
                item.setToolTip(tool_tip(plain(words, 300)))
                self.table.setItem(number, column, item)

    def _show_buttons(self) -> None:
        free = not self._session.models.overnight.running and not self._session.study.read_only
        self.collect.setEnabled(free and bool(self._jobs))
        self.look.setEnabled(free and bool(self._jobs))
        self.stop.setEnabled(free and bool(self.selected))
        self.whole.setText(breakable(chosen_sentence(self.table, _TITLES.index("State"))))
