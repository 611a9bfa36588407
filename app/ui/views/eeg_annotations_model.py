"""The annotations of an EEG as a table model: only rows on the screen are put into words."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QModelIndex, QObject, Qt, Signal

from app.core.eeg.annotation_search import AnnotationList, ListedAnnotation
from app.core.eeg.row_layout import day_text, signed_clock
from app.core.eeg.sync import SAME_CLOCK, Sync
from app.core.plain_text import breakable
from app.ui.views.columns_model import ColumnsModel, Index
from app.ui.views.tool_tip import plain_tool_tip

COLUMNS = ("Recording", "Time of day", "Kind", "Annotation")
TEXT_COLUMN = 3


class AnnotationModel(ColumnsModel):
    """Rows on the recording's clock; asks for the rest when the end of what is there has been reached."""

    more_wanted = Signal()
    """The person has scrolled to the last row, and there are more."""

    titles = COLUMNS
    rows: tuple[ListedAnnotation, ...] = ()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.more = 0
        self._began: datetime | None = None
        self._sync: Sync = SAME_CLOCK

    def show(self, found: AnnotationList, began: datetime | None, sync: Sync) -> None:
        """Show these; `began` is the time of day at 0 on the EEG's clock. What goes on from the rows that are
        shown is added below them, so that nothing moves."""
        self._began, self._sync = began, sync
        before, now = len(self.rows), len(found.rows)
        goes_on = 0 < before <= now and _same_ends(self.rows, found.rows)
        if not goes_on:
            self.more = found.more
            self.replace_rows(found.rows)
            return
        if now > before:
            self.beginInsertRows(QModelIndex(), before, now - 1)
        self.rows, self.more = found.rows, found.more
        if now > before:
            self.endInsertRows()
        self.dataChanged.emit(self.index(0, 0), self.index(before - 1, TEXT_COLUMN))

    def canFetchMore(self, _parent: Index) -> bool:  # noqa: N802 - Qt calls it so
        return self.more > 0

    def fetchMore(self, _parent: Index) -> None:  # noqa: N802 - Qt calls it so
        self.more_wanted.emit()

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self.words(row)[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tool_tip(self._tip(row))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(filter(None, self.words(row)))
        return None

    def words(self, row: ListedAnnotation) -> tuple[str, str, str, str]:
        """What the cells of a row say."""
        text = f"{row.text} ({row.channel})" if row.channel else row.text
        return signed_clock(row.start, decimals=1), self._day(row.start), row.kind.value, text or "–"

    def _day(self, seconds: float) -> str:
        return "" if self._began is None else day_text(self._began, self._sync.to_eeg(seconds))

    def _tip(self, row: ListedAnnotation) -> str:
        start, day, _kind, text = self.words(row)
        lasts = "" if row.end is None else f" to {signed_clock(row.end, decimals=1)}"
        return "\n".join((breakable(text), " · ".join(filter(None, (f"{start}{lasts}", day)))))


def _same_ends(shown: tuple[ListedAnnotation, ...], found: tuple[ListedAnnotation, ...]) -> bool:
    """Whether the rows that are shown are the first of those found, by the first and the last of them."""
    return shown[0] == found[0] and shown[-1] == found[len(shown) - 1]
