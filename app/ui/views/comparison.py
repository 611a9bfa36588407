"""The comparison of readers: every figure with its sentence, recording by recording, and as pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, QSize, Qt, QTimer
from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.core.agreement.comparison_choice import Choice, Compared
from app.core.agreement.standing import EXPLAINED, Standing
from app.core.jobs import Task
from app.core.plain_text import plain
from app.core.study.blind_readings import describe_changed
from app.ui.session.background import Background
from app.ui.session.session import Session
from app.ui.theme import small_font
from app.ui.views.answers_used_box import AnswersUsedBox
from app.ui.views.combo_box import ComboBox
from app.ui.views.comparison_grid import ComparisonGrid
from app.ui.views.elided_label import ElidedLabel
from app.ui.views.table_style import panel_style, plain_table, with_row_heads
from app.ui.views.tool_tip import tool_tip

if TYPE_CHECKING:
    from app.core.study.access import StudyAccess

_CALM = 600
"""Milliseconds after a change before it is computed again."""
_LEGEND = " · ".join(
    f"{one.phrase}: {text}" for one, text in EXPLAINED.items() if one is not Standing.NOTHING
)


_FIGURES_LEGEND = (
    "Counts: both yes · only the first yes · only the second yes · both no.   * few cases   "
    "! nearly all answers the same   – no figure"
)
_NAMES_WIDTH = 204
"""Pixels of the longest name of a feature."""
_SIGNAL = "signal"
"""What the signal reader is called in figures and files."""

PAGES = ("Figures", "Recording by recording", "Forest plot", "All answers", "Order of onsets")


class ComparisonView(QWidget):
    """The panel of the comparison; computed in the background, only while visible."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._shown = Compared(())
        self._of: tuple[Path, str, bool] | None = None
        """Whose comparison is shown, see `StudyAccess.whose`."""
        self._together: tuple[str, ...] = ()
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Comparison of readers")
        self._work = Background("comparison", self, one_at_a_time=True)
        self._work.done.connect(self._take)
        self._work.failed.connect(self._say)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_CALM)
        self._later.timeout.connect(self._compute)
        self.first, self.second, self.over = ComboBox(), ComboBox(), ComboBox()
        self.used, self.together = AnswersUsedBox(), QToolButton()
        self._menu = QMenu(self.together)
        self.scope, self.sentence, self.legend = ElidedLabel(), QLabel(), ElidedLabel()
        self.figures, self.grid = QTableWidget(), ComparisonGrid(session)
        from app.ui.views.agreement_pictures import AgreementPictures

        self.pictures = AgreementPictures(session)
        self.page, self.pages = ComboBox(), QStackedWidget()
        self._arrange()
        session.answers.mine_changed.connect(self._follow)
        session.answers.readings_changed.connect(self._follow)
        session.answers.seal_changed.connect(self._follow)
        session.study.recordings_changed.connect(self._follow)
        session.opened.recording_changed.connect(self._follow)
        session.appearance.theme_changed.connect(self._recolour)
        session.closing.connect(self._later.stop)
        session.closing.connect(self._work.close)
        self._recolour()

    def minimumSizeHint(self) -> QSize:
        return QSize(360, 120)

    def sizeHint(self) -> QSize:
        """As high as the figures of all features together and of a few beside them need."""
        return QSize(600, 260)

    @property
    def entry(self) -> QWidget:
        """The widget that takes the focus when the panel is opened."""
        return self.figures

    def _arrange(self) -> None:
        plain_table(self.figures)
        with_row_heads(self.figures, _NAMES_WIDTH)
        self.figures.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectItems)
        self.figures.setAccessibleName("Figures of agreement")
        self.figures.currentCellChanged.connect(lambda row, column, *_rest: self._explain(row, column))
        for part in (self.grid, self.pictures):
            part.told.connect(self._say)
        for shown in (self.figures, self.grid, self.pictures):
            self.pages.addWidget(shown)
        self.page.addItems(list(PAGES))
        self.page.setAccessibleName("How the comparison is shown")
        self.page.currentIndexChanged.connect(self._turn)
        for box, name in ((self.first, "First reader"), (self.second, "Second reader")):
            box.setAccessibleName(name)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            box.setMaximumWidth(170)
            box.activated.connect(lambda _index: self._compute())
        self.over.addItem("whole study", False)
        self.over.addItem("this recording", True)
        self.over.setAccessibleName("What is compared")
        self.over.activated.connect(lambda _index: self._compute())
        self.used.activated.connect(lambda _index: self._compute())
        self.together.setAccessibleName("Readers included in the figures for more than two readers")
        self.together.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.together.setMenu(self._menu)
        self.together.hide()  # until there are more than two readers
        for label in (self.scope, self.sentence, self.legend):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.legend.setText(_FIGURES_LEGEND)
        self.legend.setContentsMargins(10, 4, 10, 0)
        self.legend.hide()  # until there are figures
        self.scope.setMinimumWidth(20)
        self.sentence.setWordWrap(True)
        self.sentence.setContentsMargins(10, 4, 10, 6)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignTop)
        small = (
            *(self.first, self.second, self.over, self.together, self.scope, self.sentence),
            *(self.used, self.legend, self.page),
        )
        for widget in small:
            widget.setFont(small_font())
        self.sentence.setMinimumHeight(2 * self.sentence.fontMetrics().height() + 10)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(0)
        page.addLayout(self._head())
        page.addWidget(self.pages, 1)
        page.addWidget(self.legend)
        page.addWidget(self.sentence)

    def _head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(10, 4, 10, 4)
        row.setSpacing(10)
        for widget in (self.first, self.second, self.used, self.over, self.together):
            row.addWidget(widget)
        row.addWidget(self.scope, 1)
        row.addWidget(self.page)
        return row

    # when it is computed

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._compute()

    def _follow(self) -> None:
        """Clear a comparison of another study or person; compute again if visible."""
        if self._is_others():
            self._of = None
            self.show_compared(Compared(()))
        if self.isVisible():
            self._later.start()

    def _is_others(self) -> bool:
        """Whether the shown comparison is of another person or study."""
        if self._of is None:
            return False
        access = self._session.study.access()
        return access is None or access.whose != self._of

    def _compute(self) -> None:
        access = self._session.study.access()
        self._of = None if access is None else access.whose
        if access is None:
            self._say(
                self._session.readers.why_nothing(
                    "Open a recording; the readers of its study are compared here."
                )
            )
            return
        pair = (str(self.first.currentData() or ""), str(self.second.currentData() or ""))
        only = access.number if self.over.currentData() else None
        choice = Choice(pair, self._together, only, access.me.name, self.used.used)
        if not self._shown.rows:
            self._say("Comparing …")
        self._work.start(lambda task: compare_with(access, choice, task))

    # what is shown

    def _take(self, compared: Compared) -> None:
        if self._of is not None and not self._is_others():
            self.show_compared(compared)

    def show_compared(self, compared: Compared) -> None:
        """Show a computed comparison."""
        self._shown = compared
        for box, number in ((self.first, 0), (self.second, 1)):
            with QSignalBlocker(box):
                box.clear()
                for name in compared.readers:
                    box.addItem(_called(name), name)
                if compared.chosen is not None:
                    box.setCurrentIndex(box.findData(compared.chosen[number]))
        self.used.offer(compared.changed)
        self._fill_menu()
        if compared.chosen is None:
            self.scope.setText("")
            self.legend.hide()
            self._say(
                "The readers' answers stay sealed until you lock yours."
                if self._session.answers.my_reading.sealed
                else "Two readers who have answered are needed to compare them."
            )
        else:
            self.scope.setText(_scope(compared))
            self._turn(self.page.currentIndex())
        self._fill_figures()
        self.grid.show_rows(compared.grid)
        self.pictures.show_compared(compared)

    def _fill_menu(self) -> None:
        """Fill the menu of the readers that count in Fleiss' κ and Krippendorff's α; at least two."""
        compared = self._shown
        self._menu.clear()
        self.together.setVisible(len(compared.readers) > 2)
        self.together.setText(f"{len(compared.together)} readers ▾")
        for name in compared.readers:
            action = QAction(_called(name).replace("&", "&&"), self._menu)
            action.setCheckable(True)
            action.setChecked(name in compared.together)
            action.triggered.connect(lambda on, name=name: self._count(name, on))
            self._menu.addAction(action)

    def _count(self, name: str, on: bool) -> None:
        wanted = {*self._shown.together, name} if on else {*self._shown.together} - {name}
        if len(wanted) < 2:
            self._fill_menu()
            self._say("At least two readers are needed.")
            return
        self._together = tuple(one for one in self._shown.readers if one in wanted)
        self._compute()

    def _fill_figures(self) -> None:
        compared, table = self._shown, self.figures
        table.clear()
        table.setColumnCount(len(compared.columns))
        table.setRowCount(len(compared.rows))
        table.setHorizontalHeaderLabels([_called(name) for name, _meaning in compared.columns])
        table.setVerticalHeaderLabels([name for name, _cells in compared.rows])
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for row, (_name, cells) in enumerate(compared.rows):
            for column, cell in enumerate(cells):
                item = QTableWidgetItem(cell.text)
                item.setTextAlignment(right)
                item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{cell.text}. {cell.sentence}")
                item.setToolTip(tool_tip(cell.sentence))
                table.setItem(row, column, item)
        for column, (_name, meaning) in enumerate(compared.columns):
            heading = table.horizontalHeaderItem(column)
            if heading is not None:
                heading.setTextAlignment(right)
                heading.setToolTip(tool_tip(meaning))
        table.resizeColumnsToContents()

    def _turn(self, page: int) -> None:
        from app.ui.views.agreement_pictures import AgreementPicture

        first = self.pages.indexOf(self.pictures)
        self.pages.setCurrentIndex(min(page, first))
        if page >= first:
            self.pictures.show_picture(AgreementPicture(page - first))
        self.legend.setVisible(page == 0 and self._shown.chosen is not None)
        if self._shown.chosen is None:
            return
        if page >= first:
            hint = "The pointer tells what each mark means."
        elif page:
            hint = f"{_LEGEND}. A click or Return opens the recording at that place."
        else:
            hint = "Choose a figure to read what it means."
        self._say(" ".join((*describe_changed(self._shown.changed, self._shown.used), hint)))

    def _explain(self, row: int, column: int) -> None:
        if 0 <= row < len(self._shown.rows) and column >= 0:
            name, cells = self._shown.rows[row]
            sentence = cells[column].sentence
            if sentence:
                head = "" if self._shown.only_open else f", {self._shown.columns[column][0]}"
                self._say(f"{name}{head}: {sentence}")

    def _say(self, words: str) -> None:
        self.sentence.setText(words)

    def _recolour(self) -> None:
        self.setStyleSheet(panel_style(self._session.appearance.theme))
        self.grid.viewport().update()


def compare_with(access: StudyAccess, choice: Choice, task: Task) -> Compared:
    """The comparison of the readings that the person may see."""
    from app.core.agreement.compare_readers import compare_readers

    with access.open() as study:
        return compare_readers(study, access.viewer, choice, cancel=task.cancel)


def _called(reader: str) -> str:
    """What a reader is called on the screen, as everywhere in the window."""
    return "Signal reader" if reader == _SIGNAL else plain(reader, 60)


def _scope(compared: Compared) -> str:
    if compared.only_open:
        return "over its 20 features"
    many = "recording" if compared.recordings == 1 else "recordings"
    return f"over {compared.recordings} {many} that both have read"
