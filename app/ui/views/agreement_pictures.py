"""A comparison of readers as pictures: forest plot, all answers, order of onsets; each can be saved."""

from __future__ import annotations

from enum import IntEnum
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.core.agreement.answer_map import AnswerMap
from app.core.agreement.comparison_choice import Compared
from app.core.evaluation.agreement_charts import FOREST_FIGURES, forest_chart, onset_chart
from app.core.evaluation.charts import Chart, ChartPoint
from app.core.jobs import Task
from app.core.plain_text import plain
from app.core.saving_places import SaveKind
from app.core.semiology import FEATURES
from app.ui.session.background import Background
from app.ui.session.session import Session
from app.ui.theme import small_font
from app.ui.views.answer_heat_map import AnswerHeatMap
from app.ui.views.combo_box import ComboBox
from app.ui.views.result_plot import ResultPlot
from app.ui.views.save_dialog import ask_where
from app.ui.views.tool_tip import tool_tip

_KINDS = "PNG (*.png);;SVG (*.svg);;PDF (*.pdf);;CSV (*.csv)"
ONE_RECORDING = "A forest plot is over the whole study; choose it above."
NO_ORDER = "No reader has marked when two or more signs begin."


class AgreementPicture(IntEnum):
    """The pictures, in their order."""

    FOREST = 0
    ANSWERS = 1
    ONSETS = 2


_FILE_NAMES = ("agreement", "answers", "onsets")


class AgreementPictures(QWidget):
    """Shows one of the pictures of a comparison at a time."""

    told = Signal(str)
    """A sentence on what is under the pointer, or became of a file."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._compared = Compared(())
        self._picture = AgreementPicture.FOREST
        self._chart: Chart | None = None
        self.plot, self.answers = ResultPlot(), AnswerHeatMap(session)
        self.stack, self.empty, self.note = QStackedWidget(), QLabel(), QLabel()
        self.figure, self.save = ComboBox(), QToolButton()
        self.work = Background("saving of the chart", self)
        self.work.done.connect(lambda text: self.told.emit(str(text)))
        self.work.failed.connect(self.told.emit)
        session.closing.connect(self.work.close)
        self._arrange()
        self.plot.told.connect(self.told)
        self.plot.chosen.connect(self._select)
        self.answers.told.connect(self.told)
        session.appearance.theme_changed.connect(self._show)

    def _arrange(self) -> None:
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.figure.addItems(list(FOREST_FIGURES))
        self.figure.setAccessibleName("Figure of the forest plot")
        self.figure.activated.connect(lambda _index: self._show())
        self.save.setText("Save…")
        self.save.setToolTip("Save this picture as PNG, SVG or PDF, or its numbers as CSV")
        self.save.clicked.connect(lambda _on=False: self.ask_for_file())
        self.note.setMinimumWidth(20)
        for label in (self.empty, self.note):
            label.setTextFormat(Qt.TextFormat.PlainText)
        for widget in (self.empty, self.note, self.figure, self.save):
            widget.setFont(small_font())
        for shown in (self.empty, self.plot, self.answers):
            self.stack.addWidget(shown)
        head = QHBoxLayout()
        head.setContentsMargins(10, 2, 10, 2)
        head.addWidget(self.figure)
        head.addWidget(self.note, 1)
        head.addWidget(self.save)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(0)
        page.addLayout(head)
        page.addWidget(self.stack, 1)

    def show_compared(self, compared: Compared) -> None:
        """Show the pictures of this comparison."""
        self._compared = compared
        self.answers.show_map(compared.answers)
        self._show()

    def show_picture(self, picture: AgreementPicture) -> None:
        """Show this one of the pictures."""
        self._picture = picture
        self._show()

    @property
    def shown(self) -> Chart | AnswerMap | None:
        """What is shown; None where there is nothing."""
        return self._compared.answers if self._picture is AgreementPicture.ANSWERS else self._chart

    def _show(self) -> None:
        picture, compared = self._picture, self._compared
        self._chart = None
        self.figure.setVisible(picture is AgreementPicture.FOREST)
        words = ""
        if picture is AgreementPicture.FOREST:
            self._chart = forest_chart(compared, self.figure.currentText())
            words = ONE_RECORDING if compared.only_open else ""
        elif picture is AgreementPicture.ONSETS:
            self._chart = onset_chart(compared)
            words = "" if self._chart.points else NO_ORDER
        if compared.chosen is None:
            words = "There is nothing to compare."
        self.empty.setText(words)
        self.save.setEnabled(not words)
        self.note.setText("" if words or self._chart is None else self._chart.note)
        self.note.setToolTip(tool_tip(self.note.text()))
        if words:
            self._chart = None
            self.plot.clear()
            self.stack.setCurrentWidget(self.empty)
        elif self._chart is not None:
            self.plot.show_chart(self._chart, self._session.appearance.theme)
            self.stack.setCurrentWidget(self.plot)
        else:
            readers = () if compared.answers is None else compared.answers.readers
            order = ", ".join(plain(name, 40) for name in readers)
            self.note.setText(f"In each feature {order}; underlined: one says yes, another no")
            self.note.setToolTip(tool_tip(self.note.text()))
            self.stack.setCurrentWidget(self.answers)

    def _select(self, point: ChartPoint) -> None:
        """Select the feature of a number that is clicked."""
        feature = point.wanted.feature
        if feature is not None and any(one.id == feature for one in FEATURES):
            self._session.selection.select(feature)

    # files

    def ask_for_file(self) -> None:
        """Ask for a name and a kind of file, and write what is shown."""
        words, places = _FILE_NAMES[self._picture], self._session.worklist.naming.places
        path, _ = ask_where(
            self,
            places,
            SaveKind.COMPARISON,
            "Save the picture",
            words,
            kinds=_KINDS,
        )
        if path is not None:
            self.write(path)

    def write(self, path: Path) -> None:
        """Write what is shown to a file."""
        shown = self.shown
        if shown is None:
            return

        def write(_task: Task) -> str:
            from app.core.evaluation.agreement_files import write_agreement

            write_agreement(path, shown)
            return f"“{path.name}” was written."

        self.work.start(write)
