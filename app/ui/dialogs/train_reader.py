"""Train a reader on the answers of this study: what it learns from, how it did on unseen patients."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from app.core.jobs import Task
from app.core.plain_text import plain
from app.core.saving_places import SaveKind
from app.core.semiology import FEATURE
from app.ui.dialogs.exchange import WorkDialog
from app.ui.dialogs.form import button, form, sentence, side_by_side
from app.ui.memory import Memory
from app.ui.session.session import Session
from app.ui.views.combo_box import ComboBox
from app.ui.views.save_dialog import ask_where
from app.ui.views.table_style import panel_style, plain_table, with_row_heads

if TYPE_CHECKING:
    from app.core.study.access import StudyAccess
    from app.core.training.train_on_study import TrainedOnStudy

_ABOUT = (
    "The trained reader weighs the measures of the signal reader as the answers teach it. It is judged on "
    "patients that it has not seen: all recordings of a patient stay together, so File → Patients and events "
    "must say whose they are. A feature needs 15 recordings with yes and 15 with no, of 10 patients."
)
_ID = Qt.ItemDataRole.UserRole
_TABLE_HEIGHT = 190


class TrainReaderDialog(WorkDialog):
    """Whose answers, which features, a name; then progress, the figures, and the file that was saved."""

    cancelled = "Cancelled; no reader was trained. What was measured is not measured again."

    def __init__(self, session: Session, memory: Memory, parent: QWidget | None = None) -> None:
        super().__init__(session, "Train a reader", "Train…", self.choose, parent)
        self._memory = memory
        self.labels, self.name = ComboBox(), QLineEdit("our reader")
        self.name.setMaxLength(60)
        self.features = QListWidget()
        self.features.setAccessibleName("Features to be learned")
        for feature in FEATURE.values():
            item = QListWidgetItem(feature.name)
            item.setData(_ID, feature.id)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked)
            self.features.addItem(item)
        self.figures = QTableWidget()
        self.figures.setAccessibleName("How each feature did on unseen patients")
        plain_table(self.figures)
        with_row_heads(self.figures, 190)
        self.figures.setMinimumHeight(_TABLE_HEIGHT)
        self.figures.horizontalHeader().setStretchLastSection(True)
        self.figures.hide()
        self.setMinimumWidth(760)
        self.choices.addWidget(sentence(_ABOUT))
        self.choices.addLayout(form((("&Answers of", self.labels), ("&Name", self.name))))
        self.choices.addWidget(self.features, 1)
        ticks = (
            button("Tick all", lambda: self._tick(on=True)),
            button("Tick none", lambda: self._tick(on=False)),
        )
        self.choices.addWidget(side_by_side(*ticks))
        self.choices.addWidget(self.figures, 1)
        self.work.posted.connect(self._take)
        session.appearance.theme_changed.connect(self._recolour)
        session.answers.seal_changed.connect(self._read_labels)
        self._recolour()
        self._read_labels()

    @property
    def wanted(self) -> tuple[str, ...]:
        """The ticked features."""
        items = (self.features.item(row) for row in range(self.features.count()))
        return tuple(str(item.data(_ID)) for item in items if item.checkState() is Qt.CheckState.Checked)

    def choose(self) -> None:
        """Ask for the file and begin; the button Train."""
        if self._ready():
            words, places = f"{self.name.text().strip()}.json", self.session.worklist.naming.places
            title = "Save the trained reader"
            path, _ = ask_where(self, places, SaveKind.READER, title, words, kinds="JSON (*.json)")
            if path is not None:
                self.train(path)

    def train(self, out: Path) -> None:
        """Train and write the reader to `out`."""
        access = self._access()
        if access is None or not self._ready():
            return
        labels, features, name = str(self.labels.currentData()), self.wanted, self.name.text().strip()
        self.figures.hide()
        self.start(lambda task: _train(access, (labels, features, name, out), task))

    def _ready(self) -> bool:
        if self.labels.currentData() is None:
            self.say("There are no answers that you may see and that a reader could learn from.")
        elif not self.wanted:
            self.say("Tick the features that are to be learned.")
        elif not self.name.text().strip():
            self.say("Give the reader a name.")
        else:
            return True
        return False

    def _read_labels(self) -> None:
        """List anew whose answers may be learned from."""
        self.labels.clear()
        access = self._access()
        if access is not None and not self.work.running:
            self.start(lambda task: _list(access, task))

    def _take(self, found: object) -> None:
        if isinstance(found, tuple):
            for name in found:
                self.labels.addItem(plain(name, 60), name)
        else:
            self._show_figures(found)  # type: ignore[arg-type]  # the only other thing that is posted

    def _show_figures(self, trained: TrainedOnStudy) -> None:
        from app.core.training.train_on_study import FIGURE_HEAD

        table = self.figures
        table.clear()
        table.setColumnCount(len(FIGURE_HEAD))
        table.setRowCount(len(trained.figures))
        table.setHorizontalHeaderLabels(FIGURE_HEAD)
        table.setVerticalHeaderLabels([FEATURE[one.feature].name for one in trained.figures])
        for row, one in enumerate(trained.figures):
            for column, text in enumerate(one.cells):
                item = QTableWidgetItem(text)
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                table.setItem(row, column, item)
            if one.refused:
                table.setItem(row, 0, QTableWidgetItem(f"Not trained: {one.refused}"))
                table.setSpan(row, 0, 1, len(FIGURE_HEAD))
        table.resizeColumnsToContents()
        table.show()
        self.resize(self.width(), max(self.height(), self.sizeHint().height()))
        self._memory.change(trained_reader=str(trained.path.absolute()))

    def _tick(self, *, on: bool) -> None:
        for row in range(self.features.count()):
            self.features.item(row).setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)

    def _recolour(self) -> None:
        self.figures.setStyleSheet(panel_style(self.session.appearance.theme))


def _list(access: StudyAccess, task: Task) -> tuple[str, ...]:
    from app.core.training.train_on_study import possible_labels

    with access.open() as study:
        task.post(possible_labels(study, access.viewer))
    return ("",)


def _train(
    access: StudyAccess, wanted: tuple[str, tuple[str, ...], str, Path], task: Task
) -> tuple[str, ...]:
    from app.core.training.train_on_study import StudyTraining
    from app.core.training.training_process import train_apart

    labels, features, name, out = wanted
    choice = StudyTraining(labels, features, name)
    trained = train_apart(access, choice, out, report=task.report, cancel=task.cancel)
    task.post(trained)
    return (*trained.sentences, f"It was saved as “{plain(trained.path.name, 80)}”.")
