"""The grid of recordings and features: the agreement of two readers in each."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QTableView

from app.core.agreement.standing import EXPLAINED, GridRow, Standing
from app.core.plain_text import plain
from app.core.semiology import FEATURES
from app.ui.session.session import Session
from app.ui.views.columns_model import ColumnsModel, Index
from app.ui.views.table_style import plain_table, with_row_heads


class GridModel(ColumnsModel):
    """A row per recording, a column per feature; rows cost nothing until they are visible."""

    titles = tuple(feature.name for feature in FEATURES)
    rows: tuple[GridRow, ...] = ()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session

    def columnCount(self, parent: Index | None = None) -> int:
        return super().columnCount(parent) if self.rows else 0

    def headerData(  # noqa: N802 - Qt calls it so
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation is Qt.Orientation.Vertical and role == Qt.ItemDataRole.DisplayRole:
            return plain(self.rows[section].name, 120)
        return super().headerData(section, orientation, role)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        one = self.rows[index.row()].standings[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return one.phrase
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self.words(index.row(), index.column())
        if role == Qt.ItemDataRole.ForegroundRole:
            theme = self._session.appearance.theme
            strong = {Standing.DISAGREE: theme.caution, Standing.AGREE: theme.text}
            return QColor(strong.get(one, theme.muted))
        return None

    def words(self, row: int, column: int) -> str:
        """The sentence of one cell."""
        line = self.rows[row]
        return f"{plain(line.name, 120)}, {FEATURES[column].name}: {EXPLAINED[line.standings[column]]}."


class ComparisonGrid(QTableView):
    """The table; the current cell is described, a click or Return opens the recording there."""

    told = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.grid = GridModel(session)
        plain_table(self)
        with_row_heads(self, 172)
        self.setModel(self.grid)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectItems)
        self.setAccessibleName("Recordings and features")
        header = self.horizontalHeader()
        header.setDefaultAlignment(
            Qt.AlignmentFlag(
                Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom | Qt.TextFlag.TextWordWrap
            )
        )
        header.setDefaultSectionSize(98)
        self.verticalHeader().setSectionsClickable(True)
        self.verticalHeader().sectionClicked.connect(self._go_to_recording)
        self.selectionModel().currentChanged.connect(lambda index, _before: self._tell(index))
        self.clicked.connect(self._go_to)
        self.activated.connect(self._go_to)

    def show_rows(self, rows: tuple[GridRow, ...]) -> None:
        self.grid.replace_rows(rows)
        # Feature names stand on two lines.
        self.horizontalHeader().setFixedHeight(2 * self.fontMetrics().height() + 10)

    def _tell(self, index: QModelIndex) -> None:
        if index.isValid():
            self.told.emit(self.grid.words(index.row(), index.column()))

    def _go_to(self, index: QModelIndex) -> None:
        self._session.worklist.go_to(self.grid.rows[index.row()].number, FEATURES[index.column()].id)

    def _go_to_recording(self, row: int) -> None:
        self._session.worklist.go_to(self.grid.rows[row].number)
