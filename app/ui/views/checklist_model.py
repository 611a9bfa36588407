"""The table model of the checklist: headings and features, with the text of each row."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from app.core.presence_text import PRESENCE_NAMES
from app.core.semiology import FEATURE, FEATURES, GROUP_NAMES, Answer, Feature, Group, in_group
from app.core.study.sequence import place_text
from app.ui.session.session import Session
from app.ui.views.reader_chooser import shown_name

Index = QModelIndex | QPersistentModelIndex

NAME, MINE, READER = 0, 1, 2

Heading = Group | str


def _rows(session: Session) -> tuple[Heading | Feature, ...]:
    """The rows in their groups, or in the order of onset, with features without onset below."""
    rows: list[Heading | Feature] = []
    if session.order.by_onset:
        begun = [name for name, _seconds in session.order.onsets]
        rest = [feature for feature in FEATURES if feature.id not in begun]
        return (IN_ORDER, *(FEATURE[name] for name in begun), WITHOUT_ONSET, *rest)
    for group in Group:
        rows.append(group)
        rows.extend(in_group(group))
    return tuple(rows)


IN_ORDER, WITHOUT_ONSET = "In order of onset", "Without an onset"


class ChecklistModel(QAbstractTableModel):
    """Three headings and 20 features, with the painted content and the text for screen readers."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.rows: tuple[Heading | Feature, ...] = ()
        self.row_of: dict[str, int] = {}
        self._told: dict[str, tuple[object, ...]] = {}
        self._heading = ""
        self.arrange()

    def arrange(self) -> bool:
        """Sort the rows in the session's order; whether the order changed."""
        rows = _rows(self._session)
        if rows == self.rows:
            return False
        self.beginResetModel()
        self.rows = rows
        self.row_of = {row.id: number for number, row in enumerate(rows) if isinstance(row, Feature)}
        self.endResetModel()
        return True

    def onset(self, feature: str) -> float | None:
        """The onset of the feature (s) when the list is in that order."""
        if not self._session.order.by_onset:
            return None
        return dict(self._session.order.onsets).get(feature)

    def name(self, feature: Feature) -> str:
        """The feature's name; in the order of onset with time and side of its onset."""
        onset = self.onset(feature.id)
        if onset is None:
            return feature.name
        readings = self._session.answers.in_view
        return f"{place_text(readings, feature.id, onset, self._seizure_onset)}  {feature.name}"

    @property
    def _seizure_onset(self) -> float | None:
        return self._session.answers.my_reading.moment("onset")

    def feature(self, row: int) -> Feature | None:
        """The feature of a row, None for a heading."""
        found = self.rows[row]
        return found if isinstance(found, Feature) else None

    def mine(self, feature: str) -> Answer:
        return self._session.answers.mine.answer(feature)

    def reader(self, feature: str) -> Answer | None:
        """The reader's answer, None while no reader has answered anything."""
        shown = self._session.answers.shown
        return shown.answer(feature) if shown is not None else None

    def refresh(self, features: Collection[str] | None = None) -> None:
        """Announce the rows that show something else now, of these features or of all: a span that was
        dragged changes none."""
        for row in self.rows if features is None else [FEATURE[name] for name in features]:
            self._refresh_row(row)
        if features is None:
            self._refresh_heading()

    def _refresh_row(self, row: Heading | Feature) -> None:
        key = row.id if isinstance(row, Feature) else str(row)
        shown = self._telling(row)
        if self._told.get(key) != shown:
            self._told[key] = shown
            number = self.rows.index(row)
            self.dataChanged.emit(self.index(number, NAME), self.index(number, READER))

    def _refresh_heading(self) -> None:
        heading, self._heading = self._heading, shown_name(self._session)
        if heading != self._heading:
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, NAME, READER)

    def _telling(self, row: Heading | Feature) -> tuple[object, ...]:
        """The content of a row that does not depend on theme or pointer."""
        if not isinstance(row, Feature):
            return (row,)
        mine, shown = self.mine(row.id), self._session.answers.shown
        reader = None if shown is None else shown.answer(row.id)
        return (
            row.id,
            self.onset(row.id),
            self._session.opened.recording is not None,
            (mine.presence, mine.confidence, mine.laterality),
            reader and (reader.presence, reader.confidence, reader.laterality),
            shown and shown.reader.kind,
        )

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else 3

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not isinstance(self.rows[index.row()], Feature):
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def headerData(  # noqa: N802 - Qt calls it so
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return ("Feature", "Mine", shown_name(self._session))[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        feature = self.feature(index.row())
        if feature is None:
            heading = self.rows[index.row()]
            assert not isinstance(heading, Feature)
            words = GROUP_NAMES[heading] if isinstance(heading, Group) else heading
            wanted = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)
            return words if role in wanted and index.column() == NAME else None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self.name(feature)}, {self._words(feature.id, index.column())}"
        if role == Qt.ItemDataRole.DisplayRole:
            return feature.name if index.column() == NAME else self._words(feature.id, index.column())
        return None

    def _words(self, feature: str, column: int) -> str:
        mine = f"mine: {PRESENCE_NAMES[self.mine(feature).presence]}"
        reader = answer_words(self.reader(feature))
        return {NAME: f"{mine}, reader: {reader}", MINE: mine, READER: f"reader: {reader}"}[column]


def answer_words(answer: Answer | None) -> str:
    """An answer in words: presence, confidence, side."""
    if answer is None:
        return PRESENCE_NAMES[None]
    parts = [PRESENCE_NAMES[answer.presence]]
    if answer.confidence is not None:
        parts.append(f"confidence {answer.confidence}")
    if answer.laterality is not None:
        parts.append(answer.laterality.value)
    return ", ".join(parts)
